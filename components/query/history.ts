'use client'
/** The last queries of this tab. Only their text is kept, no result, and only until the tab is closed. */
import { useSyncExternalStore } from 'react'
import { type QueryEngine, queryEngines } from '#lib/pipeline/query.ts'

export interface PastQuery {
  readonly engine: QueryEngine
  readonly sql: string
}

const key = 'aviary-queries'
const kept = 20
const none: readonly PastQuery[] = []

/** What storage holds may be of an older page, or of somebody's hand. */
export function readHistory(text: string | null): readonly PastQuery[] {
  try {
    const value: unknown = JSON.parse(text ?? '[]')
    if (!Array.isArray(value)) return none
    return value.filter(isPastQuery).slice(0, kept)
  } catch {
    return none
  }
}

function isPastQuery(value: unknown): value is PastQuery {
  const { engine, sql } = (value ?? {}) as Partial<PastQuery>
  return typeof sql === 'string' && queryEngines.some((known) => known === engine)
}

/** Newest first; a query that comes again moves to the front. */
export const remembered = (history: readonly PastQuery[], query: PastQuery): readonly PastQuery[] =>
  [query, ...history.filter(({ engine, sql }) => engine !== query.engine || sql !== query.sql)].slice(0, kept)

let current: readonly PastQuery[] | null = null
const listeners = new Set<() => void>()

function load(): readonly PastQuery[] {
  try {
    current ??= readHistory(window.sessionStorage.getItem(key))
  } catch {
    // A browser may forbid storage; then the history lives as long as the page.
    current ??= none
  }
  return current
}

function save(history: readonly PastQuery[]): void {
  current = history
  try {
    window.sessionStorage.setItem(key, JSON.stringify(history))
  } catch {
    // As above, or the storage is full.
  }
  for (const listener of listeners) listener()
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener)
  return () => listeners.delete(listener)
}

export const remember = (query: PastQuery): void => save(remembered(load(), query))
export const forgetAll = (): void => save(none)

export const useHistory = (): readonly PastQuery[] => useSyncExternalStore(subscribe, load, () => none)
