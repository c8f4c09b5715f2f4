/** Whether the engine answers, as the last request to it has shown. Once it does not, it is asked again until it does. */
import { setTimeout as delay } from 'node:timers/promises'
import { DockerError, type DockerErrorCode } from './errors.ts'

const askEveryMs = 1_000
const silent: readonly DockerErrorCode[] = ['unreachable', 'timeout']
/** Without a status `denied` is told by the socket or by TLS: no engine has been asked. */
const unasked: readonly DockerErrorCode[] = [...silent, 'denied']

export class Contact {
  readonly #ask: () => Promise<unknown>
  readonly #closing = new AbortController()
  readonly #listeners = new Set<() => void>()
  #away: string | null = null

  /** `ask`: some request to the engine, of which `note` is told as of all others. */
  constructor(ask: () => Promise<unknown>) {
    this.#ask = ask
  }

  /** Why it cannot be asked, with what to do; null while it answers. */
  get away(): string | null {
    return this.#away
  }

  /** What came of a request; null for an answer. A refusal of the engine is an answer; what never left this process tells nothing. */
  note(error: Error | null): void {
    if (error === null) this.#set(null)
    else if (!(error instanceof DockerError)) return
    else if (error.status !== null && !silent.includes(error.code)) this.#set(null)
    else if (unasked.includes(error.code)) this.#set(error.message)
  }

  /** Called when `away` has become another. Returns the unsubscribe. */
  onChange(listener: () => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  close(): void {
    this.#closing.abort()
    this.#listeners.clear()
  }

  #set(away: string | null): void {
    const before = this.#away
    if (before === away || this.#closing.signal.aborted) return
    this.#away = away
    if (before === null) void this.#untilBack()
    for (const listener of this.#listeners) listener()
  }

  async #untilBack(): Promise<void> {
    const { signal } = this.#closing
    while (this.#away !== null && !signal.aborted) {
      await this.#ask().catch(() => {})
      if (this.#away !== null) await delay(askEveryMs, undefined, { signal, ref: false }).catch(() => {})
    }
  }
}
