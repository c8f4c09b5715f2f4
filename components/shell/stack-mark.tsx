'use client'
import { useTranslations } from 'use-intl'
import { useOverview } from '#components/live/provider.tsx'
import { StateMark } from '#components/ui/state-mark.tsx'
import type { StackPhase } from '#lib/pipeline/snapshot.ts'
import type { State } from '#lib/pipeline/status.ts'

/** A stopped stack is neither good nor bad; it gets the quiet shape. */
export const phaseState: Readonly<Record<StackPhase, State>> = {
  stopped: 'unknown',
  preparing: 'starting',
  starting: 'starting',
  provisioning: 'starting',
  ready: 'up',
  degraded: 'degraded',
  // What of it runs cannot be asked.
  away: 'unknown',
  stopping: 'starting',
  failed: 'down',
}

/** The stack in one word, on every page. */
export function StackMark() {
  const t = useTranslations('stack')
  const stack = useOverview('stack')
  if (stack === undefined) return null
  return <StateMark pill state={phaseState[stack.phase]} word={t(`phase.${stack.phase}`)} />
}
