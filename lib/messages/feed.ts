/** A topic read live: one upstream tap for any number of viewers, open only while somebody looks. */

import type { Tap, TapRequest } from '#lib/engines/engine.ts'
import { batchMessages, batchMs, type TapBatch, type TapSource, type TapState } from '#lib/live/events.ts'
import type { TapMessage } from '#lib/pipeline/message.ts'

/** Pause before a tap that ended by a fault is opened again. */
const reopenMs = 2_000
/** Longer payloads are cut in the preview, and say so. */
const shownChars = 8_192

export interface TapViewer {
  batch(batch: TapBatch): void
  state(state: TapState): void
}

export interface TapFeedOptions {
  readonly source: TapSource
  readonly topic: string
  /** Opens the engine's tap; may reject. */
  readonly open: (request: TapRequest) => Promise<Tap>
  readonly reopenMs?: number
}

export class TapFeed {
  readonly #options: TapFeedOptions
  readonly #viewers = new Set<TapViewer>()
  /** Changes with every opening and closing, so that a late answer to an earlier one is known as such. */
  #generation = 0
  #tap: Tap | null = null
  #state: TapState
  #seq = 0
  #passed = 0
  #wasQuiet = false
  #shown: TapMessage[] = []
  #flushedAt = 0
  #flusher: NodeJS.Timeout | null = null
  #reopener: NodeJS.Timeout | null = null

  constructor(options: TapFeedOptions) {
    this.#options = options
    this.#state = { source: options.source, state: 'closed', reason: null }
  }

  /** Tells the state at once, then batches. Returns the leave. */
  watch(viewer: TapViewer): () => void {
    this.#viewers.add(viewer)
    if (this.#viewers.size === 1) this.#open()
    else viewer.state(this.#state)
    return () => {
      if (this.#viewers.delete(viewer) && this.#viewers.size === 0) void this.#close(null)
    }
  }

  async close(): Promise<void> {
    this.#viewers.clear()
    await this.#close(null)
  }

  #open(): void {
    const generation = ++this.#generation
    this.#announce('connecting', null)
    const end = (error: unknown) => {
      if (generation === this.#generation) this.#retry(error instanceof Error ? error.message : String(error))
    }
    const onMessage = (message: TapMessage) => {
      if (generation === this.#generation) this.#take(message)
    }
    this.#options.open({ topic: this.#options.topic, onMessage, onEnd: end }).then((tap) => {
      // Everybody left, or it ended, while it was being opened.
      if (generation !== this.#generation) return tap.close().catch(() => undefined)
      this.#tap = tap
      this.#flushedAt = Date.now()
      this.#flusher = setInterval(() => this.#flush(), batchMs).unref()
      this.#announce('open', null)
    }, end)
  }

  #retry(reason: string): void {
    void this.#close(reason)
    const pause = this.#options.reopenMs ?? reopenMs
    this.#reopener = setTimeout(() => this.#open(), pause).unref()
  }

  async #close(reason: string | null): Promise<void> {
    this.#generation++
    if (this.#flusher) clearInterval(this.#flusher)
    if (this.#reopener) clearTimeout(this.#reopener)
    this.#flusher = null
    this.#reopener = null
    this.#shown = []
    this.#passed = 0
    const tap = this.#tap
    this.#tap = null
    this.#announce('closed', reason)
    // A tap that ended by a fault may refuse to close; it is gone either way.
    await tap?.close().catch(() => undefined)
  }

  #take(message: TapMessage): void {
    this.#passed++
    if (this.#shown.length < batchMessages) this.#shown.push(preview(message))
  }

  /** After the last message one empty batch tells that the rate is 0 again. */
  #flush(): void {
    const now = Date.now()
    const quiet = this.#passed === 0
    if (!quiet || !this.#wasQuiet) {
      const { source } = this.#options
      const [messages, passed, intervalMs] = [this.#shown, this.#passed, now - this.#flushedAt]
      const batch: TapBatch = { source, seq: this.#seq++, messages, passed, intervalMs }
      for (const viewer of this.#viewers) viewer.batch(batch)
    }
    this.#wasQuiet = quiet
    this.#shown = []
    this.#passed = 0
    this.#flushedAt = now
  }

  #announce(state: TapState['state'], reason: string | null): void {
    this.#state = { source: this.#options.source, state, reason }
    for (const viewer of this.#viewers) viewer.state(this.#state)
  }
}

function preview(message: TapMessage): TapMessage {
  const { value } = message
  if (value.length <= shownChars) return message
  return { ...message, value: `${value.slice(0, shownChars)}… (${value.length - shownChars} more characters)` }
}
