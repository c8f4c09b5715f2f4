import { once } from 'node:events'
import { type AddressInfo, createServer, type Server } from 'node:net'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { brokersState } from './brokers.ts'

let servers: Server[]
const at = (server: Server) => ({ host: '127.0.0.1', port: (server.address() as AddressInfo).port })

beforeEach(async () => {
  servers = Array.from({ length: 3 }, () => createServer().listen(0, '127.0.0.1'))
  await Promise.all(servers.map((server) => once(server, 'listening')))
})
afterEach(() => servers.forEach((server) => void server.close()))

it('a cluster all of whose brokers take connections is up', async () => {
  expect(await brokersState(servers.map(at), null)).toEqual({ state: 'up', reason: null })
})

it('brokers that do not are named, and nobody waits for them while the others are the majority', async () => {
  const [one, two, three] = servers.map(at)
  if (one === undefined || two === undefined || three === undefined) throw new Error('three were made')
  const close = (server: Server | undefined) => new Promise((resolve) => server?.close(resolve))
  await close(servers[1])
  expect(await brokersState([one, two, three], null)).toEqual({
    ...{ state: 'degraded', held: true },
    reason: `1 of 3 brokers do not answer: 127.0.0.1:${two.port}.`,
  })
  await close(servers[0])
  expect(await brokersState([one, two, three], null)).toEqual({
    ...{ state: 'degraded', held: false },
    reason: `2 of 3 brokers do not answer: 127.0.0.1:${one.port}, 127.0.0.1:${two.port}.`,
  })
})

it('one alone has told of itself', async () => {
  expect(await brokersState([{ host: '127.0.0.1', port: 1 }], null)).toEqual({ state: 'up', reason: null })
})
