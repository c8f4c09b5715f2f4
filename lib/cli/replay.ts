/** `replay …`: starts a run, and steers those under way. */
import { resolve } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { type Command, Option } from 'commander'
import type { z } from 'zod'
import type { Config } from '#lib/config.ts'
import { BoundsChange, endedStates, Mode, RunOptions, type Schedule } from '#lib/pipeline/run.ts'
import type { RunSnapshot } from '#lib/pipeline/snapshot.ts'
import { type Client, connect } from './client.ts'
import { CliError, count, decimal, exitCodes, print, printJson, table, tell } from './output.ts'
import { ensureSample } from './sample.ts'
import { limitOrNone, positive, rate, wholeNumber } from './values.ts'

interface StartOptions {
  readonly mode?: Mode
  readonly rate?: number | 'max'
  readonly interval?: number
  readonly limit?: number
  readonly seed?: number
  readonly loop?: boolean
  readonly wait?: boolean
  readonly json?: boolean
}

const pollMs = 400
const toldMs = 5_000

export function addReplayCommands(program: Command, config: () => Config): void {
  const replay = program.command('replay').description('start and steer replays')
  replay
    .command('start')
    .description('replay a tweets file; the sample when none is named')
    .argument('[file]', 'tweets file, in any of the known shapes')
    .addOption(new Option('--mode <mode>', 'order of the tweets').choices(Mode.options))
    .addOption(new Option('--rate <n>', 'messages a second, or max').argParser(rate).conflicts('interval'))
    .option('--interval <s>', 'seconds between messages (default 2)', positive)
    .option('--limit <n>', 'messages in all', wholeNumber)
    .option('--seed <n>', 'for the modes shuffle and random', wholeNumber)
    .option('--loop', 'begin again at the end of the file')
    .option('--wait', 'return when the run has ended')
    .option('--json', 'print JSON')
    .action((file: string | undefined, options: StartOptions) => start(config(), file, options))
  replay
    .command('list')
    .description('all runs, newest first')
    .option('--json', 'print JSON')
    .action((options: { json?: boolean }) => list(config(), options.json ?? false))
  for (const verb of ['pause', 'resume', 'stop'] as const) {
    steering(replay, verb, `${verb} a run`).action((run: string, options: { json?: boolean }) =>
      steer(config(), options, (client) => client.post(`/api/runs/${encodeURIComponent(run)}/${verb}`)),
    )
  }
  steering(replay, 'rate', 'change the speed of a run')
    .argument('<rate>', 'messages a second, or max', rate)
    .action((run: string, wanted: number | 'max', options: { json?: boolean }) =>
      steer(config(), options, (c) =>
        c.post(`/api/runs/${encodeURIComponent(run)}/schedule`, scheduleOf({ rate: wanted })),
      ),
    )
  steering(replay, 'bounds', 'change how far a run goes')
    .option('--loop', 'begin again at the end of the file')
    .option('--no-loop', 'end with the pass under way')
    .option('--limit <n>', 'messages in all, or none', limitOrNone)
    .action((run: string, { json, loop, limit }: { loop?: boolean; limit?: number | 'none'; json?: boolean }) => {
      const change = {
        ...(loop !== undefined && { loop }),
        ...(limit !== undefined && { limit: limit === 'none' ? null : limit }),
      }
      const bounds = checked(BoundsChange, change)
      return steer(config(), { json }, (c) => c.post(`/api/runs/${encodeURIComponent(run)}/bounds`, bounds))
    })
  steering(replay, 'seek', 'go on from another tweet of the file')
    .argument('<index>', '0-based position in the file', wholeNumber)
    .action((run: string, index: number, options: { json?: boolean }) =>
      steer(config(), options, (client) => client.post(`/api/runs/${encodeURIComponent(run)}/seek`, { index })),
    )
}

const steering = (replay: Command, name: string, description: string): Command =>
  replay
    .command(name)
    .description(description)
    .argument('<run>', 'id of the run, or last')
    .option('--json', 'print JSON')

/** undefined leaves it to the run's default. */
export function scheduleOf(options: Pick<StartOptions, 'rate' | 'interval'>): Schedule | undefined {
  if (options.rate === 'max') return { kind: 'max' }
  if (options.rate !== undefined) return { kind: 'rate', perSecond: options.rate }
  return options.interval === undefined ? undefined : { kind: 'interval', seconds: options.interval }
}

/** Wrong usage is told before anything is asked of the console. */
function checked<T>(shape: z.ZodType<T>, value: unknown): T {
  const asked = shape.safeParse(value)
  if (asked.success) return asked.data
  const faults = asked.error.issues.map(({ path, message }) => [...path, message].join(': '))
  throw new CliError(exitCodes.usage, faults.join('; '))
}

async function start(config: Config, file: string | undefined, options: StartOptions): Promise<void> {
  const client = await connect(config.homeDir)
  const asked = checked(RunOptions, {
    file: file === undefined ? await ensureSample(config) : resolve(file),
    mode: options.mode,
    schedule: scheduleOf(options),
    seed: options.seed,
    limit: options.limit,
    loop: options.loop,
  })
  const started = await client.post<RunSnapshot>('/api/runs', asked)
  const run = options.wait ? await waitForEnd(client, started) : started
  if (options.json) printJson(run)
  else print(options.wait ? line(run) : run.id)
  const { state, reason } = run.progress
  if (state === 'failed')
    throw new CliError(exitCodes.failed, `The run ${run.id} failed: ${reason ?? 'no reason given'}`)
}

async function waitForEnd(client: Client, started: RunSnapshot): Promise<RunSnapshot> {
  let told = Date.now()
  for (let run = started; ; run = await client.get<RunSnapshot>(`/api/runs/${run.id}`)) {
    if (endedStates.includes(run.progress.state)) return run
    if (Date.now() - told >= toldMs) {
      told = Date.now()
      tell(line(run))
    }
    await pause(pollMs)
  }
}

function line({ id, progress }: RunSnapshot): string {
  const { state, sent, total, committed, rate, reason } = progress
  const of = total === null ? '' : ` of ${count(total)}`
  const why = reason === null ? '' : `; ${reason}`
  return `${id}  ${state}: sent ${count(sent)}${of}, in Kafka ${count(committed + 1)}, ${decimal(rate, '/s')}${why}`
}

function isEndless({ options, progress }: RunSnapshot): boolean {
  const { limit, loop } = progress.bounds ?? options
  return limit === null && (loop || options.mode === 'random')
}

async function list(config: Config, json: boolean): Promise<void> {
  const client = await connect(config.homeDir)
  const runs = await client.get<RunSnapshot[]>('/api/runs')
  runs.sort((a, b) => b.createdAt - a.createdAt)
  if (json) return printJson(runs)
  if (runs.length === 0) return print('Nothing has been replayed yet')
  const rows = runs.map((run) => {
    const { id, progress: p, options } = run
    const total = p.total === null && isEndless(run) ? 'endless' : count(p.total)
    return [id, p.state, count(p.sent), total, count(p.committed + 1), options.file]
  })
  print(table(['RUN', 'STATE', '>SENT', '>OF', '>IN KAFKA', 'FILE'], rows))
}

async function steer(config: Config, { json }: { json?: boolean }, act: (client: Client) => Promise<RunSnapshot>) {
  const run = await act(await connect(config.homeDir))
  if (json) printJson(run)
  else print(line(run))
}
