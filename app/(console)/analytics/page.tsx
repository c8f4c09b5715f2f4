import type { Metadata } from 'next'
import { AnalyticsPage } from '#components/analytics/analytics-page.tsx'
import { mbtiTypes } from '#lib/pipeline/personality.ts'
import { pageTitle } from '../../request.ts'

export const generateMetadata = (): Promise<Metadata> => pageTitle('analytics')

interface Search {
  searchParams: Promise<Readonly<Record<string, string | string[] | undefined>>>
}

export default async function Page({ searchParams }: Search) {
  const { type, dashboard } = await searchParams
  const slug = typeof dashboard === 'string' ? dashboard : null
  return <AnalyticsPage type={mbtiTypes.find((known) => known === type) ?? null} slug={slug} />
}
