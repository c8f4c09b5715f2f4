'use client'
import { useQuery } from '@tanstack/react-query'
import { call } from '#components/live/api.ts'
import type { Answer, QuestionId } from '#lib/pipeline/personality.ts'

/** Druid's answers move with the stream. */
const liveEveryMs = 5_000

/** Asks while the tab is in sight; `live` questions again and again. */
export const useAnswer = (
  id: QuestionId,
  { live, unmask = false, enabled }: { live: boolean; unmask?: boolean; enabled: boolean },
) =>
  useQuery({
    queryKey: ['personality', id, unmask],
    queryFn: () => call<Answer>('GET', `/api/personality/${id}${unmask ? '?unmask=true' : ''}`),
    enabled,
    refetchInterval: live ? liveEveryMs : false,
    placeholderData: (before: Answer | undefined) => before,
  })
