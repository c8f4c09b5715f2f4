'use client'
import { useQuery } from '@tanstack/react-query'
import { call } from '#components/live/api.ts'
import { useOverview } from '#components/live/provider.tsx'
import type { TweetFile } from '#lib/pipeline/run.ts'
import type { RunSnapshot } from '#lib/pipeline/snapshot.ts'

export const useFiles = () => useQuery({ queryKey: ['files'], queryFn: () => call<TweetFile[]>('GET', '/api/files') })

/** All runs, newest first; asked again when the live run is another or changes its state. */
export function useRuns() {
  const run = useOverview('run')
  return useQuery({
    queryKey: ['runs', run?.id ?? null, run?.progress.state ?? null, run?.ledger?.countedAt ?? null],
    queryFn: () => call<RunSnapshot[]>('GET', '/api/runs'),
    placeholderData: (before: RunSnapshot[] | undefined) => before,
    select: (runs) => runs.toSorted((a, b) => b.createdAt - a.createdAt),
  })
}
