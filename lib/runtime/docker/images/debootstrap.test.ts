/** Our own Debian: where its packages come from, and what arrives at the engine. */
import { chmod, mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { openDocker } from '../engine.ts'
import { scopeOf } from '../guard/scope.ts'
import { findMirror, makeDebian } from './debootstrap.ts'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'aviary-apt-'))
})
afterEach(() => rm(folder, { recursive: true, force: true }))

const put = async (path: string, text: string) => {
  await mkdir(dirname(join(folder, path)), { recursive: true })
  await writeFile(join(folder, path), text)
}

describe('the mirror', () => {
  it('is that of the one-line sources, options or not', async () => {
    await put(
      'sources.list',
      '# deb http://off.test/debian bookworm main\ndeb [arch=amd64] http://m.test/debian bookworm main\n',
    )
    expect(await findMirror(folder)).toBe('http://m.test/debian')
  })

  it('is that of stanzas too, those of updates and security aside', async () => {
    const security = 'Types: deb\nURIs: http://m.test/security\nSuites: bookworm-security\nComponents: main\n'
    const off = 'Enabled: no\nTypes: deb\nURIs: http://off.test/debian\nSuites: bookworm\n'
    const main =
      'Types: deb\n# a note\nURIs: http://m.test/debian\nSuites: bookworm bookworm-updates\nComponents: main\n'
    await put('sources.list.d/debian.sources', [security, off, main].join('\n'))
    expect(await findMirror(folder)).toBe('http://m.test/debian')
  })

  it.each([
    ['another release', 'deb http://m.test/ubuntu noble main\n'],
    ['sources of packages alone', 'deb-src http://m.test/debian bookworm main\n'],
    ['a file that apt does not read', null],
  ])('is not found in %s', async (_, text) => {
    await put('sources.list', text ?? '')
    await put('sources.list.d/x.list.off', 'deb http://m.test/debian bookworm main\n')
    expect(await findMirror(folder)).toBeNull()
  })
})

describe('the image', () => {
  const path = process.env.PATH
  let server: Server
  let arrived: { url: string; archive: string } | null

  beforeEach(async () => {
    arrived = null
    server = createServer(async (request, response) => {
      const parts: Buffer[] = []
      for await (const part of request) parts.push(part as Buffer)
      arrived = { url: request.url ?? '', archive: Buffer.concat(parts).toString('latin1') }
      response.setHeader('content-type', 'application/json')
      response.end('{"status":"sha256:1"}\n')
    })
    await new Promise<void>((done) => server.listen(join(folder, 'docker.sock'), done))
  })
  afterEach(async () => {
    process.env.PATH = path
    server.closeAllConnections()
    await new Promise((done) => server.close(done))
  })

  /** Stands before the real one, which needs root and the network. */
  const debootstrap = async (script: string) => {
    await put('bin/debootstrap', `#!/bin/sh\n${script}\n`)
    await chmod(join(folder, 'bin/debootstrap'), 0o755)
    process.env.PATH = `${join(folder, 'bin')}:${path}`
  }
  const make = (onLine?: (line: string) => void) => {
    const docker = openDocker({ socketPath: join(folder, 'docker.sock') }, scopeOf('birds'))
    return makeDebian(docker, { cacheDir: folder, mirror: 'http://m.test/debian', onLine })
  }

  it('is imported under a name of ours, without what apt has fetched, and leaves no folder behind', async () => {
    await debootstrap(`mkdir -p $3/etc $3/var/cache/apt/archives; echo "deb $4 $2 main" > $3/etc/apt.list
touch $3/var/cache/apt/archives/a.deb; echo 'I: Base system installed'`)
    const lines: string[] = []
    await make((line) => lines.push(line))
    expect(new URL(arrived?.url ?? '', 'http://engine').searchParams.toString()).toBe(
      'fromSrc=-&repo=aviary%2Fdebian&tag=bookworm',
    )
    expect(arrived?.archive).toContain('deb http://m.test/debian bookworm main')
    expect(arrived?.archive).not.toContain('a.deb')
    expect(lines).toContain('Base system installed')
    expect(await readdir(join(folder, 'work'))).toEqual([])
  })

  it('that cannot be made says why, or that it needs root', async () => {
    await debootstrap('echo "E: no such release"; exit 3')
    const why = process.getuid?.() === 0 ? /ended with 3.*E: no such release/s : /needs root/
    await expect(make()).rejects.toThrow(why)
    expect(arrived).toBeNull()
    expect(await readdir(join(folder, 'work'))).toEqual([])
  })

  it('says how to get debootstrap where there is none', async () => {
    process.env.PATH = join(folder, 'bin')
    await expect(make()).rejects.toThrow(/no debootstrap.*apt-get install debootstrap/)
  })
})
