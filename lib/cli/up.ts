/** `up`, `start` and `down`: the stack and its console, together. */
import { dirname } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { type Command, Option } from 'commander'
import type { Config } from '#lib/config.ts'
import type { RunSnapshot, StackSnapshot } from '#lib/pipeline/snapshot.ts'
import type { RuntimeKind, ServiceId } from '#lib/pipeline/stages.ts'
import type { StaticSnapshot } from '#lib/pipeline/statics.ts'
import { changeSettings } from '#lib/settings.ts'
import { type Client, findConsole } from './client.ts'
import { endConsole, startConsole } from './console-process.ts'
import { type Interrupts, takeInterrupts } from './interrupts.ts'
import { age, CliError, exitCodes, tell } from './output.ts'
import { ensureSample } from './sample.ts'
import { serviceId } from './services.ts'
import { loadStatic } from './static.ts'
import { stay } from './stay.ts'
import { enterUrl } from './token.ts'
import { runtimeKind } from './values.ts'
import { followStack } from './watch.ts'

interface UpOptions {
  readonly detach?: boolean
  readonly only?: readonly string[]
  readonly runtime?: RuntimeKind
}

/** What `start` does beyond `up`. */
type Sequel = (config: Config, client: Client, signal: AbortSignal) => Promise<void>

/** So long the console may take to see Hive's tables. */
const staticsMs = 30_000
const pollMs = 400
/** Messages a second of the first replay: lively, and readable. */
const firstRate = 5

export function addStackCommands(program: Command, config: () => Config): void {
  const detach = ['--detach', 'return when the stack is ready; the console stays in the background'] as const
  program
    .command('up')
    .description('start the console and the stack')
    .option(...detach)
    .option('--only <service...>', 'start these services only')
    .addOption(new Option('--runtime <kind>', 'what runs the services').argParser(runtimeKind))
    .action((options: UpOptions) => up(config(), options))
  program
    .command('start')
    .description('everything: console, stack, a sample and its first replay')
    .option(...detach)
    .action((options: UpOptions) => up(config(), options, playSample))
  program
    .command('down')
    .description('stop replays, services and the console')
    .option('--purge', 'delete all data of the services too')
    .action((options: { purge?: boolean }) => down(config(), options.purge ?? false))
}

async function up(config: Config, options: UpOptions, sequel?: Sequel): Promise<void> {
  const only = options.only?.map(serviceId)
  const running = await findConsole(config.homeDir)
  if (options.runtime !== undefined) await takeRuntime(config, running, options.runtime)
  // A console that ran before is not ours to end.
  const stays = running === null && options.detach !== true
  const interrupts = stays ? takeInterrupts() : null
  const client = running ?? (await startConsole(config))
  tell(`The console is at ${client.address}`)
  tell(`This link lets you in, once: ${await enterUrl(client, 'admin')}`)
  const signal = interrupts?.first ?? new AbortController().signal
  try {
    await bringUp(client, only, signal)
    await sequel?.(config, client, signal)
    if (interrupts) await stay(config, client, signal)
  } catch (error) {
    if (!signal.aborted) {
      if (running === null) await giveUp(config)
      throw error
    }
  }
  if (interrupts?.first.aborted) await takeDown(config, interrupts)
}

/** The choice is kept, as if it had been made in the console. */
async function takeRuntime(config: Config, running: Client | null, kind: RuntimeKind): Promise<void> {
  if (config.runtime?.why === 'environment' && config.runtime.kind !== kind)
    throw new CliError(exitCodes.usage, `AVIARY_RUNTIME is ${config.runtime.kind}`, 'Leave one of both out')
  if (running === null) return changeSettings(config.homeDir, { runtime: kind })
  const now = (await running.status()).stack.runtime?.kind
  if (now !== kind)
    throw new CliError(exitCodes.failed, `The console that runs has chosen ${now}`, 'Stop it with `aviary down` first')
}

async function bringUp(client: Client, only: readonly ServiceId[] | undefined, signal: AbortSignal): Promise<void> {
  await client.post('/api/stack/start', only ? { only } : {})
  const settled = ({ phase, services }: StackSnapshot) => {
    if (phase === 'ready' || phase === 'failed') return true
    return only?.every((id) => services.some((s) => s.id === id && s.phase === 'ready')) ?? false
  }
  const stack = await followStack(client.status, settled, signal)
  if (stack.phase === 'failed') throw notUp(stack)
  const took = stack.readyAfterMs === null ? '' : ` after ${age(stack.readyAfterMs)}`
  tell(only ? `Ready: ${only.join(', ')}` : `The stack is ready${took}`)
}

