import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { artifactFolder, artifactIds, artifactPath } from './index.ts'
import type { FilePin } from './pins.ts'
import { isReady, type Place, placeOf, publish, removeMarker, sha256, writeMarker } from './place.ts'

let cacheDir: string
let place: Place
const pins: FilePin[] = [{ sha256: sha256('one'), bytes: 3, file: 'one.jar' }]

beforeEach(async () => {
  cacheDir = await mkdtemp(join(tmpdir(), 'place-'))
  place = placeOf('kafka', sha256('lock'), cacheDir)
})
afterEach(() => rm(cacheDir, { recursive: true, force: true }))

describe('readiness', () => {
  beforeEach(async () => {
    await mkdir(place.dir, { recursive: true })
    await writeFile(join(place.dir, 'one.jar'), 'one')
  })

  it('needs the marker with the key of the lock', async () => {
    expect(isReady(place, pins)).toBe(false)
    await writeMarker(place.dir, sha256('another lock'))
    expect(isReady(place, pins)).toBe(false)
    await writeMarker(place.dir, place.key)
    expect(isReady(place, pins)).toBe(true)
    await removeMarker(place.dir)
    expect(isReady(place, pins)).toBe(false)
  })

  it('needs every pinned file in its size', async () => {
    await writeMarker(place.dir, place.key)
    await writeFile(join(place.dir, 'one.jar'), 'on')
    expect(isReady(place, pins)).toBe(false)
    await rm(join(place.dir, 'one.jar'))
    expect(isReady(place, pins)).toBe(false)
  })
})

describe('publish', () => {
  it('replaces a broken folder and leaves no other', async () => {
    await mkdir(place.dir, { recursive: true })
    await writeFile(join(place.dir, 'broken.jar'), '')
    const made = join(cacheDir, 'made')
    await mkdir(made)
    await writeFile(join(made, 'one.jar'), 'one')
    await publish(made, place)
    expect(isReady(place, pins)).toBe(true)
    expect(await readdir(join(cacheDir, 'kafka'))).toEqual([place.key.slice(0, 16)])
    expect(await readFile(join(place.dir, 'one.jar'), 'utf8')).toBe('one')
  })
})

describe('artifacts of an empty cache', () => {
  it.each(artifactIds)('%s has a place and is not there', (id) => {
    expect(artifactPath(id, cacheDir)).toBeNull()
    expect(artifactFolder(id, cacheDir).startsWith(join(cacheDir, id))).toBe(true)
  })
})
