/** What Superset must have: databases, datasets, charts and dashboards, and who may embed them. */
import { strToU8, type Zippable, zipSync } from 'fflate'
import { stringify } from 'yaml'
import { browserHosts } from '#lib/auth/origins.ts'
import type { Assets } from './assets.ts'

/** As docker/superset/metadata.py makes it: what guests may do at all. Which dashboard, stands in their token. */
export const guestRole = 'AviaryGuest'
export const adminAccount = 'admin'
export const brokerAccount = 'aviary-broker'

/** The page in a frame renews its token a few seconds before. */
export const guestTokenSeconds = 600

/** Pages that may frame a dashboard: the console's, under either name of this machine. */
export const origins = (consolePort: number): string[] => browserHosts.map((host) => `http://${host}:${consolePort}`)

/** A day that has nothing to do with anything: equal assets make equal bytes. */
const mtime = new Date('2025-01-01T00:00:00Z')

/** The archive that `POST /api/v1/assets/import/` takes. */
export function bundle({ files }: Assets): Uint8Array<ArrayBuffer> {
  const entries: Zippable = {}
  // Superset reads YAML 1.1, in which more than numbers turn into something else without quotes: dates, `on`, `no`.
  const quoted = { defaultStringType: 'QUOTE_DOUBLE', defaultKeyType: 'PLAIN' } as const
  for (const [place, document] of files) entries[`aviary/${place}.yaml`] = strToU8(stringify(document, quoted))
  return zipSync(entries, { mtime })
}
