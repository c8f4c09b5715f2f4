import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { credentialsFor, registryOf } from './credentials.ts'

const registry = 'registry.test:5000'
let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'aviary-login-'))
})
afterEach(() => rm(folder, { recursive: true }))

async function found(settings: unknown, image = `${registry}/x/mosquitto:1`) {
  await writeFile(join(folder, 'config.json'), JSON.stringify(settings))
  return credentialsFor(image, { clientDir: folder, searchPath: `${folder}:/usr/bin:/bin` })
}
async function helper(name: string, script: string): Promise<void> {
  await writeFile(join(folder, `docker-credential-${name}`), `#!/bin/sh\n${script}\n`)
  await chmod(join(folder, `docker-credential-${name}`), 0o755)
}
const basic = (text: string) => ({ auth: Buffer.from(text).toString('base64') })

it.each([
  ['eclipse-mosquitto:2', 'https://index.docker.io/v1/'],
  ['apache/kafka:4', 'https://index.docker.io/v1/'],
  ['docker.io/apache/kafka:4', 'https://index.docker.io/v1/'],
  ['localhost/kafka:4', 'localhost'],
  ['ghcr.io/a/b:1', 'ghcr.io'],
  ['registry.test:5000/a:1', 'registry.test:5000'],
])('the registry of %s is %s', (image, expected) => {
  expect(registryOf(image)).toBe(expected)
})

it('is what `docker login` has kept, of this registry alone', async () => {
  const kept = { auths: { 'other.test': basic('a:b'), [registry]: basic('bird:se:cret') } }
  expect(await found(kept)).toEqual({ username: 'bird', password: 'se:cret', serveraddress: registry })
  expect(await found(kept, 'apache/kafka:4')).toBeNull()
  expect(await found({ auths: { [`https://${registry}/v1/`]: basic('old:er') } })).toMatchObject({ username: 'old' })
  expect(await found({ auths: { [registry]: { identitytoken: 't' } } })).toEqual({
    identitytoken: 't',
    serveraddress: registry,
  })
  expect(await found({ auths: { [registry]: {} } })).toBeNull()
  expect(await found({})).toBeNull()
})

it('comes from the helper of the registry before that for all', async () => {
  await helper('one', `read asked; printf '{"ServerURL":"%s","Username":"%s","Secret":"s"}' "$asked" "$asked"`)
  await helper('all', `printf '{"Username":"<token>","Secret":"t"}'`)
  const settings = { credsStore: 'all', credHelpers: { [registry]: 'one' } }
  expect(await found(settings)).toEqual({ username: registry, password: 's', serveraddress: registry })
  expect(await found(settings, 'apache/kafka:4')).toMatchObject({ identitytoken: 't' })
})

it('is none where the helper has none, and told where it cannot be asked', async () => {
  await helper('none', 'echo "credentials not found in native keychain"; exit 1')
  await helper('locked', 'echo "the keychain is locked"; exit 1')
  expect(await found({ credsStore: 'none' })).toBeNull()
  await expect(found({ credsStore: 'locked' })).rejects.toThrow(/docker-credential-locked does not give/)
  await expect(found({ credsStore: 'away' })).rejects.toThrow(/docker-credential-away cannot be run/)
  await expect(found({ credsStore: '../x' })).rejects.toThrow(/no name of a credential helper/)
})
