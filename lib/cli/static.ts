/** `load-static`: puts the static files of a folder into Hive, and shows what became of every row. */
import { dirname, resolve } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import type { Command } from 'commander'
import type { Config } from '#lib/config.ts'
import type { StaticLoad, StaticSnapshot, StaticTableLoad } from '#lib/pipeline/statics.ts'
import { type Client, connect } from './client.ts'
import { CliError, count, exitCodes, megabytes, print, printJson, table, tell } from './output.ts'
import { ensureSample } from './sample.ts'

interface LoadOptions {
  readonly tweets?: boolean
  readonly json?: boolean
}

const pollMs = 400
const toldMs = 2_000
/** Of each table; the page shows the others. */
const shownRejects = 5

export function addStaticCommand(program: Command, config: () => Config): void {
  program
    .command('load-static')
    .description(
      'load users1.json, edges1.json and mbti_labels.csv of a folder into Hive; the sample when none is named',
    )
    .argument('[dir]', 'folder with the files, plain or with .gz')
    .option('--tweets', 'load tweets1.json (or tweets.json) too')
    .option('--json', 'print JSON')
    .action((dir: string | undefined, options: LoadOptions) => run(config(), dir, options))
}

async function run(config: Config, dir: string | undefined, { tweets = false, json }: LoadOptions): Promise<void> {
  const client = await connect(config.homeDir)
  const folder = dir === undefined ? dirname(await ensureSample(config)) : resolve(dir)
  const load = await loadStatic(client, folder, tweets, new AbortController().signal)
  if (json) printJson(load)
  else show(load)
  if (load.state === 'failed')
    throw new CliError(
      exitCodes.failed,
      'Not everything was loaded',
      'Tables whose file was not loaded are as they were before.',
    )
}

/** Begins a load and follows it to its end. Throws what the client throws. */
export async function loadStatic(
  client: Client,
  dir: string,
  tweets: boolean,
  signal: AbortSignal,
): Promise<StaticLoad> {
  const begun = await client.post<StaticLoad>('/api/static', { dir, tweets })
  let last = begun
  let told = { at: Date.now(), text: '' }
  while (last.endedAt === null) {
    await pause(pollMs, undefined, { signal })
    const { load } = await client.get<StaticSnapshot>('/api/static')
    if (load?.id !== begun.id)
      throw new CliError(exitCodes.failed, 'The console was restarted, and the load ended with it', 'Load again.')
    last = load
    const text = progress(last)
    if (Date.now() - told.at < toldMs || text === told.text) continue
    told = { at: Date.now(), text }
    tell(text)
  }
  return last
}

const progress = ({ state, tables }: StaticLoad): string =>
  state === 'publishing'
    ? 'handing the types over to Druid'
    : tables.map((t) => `${t.name}: ${t.phase}${t.phase === 'reading' ? share(t) : ''}`).join(', ')

const share = ({ doneBytes, totalBytes }: StaticTableLoad): string =>
  ` ${megabytes(doneBytes)} of ${megabytes(totalBytes)}`

function show({ tables, error }: StaticLoad): void {
  const rows = tables.map(({ name, phase, counts: c }) => [
    name,
    phase,
    ...[c?.read, c?.loaded, c?.duplicates, c?.rejected].map((n) => count(n ?? null)),
    name === 'users' ? '' : count(c?.unknownUsers ?? null),
  ])
  print(table(['TABLE', 'STATE', '>READ', '>LOADED', '>DUPLICATES', '>REJECTED', '>OF UNKNOWN USERS'], rows))
  for (const { name, counts, error: reason } of tables) {
    if (reason !== null) tell(`${name}: ${reason}`)
    for (const [why, times] of Object.entries(counts?.reasons ?? {})) tell(`${name}: ${count(times)} × ${why}`)
    for (const { line, reason: why, found } of counts?.rejects.slice(0, shownRejects) ?? [])
      tell(`  line ${line}: ${why}${found === null ? '' : `: ${found}`}`)
  }
  if (error !== null) tell(error)
}
