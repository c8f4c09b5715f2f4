/** What Druid's Router answers to SQL, for tests: over a real socket, as Druid 33 sends it. */
import { once } from 'node:events'
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'

interface Asked {
  readonly query: string
  readonly context: { readonly sqlQueryId: string; readonly sqlOuterLimit: number; readonly timeout: number }
}

type Answer = (asked: Asked, reply: ServerResponse) => void

export interface WireDruid {
  readonly url: string
  /** Queries that have arrived, oldest first. */
  readonly asked: readonly Asked[]
  /** Ids of the queries that were cancelled. */
  readonly cancelled: readonly string[]
  /** How the next queries are answered. */
  answer: Answer
  close(): Promise<void>
}

/** Says nothing until the query is cancelled, as a query that runs long. */
export const silence: Answer = () => {}

/** Answers with the text as Druid's body. */
export const saying =
  (body: string, status = 200): Answer =>
  (_, reply) =>
    void reply.writeHead(status, { 'content-type': 'application/json' }).end(body)

export async function startWireDruid(): Promise<WireDruid> {
  const asked: Asked[] = []
  const cancelled: string[] = []
  const server = createServer(async (request, reply) => {
    if (request.method === 'DELETE') {
      cancelled.push(request.url?.split('/').at(-1) ?? '')
      return void reply.writeHead(202).end()
    }
    const query = JSON.parse(await text(request)) as Asked
    asked.push(query)
    wire.answer(query, reply)
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const wire: WireDruid = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked,
    cancelled,
    answer: saying('[["n"],[1]]'),
    close: async () => {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
  return wire
}
