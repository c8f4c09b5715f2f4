'use client'
/** Follows a service's log while it is wanted. */
import { useEffect, useState } from 'react'
import { stream } from '#components/live/api.ts'
import type { ServiceId } from '#lib/pipeline/stages.ts'
import { addPiece, type LogLines, noLines } from './log-lines.ts'

/** Lines to begin with where no time is asked for. */
const newestLines = 500

export interface LogView {
  readonly log: LogLines
  readonly ended: boolean
  readonly error: unknown
}

const nothing: LogView = { log: noLines, ended: false, error: null }

export const logPath = (service: ServiceId, options: Readonly<Record<string, number | null>>): string => {
  const given = Object.entries(options).flatMap(([name, value]) => (value === null ? [] : [`${name}=${value}`]))
  return `/api/services/${service}/logs?${given.join('&')}`
}

/** Pieces are gathered, so a chatty service costs one render per frame at most. `attempt` counts what was tried after a failure. */
export function useLog(service: ServiceId, since: number | null, attempt: number): LogView {
  const [view, setView] = useState(nothing)
  // biome-ignore lint/correctness/useExhaustiveDependencies: another attempt is the reason to ask again
  useEffect(() => {
    const abort = new AbortController()
    let log = noLines
    let frame = 0
    const show = (change: Partial<LogView>) => {
      cancelAnimationFrame(frame)
      frame = requestAnimationFrame(() => setView((before) => ({ ...before, log, ...change })))
    }
    const read = async () => {
      const path = logPath(service, { follow: 1, since, tail: since === null ? newestLines : null })
      try {
        for await (const piece of stream(path, abort.signal)) {
          log = addPiece(log, piece)
          show({})
        }
        show({ ended: true })
      } catch (error) {
        if (!abort.signal.aborted) show({ error })
      }
    }
    setView(nothing)
    void read()
    return () => {
      abort.abort()
      cancelAnimationFrame(frame)
    }
  }, [service, since, attempt])
  return view
}
