/**
 * Which brokers of a cluster answer, of those that Kafka counts: one that is away drops out of them after some 9 s, while there is a
 * majority to say so. Asked of each, because what one tells of the others grows old where too few are left to agree: with two of three
 * gone the last one still tells of two copies that are up to date, and nothing is written any more.
 */
import { connect } from 'node:net'
import { connect as connectTls } from 'node:tls'
import type { Finding } from '#lib/engines/observer.ts'
import type { Tls } from '#lib/external.ts'
import type { Address } from '#lib/runtime/definition.ts'

/** The question before may take 4 s, and all together 5. */
const withinMs = 1_000

/** `tls` as for any client. One broker alone is not asked: its own answer told of it. Never throws. */
export async function brokersState(brokers: readonly Address[], tls: Tls | null): Promise<Finding> {
  if (brokers.length < 2) return { state: 'up', reason: null }
  const answers = await Promise.all(brokers.map((broker) => listens(broker, tls)))
  const away = brokers.filter((_, i) => !answers[i])
  if (away.length === 0) return { state: 'up', reason: null }
  const names = away.map(({ host, port }) => `${host}:${port}`).join(', ')
  return {
    state: 'degraded',
    reason: `${away.length} of ${brokers.length} brokers do not answer: ${names}.`,
    // The others go on as long as they are the majority: a guess, where brokers and controllers are not the same.
    held: away.length < brokers.length / 2,
  }
}

/** Takes a connection; with TLS all of the handshake too, because Kafka writes into its log what breaks off before. */
function listens({ host, port }: Address, tls: Tls | null): Promise<boolean> {
  return new Promise((resolve) => {
    const address = { host, port, timeout: withinMs }
    const socket =
      tls === null ? connect(address) : connectTls({ ...address, ...(tls.ca === null ? {} : { ca: tls.ca }) })
    const end = (answer: boolean) => () => {
      socket.destroy()
      resolve(answer)
    }
    socket.once(tls === null ? 'connect' : 'secureConnect', end(true))
    socket.once('timeout', end(false))
    socket.on('error', end(false))
  })
}
