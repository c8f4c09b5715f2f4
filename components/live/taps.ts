/** Live reads of a topic, as the message panes show them: bounded, and honest about what passed without being shown. */
import type { TapBatch, TapSource, TapState } from '#lib/live/events.ts'
import type { TapMessage } from '#lib/pipeline/message.ts'

export interface SeenMessage {
  /** Rises by one with every message that reached this page. */
  readonly key: number
  readonly message: TapMessage
}

interface Window {
  readonly shown: number
  readonly passed: number
  readonly ms: number
}

export interface TapView {
  readonly state: TapState['state']
  readonly reason: string | null
  /** Newest first. */
  readonly messages: readonly SeenMessage[]
  /** Messages a second over the last batches: those sent to this page, and all that passed. null before the first batch. */
  readonly shownRate: number | null
  readonly passedRate: number | null
  /** Batches that never arrived here. */
  readonly missedBatches: number
  readonly seq: number
  readonly nextKey: number
  readonly windows: readonly Window[]
}

export const keptMessages = 500
/** Rates look back this far. */
const windowMs = 2_000

export const emptyTap: TapView = {
  state: 'connecting',
  reason: null,
  messages: [],
  shownRate: null,
  passedRate: null,
  missedBatches: 0,
  seq: -1,
  nextKey: 0,
  windows: [],
}

function recent(windows: readonly Window[]): Window[] {
  const kept: Window[] = []
  let ms = 0
  for (const window of windows.toReversed()) {
    if (ms >= windowMs) break
    kept.unshift(window)
    ms += window.ms
  }
  return kept
}

export function applyBatch(view: TapView, batch: TapBatch): TapView {
  const windows = recent([
    ...view.windows,
    { shown: batch.messages.length, passed: batch.passed, ms: Math.max(1, batch.intervalMs) },
  ])
  const seconds = windows.reduce((sum, w) => sum + w.ms, 0) / 1000
  const added = batch.messages.map((message, i) => ({ key: view.nextKey + i, message })).toReversed()
  // A smaller number is a tap that was opened anew, not a gap.
  const missed = view.seq >= 0 && batch.seq > view.seq ? batch.seq - view.seq - 1 : 0
  return {
    ...view,
    state: 'open',
    reason: null,
    messages: added.length === 0 ? view.messages : [...added, ...view.messages].slice(0, keptMessages),
    shownRate: windows.reduce((sum, w) => sum + w.shown, 0) / seconds,
    passedRate: windows.reduce((sum, w) => sum + w.passed, 0) / seconds,
    missedBatches: view.missedBatches + missed,
    seq: batch.seq,
    nextKey: view.nextKey + batch.messages.length,
    windows,
  }
}

/** Nothing comes from a tap that is not open, so its rates are not known. */
export const applyTapState = (view: TapView, { state, reason }: TapState): TapView =>
  state === 'open'
    ? { ...view, state, reason }
    : { ...view, state, reason, shownRate: null, passedRate: null, windows: [], seq: -1 }

/** Faster than this nobody reads, and every showing costs a render. */
const showMs = 400

/** Takes every batch at once and shows them a few times a second. */
export class TapStore {
  readonly #views = new Map<TapSource, TapView>()
  readonly #latest = new Map<TapSource, TapView>()
  #timer: ReturnType<typeof setTimeout> | null = null
  readonly #listeners = new Set<() => void>()

  readonly get = (source: TapSource): TapView => this.#views.get(source) ?? emptyTap

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  batch(batch: TapBatch): void {
    this.#latest.set(batch.source, applyBatch(this.#newest(batch.source), batch))
    this.#timer ??= setTimeout(() => this.#show(), showMs)
  }

  state(state: TapState): void {
    this.#latest.set(state.source, applyTapState(this.#newest(state.source), state))
    this.#show()
  }

  #newest(source: TapSource): TapView {
    return this.#latest.get(source) ?? emptyTap
  }

  #show(): void {
    if (this.#timer !== null) clearTimeout(this.#timer)
    this.#timer = null
    for (const [source, view] of this.#latest) this.#views.set(source, view)
    for (const listener of this.#listeners) listener()
  }
}
