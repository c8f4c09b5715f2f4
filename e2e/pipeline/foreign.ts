/** Engines as somebody else would run them, with TLS and passwords: from the same artifacts, outside of Aviary. */
import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { pbkdf2Sync, randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { openSync } from 'node:fs'
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { request } from 'node:http'
import { createServer } from 'node:https'
import { connect } from 'node:net'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { artifactFolder, nativeCommand } from '#lib/artifacts/index.ts'
import { until } from './stack.ts'

const run = promisify(execFile)

export interface Foreign {
  /** Resolves when it listens. */
  start(): Promise<void>
  /** SIGKILL; resolves when it is gone. */
  kill(): Promise<void>
}

/** An authority, and a server certificate for 127.0.0.1 of it; PEM files `ca.pem`, `server.crt`, `server.key`, `server.pem`. */
export async function makeCertificates(dir: string): Promise<void> {
  const openssl = (...args: string[]) => run('openssl', args, { cwd: dir })
  await mkdir(dir, { recursive: true })
  const key = ['-newkey', 'rsa:2048', '-nodes']
  await openssl(
    'req',
    '-x509',
    ...key,
    '-keyout',
    'ca.key',
    '-out',
    'ca.pem',
    '-days',
    '2',
    '-subj',
    '/CN=test authority',
  )
  await openssl('req', ...key, '-keyout', 'server.key', '-out', 'server.csr', '-subj', '/CN=127.0.0.1')
  await writeFile(join(dir, 'extensions'), 'subjectAltName=IP:127.0.0.1\n')
  const signing = ['-CA', 'ca.pem', '-CAkey', 'ca.key', '-CAcreateserial', '-days', '2', '-extfile', 'extensions']
  await openssl('x509', '-req', '-in', 'server.csr', ...signing, '-out', 'server.crt')
  const { stdout } = await run('cat', ['server.key', 'server.crt'], { cwd: dir })
  await writeFile(join(dir, 'server.pem'), stdout, { mode: 0o600 })
}

async function listens(port: number): Promise<true> {
  const socket = connect(port, '127.0.0.1')
  await once(socket, 'connect').finally(() => socket.destroy())
  return true
}

interface Program {
  readonly command: string
  readonly args: readonly string[]
  readonly env: Record<string, string>
}

function foreign(dir: string, port: number, { command, args, env }: Program): Foreign {
  let child: ChildProcess | null = null
  return {
    start: async () => {
      const log = openSync(join(dir, 'log'), 'a')
      child = spawn(command, args, { cwd: dir, env: { ...process.env, ...env }, stdio: ['ignore', log, log] })
      await until(`${dir} to listen on ${port}`, 120, () => listens(port))
    },
    kill: async () => {
      if (child === null || child.exitCode !== null || child.signalCode !== null) return
      const gone = once(child, 'exit')
      child.kill('SIGKILL')
      await gone
    },
  }
}

export interface Account {
  readonly username: string
  readonly password: string
}

/** As mosquitto_passwd writes it. */
function passwordLine({ username, password }: Account): string {
  const salt = randomBytes(12)
  const hash = pbkdf2Sync(password, salt, 101, 64, 'sha512')
  return `${username}:$7$101$${salt.toString('base64')}$${hash.toString('base64')}\n`
}

/** TLS on `port`, for one account alone. */
export async function foreignMosquitto(
  dir: string,
  certificates: string,
  port: number,
  account: Account,
  cacheDir: string,
): Promise<Foreign> {
  await mkdir(dir, { recursive: true })
  await writeFile(join(dir, 'passwords'), passwordLine(account), { mode: 0o600 })
  await writeFile(
    join(dir, 'mosquitto.conf'),
    `listener ${port} 127.0.0.1
certfile ${certificates}/server.crt
keyfile ${certificates}/server.key
allow_anonymous false
password_file ${dir}/passwords
user root
persistence true
persistence_location ${dir}/
autosave_interval 1
max_queued_messages 0
max_inflight_messages 4000
log_dest stderr
`,
  )
  const command = nativeCommand('mosquitto', artifactFolder('mosquitto', cacheDir))
  if (command === null) throw new Error('Mosquitto has no program')
  return foreign(dir, port, { command: command.command, args: ['-c', 'mosquitto.conf'], env: { ...command.env } })
}

/** SASL_SSL with SCRAM-SHA-512 on `port`; its own traffic stays on the two ports above. */
export async function foreignKafka(
  dir: string,
  certificates: string,
  port: number,
  account: Account,
  cacheDir: string,
): Promise<Foreign> {
  await mkdir(dir, { recursive: true })
  await writeFile(
    join(dir, 'server.properties'),
    `process.roles=broker,controller
node.id=1
controller.quorum.voters=1@127.0.0.1:${port + 2}
listeners=CLIENT://127.0.0.1:${port},INSIDE://127.0.0.1:${port + 1},CONTROLLER://127.0.0.1:${port + 2}
advertised.listeners=CLIENT://127.0.0.1:${port},INSIDE://127.0.0.1:${port + 1}
listener.security.protocol.map=CLIENT:SASL_SSL,INSIDE:PLAINTEXT,CONTROLLER:PLAINTEXT
inter.broker.listener.name=INSIDE
controller.listener.names=CONTROLLER
listener.name.client.sasl.enabled.mechanisms=SCRAM-SHA-512
listener.name.client.scram-sha-512.sasl.jaas.config=org.apache.kafka.common.security.scram.ScramLoginModule required;
listener.name.client.ssl.keystore.type=PEM
listener.name.client.ssl.keystore.location=${certificates}/server.pem
log.dirs=${dir}/data
auto.create.topics.enable=false
default.replication.factor=1
offsets.topic.replication.factor=1
offsets.topic.num.partitions=5
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
transaction.state.log.num.partitions=3
group.initial.rebalance.delay.ms=0
`,
  )
  const jars = artifactFolder('kafka', cacheDir)
  const classPath = (await readdir(jars)).map((jar) => join(jars, jar)).join(':')
  const java = (memory: string, ...args: string[]) => [memory, '-XX:+UseSerialGC', '-cp', classPath, ...args]
  const scram = `SCRAM-SHA-512=[name=${account.username},password=${account.password}]`
  const format = [
    'format',
    '--cluster-id',
    'ZXh0ZXJuYWwtY2x1c3Rlcg',
    '--config',
    'server.properties',
    '--add-scram',
    scram,
  ]
  await run('java', java('-Xmx128m', 'kafka.tools.StorageTool', ...format), { cwd: dir })
  return foreign(dir, port, { command: 'java', args: java('-Xmx256m', 'kafka.Kafka', 'server.properties'), env: {} })
}

/** What people put in front of an engine that has neither TLS nor accounts: lets one account through to a port of this machine. */
export async function foreignDoor(
  certificates: string,
  port: number,
  { username, password }: Account,
  behind: number,
): Promise<{ close(): Promise<void> }> {
  const [cert, key] = await Promise.all(['server.crt', 'server.key'].map((name) => readFile(join(certificates, name))))
  const expected = `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`
  const server = createServer({ cert, key }, (asked, reply) => {
    const { authorization, ...headers } = asked.headers
    if (authorization !== expected) return void reply.writeHead(401).end()
    const { method, url: path } = asked
    const onward = request({ host: '127.0.0.1', port: behind, method, path, headers }, (answer) => {
      answer.pipe(reply.writeHead(answer.statusCode ?? 502, answer.headers))
    })
    onward.on('error', () => (reply.headersSent ? reply.destroy() : reply.writeHead(502).end()))
    asked.pipe(onward)
  })
  await once(server.listen(port, '127.0.0.1'), 'listening')
  return {
    close: async () => {
      server.closeAllConnections()
      await promisify(server.close.bind(server))()
    },
  }
}
