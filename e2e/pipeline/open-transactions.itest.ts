/**
 * What Kafka has left open of an ended transaction gets the end that had been decided. A broker that is killed does so once in many
 * kills (KAFKA-20734); here it is made for certain, by records of a transaction in a partition of which its coordinator knows nothing.
 */
import { randomUUID } from 'node:crypto'
import { createRequire } from 'node:module'
import { ConfigResourceTypes, Kafka, logLevel } from 'kafkajs'
import { afterAll, beforeAll, expect, inject, test } from 'vitest'
import { topics } from '#lib/pipeline/stages.ts'
import { TestStack, until } from './stack.ts'

/** A connection to one broker of kafkajs, whose requests its own producer sends. It has no types and no public way in. */
interface Broker {
  readonly nodeId: number
  connect(): Promise<void>
  disconnect(): Promise<void>
  initProducerId(request: object): Promise<{ producerId: string; producerEpoch: number }>
  addPartitionsToTxn(request: object): Promise<unknown>
  produce(request: object): Promise<unknown>
  endTxn(request: object): Promise<unknown>
}

const required = createRequire(import.meta.url)
const stack = new TestStack(inject('home'), inject('portOffset'))
const brokers = [`127.0.0.1:${stack.port(9092)}`]
const kafka = new Kafka({ brokers, logLevel: logLevel.NOTHING })
const admin = kafka.admin()
const known = 'open-transactions-test'
let broker: Broker

/** Kafka refuses records in a partition that was not announced to the coordinator, unless it is told not to look. */
const verify = (value: boolean) =>
  admin.alterConfigs({
    validateOnly: false,
    resources: [
      {
        type: ConfigResourceTypes.BROKER,
        name: String(broker.nodeId),
        configEntries: [{ name: 'transaction.partition.verification.enable', value: String(value) }],
      },
    ],
  })

beforeAll(async () => {
  await admin.connect()
  await admin.createTopics({ topics: [{ topic: known, numPartitions: 1 }], waitForLeaders: true })
  broker = await connectedBroker()
  await verify(false)
})

afterAll(async () => {
  await verify(true)
  await admin.deleteTopics({ topics: [known] })
  await admin.disconnect()
  await broker.disconnect()
})

async function connectedBroker(): Promise<Broker> {
  const Cluster = required('kafkajs/src/cluster')
  const cluster = new Cluster({
    brokers,
    clientId: 'open-transactions-test',
    connectionTimeout: 10_000,
    requestTimeout: 30_000,
    logger: kafka.logger(),
    socketFactory: required('kafkajs/src/network/socketFactory')(),
    metadataMaxAge: 300_000,
  })
  await cluster.connect()
  await cluster.refreshMetadata()
  return cluster.findControllerBroker()
}

/** Leaves a record with this value open, by a transaction that ended as told and whose id another producer has taken over since. */
async function leaveOpen(value: string, committed: boolean): Promise<void> {
  const transactionalId = `aviary-connect-left-open: ${value}`
  const initialise = () => broker.initProducerId({ transactionalId, transactionTimeout: 30_000 })
  const { producerId, producerEpoch } = await initialise()
  const producer = { transactionalId, producerId, producerEpoch }
  const into = (topic: string) => ({
    ...producer,
    topicData: [{ topic, partitions: [{ partition: 0, firstSequence: 0, messages: [{ value, headers: {} }] }] }],
  })
  await broker.addPartitionsToTxn({ ...producer, topics: [{ topic: known, partitions: [0] }] })
  await broker.produce(into(known))
  await broker.produce(into(topics.deadLetters))
  await broker.endTxn({ ...producer, transactionResult: committed })
  // Refused while the markers are being written.
  await until(`the id ${transactionalId} to be taken over`, 30, initialise)
}

test('records that were committed appear, and those that were rolled back do not', async () => {
  const turn = randomUUID()
  const [committed, rolledBack, behindBoth] = [`committed ${turn}`, `rolled back ${turn}`, `behind both ${turn}`]
  await leaveOpen(committed, true)
  await leaveOpen(rolledBack, false)
  const producer = kafka.producer()
  await producer.connect()
  await producer.send({ topic: topics.deadLetters, messages: [{ value: behindBoth }] })
  await producer.disconnect()

  const seen = await committedUpTo(behindBoth)
  expect(seen.filter((value) => [committed, rolledBack].includes(value))).toEqual([committed])
})

/** The values of all that is committed, to `last`. Nobody gets past records that are open. */
async function committedUpTo(last: string): Promise<string[]> {
  const consumer = kafka.consumer({ groupId: last, readUncommitted: false })
  const seen: string[] = []
  await consumer.connect()
  await consumer.subscribe({ topic: topics.deadLetters, fromBeginning: true })
  await new Promise<void>((done) => {
    void consumer.run({
      eachMessage: async ({ message }) => {
        seen.push(String(message.value))
        if (seen.at(-1) === last) done()
      },
    })
  })
  await consumer.disconnect()
  return seen
}
