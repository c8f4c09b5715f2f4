/** For tests: Kafka Connect's REST at the wire, committing what a broker at the wire has received. */
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { sourceConnector } from '#lib/pipeline/stages.ts'
import type { Received, WireBroker } from './mqtt/wire-broker.ts'

export class WireConnect {
  readonly #server: Server
  readonly #broker: WireBroker
  /** A message for which this is false was lost after the broker had acknowledged it. */
  keeps: (message: Received) => boolean = () => true
  /** What the connector says of itself. */
  state = 'RUNNING'
  /** Answers with an error while false. */
  up = true
  /** How long it takes to tell offsets, which are those of when it was asked. */
  offsetsTakeMs = 0

  private constructor(broker: WireBroker) {
    this.#broker = broker
    this.#server = createServer((request, response) => {
      const at = `/connectors/${sourceConnector}`
      response.setHeader('content-type', 'application/json')
      if (!this.up) response.statusCode = 503
      if (request.url === `${at}/offsets`) {
        const told = JSON.stringify({ offsets: this.#offsets() })
        setTimeout(() => response.end(told), this.offsetsTakeMs)
      } else if (request.url === `${at}/status`)
        response.end(
          JSON.stringify({
            name: sourceConnector,
            connector: { state: this.state },
            tasks: [{ id: 0, state: this.state }],
          }),
        )
      else {
        response.statusCode = 404
        response.end('{"error_code":404}')
      }
    })
  }

  static async listen(broker: WireBroker): Promise<WireConnect> {
    const connect = new WireConnect(broker)
    await new Promise<void>((resolve) => connect.#server.listen(0, '127.0.0.1', resolve))
    return connect
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port
  }

  /** Each run's messages that arrived, without a gap from 0. */
  #offsets(): unknown[] {
    const runs = new Map<string, Set<number>>()
    for (const message of this.#broker.received) {
      const run = message.properties['run-id'] ?? ''
      const seqs = runs.get(run) ?? new Set()
      runs.set(run, seqs)
      if (this.state === 'RUNNING' && this.keeps(message)) seqs.add(Number(message.properties.seq))
    }
    return [...runs].map(([run, seqs]) => {
      let seq = -1
      while (seqs.has(seq + 1)) seq++
      return { partition: { 'run-id': run }, offset: { seq, above: '' } }
    })
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections()
    await new Promise((resolve) => this.#server.close(resolve))
  }
}
