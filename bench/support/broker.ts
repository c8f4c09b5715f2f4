/** The stack's own Mosquitto, alone, with its own settings. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pino } from 'pino'
import { ensureArtifact } from '#lib/artifacts/index.ts'
import { loadConfig } from '#lib/config.ts'
import { serviceDefinitions } from '#lib/engines/registry.ts'
import { createProcessRuntime, processSite } from '#lib/runtime/process/index.ts'

export interface Broker {
  readonly port: number
  /** A folder for the benchmark's files; removed with the broker. */
  readonly folder: string
  stop(): Promise<void>
}

export async function startBroker(portOffset = 23_000): Promise<Broker> {
  const folder = await mkdtemp(join(tmpdir(), 'aviary-bench-'))
  const config = loadConfig({
    ...process.env,
    AVIARY_HOME: join(folder, 'home'),
    AVIARY_PORT_OFFSET: String(portOffset),
  })
  await ensureArtifact('mosquitto', { cacheDir: config.cacheDir })
  const runtime = createProcessRuntime({ config, log: pino({ level: 'warn' }) })
  const service = serviceDefinitions(processSite(config)).find((s) => s.id === 'mosquitto')
  if (service === undefined) throw new Error('there is no service mosquitto')
  const signal = AbortSignal.timeout(60_000)
  await runtime.start(service, () => {}, signal)
  while (!(await service.ready(signal)).ready) await new Promise((r) => setTimeout(r, 50))
  return {
    port: config.ports.mosquitto,
    folder,
    stop: async () => {
      await runtime.stop(service, AbortSignal.timeout(60_000))
      await runtime.close()
      await rm(folder, { recursive: true, force: true })
    },
  }
}
