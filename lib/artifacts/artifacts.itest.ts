/** The smallest artifact, fetched for real into an empty cache. */
import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdtemp, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { type ArtifactProgress, artifactPath, ensureArtifact, tweetsFile, verifyArtifact } from './index.ts'
import { rootDir } from './place.ts'

let cacheDir: string
beforeAll(async () => {
  cacheDir = await mkdtemp(join(tmpdir(), 'artifacts-'))
})
afterAll(() => rm(cacheDir, { recursive: true, force: true }))

const here = () => artifactPath('tweets-text', cacheDir)
const ensure = () => ensureArtifact('tweets-text', { cacheDir })

it('stops when told and leaves nothing that counts as ready', async () => {
  const told = new AbortController()
  const onProgress = ({ phase }: ArtifactProgress) => {
    if (phase === 'downloading') told.abort()
  }
  await expect(ensureArtifact('tweets-text', { cacheDir, onProgress, signal: told.signal })).rejects.toThrow()
  expect(here()).toBeNull()
  expect(await readdir(join(cacheDir, 'locks'))).toEqual([])
})

it('goes on from there, with progress by name and size', async () => {
  const seen: ArtifactProgress[] = []
  const dir = await ensureArtifact('tweets-text', { cacheDir, onProgress: (progress) => seen.push(progress) })
  expect(here()).toBe(dir)
  expect((await readFile(join(dir, tweetsFile), 'utf8')).split('\n')).toHaveLength(4_200)
  expect([...new Set(seen.map(({ phase }) => phase))]).toEqual(['checking', 'downloading', 'verifying', 'ready'])
  expect(seen[1]).toMatchObject({ file: 'vaderSentiment-3.3.2.tar.gz', totalBytes: 2_466_783 })
  expect(await readdir(join(cacheDir, 'work'))).toEqual([])
})

it('finds a changed byte, names its file, and repairs it', async () => {
  const dir = here() ?? ''
  await verifyArtifact('tweets-text', { cacheDir })
  const file = join(dir, tweetsFile)
  const bytes = await readFile(file)
  bytes[1_000] = (bytes[1_000] ?? 0) ^ 1
  await writeFile(file, bytes)
  await expect(verifyArtifact('tweets-text', { cacheDir })).rejects.toMatchObject({
    code: 'checksum',
    file: tweetsFile,
  })
  expect(here()).toBeNull()
  expect(await ensure()).toBe(dir)
  await verifyArtifact('tweets-text', { cacheDir })
})

it('notices a cut file by itself; several processes repair it together', async () => {
  await truncate(join(here() ?? '', tweetsFile), 10)
  expect(here()).toBeNull()
  const script = `import { ensureArtifact } from '${join(rootDir, 'lib/artifacts/index.ts')}'
    await ensureArtifact('tweets-text', { cacheDir: '${cacheDir}' })`
  const codes = await Promise.all(
    [1, 2, 3].map(
      () =>
        new Promise((done) => {
          spawn(process.execPath, ['--input-type=module', '-e', script], { cwd: rootDir, stdio: 'inherit' }).on(
            'exit',
            done,
          )
        }),
    ),
  )
  expect(codes).toEqual([0, 0, 0])
  await verifyArtifact('tweets-text', { cacheDir })
  expect(existsSync(here() ?? '')).toBe(true)
})
