/** What engines that run elsewhere have in common. */
import { isReady, notReady } from '#lib/runtime/ask.ts'
import type { ConfFile, ExternalService } from '#lib/runtime/definition.ts'

/** `asked`: the question in the protocol's own words; `question` asks it as a client does and resolves to the beginning of the answer. */
export const readyBy =
  (asked: string, question: (signal: AbortSignal) => Promise<string>): ExternalService['ready'] =>
  async (signal) => {
    try {
      return isReady(asked, await question(signal))
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error)
      // In the place of what a service waits for, which has no full stop.
      return notReady(why.replace(/\.$/, ''), asked, null)
    }
  }

/** Certificates to trust, PEM, in a file of this name beside a program's configuration; no file where there are none. */
export const trustedFile = (ca: string | null | undefined, target: string): ConfFile[] =>
  ca ? [{ template: 'base/conf/ca.pem', target, values: { certificates: ca.trim() } }] : []
