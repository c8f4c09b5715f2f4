/** Against an Overlord as Druid 33 behaves, over a real socket. */
import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { DruidClient } from './client.ts'
import { supervisorSpec } from './desired.ts'
import { provisionSupervisor } from './provisioning.ts'

let present: object | null
let submitted: object[]
let server: Server
let client: DruidClient
let url: string
const provision = (wanted: object) => provisionSupervisor(client, wanted, AbortSignal.timeout(10_000))

beforeEach(async () => {
  present = null
  submitted = []
  server = createServer(async (request, reply) => {
    if (request.method !== 'POST')
      return void reply.writeHead(present === null ? 404 : 200).end(JSON.stringify(present))
    const chunks = await Array.fromAsync(request)
    present = JSON.parse(Buffer.concat(chunks as Buffer[]).toString()) as object
    submitted.push(present)
    reply.end('{"id":"tweets"}')
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  client = new DruidClient({ url, login: null })
})
afterEach(async () => {
  await client.close()
  server.close()
})

test('a supervisor is made once, and again when a setting of its Kafka clients goes', async () => {
  const jaas = supervisorSpec('a:9092', { 'sasl.jaas.config': 'password' })
  expect(await provision(jaas)).toMatchObject({ action: 'created' })
  expect(await provision(jaas)).toMatchObject({ action: 'unchanged' })
  expect(await provision(supervisorSpec('a:9092'))).toMatchObject({ action: 'updated' })
  expect(JSON.stringify(submitted.at(-1))).not.toContain('jaas')
})

test('transactions that were rolled back are never read, whatever is wished beside', () => {
  const { consumerProperties } = supervisorSpec('a:9092', { 'isolation.level': 'read_uncommitted' }).spec.ioConfig
  expect(consumerProperties['isolation.level']).toBe('read_committed')
})

test('elsewhere one that reads another Kafka is left alone, because its offsets would mean other messages', async () => {
  await provision(supervisorSpec('a:9092,b:9092'))
  await expect(provision(supervisorSpec('c:9092'))).rejects.toMatchObject({
    code: 'rejected',
    message: `The supervisor tweets of Druid at ${url} reads another Kafka: a:9092, b:9092`,
    hint: expect.stringContaining('terminate'),
  })
  expect(submitted).toHaveLength(1)
  expect(await provision(supervisorSpec('b:9092,c:9092'))).toMatchObject({ action: 'updated' })
})
