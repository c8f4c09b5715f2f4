/** For the tests of the stack: stacks of small real services on a home and on ports of their own, one of each for a test. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pino } from 'pino'
import { afterEach, beforeEach } from 'vitest'
import { type Config, loadConfig } from '#lib/config.ts'
import { engines as createEngines } from '#lib/engines/registry.ts'
import type { ServiceSnapshot } from '#lib/pipeline/snapshot.ts'
import type { ServiceId } from '#lib/pipeline/stages.ts'
import { askHttp } from '#lib/runtime/ask.ts'
import type { PortName, ServiceDefinition } from '#lib/runtime/definition.ts'
import { createProcessRuntime } from '#lib/runtime/process/index.ts'
import { siteOf } from './choice.ts'
import { Stack } from './index.ts'
import { freePort, sickFileOf, smallService } from './small-service.ts'

const log = pino({ enabled: false })

export const of = (stack: Stack, id: ServiceId): ServiceSnapshot => {
  const found = stack.snapshot().services.find((service) => service.id === id)
  if (found === undefined) throw new Error(`no ${id}`)
  return found
}

async function ownConfig(): Promise<Config> {
  const home = await mkdtemp(join(tmpdir(), 'aviary-stack-'))
  const ports = Object.fromEntries(
    await Promise.all(
      ['ZOOKEEPER', 'DRUID_BROKER'].map(async (name) => [`AVIARY_PORT_${name}`, String(await freePort())]),
    ),
  )
  const env = { NODE_ENV: 'test', PATH: '/usr/bin:/bin', AVIARY_HOME: home, XDG_CACHE_HOME: home, ...ports }
  return loadConfig(env as NodeJS.ProcessEnv)
}

/** Call it once in a file of tests. */
export function smallStacks() {
  let config: Config
  const closers: (() => Promise<void>)[] = []
  const service = (id: ServiceId & PortName, changes?: Partial<ServiceDefinition>) => smallService(config, id, changes)

  /** Without services: a broker that needs ZooKeeper and starts after it. */
  function create(services?: ServiceDefinition[]): Stack {
    const runtime = createProcessRuntime({ config, log })
    const broker = service('druid-broker', { needs: ['zookeeper'], startsAfter: ['zookeeper'] })
    const stack = new Stack({
      ...{ config, runtime, log },
      services: services ?? [service('zookeeper'), broker],
      engines: createEngines(siteOf(config)),
    })
    closers.push(() => stack.close().then(() => runtime.close()))
    return stack
  }

  beforeEach(async () => {
    config = await ownConfig()
  })
  afterEach(async () => {
    await create().down()
    for (const close of closers.splice(0)) await close()
    await rm(config.homeDir, { recursive: true, force: true })
  })
  return {
    config: () => config,
    create,
    service,
    /** Closes the runtime of the last one, so that nobody sees what ends from now on. */
    closeLast: async () => closers.pop()?.(),
    sickFile: (id: ServiceId) => sickFileOf(config, id),
    /** The answer, which for `/` is the process id; null where there is none. */
    ask: (id: PortName, path = '/') =>
      askHttp(`http://127.0.0.1:${config.ports[id]}${path}`, AbortSignal.timeout(2_000)).then(
        ({ body }) => body,
        () => null,
      ),
  }
}
