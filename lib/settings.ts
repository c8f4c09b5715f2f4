/**
 * What a person has decided about one stack: AVIARY_HOME/settings.json, written by hand or by the console. Read once, when a
 * console or a command starts; a change counts from the next start. It may hold passwords, so no fault quotes what stands in it.
 */
import { randomUUID } from 'node:crypto'
import { mkdirSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { ExternalSettings } from '#lib/external.ts'
import { runtimeKinds, serviceIds } from '#lib/pipeline/stages.ts'
import { ImageSettings } from '#lib/vendor-images.ts'

const Settings = z.strictObject({
  /** What runs the services; left out, it is chosen by what the machine has. */
  runtime: z.enum(runtimeKinds).optional(),
  /** How many of a service run beside each other, where the runtime can do that; one of those that are left out. */
  replicas: z.partialRecord(z.enum(serviceIds), z.int().min(1).max(9)).optional(),
  /** Engines that run elsewhere, each with its address. */
  external: ExternalSettings.optional(),
  /** Images of vendors, by service, instead of ours. */
  images: ImageSettings.optional(),
})
export type Settings = z.infer<typeof Settings>

export const settingsFile = (homeDir: string): string => join(homeDir, 'settings.json')

/** `faults` holds all of them, each with its place; then the settings are those of a home without a file. */
export function readSettings(homeDir: string): { settings: Settings; faults: readonly string[] } {
  const file = settingsFile(homeDir)
  let content: unknown
  try {
    content = JSON.parse(readFileSync(file, 'utf8'))
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return { settings: {}, faults: [] }
    return { settings: {}, faults: [`${file} ${unreadable(error)}`] }
  }
  const parsed = Settings.safeParse(content)
  if (parsed.success) return { settings: parsed.data, faults: openToOthers(file, parsed.data) }
  return { settings: {}, faults: parsed.error.issues.map(({ path, message }) => `${file}: ${place(path)}${message}`) }
}

/** Replaces the file in one step. Throws while it holds faults: they would be lost with what was meant. */
export function changeSettings(homeDir: string, changes: Partial<Settings>): void {
  const { settings, faults } = readSettings(homeDir)
  if (faults.length > 0) throw new Error(`The settings are left as they are: ${faults.join('; ')}`)
  const text = JSON.stringify(Settings.parse({ ...settings, ...changes }), null, 2)
  const part = `${settingsFile(homeDir)}.${randomUUID()}`
  mkdirSync(homeDir, { recursive: true, mode: 0o700 })
  writeFileSync(part, `${text}\n`, { mode: 0o600 })
  renameSync(part, settingsFile(homeDir))
}

/** Only where there is something to see. */
function openToOthers(file: string, { external }: Settings): string[] {
  const { mosquitto, kafka, druid } = external ?? {}
  const secret =
    mosquitto?.password !== undefined ||
    kafka?.sasl !== undefined ||
    druid?.password !== undefined ||
    druid?.consumerProperties !== undefined
  return secret && (statSync(file).mode & 0o077) !== 0
    ? [`${file} may hold a password, and others than its owner may read it: chmod 600 ${file}`]
    : []
}

const place = (path: readonly PropertyKey[]): string => (path.length === 0 ? '' : `${path.map(String).join('.')}: `)

/** Of the parser's words only the place: the rest would quote the file. */
function unreadable(error: unknown): string {
  if (!(error instanceof SyntaxError)) return `cannot be read: ${error instanceof Error ? error.message : error}`
  const [at] = /line \d+ column \d+/.exec(error.message) ?? []
  return `is not JSON${at === undefined ? '' : ` (${at})`}.`
}
