/** Ctrl-C in two steps: the first asks to stop in order, the second to leave at once what runs. */

/** A terminal and `npm` may both pass on the same Ctrl-C. */
const sameMs = 400

export interface Interrupts {
  /** Aborted by the first. */
  readonly first: AbortSignal
  /** Aborted by the second. */
  readonly second: AbortSignal
  /** Gives Ctrl-C its ordinary meaning back. */
  release(): void
}

export function takeInterrupts(): Interrupts {
  const [first, second] = [new AbortController(), new AbortController()]
  let last = 0
  const onSignal = () => {
    const now = Date.now()
    if (now - last < sameMs) return
    last = now
    if (first.signal.aborted) second.abort()
    else first.abort()
  }
  const signals = ['SIGINT', 'SIGTERM'] as const
  for (const name of signals) process.on(name, onSignal)
  return {
    first: first.signal,
    second: second.signal,
    release: () => {
      for (const name of signals) process.off(name, onSignal)
    },
  }
}
