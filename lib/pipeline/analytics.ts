/** Embedded dashboards, as the analytics page is told of them. */

export interface DashboardOffer {
  /** Name in Superset's addresses. */
  readonly slug: string
  readonly title: string
  /** Under which Superset lets it be embedded. */
  readonly uuid: string
}

export interface AnalyticsOffer {
  /** Superset listens there, under every host name of the console: only pages of one host name share their storage with a frame. */
  readonly port: number
  readonly dashboards: readonly DashboardOffer[]
}

/** The filter on personality types that every dashboard has, and the column that it filters. */
export const typeFilter = { id: 'NATIVE_FILTER-mbti', column: 'mbti' } as const
