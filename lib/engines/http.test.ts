import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer, type RequestListener, type Server } from 'node:http'
import { createServer as createSecure } from 'node:https'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { z } from 'zod'
import { EngineError } from './errors.ts'
import { HttpClient, httpStatus } from './http.ts'

let server: Server
let client: HttpClient
let answer: RequestListener

beforeEach(async () => {
  server = createServer((request, reply) => answer(request, reply))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  const port = typeof address === 'object' ? address?.port : 0
  client = new HttpClient({
    engine: 'druid',
    name: 'Druid',
    url: `http://127.0.0.1:${port}`,
    unreachableHint: 'Start.',
  })
})
afterEach(async () => {
  await client.close()
  server.closeAllConnections()
  server.close()
})

const reply = (status: number, body: string): void => {
  answer = (_, response) => response.writeHead(status).end(body)
}
const call = (options: { timeoutMs?: number; maxBytes?: number } = {}) =>
  client.call({ path: '/x', schema: z.object({ n: z.number() }), signal: new AbortController().signal, ...options })
const errorOf = async (options?: Parameters<typeof call>[0]): Promise<EngineError> => {
  const error = await call(options).catch((e: unknown) => e)
  if (!(error instanceof EngineError)) throw new Error(`not an EngineError: ${error}`)
  return error
}

test('a good reply is checked and handed over', async () => {
  reply(200, '{"n":1,"more":true}')
  expect(await call()).toEqual({ n: 1 })
})

test.each([
  [401, 'unauthorized', false],
  [403, 'unauthorized', false],
  [400, 'rejected', false],
  [500, 'rejected', false],
  [503, 'unreachable', true],
] as const)('status %i is %s', async (status, code, retry) => {
  reply(status, '{"errorMessage":"Object not found"}')
  const error = await errorOf()
  expect(error).toMatchObject({ code, retry, engine: 'druid' })
  expect(error.hint).not.toBe('')
  expect(httpStatus(error)).toBe(status)
  if (code === 'rejected') expect(error.message).toContain('Object not found')
})

test('a missing thing is null to who looks for it, and an error to who needs it', async () => {
  const find = () => client.find({ path: '/x', schema: z.unknown(), signal: new AbortController().signal })
  reply(404, 'Cannot find any supervisor with id: [x]')
  expect(await find()).toBeNull()
  expect((await errorOf()).message).toContain('Cannot find any supervisor')
  answer = (_, response) => response.writeHead(204).end()
  expect(await find()).toBeNull()
  expect((await errorOf()).code).toBe('unexpected-reply')
})

test('a reply of another shape, and one that is too large, are not believed', async () => {
  reply(200, '{"n":"1"}')
  expect(await errorOf()).toMatchObject({ code: 'unexpected-reply', message: expect.stringContaining('n:') })
  reply(200, `{"n":1,"x":"${'y'.repeat(1_000)}"}`)
  expect(await errorOf({ maxBytes: 1_000 })).toMatchObject({
    code: 'unexpected-reply',
    message: expect.stringContaining('larger'),
  })
})

test('a reply that does not come in time, or never ends, is a timeout', async () => {
  answer = () => {}
  expect((await errorOf({ timeoutMs: 100 })).code).toBe('timeout')
  answer = (_, response) => response.writeHead(200).write('{"n":')
  expect((await errorOf({ timeoutMs: 100 })).code).toBe('timeout')
})

describe('one that runs elsewhere', () => {
  let folder: string
  let cert: string
  let key: string
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'aviary-https-'))
    const made = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-keyout', 'key', '-out', 'cert']
    const named = ['-subj', '/CN=druid', '-addext', 'subjectAltName=IP:127.0.0.1']
    execFileSync('openssl', ['req', '-x509', ...made, ...named], { cwd: folder, stdio: 'pipe' })
    ;[cert = '', key = ''] = ['cert', 'key'].map((name) => readFileSync(join(folder, name), 'utf8'))
  })
  afterAll(() => rmSync(folder, { recursive: true }))

  const seen: (string | undefined)[] = []
  const asked = async (url: string, ca: string | null) => {
    const login = { username: 'ana', password: 'ñ:"x' }
    const one = new HttpClient({ engine: 'druid', name: 'Druid', url, unreachableHint: 'Start.', ca, login })
    try {
      await one.call({ path: '/x', signal: new AbortController().signal })
    } finally {
      await one.close()
    }
  }

  test('gets the login with every call, over TLS only when its certificate is trusted', async () => {
    const secure = createSecure({ cert, key }, (request, response) => {
      seen.push(request.headers.authorization)
      response.end('{"n":1}')
    })
    await new Promise<void>((resolve) => secure.listen(0, '127.0.0.1', resolve))
    const url = `https://127.0.0.1:${(secure.address() as { port: number }).port}`
    await expect(asked(url, null)).rejects.toMatchObject({
      ...{ code: 'unauthorized', hint: 'Check external.druid.tls in settings.json.' },
      message: expect.stringContaining('cannot be trusted'),
    })
    expect(seen).toEqual([])
    await asked(url, cert)
    expect(seen.map((header) => Buffer.from(header?.slice('Basic '.length) ?? '', 'base64').toString())).toEqual([
      'ana:ñ:"x',
    ])
    secure.closeAllConnections()
    secure.close()
  })

  test('and does not speak TLS is told as that, without a word of the login', async () => {
    const { port } = server.address() as { port: number }
    await expect(asked(`https://127.0.0.1:${port}`, null)).rejects.toMatchObject({
      ...{ code: 'unexpected-reply', hint: 'Check external.druid.url in settings.json.' },
    })
  })
})

test('a redirection is no answer: nothing has been done', async () => {
  answer = (_, response) => response.writeHead(302, { location: 'https://login.example' }).end()
  await expect(client.call({ method: 'POST', path: '/x', signal: new AbortController().signal })).rejects.toMatchObject(
    {
      code: 'rejected',
    },
  )
})

test('a connection that breaks off is unreachable', async () => {
  answer = (request) => request.socket.destroy()
  expect(await errorOf()).toMatchObject({ code: 'unreachable', hint: 'Start.' })
})

test('when the caller gives up, the caller’s own reason comes back', async () => {
  const controller = new AbortController()
  const reason = new Error('enough')
  answer = () => controller.abort(reason)
  await expect(client.call({ path: '/x', signal: controller.signal })).rejects.toBe(reason)
})

test('integers beyond 2^53 travel exactly in both directions', async () => {
  let sent = ''
  answer = (request, response) => {
    request.setEncoding('utf8').on('data', (part: string) => {
      sent += part
    })
    request.on('end', () => response.end('{"id":9007199254740993}'))
  }
  const schema = z.object({ id: z.string() })
  const signal = new AbortController().signal
  const body = { id: 9007199254740993n }
  expect(await client.call({ method: 'POST', path: '/x', body, schema, signal })).toEqual({ id: '9007199254740993' })
  expect(sent).toBe('{"id":9007199254740993}')
})
