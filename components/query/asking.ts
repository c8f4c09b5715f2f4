'use client'
import { useMutation } from '@tanstack/react-query'
import { useEffect, useRef } from 'react'
import { call, type Download, download } from '#components/live/api.ts'
import type { QueryEngine, QueryFormat, QueryResult } from '#lib/pipeline/query.ts'

/** Body of `POST /api/query`. */
export interface Ask {
  readonly engine: QueryEngine
  readonly sql: string
  readonly maxRows?: number
  readonly timeoutMs: number
  readonly format?: QueryFormat
}

const path = '/api/query'

/** One request at a time that can be cancelled: the server ends the query in the engine when its caller leaves. */
function useCancellable<T>(send: (ask: Ask, signal: AbortSignal) => Promise<T>, onSuccess?: (answer: T) => void) {
  const underWay = useRef<AbortController | null>(null)
  const mutation = useMutation({
    mutationFn: (ask: Ask) => {
      underWay.current?.abort()
      const controller = new AbortController()
      underWay.current = controller
      return send(ask, controller.signal)
    },
    onSuccess,
  })
  // Whoever leaves the page does not wait for the answer.
  useEffect(() => () => underWay.current?.abort(), [])
  const { error } = mutation
  const cancelled = error instanceof DOMException && error.name === 'AbortError'
  return {
    ...mutation,
    cancelled,
    error: cancelled ? null : error,
    cancel: () => underWay.current?.abort(),
  }
}

export const useQueryRun = () =>
  useCancellable((ask, signal) => call<QueryResult>('POST', path, { ...ask, format: 'json' }, signal))
export type QueryRun = ReturnType<typeof useQueryRun>

/** Asks again, for as many rows as a file may have, and hands the file to the browser. */
export const useFile = (onSaved: (file: Download) => void) =>
  useCancellable(
    (ask, signal) => download(path, ask, signal),
    (file) => {
      save(file)
      onSaved(file)
    },
  )

function save({ content, name }: Download): void {
  const url = URL.createObjectURL(content)
  const link = document.createElement('a')
  link.href = url
  link.download = name
  link.click()
  // The browser has begun to read it by then.
  setTimeout(() => URL.revokeObjectURL(url), 10_000)
}
