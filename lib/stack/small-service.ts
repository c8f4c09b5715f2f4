/** For the tests of the stack: small real services, HTTP servers that end when told to and are sick while a file says so. */
import { createServer } from 'node:net'
import { join } from 'node:path'
import type { Config } from '#lib/config.ts'
import type { ServiceId } from '#lib/pipeline/stages.ts'
import { httpReady } from '#lib/runtime/ask.ts'
import type { PortName, ServiceDefinition } from '#lib/runtime/definition.ts'

const server = `
const { createServer } = require('node:http'), { existsSync } = require('node:fs'), [port, sick] = process.argv.slice(1)
console.log('listens on', port)
createServer((request, response) => {
  if (request.url === '/die') { console.log('dies'); process.exit(9) }
  response.writeHead(existsSync(sick) ? 503 : 200).end(String(process.pid))
}).listen(Number(port), '127.0.0.1')
process.on('SIGTERM', () => process.exit(0))
`

export function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const probe = createServer().listen(0, '127.0.0.1', () => {
      const address = probe.address()
      const port = typeof address === 'object' && address !== null ? address.port : 0
      probe.close(() => resolve(port))
    })
  })
}

/** While this file is there, the service answers 503. `/die` ends it with code 9. */
export const sickFileOf = (config: Config, id: ServiceId): string => join(config.homeDir, `${id}.sick`)

export function smallService(
  config: Config,
  id: ServiceId & PortName,
  changes: Partial<ServiceDefinition> = {},
): ServiceDefinition {
  const port = config.ports[id]
  return {
    id,
    engine: 'zookeeper',
    artifacts: [],
    version: '1',
    ports: [id],
    memoryMb: 1,
    needs: [],
    outlives: [],
    files: [],
    program: {
      kind: 'native',
      command: () => ({ command: process.execPath, env: {}, version: '1' }),
      args: ['-e', server, String(port), sickFileOf(config, id)],
    },
    stopGraceMs: 5_000,
    health: { kind: 'http', port: id, paths: ['/'] },
    ready: (signal) => httpReady({ host: '127.0.0.1', port }, [{ path: '/', missing: 'it is sick' }], signal),
    ...changes,
  }
}
