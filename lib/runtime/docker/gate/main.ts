/**
 * The gate as a process: `node lib/runtime/docker/gate/main.ts SOCKET`, with the engine where DOCKER_HOST says. With `--check` it asks a
 * running one whether the engine answers, which is the health check of its container.
 */
import { once } from 'node:events'
import { chmod, rm } from 'node:fs/promises'
import { hostname } from 'node:os'
import { parseArgs } from 'node:util'
import { pino } from 'pino'
import { z } from 'zod'
import { loadConfig } from '#lib/config.ts'
import { projectOf } from '#lib/stack/project.ts'
import { findAddress } from '../address.ts'
import { type Scope, scopeOf } from '../guard/scope.ts'
import { askOf, type EngineAddress } from '../wire.ts'
import { createGate } from './index.ts'

const log = pino({ base: null, timestamp: pino.stdTimeFunctions.isoTime })

const Containers = z.array(z.looseObject({ Id: z.string() }))

/** In another project than its own it would give the console a stack whose network it is not in. Throws. */
async function requireOwnProject(address: EngineAddress, { project, label }: Scope): Promise<void> {
  const query = new URLSearchParams({ all: 'true', filters: JSON.stringify({ label: [label] }) })
  const listed = Containers.parse(await askOf(address)(`/containers/json?${query}`))
  if (!listed.some(({ Id }) => Id.startsWith(hostname())))
    throw new Error(
      `This container is not of the Compose project ${project}: AVIARY_PROJECT must be the project's name`,
    )
}

async function serve(socketPath: string): Promise<void> {
  const config = loadConfig()
  const address = await findAddress(config)
  const scope = scopeOf(projectOf(config), config.gateImages, false)
  if (config.inside) await requireOwnProject(address, scope)
  const gate = createGate({ address, scope, log })
  // Of a gate that was killed.
  await rm(socketPath, { force: true })
  await once(gate.listen(socketPath), 'listening')
  await chmod(socketPath, 0o600)
  log.info({ project: scope.project }, `the gate listens at ${socketPath}`)
  const end = () => {
    gate.closeAllConnections()
    gate.close(() => process.exit(0))
  }
  for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, end)
}

const check = async (socketPath: string): Promise<void> => {
  await askOf({ socketPath })('/version')
}

const { values, positionals } = parseArgs({ options: { check: { type: 'boolean' } }, allowPositionals: true })
const [path] = positionals
if (path === undefined) {
  process.stderr.write('usage: node lib/runtime/docker/gate/main.ts [--check] SOCKET\n')
  process.exitCode = 2
} else
  await (values.check ? check(path) : serve(path)).catch((error: unknown) => {
    process.stderr.write(`${error instanceof Error ? error.message : error}\n`)
    process.exitCode = 1
  })
