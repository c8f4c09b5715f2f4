/** The gate at the wire: what it lets through, and that it refuses all else with the reason. */
import { connect } from 'node:net'
import { Readable } from 'node:stream'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { openDocker } from '../engine.ts'
import { refused } from '../guard/testing/refusals.ts'
import { ids, makesImage, type Sample, samples } from '../guard/testing/samples.ts'
import { GateScene, type Said, scope } from './scene.ts'

const own = `/containers/${ids.own}`

let scene: GateScene
beforeEach(async () => {
  scene = await GateScene.begin()
})
afterEach(() => scene.end())

function saidOf({ method, path, query, body, archive: isArchive }: Sample): Said {
  const search = Object.entries(query).map(([key, value]) => {
    const text = typeof value === 'object' ? JSON.stringify(value) : String(value)
    return `${key}=${encodeURIComponent(text)}`
  })
  const url = search.length === 0 ? path : `${path}?${search.join('&')}`
  if (isArchive) return { method, path: url, type: 'application/x-tar', body: 'tar' }
  return { method, path: url, type: 'application/json', body: body === undefined ? '' : JSON.stringify(body) }
}

describe('what is on the list', () => {
  beforeEach(() => scene.open())

  const passing = samples.filter((sample) => !makesImage(sample))
  it.each(passing.map((sample) => [`${sample.method} ${sample.path}`, sample] as const))(
    '%s passes',
    async (_, sample) => {
      expect(await scene.answerOf(saidOf(sample))).toMatchObject({ status: 200, type: 'application/json' })
      const { method, url, body } = scene.fake.arrived.at(-1)!
      expect(`${method} ${url.split('?')[0]}`).toBe(`${sample.method} ${sample.path}`)
      if (sample.body !== undefined) expect(JSON.parse(body)).toEqual(sample.body)
      if (sample.archive) expect(body).toBe('tar')
    },
  )

  it('passes as the console sends it', async () => {
    await openDocker({ socketPath: scene.socketPath }, scope).getContainer(ids.own).stop({ t: 3 })
    expect(scene.fake.arrived.at(-1)).toEqual({ method: 'POST', url: `${own}/stop?t=3`, body: '' })
  })
})

describe('what is not', () => {
  beforeEach(() => scene.open())

  it.each(refused)('%s is refused, with the reason', async (_, sample, rule) => {
    const { status, type, text } = await scene.answerOf(saidOf(sample))
    // By another rule, where the gate has none for what makes images.
    const known = makesImage(sample) ? '' : rule
    expect({ status, type }).toEqual({ status: 403, type: 'application/json' })
    expect(JSON.parse(text)).toEqual({ message: expect.stringContaining(`Refused before it reached Docker (${known}`) })
    expect(scene.told).toMatchObject([{ rule: expect.stringContaining(known), path: sample.path }])
    expect(scene.fake.arrived.filter(({ url }) => !url.includes(encodeURIComponent('"label"')))).toEqual([])
  })

  it.each(samples.filter(makesImage).map((sample) => [`${sample.method} ${sample.path}`, sample] as const))(
    'making images is refused, which the console may where it has the socket: %s',
    async (_, sample) => {
      expect(await scene.answerOf(saidOf(sample))).toMatchObject({ status: 403 })
    },
  )

  it.each([
    ['a path of another host', 'GET http://engine/_ping HTTP/1.1\r\nHost: x\r\n\r\n'],
    ['an upgrade', `POST ${own}/attach HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\n`],
    [
      'an upgrade of what is on the list',
      'GET /_ping HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n',
    ],
    ['a tunnel', 'CONNECT engine:1 HTTP/1.1\r\nHost: x\r\n\r\n'],
  ])('%s is refused', async (_, text) => {
    const socket = connect(scene.socketPath)
    socket.end(text)
    let said = ''
    for await (const part of socket) said += String(part)
    expect(said).toMatch(/^HTTP\/1\.1 403 Forbidden\r\n.*\r\n\r\n.*"message"/s)
    expect(scene.fake.arrived).toEqual([])
  })

  it('are bytes after a request that ask for something else', async () => {
    const socket = connect(scene.socketPath)
    const smuggled = 'GET /info HTTP/1.1\r\nHost: x\r\n\r\n'
    const chunked = `POST ${own}/start HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n`
    socket.end(chunked + smuggled)
    let said = ''
    for await (const part of socket) said += String(part)
    expect(said).toMatch(/^HTTP\/1\.1 400 /)
    expect(scene.fake.arrived).toEqual([])
  })

  it('is a body of JSON without an end', async () => {
    const { status, text } = await scene.answerOf({
      ...{ method: 'POST', path: '/volumes/create', type: 'application/json' },
      body: Readable.from(Array.from({ length: 400 }, () => ' '.repeat(1_000))),
    })
    expect(status).toBe(403)
    expect(text).toContain('more than 262144 bytes')
  })

  it('is an archive that nobody has asked for, however long', async () => {
    const body = Readable.from(Array.from({ length: 200 }, () => Buffer.alloc(65_536)))
    const said = { method: 'PUT', path: `/containers/${ids.foreign}/archive?path=/conf`, type: 'application/x-tar' }
    expect(await scene.answerOf({ ...said, body })).toMatchObject({ status: 403 })
  })
})
