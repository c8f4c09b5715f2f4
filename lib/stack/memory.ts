/** What was meant to run, kept in AVIARY_HOME/stack.json, so that a console started later goes on watching it. */
import { randomUUID } from 'node:crypto'
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { z } from 'zod'
import { runtimeKinds, serviceIds } from '#lib/pipeline/stages.ts'

const Remembered = z.object({
  wanted: z.array(z.enum(serviceIds)),
  /** Everything is being stopped; a console that dies meanwhile leaves the rest to the next one. */
  stopping: z.boolean().default(false),
  /** What ran the services last, and so has their data; null when none has. */
  runtime: z.enum(runtimeKinds).nullable().default(null),
  /** Addresses of the Kafka whose offsets Druid and the connectors have; empty for our own, null when they have none. */
  kafka: z.array(z.string()).nullable().default(null),
  startedAt: z.number().nullable(),
  /** null until everything was ready and provisioned once. */
  readyAfterMs: z.number().nullable(),
})
export type Remembered = z.infer<typeof Remembered>

export const nothingWanted: Remembered = {
  wanted: [],
  stopping: false,
  runtime: null,
  kafka: null,
  startedAt: null,
  readyAfterMs: null,
}

export class StackMemory {
  readonly #path: string
  #current: Remembered = nothingWanted
  /** Writes follow each other, so that the last one is the one that stays. */
  #writing: Promise<void> = Promise.resolve()

  constructor(homeDir: string) {
    this.#path = join(homeDir, 'stack.json')
  }

  /** As read or changed last. */
  get current(): Remembered {
    return this.#current
  }

  /** Nothing is wanted where there is no file, or none that can be read. */
  async read(): Promise<Remembered> {
    const text = await readFile(this.#path, 'utf8').catch(() => '{}')
    try {
      this.#current = Remembered.parse(JSON.parse(text))
    } catch {
      this.#current = nothingWanted
    }
    return this.#current
  }

  /** Resolves when it is kept. */
  change(changes: Partial<Remembered>): Promise<void> {
    this.#current = { ...this.#current, ...changes }
    const text = JSON.stringify(this.#current)
    this.#writing = this.#writing.catch(() => {}).then(() => this.#replace(text))
    return this.#writing
  }

  async #replace(text: string): Promise<void> {
    const part = `${this.#path}.${randomUUID()}`
    await mkdir(dirname(this.#path), { recursive: true, mode: 0o700 })
    await writeFile(part, `${text}\n`, { mode: 0o600 })
    await rename(part, this.#path)
  }
}