/** A start that failed before anything ran leaves no console either; what runs is left for a look. */
async function giveUp(config: Config): Promise<void> {
  const client = await findConsole(config.homeDir)
  if (client === null) return
  const { stack } = await client.status()
  if (stack.services.every((s) => s.phase === 'stopped' || s.address !== null)) await endConsole(client)
  else tell(`The console goes on at ${client.address}; \`aviary up\` tries again, \`aviary down\` stops everything`)
}

function notUp({ faults, reason }: StackSnapshot): CliError {
  const list = faults.map((f) => `\n  ${f.subject}: ${f.problem}\n    ${f.remedy}`).join('')
  return new CliError(exitCodes.failed, `The stack did not start: ${reason ?? 'see below'}${list}`)
}

const playSample: Sequel = async (config, client, signal) => {
  const runs = await client.get<readonly RunSnapshot[]>('/api/runs')
  if (runs.length === 0) {
    const file = await ensureSample(config, signal)
    await client.post('/api/runs', { file, schedule: { kind: 'rate', perSecond: firstRate } })
    tell(`Replaying the sample, ${firstRate} messages a second`)
  }
  await loadSample(config, client, signal)
}

/** Whose tweets they are: only where Hive runs and nobody has loaded anything. The start does not fail with it. */
async function loadSample(config: Config, client: Client, signal: AbortSignal): Promise<void> {
  const { stack } = await client.status()
  if (!stack.services.some((s) => s.id === 'hive' && s.phase === 'ready')) return
  let { tables } = await client.get<StaticSnapshot>('/api/static')
  for (const end = Date.now() + staticsMs; tables === null && Date.now() < end; ) {
    await pause(pollMs, undefined, { signal })
    tables = (await client.get<StaticSnapshot>('/api/static')).tables
  }
  if (tables === null || tables.length > 0) return
  tell('Loading the users, edges and labels of the sample into Hive; they are synthetic')
  try {
    const { state, error } = await loadStatic(client, dirname(await ensureSample(config, signal)), false, signal)
    tell(
      state === 'done' ? 'The users and their types are there' : `Not everything was loaded: ${error ?? 'see above'}`,
    )
  } catch (error) {
    if (signal.aborted) throw error
    tell(`The users were not loaded: ${(error as Error).message}. Try: aviary load-static`)
  }
}

async function takeDown(config: Config, { second, release }: Interrupts): Promise<void> {
  tell('Stopping; Ctrl-C once more leaves the services running')
  // Another than at first, when it had to be started again.
  const client = await findConsole(config.homeDir)
  try {
    await (client === null ? downWithoutConsole(config, false) : stopStack(client, false, second))
  } catch (error) {
    if (!second.aborted) throw error
    tell('The services go on; `aviary down` stops them')
  } finally {
    release()
    if (client !== null) await endConsole(client)
  }
}

async function stopStack(client: Client, purge: boolean, signal?: AbortSignal): Promise<void> {
  await client.post('/api/stack/stop', { purge })
  // An earlier start may have failed, and the replays end first.
  let begun = false
  const settled = ({ phase }: StackSnapshot) => {
    begun ||= phase === 'stopping'
    return phase === 'stopped' || phase === 'away' || (begun && phase !== 'stopping')
  }
  const stack = await followStack(client.status, settled, signal)
  if (stack.phase === 'away')
    throw new CliError(
      exitCodes.failed,
      `The stack cannot be stopped now: ${stack.reason}`,
      'It is stopped when the engine answers again, for which the console goes on',
    )
  if (stack.phase !== 'stopped') throw new CliError(exitCodes.failed, `The stack did not stop: ${stack.reason}`)
}

async function down(config: Config, purge: boolean): Promise<void> {
  const client = await findConsole(config.homeDir)
  if (client === null) return downWithoutConsole(config, purge)
  await stopStack(client, purge)
  // Its container would end with it, and this command in it, and be started again.
  if (config.inside) return tell('The services are stopped; the console goes on until its container is stopped')
  await endConsole(client)
  tell(purge ? 'Everything is stopped, the data of the services is deleted' : 'Everything is stopped')
}

/** The services may have outlived their console: for the stop this process is one. */
async function downWithoutConsole(config: Config, purge: boolean): Promise<void> {
  const [{ composeConsole }, { claimHome }] = await Promise.all([import('#lib/compose.ts'), import('#lib/home.ts')])
  const home = await claimHome(config.homeDir)
  const console = await composeConsole({ ...config, logLevel: 'error' }, () => {})
  try {
    await console.stopAll({ purge })
  } finally {
    await console.close()
    await home.release()
  }
  tell('Everything is stopped')
}
