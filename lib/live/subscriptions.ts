/** What one page has subscribed to: each is authorised when it begins, and held once however often it is asked for. */
import { toProblemBody } from '#lib/problem.ts'
import type { Ack } from './events.ts'

export type Reply = Parameters<Ack>[0]

export class Subscriptions {
  readonly #authorise: () => Promise<unknown>
  readonly #wanted = new Set<string>()
  readonly #beginning = new Map<string, Promise<Reply>>()
  readonly #leaves = new Map<string, () => void>()

  constructor(authorise: () => Promise<unknown>) {
    this.#authorise = authorise
  }

  has(name: string): boolean {
    return this.#leaves.has(name)
  }

  /** Never rejects. What is held already, or is just being authorised, costs nothing to ask for again. */
  async hold(name: string, start: () => () => void): Promise<Reply> {
    if (this.#leaves.has(name)) return { ok: true }
    this.#wanted.add(name)
    const beginning = this.#beginning.get(name) ?? this.#begin(name, start).finally(() => this.#beginning.delete(name))
    this.#beginning.set(name, beginning)
    return beginning
  }

  leave(name: string): void {
    this.#wanted.delete(name)
    this.#leaves.get(name)?.()
    this.#leaves.delete(name)
  }

  leaveAll(): void {
    for (const name of [...this.#wanted]) this.leave(name)
  }

  async #begin(name: string, start: () => () => void): Promise<Reply> {
    try {
      await this.#authorise()
      // Given up while it was being authorised.
      if (!this.#wanted.has(name)) return { ok: false, error: 'It was closed again' }
      this.#leaves.set(name, start())
      return { ok: true }
    } catch (error) {
      this.#wanted.delete(name)
      return { ok: false, error: toProblemBody(error).detail }
    }
  }
}
