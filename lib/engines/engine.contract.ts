/** What every engine must do, whichever it is: the same cases for each. */
import { createServer, type Server, type Socket } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { EngineId } from '#lib/pipeline/stages.ts'
import type { Engine } from './engine.ts'
import { EngineError, type EngineErrorCode } from './errors.ts'

export interface Address {
  readonly host: string
  readonly port: number
}

export interface ContractSubject {
  readonly id: EngineId
  readonly create: (at: Address) => Engine
  /** Answers what the engine's client asks with bytes that it cannot make sense of. */
  readonly nonsense: (socket: Socket) => void
  /** False for an engine that has nothing to provision. */
  readonly provisions: boolean
}

/** A real server on loopback that answers with whatever bytes it is told to. */
export class WireFake {
  readonly #server: Server
  readonly #sockets = new Set<Socket>()
  #port = 0

  constructor(onConnection: (socket: Socket) => void) {
    this.#server = createServer((socket) => {
      this.#sockets.add(socket)
      // The client may leave at any moment.
      socket.on('error', () => {})
      socket.on('close', () => this.#sockets.delete(socket))
      onConnection(socket)
    })
  }

  get address(): Address {
    return { host: '127.0.0.1', port: this.#port }
  }

  get connections(): number {
    return this.#sockets.size
  }

  async listen(): Promise<this> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve))
    const address = this.#server.address()
    if (address === null || typeof address === 'string') throw new Error('the server has no port')
    this.#port = address.port
    return this
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy()
    if (this.#server.listening) await new Promise((resolve) => this.#server.close(resolve))
  }
}

/** Takes connections and never says a word. */
const silent = (socket: Socket) => socket.resume()
const handles = () => process.getActiveResourcesInfo().filter((name) => /TCP|Timeout/.test(name)).length

export function engineContract({ id, create, nonsense, provisions }: ContractSubject): void {
  describe(`the engine ${id}`, () => {
    let server: WireFake
    let engine: Engine
    let before: number

    const at = async (onConnection: (socket: Socket) => void) => {
      server = await new WireFake(onConnection).listen()
      before = handles()
      engine = create(server.address)
    }
    const codeOf = async (work: Promise<unknown>): Promise<EngineErrorCode | null> => {
      const error = await work.then(
        () => null,
        (e: unknown) => e,
      )
      if (error === null) return null
      expect(error).toBeInstanceOf(EngineError)
      return (error as EngineError).code
    }

    beforeEach(() => at(silent))
    afterEach(async () => {
      await engine.close()
      await server.close()
    })

    it('is down, with the reason and what to do, when nothing listens', async () => {
      await server.close()
      const status = await engine.probe(AbortSignal.timeout(10_000))
      expect(status).toMatchObject({ engine: id, state: 'down' })
      expect(status.reason).toContain(`Start the service`)
      if (provisions) expect(await codeOf(engine.provision(AbortSignal.timeout(10_000)))).toBe('unreachable')
    })

    it('is unknown, not down, when it does not answer in time', async () => {
      const status = await engine.probe(AbortSignal.timeout(500))
      expect(status.state).toBe('unknown')
      expect(status.reason).not.toBeNull()
    })

    it('is degraded when what it answers makes no sense', async () => {
      await engine.close()
      await server.close()
      await at(nonsense)
      const status = await engine.probe(AbortSignal.timeout(10_000))
      expect(status).toMatchObject({
        state: 'degraded',
        reason: expect.stringMatching(/not understood|does not speak/),
      })
      if (provisions) expect(await codeOf(engine.provision(AbortSignal.timeout(10_000)))).toBe('unexpected-reply')
    })

    it('gives up when told to', async () => {
      const gaveUp = new Error('given up')
      expect((await engine.probe(AbortSignal.abort(gaveUp))).state).toBe('unknown')
      if (!provisions) return
      const controller = new AbortController()
      const work = engine.provision(controller.signal)
      await until(() => server.connections > 0)
      controller.abort(gaveUp)
      await expect(work).rejects.toBe(gaveUp)
    })

    it('tells how long a state has lasted', async () => {
      await server.close()
      const first = await engine.probe(AbortSignal.timeout(10_000))
      const second = await engine.probe(AbortSignal.timeout(10_000))
      expect(second.since).toBe(first.since)
      expect(second.checkedAt).toBeGreaterThanOrEqual(first.checkedAt)
    })

    it('leaves no connection and no timer behind when closed, also in the middle of a question', async () => {
      const asking = engine.probe(new AbortController().signal)
      await until(() => server.connections > 0)
      await engine.close()
      await asking
      await until(() => server.connections === 0)
      await until(() => handles() <= before)
    })
  })
}

/** Waits for a condition; the test's own time limit ends it. */
export async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await holds())) await delay(20)
}
