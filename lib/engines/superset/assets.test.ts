import { strFromU8, unzipSync } from 'fflate'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { readAssets } from './assets.ts'
import { bundle } from './desired.ts'
import { databasePlaces } from './places.ts'

const hiveUri = 'hive://reader@127.0.0.1:10000/aviary'
const ours = { url: 'http://127.0.0.1:8888' }
const places = databasePlaces(ours, hiveUri)

describe('the assets', () => {
  const assets = readAssets(places, 'key')
  const named = (kind: string) =>
    [...assets.files].filter(([place]) => place.startsWith(`${kind}/`)) as [string, Record<string, unknown>][]

  it('keep their identities for ever: an import then replaces what an earlier one has made', () => {
    expect(assets.files.get('dashboards/live')).toMatchObject({ uuid: expect.stringMatching(/^[0-9a-f-]{14}5/) })
    const ids = ['databases/druid', 'datasets/live_tweets', 'charts/live_total', 'dashboards/live'].map(
      (place) => (assets.files.get(place) as { uuid: string }).uuid,
    )
    expect(ids).toMatchInlineSnapshot(`
      [
        "11cd2de8-852f-5e06-aa71-a1714ef7ffcc",
        "2da4c5d7-0d24-5044-95e1-69477cdb969b",
        "f971dae4-b959-5194-9b21-343bdb1322d0",
        "be079789-4c56-5ca7-943f-81b6019c79fc",
      ]
    `)
    const all = [...assets.files.values()].flatMap((file) => (file as { uuid?: string }).uuid ?? [])
    expect(new Set(all).size).toBe(all.length)
  })

  it('name only what is there', () => {
    const uuids = (kind: string) => named(kind).map(([, file]) => file.uuid)
    for (const [, dataset] of named('datasets')) expect(uuids('databases')).toContain(dataset.database_uuid)
    for (const [, chart] of named('charts')) expect(uuids('datasets')).toContain(chart.dataset_uuid)
    for (const [, { position, metadata }] of named('dashboards')) {
      const cells = Object.values(position as Record<string, { type?: string; meta?: { uuid: string } }>)
      const charts = cells.filter(({ type }) => type === 'CHART').map(({ meta }) => meta?.uuid)
      expect(charts.length).toBeGreaterThan(4)
      for (const chart of charts) expect(uuids('charts')).toContain(chart)
      const { native_filter_configuration: filters } = metadata as {
        native_filter_configuration: { targets: { datasetUuid: string }[] }[]
      }
      expect(uuids('datasets')).toContain(filters[0]?.targets[0]?.datasetUuid)
    }
  })

  it('ask only for columns and figures that their dataset has', () => {
    const datasets = new Map(named('datasets').map(([, file]) => [file.uuid, file]))
    for (const [place, { dataset_uuid, params }] of named('charts')) {
      const source = datasets.get(dataset_uuid) as {
        columns: { column_name: string }[]
        metrics: { metric_name: string }[]
      }
      const columns = source.columns.map(({ column_name }) => column_name)
      const metrics = source.metrics.map(({ metric_name }) => metric_name)
      const p = params as Record<string, string | string[] | undefined>
      for (const column of [p.x_axis, p.groupby, p.all_columns].flat())
        if (column !== undefined) expect(columns, place).toContain(column)
      for (const metric of [p.metric, p.metrics, p.timeseries_limit_metric].flat())
        if (metric !== undefined) expect(metrics, place).toContain(metric)
    }
  })

  it('fill every row of a dashboard and no more', () => {
    for (const [place, { position }] of named('dashboards')) {
      const parts = position as Record<string, { type: string; children: string[]; meta: { width: number } }>
      for (const row of Object.values(parts).filter(({ type }) => type === 'ROW'))
        expect(
          row.children.reduce((sum, id) => sum + (parts[id]?.meta.width ?? 0), 0),
          place,
        ).toBe(12)
    }
  })

  it('become an archive that says where the databases are, the same every time', () => {
    const files = unzipSync(bundle(assets))
    const druid = parse(strFromU8(files['aviary/databases/druid.yaml'] ?? new Uint8Array()))
    expect(druid).toMatchObject({ database_name: 'Druid', sqlalchemy_uri: places.values.druidUri, allow_dml: false })
    expect(Object.keys(files)).toContain('aviary/metadata.yaml')
    expect(Buffer.compare(bundle(assets), bundle(readAssets(places, 'key')))).toBe(0)
    const elsewhere = databasePlaces(ours, 'hive://reader@elsewhere:1/aviary')
    expect(readAssets(elsewhere, 'key').hash).not.toBe(assets.hash)
  })

  it('tell how to reach a Druid that runs elsewhere, and its password apart', () => {
    const login = { username: 'anne marie', password: 's3cret' }
    const there = databasePlaces({ url: 'https://druid.example:9088/x', ca: 'PEM', login }, hiveUri)
    const told = readAssets(there, 'key')
    const database = parse(strFromU8(unzipSync(bundle(told))['aviary/databases/druid.yaml'] ?? new Uint8Array()))
    expect(database).toMatchObject({
      sqlalchemy_uri: 'druid+https://anne%20marie:XXXXXXXXXX@druid.example:9088/x/druid/v2/sql/',
      extra: { engine_params: { connect_args: { ssl_verify_cert: 'druid-ca.pem' } } },
    })
    expect(JSON.stringify([...told.files])).not.toContain('s3cret')
    expect(told.passwords).toEqual({ 'databases/druid.yaml': 's3cret' })
    // As Superset's packages take them: a port of their own where none is said, and percent signs undone.
    const bare = databasePlaces({ url: 'https://druid.example', login: { ...login, password: 'ab%41' } }, hiveUri)
    expect(bare.values.druidUri).toBe('druid+https://anne%20marie:XXXXXXXXXX@druid.example:443/druid/v2/sql/')
    expect(bare.passwords).toEqual({ 'databases/druid.yaml': 'ab%2541' })
    // Another password is imported again; without the key nobody can try passwords on the hash.
    const other = databasePlaces(
      { url: 'https://druid.example:9088/x', ca: 'PEM', login: { ...login, password: 'x' } },
      hiveUri,
    )
    expect(new Set([told.hash, readAssets(other, 'key').hash, readAssets(there, 'another').hash]).size).toBe(3)
  })
})
