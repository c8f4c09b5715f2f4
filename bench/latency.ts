/**
 * From the MQTT publish to the row that Druid answers with, at 1,000/s; and how soon 100,000 tweets at full speed are queryable. With
 * services that are processes, and in containers where a Docker engine answers.
 */
import { pino } from 'pino'
import { loadConfig } from '#lib/config.ts'
import { datasource, type RuntimeKind } from '#lib/pipeline/stages.ts'
import { missingEngine } from '#lib/stack/choice.ts'
import { type Figure, percentile, report } from './support/harness.ts'
import { createLab, type OpenStack } from './support/lab.ts'
import { writeMessages } from './support/messages.ts'
import { type Line, startReplay } from './support/replays.ts'

const perSecond = 1_000
const seconds = 60
const flood = 100_000

/** The only column of the answer; empty while the Broker does not know the datasource yet. */
async function query(open: OpenStack, sql: string, id: string): Promise<number[]> {
  const table = await open.engines.druid.sqlOnTweets(sql, { parameters: [id], signal: AbortSignal.timeout(30_000) })
  return (table?.rows ?? []).map(([value]) => Number(value))
}

interface Sighting {
  readonly at: number
  readonly rows: number
}

/** Asks for the count until all rows are there; notes when each answer came. */
async function watch(open: OpenStack, id: string, rows: number): Promise<Sighting[]> {
  const sightings: Sighting[] = []
  const end = Date.now() + 240_000
  while ((sightings.at(-1)?.rows ?? 0) < rows) {
    if (Date.now() > end) throw new Error(`only ${sightings.at(-1)?.rows} of ${rows} rows after 240 s`)
    const [count] = await query(open, `SELECT COUNT(*) AS n FROM ${datasource} WHERE run_id = ?`, id)
    sightings.push({ at: Date.now(), rows: count ?? 0 })
    await new Promise((r) => setTimeout(r, 25))
  }
  return sightings
}

/** Milliseconds of each message: the k-th sent counts as seen by the first answer with k rows, so asking is part of it. */
async function latencies(open: OpenStack, id: string, sightings: readonly Sighting[]): Promise<number[]> {
  const sql = `SELECT TIMESTAMP_TO_MILLIS(__time) AS t FROM ${datasource} WHERE run_id = ? ORDER BY __time`
  const sent = await query(open, sql, id)
  let next = 0
  return sent.map((at, k) => {
    while ((sightings[next]?.rows ?? Number.POSITIVE_INFINITY) < k + 1) next++
    return (sightings[next]?.at ?? Number.NaN) - at
  })
}

interface Measured {
  /** Milliseconds of each message. */
  readonly values: readonly number[]
  readonly floodSeconds: number
}

async function measure(open: OpenStack, line: Line): Promise<Measured> {
  const file = await writeMessages(line.folder, flood)
  const limit = perSecond * seconds
  const warm = await startReplay(line, { file, limit: 20_000, schedule: { kind: 'max' } })
  await Promise.all([warm.finished, watch(open, warm.id, 20_000)])
  const paced = await startReplay(line, { file, limit, schedule: { kind: 'rate', perSecond } })
  const [sightings] = await Promise.all([watch(open, paced.id, limit), paced.finished])
  const values = await latencies(open, paced.id, sightings)
  const all = await startReplay(line, { file, schedule: { kind: 'max' } })
  const started = Date.now()
  const [seen] = await Promise.all([watch(open, all.id, flood), all.finished])
  return { values, floodSeconds: ((seen.at(-1)?.at ?? Number.NaN) - started) / 1000 }
}

async function onRuntime(kind: RuntimeKind): Promise<Measured> {
  const lab = await createLab(kind)
  try {
    const open = await lab.up()
    const { ports, host } = lab.config
    const line = { folder: lab.folder, port: ports.mosquitto, connect: `http://${host}:${ports.connect}` }
    return await measure(open, line).finally(() => open.close())
  } finally {
    await lab.remove()
  }
}

function figures(name: string, { values, floodSeconds }: Measured): Record<string, Figure> {
  const ms = (percent: number, goal: string | null) => ({ value: percentile(values, percent), unit: 'ms', goal })
  return {
    [`${name}.p50-ms`]: ms(50, null),
    [`${name}.p95-ms`]: ms(95, '<= 2000'),
    [`${name}.p99-ms`]: ms(99, null),
    [`${name}.100k-queryable-s`]: { value: floodSeconds, unit: 's', goal: '<= 20' },
  }
}

const ofProcesses = figures('latency', await onRuntime('process'))
const missing = await missingEngine(loadConfig(process.env), pino({ level: 'warn' }))
if (missing !== null) console.log(`  in containers: not measured. ${missing}`)
const ofContainers = missing === null ? figures('latency.docker', await onRuntime('docker')) : {}
report('latency', { rounds: 1, figures: { ...ofProcesses, ...ofContainers } })
