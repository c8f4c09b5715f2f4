/** How long rows took until they could be queried, sampled from the newest row of a run each time Druid is asked. */
import type { Newest } from './druid-count.ts'
import { Histogram } from './histogram.ts'

export class Appearance {
  /** Since it was sent, and since it was in Kafka, in ms. */
  readonly visible = new Histogram()
  readonly ingest = new Histogram()
  #newestSentAt: number | null = null
  /** Druid answered the last time too: what is new since then has just appeared, and what was there at first may have been there for hours. */
  #watched = false

  see({ sentAt, recordedAt }: Pick<Newest, 'sentAt' | 'recordedAt'>, now: number): void {
    const watched = this.#watched
    this.#watched = true
    if (sentAt === null || sentAt === this.#newestSentAt) return
    this.#newestSentAt = sentAt
    if (!watched) return
    this.visible.add(now - sentAt)
    if (recordedAt !== null) this.ingest.add(now - recordedAt)
  }

  /** Druid could not tell. */
  miss(): void {
    this.#watched = false
  }
}
