/** For tests: a Docker engine as far as it shows on the wire, on a socket of its own. Keeps what has reached it. */
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { EngineAddress } from '../wire.ts'

export interface Arrival {
  readonly method: string
  readonly url: string
  readonly body: string
}

interface Thing {
  readonly name: string
  readonly labels: Readonly<Record<string, string>>
  readonly more: Readonly<Record<string, unknown>>
}

/** Objects by kind: what lists answer, filtered as the engine does. */
export type Things = Readonly<
  Record<'containers' | 'networks' | 'volumes' | 'images' | 'services' | 'secrets', readonly Thing[]>
>

export interface FakeEngine {
  readonly address: Extract<EngineAddress, { socketPath: string }>
  readonly arrived: Arrival[]
  close(): Promise<void>
}

function listed(things: readonly Thing[], url: URL): unknown[] {
  const filters = JSON.parse(url.searchParams.get('filters') ?? '{}') as Record<string, string[]>
  const wanted = [...(filters.id ?? []), ...(filters.name ?? []), ...(filters.reference ?? [])]
  return things
    .filter(({ labels }) =>
      (filters.label ?? []).every((label) => {
        const [key = '', value] = label.split('=')
        return value === undefined ? key in labels : labels[key] === value
      }),
    )
    .filter(({ name }) => wanted.length === 0 || wanted.some((part) => name.startsWith(part)))
    .map(({ more }) => more)
}

function answer({ method, url: raw }: Arrival, things: Things): unknown {
  const url = new URL(raw, 'http://engine')
  if (method === 'GET' && url.pathname === '/containers/json') return listed(things.containers, url)
  if (method === 'GET' && url.pathname === '/networks') return listed(things.networks, url)
  if (method === 'GET' && url.pathname === '/images/json') return listed(things.images, url)
  if (method === 'GET' && url.pathname === '/services') return listed(things.services, url)
  if (method === 'GET' && url.pathname === '/secrets') return listed(things.secrets, url)
  if (method === 'GET' && url.pathname === '/volumes') return { Volumes: listed(things.volumes, url) }
  return { Id: 'f'.repeat(64), Name: 'made' }
}

export async function startFakeEngine(things: Things): Promise<FakeEngine> {
  const folder = await mkdtemp(join(tmpdir(), 'aviary-engine-'))
  const socketPath = join(folder, 'docker.sock')
  const arrived: Arrival[] = []
  const server = createServer(async (request, response) => {
    const parts: Buffer[] = []
    for await (const part of request) parts.push(part as Buffer)
    const arrival = { method: request.method ?? '', url: request.url ?? '', body: Buffer.concat(parts).toString() }
    arrived.push(arrival)
    response.setHeader('content-type', 'application/json')
    response.end(JSON.stringify(answer(arrival, things)))
  })
  await new Promise<void>((done) => server.listen(socketPath, done))
  const close = async () => {
    server.closeAllConnections()
    await new Promise((done) => server.close(done))
    await rm(folder, { recursive: true, force: true })
  }
  return { address: { socketPath }, arrived, close }
}
