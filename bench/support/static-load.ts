/** One load of static data in a process of its own, as the console does it: `static-load.ts DIR [tweets]`. Prints what it took. */

import { pino } from 'pino'
import { loadConfig } from '#lib/config.ts'
import { engines as createEngines } from '#lib/engines/registry.ts'
import { createRuntime, siteOf } from '#lib/stack/choice.ts'
import { StaticData } from '#lib/statics/index.ts'

export interface Loaded {
  /** From the request until Hive has the last table; Druid's share comes after it. */
  readonly seconds: number
  readonly rows: number
  /** Peak of this process. */
  readonly rssMb: number
}

const [dir = '', tweets] = process.argv.slice(2)
const config = loadConfig()
const log = pino({ level: 'warn' }, process.stderr)
const engines = createEngines(siteOf(config), log)
const runtime = await createRuntime(config, log)
const statics = new StaticData({
  ...{ config, hive: engines.hive, druid: engines.druid, log },
  lend: (folder, signal) => runtime.lend('hive', folder, signal),
})
const start = performance.now()
let seconds = Number.NaN
statics.onChange(({ load }) => {
  if (load?.state === 'publishing' && Number.isNaN(seconds)) seconds = (performance.now() - start) / 1000
})
const { tables } = await statics.load({ dir, tweets: tweets === 'tweets', within: null })
const failed = tables.find(({ error }) => error !== null)
if (failed) throw new Error(`${failed.name}: ${failed.error}`)
const rows = tables.reduce((sum, { counts }) => sum + (counts?.loaded ?? 0), 0)
const loaded: Loaded = { seconds, rows, rssMb: process.resourceUsage().maxRSS / 1024 }
console.log(JSON.stringify(loaded))
await statics.close()
await Promise.all([runtime, ...Object.values(engines)].map((part) => part.close()))
