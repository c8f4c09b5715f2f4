import { cp, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { connectorKey, connectorLockFile, connectorPins, hasOwnJars } from './connector.ts'
import { rootDir } from './place.ts'

const checkout = join(rootDir, 'docker', 'connect')
let dir: string
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'connector-'))
})
afterEach(() => rm(dir, { recursive: true, force: true }))

it('has another key with any source of any plugin, the same one without a change, and names a folder without sources', async () => {
  const lock = join(dir, 'lock')
  await writeFile(lock, await readFile(connectorLockFile))
  expect(() => connectorKey(dir, lock)).toThrowError(/sources of the connectors/)
  const modules = (await readdir(checkout, { withFileTypes: true })).filter((entry) => entry.name !== 'conf')
  for (const { name } of modules.filter((entry) => entry.isDirectory()))
    await cp(join(checkout, name, 'src', 'main'), join(dir, name, 'src', 'main'), { recursive: true })
  const poms = ['pom.xml', 'mqtt-source/pom.xml', 'landing-sink/pom.xml']
  for (const pom of poms) await cp(join(checkout, pom), join(dir, pom))
  const keys = [connectorKey(dir, lock)]
  expect(connectorKey(checkout, connectorLockFile)).toBe(keys[0])
  for (const file of [...poms, 'mqtt-source/src/main/java/A.java', 'landing-sink/src/main/java/A.java', 'lock']) {
    await writeFile(join(dir, file), 'changed')
    keys.push(connectorKey(dir, lock))
  }
  expect(new Set(keys).size).toBe(keys.length)
  await mkdir(join(dir, 'mqtt-source', 'src', 'test'))
  await writeFile(join(dir, 'mqtt-source', 'src', 'test', 'ATest.java'), 'class ATest {}')
  expect(connectorKey(dir, lock)).toBe(keys.at(-1))
})

it('pins libraries by their plugin, and is usable only with the own jar of each', async () => {
  for (const { file } of connectorPins()) expect(file).toMatch(/^aviary-mqtt-source\/[^/]+\.jar$/)
  for (const plugin of ['aviary-mqtt-source', 'aviary-landing-sink']) {
    await mkdir(join(dir, plugin))
    await writeFile(join(dir, plugin, 'other.jar'), '')
  }
  expect(hasOwnJars(dir)).toBe(false)
  await writeFile(join(dir, 'aviary-mqtt-source', 'aviary-mqtt-source-1.jar'), '')
  expect(hasOwnJars(dir)).toBe(false)
  await writeFile(join(dir, 'aviary-landing-sink', 'aviary-landing-sink-1.jar'), '')
  expect(hasOwnJars(dir)).toBe(true)
})
