/** The gate at the wire: it holds nothing back of what it lets through, and nothing open of what has ended. */
import { createHash } from 'node:crypto'
import { request } from 'node:http'
import { connect } from 'node:net'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { setTimeout as delay } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { openDocker } from '../engine.ts'
import { ids } from '../guard/testing/samples.ts'
import { GateScene, scope } from './scene.ts'

const own = `/containers/${ids.own}`
const logs = `${own}/logs?stdout=true&stderr=true&tail=10&follow=true`
const archive = `${own}/archive?path=/conf`

let scene: GateScene
beforeEach(async () => {
  scene = await GateScene.begin()
})
afterEach(() => scene.end())

describe('an answer', () => {
  it('arrives as it is said, also before there is anything to say', async () => {
    let say: (text: string) => void = () => {}
    let end = () => {}
    await scene.openBefore((_, response) => {
      response.writeHead(200, { 'content-type': 'application/vnd.docker.raw-stream' }).flushHeaders()
      say = (text) => response.write(text)
      end = () => response.end()
    })
    const response = await scene.ask({ path: logs })
    expect(response.headers['content-type']).toBe('application/vnd.docker.raw-stream')
    const parts = response[Symbol.asyncIterator]()
    for (const text of ['one', 'two']) {
      say(text)
      expect(String((await parts.next()).value)).toBe(text)
    }
    end()
    expect(await parts.next()).toMatchObject({ done: true })
  })

  it('of an engine that refuses is told as it is', async () => {
    await scene.openBefore((_, response) => response.writeHead(409).end('{"message":"in use"}'))
    expect(await scene.answerOf({ method: 'POST', path: `${own}/start` })).toMatchObject({
      status: 409,
      text: '{"message":"in use"}',
    })
  })

  it('that breaks off does not look whole', async () => {
    await scene.openBefore((_, response) => {
      response.write('half')
      setTimeout(() => response.destroy(), 20)
    })
    await expect(scene.answerOf({ path: logs })).rejects.toMatchObject({ code: 'ECONNRESET' })
  })

  it('of an engine that is away says so', async () => {
    await scene.open(join(scene.folder, 'nobody.sock'))
    const { status, text } = await scene.answerOf({ path: '/_ping' })
    expect(status).toBe(502)
    expect(JSON.parse(text).message).toMatch(/^No Docker engine answers at .*nobody\.sock/)
    await expect(openDocker({ socketPath: scene.socketPath }, scope).ping()).rejects.toMatchObject({
      ...{ code: 'unreachable', hint: "See the gate's log." },
      message: expect.stringMatching(/^Beyond the gate: No Docker engine answers at .*nobody\.sock/),
    })
  })

  it('waits for a client that reads slowly, and is held by nobody meanwhile', async () => {
    const part = Buffer.alloc(1 << 20, 'x')
    let sent = 0
    await scene.openBefore((_, response) => {
      const parts = Readable.from(
        (async function* () {
          for (; sent < 64; sent++) yield part
        })(),
      )
      pipeline(parts, response).catch(() => {})
    })
    const response = await scene.ask({ path: logs })
    // As much as fits into the buffers on the way.
    await vi.waitFor(async () => {
      const before = sent
      await delay(100)
      expect(sent).toBe(before)
    }, 20_000)
    expect(sent).toBeLessThan(20)
    let bytes = 0
    for await (const read of response) bytes += (read as Buffer).length
    expect(bytes).toBe(64 << 20)
  })
})

describe('a client', () => {
  it('that goes away ends what it has asked for', async () => {
    const ended = Promise.withResolvers<void>()
    await scene.openBefore((_, response) => {
      response.on('close', () => ended.resolve()).write('first')
    })
    const response = await scene.ask({ path: logs })
    response.destroy()
    await ended.promise
  })

  it('that goes away while it sends an archive leaves none behind', async () => {
    const cut = Promise.withResolvers<unknown>()
    await scene.openBefore((asked) => {
      asked.on('error', cut.resolve).resume()
    })
    const call = request({
      socketPath: scene.socketPath,
      method: 'PUT',
      path: archive,
      headers: { 'content-type': 'application/x-tar' },
    })
    call.on('error', () => {}).write('begin')
    await delay(50)
    call.destroy()
    expect(await cut.promise).toMatchObject({ code: 'ECONNRESET' })
  })

  it('sends an archive of any size, and the engine has its beginning before its end is sent', async () => {
    const begun = Promise.withResolvers<void>()
    await scene.openBefore(async (asked, response) => {
      const hash = createHash('sha256')
      for await (const part of asked) {
        begun.resolve()
        hash.update(part as Buffer)
      }
      response.end(hash.digest('hex'))
    })
    const hash = createHash('sha256')
    const body = Readable.from(
      (async function* () {
        for (let i = 0; i < 64; i++) {
          if (i === 32) await begun.promise
          const part = Buffer.alloc(1 << 20, i)
          hash.update(part)
          yield part
        }
      })(),
    )
    const { text } = await scene.answerOf({ method: 'PUT', path: archive, type: 'application/x-tar', body })
    expect(text).toBe(hash.digest('hex'))
  })

  it('is told why an archive was not taken, while it still sends', async () => {
    await scene.openBefore((_, response) => response.writeHead(500).end('{"message":"disk full"}'))
    const body = Readable.from(Array.from({ length: 100 }, () => Buffer.alloc(65_536)))
    const said = { method: 'PUT', path: archive, type: 'application/x-tar', body }
    expect(await scene.answerOf(said)).toMatchObject({ status: 500, text: '{"message":"disk full"}' })
  })

  it('that does not finish its question is let go', async () => {
    await scene.open(scene.fake.address.socketPath, 50)
    const socket = connect(scene.socketPath)
    socket.write('POST /volumes/create HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\n{')
    await new Promise((done) => socket.on('close', done).resume())
    expect(scene.fake.arrived).toEqual([])
  })
})
