/** A stack in this process, on a home and ports of its own, without a console. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pino } from 'pino'
import { type Config, loadConfig } from '#lib/config.ts'
import { engines as createEngines, type Engines, serviceDefinitions } from '#lib/engines/registry.ts'
import type { RuntimeKind, ServiceId } from '#lib/pipeline/stages.ts'
import type { Runtime } from '#lib/runtime/runtime.ts'
import { createRuntime, siteOf } from '#lib/stack/choice.ts'
import { Stack } from '#lib/stack/index.ts'

export interface OpenStack {
  readonly stack: Stack
  readonly engines: Engines
  readonly runtime: Runtime
  /** Stops the services. */
  close(): Promise<void>
}

export interface Lab {
  readonly config: Config
  /** Everything in it goes with the lab. */
  readonly folder: string
  up(only?: readonly ServiceId[]): Promise<OpenStack>
  remove(): Promise<void>
}

export async function createLab(kind: RuntimeKind = 'process'): Promise<Lab> {
  const folder = await mkdtemp(join(tmpdir(), 'aviary-bench-'))
  const config = loadConfig({ ...process.env, AVIARY_HOME: join(folder, 'home'), AVIARY_PORT_OFFSET: '23000' })
  const log = pino({ level: 'warn' })
  const site = siteOf(config, kind)
  return {
    config,
    folder,
    up: async (only) => {
      const runtime = await createRuntime(config, log, kind)
      const engines = createEngines(site, log)
      const stack = new Stack({ config, runtime, services: serviceDefinitions(site), engines, log })
      const close = async () => {
        await stack.down()
        await stack.close()
        await Promise.all(Object.values(engines).map((e) => e.close()))
        await runtime.close()
      }
      await stack.up({ only }).catch(async (error: unknown) => {
        await close()
        throw error
      })
      return { stack, engines, runtime, close }
    },
    remove: async () => {
      // Containers keep their data in volumes, beyond the folder.
      const runtime = await createRuntime(config, log, kind)
      for (const { id } of serviceDefinitions(site)) await runtime.purge(id)
      await runtime.close()
      await rm(folder, { recursive: true, force: true })
    },
  }
}
