import type { Metadata } from 'next'
import { QueryPage } from '#components/query/query-page.tsx'
import { queryEngines } from '#lib/pipeline/query.ts'
import { pageTitle } from '../../request.ts'

export const generateMetadata = (): Promise<Metadata> => pageTitle('query')

interface Search {
  searchParams: Promise<Readonly<Record<string, string | string[] | undefined>>>
}

/** `?engine=hive&sql=…` puts a query into the editor; it is never run by a link. */
export default async function Page({ searchParams }: Search) {
  const { engine, sql } = await searchParams
  const known = queryEngines.find((name) => name === engine) ?? null
  return <QueryPage engine={known} sql={typeof sql === 'string' ? sql : null} />
}
