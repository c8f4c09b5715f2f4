import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { folderEntries, type TarEntry, tar } from './tar.ts'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'aviary-tar-'))
})
afterEach(() => rm(folder, { recursive: true, force: true }))

async function unpack(entries: readonly TarEntry[]): Promise<string> {
  const parts: Buffer[] = []
  for await (const part of tar(entries)) parts.push(part)
  await writeFile(join(folder, 'a.tar'), Buffer.concat(parts))
  await mkdir(join(folder, 'out'))
  await promisify(execFile)('tar', ['-x', '--no-same-owner', '-f', join(folder, 'a.tar'), '-C', join(folder, 'out')])
  return join(folder, 'out')
}

it('writes what tar reads: texts, modes, sizes at the edge of a block, long paths', async () => {
  const long = `${'folder/'.repeat(20)}${'n'.repeat(90)}`
  const block = 'é'.repeat(256)
  const out = await unpack([
    { path: 'run', mode: 0o700, content: '#!/bin/sh\n' },
    { path: 'empty', mode: 0o600, content: '' },
    { path: 'block', mode: 0o600, content: block },
    { path: long, mode: 0o600, content: 'far' },
  ])
  expect((await stat(join(out, 'run'))).mode & 0o777).toBe(0o700)
  expect(await readFile(join(out, 'empty'), 'utf8')).toBe('')
  expect(await readFile(join(out, 'block'), 'utf8')).toBe(block)
  expect(await readFile(join(out, long), 'utf8')).toBe('far')
})

it('takes a folder as it is, without dot files and compiled modules', async () => {
  await mkdir(join(folder, 'in', 'deep'), { recursive: true })
  await writeFile(join(folder, 'in', 'deep', 'b.jar'), Buffer.alloc(1_000, 7))
  await writeFile(join(folder, 'in', 'a.jar'), 'a')
  await writeFile(join(folder, 'in', '.marker'), 'x')
  await mkdir(join(folder, 'in', 'deep', '__pycache__'))
  await writeFile(join(folder, 'in', 'deep', '__pycache__', 'm.pyc'), 'x')
  const entries = await folderEntries(join(folder, 'in'), 'jars')
  expect(entries.map(({ path }) => path)).toEqual(['jars/a.jar', 'jars/deep/b.jar'])
  const out = await unpack(entries)
  expect(await readFile(join(out, 'jars/deep/b.jar'))).toEqual(Buffer.alloc(1_000, 7))
})

it('refuses a path that no archive can hold, and a file that has grown', async () => {
  await expect(unpack([{ path: 'n'.repeat(200), mode: 0o600, content: '' }])).rejects.toThrow(/too long/)
  await writeFile(join(folder, 'f'), 'four')
  await expect(unpack([{ path: 'f', mode: 0o600, content: { file: join(folder, 'f'), bytes: 3 } }])).rejects.toThrow(
    /4 bytes now/,
  )
})
