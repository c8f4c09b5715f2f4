import type { Socket } from 'node:net'
import { pino } from 'pino'
import { createConnect } from './connect/index.ts'
import { createDruid } from './druid/index.ts'
import { engineContract } from './engine.contract.ts'
import { createHive } from './hive/index.ts'
import { createKafka } from './kafka/index.ts'
import { createMosquitto } from './mosquitto/index.ts'
import { createSuperset } from './superset/index.ts'

const log = pino({ enabled: false })

const page = '<html>It works</html>'
const webPage = (socket: Socket) =>
  socket.on('data', () =>
    socket.write(`HTTP/1.1 200 OK\r\ncontent-type: text/html\r\ncontent-length: ${page.length}\r\n\r\n${page}`),
  )

/** Answers every request with its correlation id and a body that ends before it has begun. */
const emptyKafkaReply = (socket: Socket) =>
  socket.on('data', (request: Buffer) => {
    const reply = Buffer.alloc(8)
    reply.writeInt32BE(4, 0)
    request.copy(reply, 4, 8, 12)
    socket.write(reply)
  })

engineContract({ id: 'mosquitto', create: createMosquitto, nonsense: webPage, provisions: false })

engineContract({
  id: 'kafka',
  create: ({ host, port }) => createKafka({ brokers: [`${host}:${port}`], log }),
  nonsense: emptyKafkaReply,
  provisions: true,
})

engineContract({
  id: 'connect',
  create: ({ host, port }) =>
    createConnect({
      url: `http://${host}:${port}`,
      mqtt: { host, port: 1 },
      kafka: 'localhost:1',
      landingDir: '/landing',
    }),
  nonsense: webPage,
  provisions: true,
})

engineContract({
  id: 'druid',
  create: ({ host, port }) => createDruid({ url: `http://${host}:${port}`, bootstrapServers: 'kafka:9092' }),
  nonsense: webPage,
  provisions: true,
})

engineContract({
  id: 'superset',
  create: ({ host, port }) =>
    createSuperset({
      url: `http://${host}:${port}`,
      secret: (name) => name,
      origins: [],
      druid: { url: 'http://druid:1' },
      hiveUri: 'hive://reader@hive:1/aviary',
    }),
  nonsense: webPage,
  provisions: true,
})

engineContract({
  id: 'hive',
  create: ({ host, port }) => createHive({ host, port, landingDir: '/landing' }),
  nonsense: webPage,
  provisions: true,
})
