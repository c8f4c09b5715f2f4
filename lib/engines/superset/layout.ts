/** Where charts stand on a dashboard and what its filters are, in Superset's words. */
import { z } from 'zod'
import { typeFilter } from '#lib/pipeline/analytics.ts'
import { mbtiTypes } from '#lib/pipeline/personality.ts'
import { typeColour } from '#lib/pipeline/type-colours.ts'

export const DashboardFile = z.strictObject({
  dashboard_title: z.string(),
  description: z.string(),
  /** Superset asks the databases again so often, while the dashboard is looked at and its title is shown. */
  refresh_seconds: z.number().int(),
  /** Dataset whose types the filter offers; it filters every chart that has the column. */
  types_from: z.string(),
  rows: z.array(
    z.array(
      z.strictObject({
        /** Name of its file in `charts`. */
        chart: z.string(),
        /** In twelfths of the page. */
        width: z.number().int().min(1).max(12),
        /** In units of 8 pixels. */
        height: z.number().int(),
        /** Stands above the chart on this dashboard instead of its own name. */
        name: z.string().optional(),
        refresh: z.boolean().default(true),
      }),
    ),
  ),
})
export type DashboardFile = z.infer<typeof DashboardFile>

type IdOf = (place: string) => string

/** Numbers by which the parts of an import name a chart; Superset puts its own in their place. */
const numbered = ({ rows }: DashboardFile) => rows.flat().map((cell, index) => ({ ...cell, id: index + 1 }))

/** The tree of a dashboard, as `position_json`. */
export function dashboardPosition(file: DashboardFile, idOf: IdOf): Record<string, unknown> {
  const rows = file.rows.map((_, index) => `ROW-${index + 1}`)
  const root = { type: 'ROOT', id: 'ROOT_ID', children: ['GRID_ID'] }
  const grid = { type: 'GRID', id: 'GRID_ID', children: rows, parents: ['ROOT_ID'] }
  const header = { type: 'HEADER', id: 'HEADER_ID', meta: { text: file.dashboard_title } }
  const position: Record<string, unknown> = {
    DASHBOARD_VERSION_KEY: 'v2',
    ROOT_ID: root,
    GRID_ID: grid,
    HEADER_ID: header,
  }
  const cells = numbered(file)
  for (const [index, row] of file.rows.entries()) {
    const id = `ROW-${index + 1}`
    const mine = cells.splice(0, row.length)
    const parents = ['ROOT_ID', 'GRID_ID']
    const meta = { background: 'BACKGROUND_TRANSPARENT' }
    position[id] = { type: 'ROW', id, children: mine.map((cell) => `CHART-${cell.id}`), parents, meta }
    for (const { id: chartId, chart, width, height, name } of mine) {
      const uuid = idOf(`charts/${chart}`)
      const override = name === undefined ? {} : { sliceNameOverride: name }
      position[`CHART-${chartId}`] = {
        type: 'CHART',
        id: `CHART-${chartId}`,
        children: [],
        parents: [...parents, id],
        meta: { chartId, uuid, sliceName: chart, width, height, ...override },
      }
    }
  }
  return position
}

/** Refresh, filters and colours of a dashboard, as `json_metadata`: a type has one colour in every chart, here and in the console. */
export function dashboardMetadata(file: DashboardFile, idOf: IdOf): Record<string, unknown> {
  const target = { datasetUuid: idOf(`datasets/${file.types_from}`), column: { name: typeFilter.column } }
  const choice = {
    multiSelect: true,
    enableEmptyFilter: false,
    defaultToFirstItem: false,
    inverseSelection: false,
    searchAllOptions: false,
  }
  return {
    color_scheme: 'supersetColors',
    label_colors: Object.fromEntries(mbtiTypes.map((type) => [type, typeColour(type, 'light')])),
    refresh_frequency: file.refresh_seconds,
    timed_refresh_immune_slices: numbered(file).flatMap(({ id, refresh }) => (refresh ? [] : [id])),
    cross_filters_enabled: true,
    native_filter_configuration: [
      {
        id: typeFilter.id,
        name: 'Personality type',
        type: 'NATIVE_FILTER',
        filterType: 'filter_select',
        targets: [target],
        controlValues: choice,
        defaultDataMask: { extraFormData: {}, filterState: {}, ownState: {} },
        cascadeParentIds: [],
        scope: { rootPath: ['ROOT_ID'], excluded: [] },
        description: '',
        tabsInScope: [],
      },
    ],
  }
}
