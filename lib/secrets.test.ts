import { spawn } from 'node:child_process'
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { secret, secretNames } from './secrets.ts'

let parent: string
let home: string
beforeEach(async () => {
  parent = await mkdtemp(join(tmpdir(), 'secrets-'))
  home = join(parent, 'home')
})
afterEach(() => rm(parent, { recursive: true, force: true }))

const file = () => join(home, 'secrets.json')

it('makes each secret once, long and unlike the others', async () => {
  const made = secretNames.map((name) => secret(home, name))
  expect(new Set(made).size).toBe(secretNames.length)
  for (const value of made) expect(value).toMatch(/^[\w-]{48}$/)
  expect(secretNames.map((name) => secret(home, name))).toEqual(made)
})

it('keeps them from everybody else, and leaves nothing beside the file', async () => {
  secret(home, 'superset-key')
  expect((await stat(file())).mode & 0o777).toBe(0o600)
  expect((await stat(home)).mode & 0o777).toBe(0o700)
  expect(await readdir(home)).toEqual(['secrets.json'])
})

it('adds what a newer version needs and keeps what is there', async () => {
  const key = secret(home, 'superset-key')
  await writeFile(file(), JSON.stringify({ 'superset-key': key }))
  expect(secret(home, 'superset-admin-password')).toHaveLength(48)
  expect(secret(home, 'superset-key')).toBe(key)
})

it('gives the same to processes that make it together', async () => {
  const script = `import { secret } from '${join(import.meta.dirname, 'secrets.ts')}'
    process.stdout.write(secret('${home}', 'superset-key'))`
  const said = await Promise.all(
    [1, 2, 3, 4].map(async () => {
      const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
        stdio: ['ignore', 'pipe', 'inherit'],
      })
      let text = ''
      for await (const part of child.stdout) text += part
      return text
    }),
  )
  expect(new Set(said)).toEqual(new Set([secret(home, 'superset-key')]))
})

it('refuses a broken file without quoting it, and does not replace it', async () => {
  secret(home, 'superset-key')
  await writeFile(file(), '{"superset-key": "not-to-be-told')
  expect(() => secret(home, 'superset-key')).toThrow(/is not a file of secrets/)
  try {
    secret(home, 'superset-key')
  } catch (error) {
    expect(String((error as Error).cause)).not.toContain('not-to-be-told')
  }
  expect(await readFile(file(), 'utf8')).toContain('not-to-be-told')
})
