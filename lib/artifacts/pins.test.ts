import { readFileSync } from 'node:fs'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { connectorLockFile } from './connector.ts'
import { jarLockFile } from './maven.ts'
import { packagesLockFile } from './mosquitto.ts'
import {
  type FilePin,
  formatFilePins,
  formatPackagePins,
  parseFilePins,
  parsePackagePins,
  verifyFolder,
} from './pins.ts'
import { sha256 } from './place.ts'
import { ArtifactError } from './types.ts'

const sha = 'a'.repeat(64)

describe('lock files', () => {
  it('reads what it writes', () => {
    const pin = fc.record({
      sha256: fc.string({ unit: fc.constantFrom(...'0123456789abcdef'), minLength: 64, maxLength: 64 }),
      bytes: fc.nat(),
      file: fc.stringMatching(/^[a-z][\w.+-]{0,30}\.jar$/),
    })
    const lock = fc.record({
      files: fc.uniqueArray(pin, { selector: ({ file }) => file, maxLength: 20 }),
      requests: fc.option(fc.nat()),
    })
    fc.assert(
      fc.property(lock, ({ files, requests }) => {
        const read = parseFilePins(formatFilePins({ files, requests }), 'x.lock')
        expect(read.requests).toBe(requests)
        expect(new Set(read.files)).toEqual(new Set(files))
      }),
    )
  })

  it('reads packages with and without a library', () => {
    const pins = [
      { sha256: sha, bytes: 1, arch: 'amd64', name: 'mosquitto', version: '2.0.11-1.2+deb12u2', soname: null },
      { sha256: sha, bytes: 2, arch: 'amd64', name: 'libcap2', version: '1:2.66-4', soname: 'libcap.so.2' },
    ]
    expect(parsePackagePins(formatPackagePins(pins), 'x.lock')).toEqual(pins)
  })

  it.each(['abc  1  x.jar', `${sha}  many  x.jar`, `${sha}  1`, `${sha}  1  x.jar  y`])(
    'names the bad line: %s',
    (line) => {
      expect(() => parseFilePins(`# head\n${line}\n`, 'docker/kafka/artifacts.lock')).toThrowError(
        /docker\/kafka\/artifacts\.lock line 2 is not a pin/,
      )
    },
  )
})

describe('the checked-in locks', () => {
  const locks = [jarLockFile('kafka'), jarLockFile('druid'), connectorLockFile]
  it.each(locks)('%s pins every library once, in one version', (file) => {
    const names = parseFilePins(readFileSync(file, 'utf8'), file).files.map((pin) => pin.file)
    expect(names.length).toBeGreaterThan(10)
    const libraries = names.map((name) => name.replace(/-\d[^-]*(-.*)?\.jar$/, ''))
    expect(libraries.filter((name, index) => libraries.indexOf(name) !== index)).toEqual([])
  })

  it('pins Mosquitto itself and libraries with the name a machine knows them by', () => {
    const pins = parsePackagePins(readFileSync(packagesLockFile, 'utf8'), packagesLockFile)
    expect(pins.filter((pin) => pin.soname === null).map((pin) => pin.name)).toEqual(['mosquitto'])
  })
})

describe('verifyFolder', () => {
  let dir: string
  let pins: FilePin[]
  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), 'pins-'))
    await mkdir(dir, { recursive: true })
    pins = ['one', 'two'].map((text) => ({ sha256: sha256(text), bytes: 3, file: `${text}.jar` }))
    for (const text of ['one', 'two']) await writeFile(join(dir, `${text}.jar`), text)
  })
  afterEach(() => rm(dir, { recursive: true, force: true }))

  const fault = async (): Promise<ArtifactError> => {
    const error = await verifyFolder(dir, pins).catch((thrown: unknown) => thrown)
    expect(error).toBeInstanceOf(ArtifactError)
    return error as ArtifactError
  }

  it('passes what is right and counts the bytes', async () => {
    const seen: number[] = []
    await verifyFolder(dir, pins, { onFile: (_, done) => seen.push(done) })
    expect(seen).toEqual([3, 6])
  })

  it('names the file with another content, size, or none', async () => {
    await writeFile(join(dir, 'two.jar'), 'TWO')
    expect(await fault()).toMatchObject({
      code: 'checksum',
      file: 'two.jar',
      message: expect.stringContaining('SHA-256'),
    })
    await writeFile(join(dir, 'two.jar'), 'tw')
    expect(await fault()).toMatchObject({ file: 'two.jar', message: expect.stringContaining('2 bytes instead of 3') })
    await rm(join(dir, 'two.jar'))
    expect(await fault()).toMatchObject({ file: 'two.jar', message: expect.stringContaining('missing') })
  })

  it('names a file that is not pinned', async () => {
    await writeFile(join(dir, 'three.jar'), 'three')
    expect(await fault()).toMatchObject({ code: 'checksum', file: 'three.jar' })
    await verifyFolder(dir, pins, { extra: true })
  })
})
