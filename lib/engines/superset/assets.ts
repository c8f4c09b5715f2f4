/**
 * What `docker/superset/assets` says, as the files that Superset imports. The YAML there leaves out what follows from it: identities,
 * references and positions are made here, and always the same ones, so that an import replaces what an earlier one has made.
 */
import { createHash, createHmac } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse } from 'yaml'
import { z } from 'zod'
import { DashboardFile, dashboardMetadata, dashboardPosition } from './layout.ts'
import type { DatabasePlaces } from './places.ts'

const assetsDir = join(import.meta.dirname, '../../../docker/superset/assets')

const Params = z.record(z.string(), z.unknown())

const DatabaseFile = z.strictObject({
  database_name: z.string(),
  sqlalchemy_uri: z.string(),
  /** Seconds for which all viewers get the same answer. */
  cache_timeout: z.number().int(),
  engine_params: Params.default({}),
})

const DatasetFile = z.strictObject({
  /** Name of its file in `databases`. */
  database: z.string(),
  schema: z.string(),
  main_dttm_col: z.string().nullable().default(null),
  cache_timeout: z.number().int(),
  sql: z.string(),
  columns: z.array(
    z.strictObject({
      column_name: z.string(),
      type: z.string(),
      is_dttm: z.boolean().default(false),
      verbose_name: z.string(),
    }),
  ),
  metrics: z.array(z.strictObject({ metric_name: z.string(), expression: z.string(), verbose_name: z.string() })),
})

const ChartFile = z.strictObject({
  slice_name: z.string(),
  description: z.string(),
  /** Name of its file in `datasets`. */
  dataset: z.string(),
  /** Range of time in Superset's words; all of it when left out. */
  since: z.string().default('No filter'),
  params: Params.and(z.object({ viz_type: z.string() })),
})

const namespace = Buffer.from('3f0c9a0e6f5b4b5c9c7e0a1f5d2b8e44', 'hex')

/** Identity of an asset by its place in the folder, as `charts/live_total`: the same on every machine (UUID version 5). */
export function assetId(place: string): string {
  const bytes = createHash('sha1').update(namespace).update(place).digest().subarray(0, 16)
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x50
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80
  const hex = bytes.toString('hex')
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-')
}

const version = '1.0.0'

/** Every file of one kind, checked, by its name without `.yaml`. `${names}` are filled in from `values`. */
function read<T>(kind: string, schema: z.ZodType<T>, values: DatabasePlaces['values'] = {}): Map<string, T> {
  const names = readdirSync(join(assetsDir, kind)).sort()
  return new Map(
    names.map((name) => {
      const file = `${kind}/${name}`
      const text = readFileSync(join(assetsDir, file), 'utf8').replace(/\$\{(\w+)\}/g, (_, key: string) => {
        const value = values[key]
        if (value === undefined) throw new Error(`${file} asks for \${${key}}, which nobody defines`)
        return JSON.stringify(value)
      })
      const parsed = schema.safeParse(parse(text))
      if (!parsed.success) throw new Error(`${file} is not as it should be: ${z.prettifyError(parsed.error)}`)
      return [name.replace(/\.yaml$/, ''), parsed.data]
    }),
  )
}

function databases(values: DatabasePlaces['values']): [string, unknown][] {
  return [...read('databases', DatabaseFile, values)].map(([name, { engine_params, ...file }]) => {
    const place = `databases/${name}`
    const may = {
      allow_run_async: false,
      allow_ctas: false,
      allow_cvas: false,
      allow_dml: false,
      allow_csv_upload: false,
    }
    const extra = { engine_params, metadata_params: {}, metadata_cache_timeout: {}, allows_virtual_table_explore: true }
    return [place, { ...file, ...may, expose_in_sqllab: true, extra, uuid: assetId(place), version }]
  })
}

function datasets(files: ReadonlyMap<string, z.infer<typeof DatasetFile>>): [string, unknown][] {
  return [...files].map(([name, { database, columns, ...file }]) => {
    const place = `datasets/${name}`
    const usable = columns.map((column) => ({ ...column, groupby: true, filterable: true, is_active: true }))
    const identity = { uuid: assetId(place), database_uuid: assetId(`databases/${database}`), version }
    // With SQLite for its metadata, Superset wants the names of tables to differ over all databases.
    return [place, { table_name: name, ...file, columns: usable, filter_select_enabled: true, ...identity }]
  })
}

function charts(files: ReadonlyMap<string, z.infer<typeof DatasetFile>>): [string, unknown][] {
  return [...read('charts', ChartFile)].map(([name, { dataset, since, params, ...file }]) => {
    const place = `charts/${name}`
    const source = files.get(dataset)
    if (source === undefined) throw new Error(`${place} names the dataset ${dataset}, which does not exist`)
    const clause = { clause: 'WHERE', operator: 'TEMPORAL_RANGE', comparator: since, expressionType: 'SIMPLE' }
    const filters = source.main_dttm_col === null ? [] : [{ ...clause, subject: source.main_dttm_col }]
    const identity = { uuid: assetId(place), dataset_uuid: assetId(`datasets/${dataset}`), version }
    return [place, { ...file, viz_type: params.viz_type, params: { adhoc_filters: filters, ...params }, ...identity }]
  })
}

export interface WantedDashboard {
  readonly slug: string
  readonly title: string
}

export interface Assets {
  readonly dashboards: readonly WantedDashboard[]
  /** Over everything that is imported: each dashboard carries it, so that Superset itself knows what it was given. */
  readonly hash: string
  readonly passwords: DatabasePlaces['passwords']
  /** Documents by their path in the import. */
  readonly files: ReadonlyMap<string, unknown>
}

/**
 * Reads the folder. `key`: a secret, because the hash covers passwords too and everybody may see it. Throws when an asset is not as it
 * should be.
 */
export function readAssets({ values, passwords }: DatabasePlaces, key: string): Assets {
  const sources = read('datasets', DatasetFile)
  const parts = new Map([...databases(values), ...datasets(sources), ...charts(sources)])
  const chosen = read('dashboards', DashboardFile)
  const dashboards = [...chosen].map(([slug, file]): [string, Record<string, unknown>] => {
    const place = `dashboards/${slug}`
    const { dashboard_title, description } = file
    const position = dashboardPosition(file, assetId)
    const metadata = dashboardMetadata(file, assetId)
    const identity = { slug, published: true, uuid: assetId(place), version }
    return [place, { dashboard_title, description, css: '', position, metadata, ...identity }]
  })
  const all = [...parts, ...dashboards, ...Object.entries(passwords)]
  const hash = createHmac('sha256', key).update(JSON.stringify(all)).digest('hex')
  // Shown nowhere unless somebody is named who certifies the dashboard.
  const marked = dashboards.map(([place, file]) => [place, { ...file, certification_details: mark(hash) }] as const)
  return {
    dashboards: [...chosen].map(([slug, { dashboard_title }]) => ({ slug, title: dashboard_title })),
    hash,
    passwords,
    files: new Map([
      ['metadata', { version, type: 'assets', timestamp: '2025-01-01T00:00:00+00:00' }],
      ...parts,
      ...marked,
    ]),
  }
}

/** How a dashboard says what it was imported from. */
export const mark = (hash: string): string => `aviary ${hash}`
