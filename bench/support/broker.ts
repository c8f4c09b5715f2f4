/** The stack's own Mosquitto, alone, with its own settings. */
import { createLab } from './lab.ts'

export interface Broker {
  readonly port: number
  /** A folder for the benchmark's files; removed with the broker. */
  readonly folder: string
  stop(): Promise<void>
}

export async function startBroker(): Promise<Broker> {
  const lab = await createLab()
  const { close } = await lab.up(['mosquitto'])
  return {
    port: lab.config.ports.mosquitto,
    folder: lab.folder,
    stop: async () => {
      await close()
      await lab.remove()
    },
  }
}
