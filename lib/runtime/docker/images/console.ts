/**
 * What the image of the console and its gate is made of: the sources that Node runs, the built pages, the packages of both, Node itself,
 * and the texts of the sample. `docker/` is part of it, because tags of images and configurations of services are made from it.
 */
import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { readdir, readFile, stat } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { artifactFolder, artifactPath } from '#lib/artifacts/index.ts'
import type { Config } from '#lib/config.ts'
import { DockerError } from '../errors.ts'
import type { TarEntry } from '../tar.ts'
import { consolePackages } from './console-packages.ts'

/** Run as they are. */
const sources = ['server.ts', 'next.config.js', 'package.json', 'lib', 'messages', 'prisma', 'public', 'docker']
/** The pages are built of the others. */
export const madeOf: readonly string[] = [...sources, 'app', 'components', 'postcss.config.mjs', 'package-lock.json']
/** Of the built pages only what is served. */
const unserved = ['cache', 'types', 'diagnostics', 'build', 'trace', 'trace-build']
const tests = /\.i?test\.tsx?$/
/** Types, maps, and what Prisma has for the databases of others: half of all bytes. */
const unread = /\.(map|d\.[cm]?ts|md)$|query_compiler_\w+\.(cockroachdb|mysql|postgresql|sqlserver)\./
/** Where the texts of the sample lie: as `XDG_CACHE_HOME`, which is read-only there. */
const cache = 'cache/aviary'
const command = '#!/bin/sh\nexec node /opt/aviary/lib/cli/main.ts "$@"\n'

type Skip = (name: string) => boolean
const hidden: Skip = (name) => name.startsWith('.') || name === 'target' || tests.test(name)

/** Files of a folder, or the one file, sorted by their places below `into`. */
async function filesOf(from: string, into: string, skip: Skip): Promise<TarEntry[]> {
  const info = await stat(from)
  if (info.isFile()) return [{ path: into, mode: 0o644, content: { file: from, bytes: info.size } }]
  const names = (await readdir(from)).filter((name) => !skip(name)).sort()
  return (await Promise.all(names.map((name) => filesOf(join(from, name), `${into}/${name}`, skip)))).flat()
}

/** Names and contents of all that the image is made from: equal on every machine, before anything is built. */
export async function consoleIdentity({ rootDir, cacheDir }: Config): Promise<string> {
  const hash = createHash('sha256').update(basename(artifactFolder('tweets-text', cacheDir)))
  for (const source of madeOf) {
    for (const { path, content } of await filesOf(join(rootDir, source), source, isMade)) {
      const { file } = content as { file: string }
      hash.update(`\0${path}\0`).update(await readFile(file))
    }
  }
  return hash.digest('hex')
}

/** Also what is generated from the rest, and what a person keeps in the folder of files to replay. */
const isMade: Skip = (name) => hidden(name) || name === 'generated' || name === 'files'

/** Throws DockerError (`build`) where the checkout has not been built. */
export async function consoleEntries({ rootDir, cacheDir }: Config): Promise<TarEntry[]> {
  const built = join(rootDir, '.next')
  const texts = artifactPath('tweets-text', cacheDir)
  if (texts === null || !existsSync(join(built, 'BUILD_ID')))
    throw new DockerError('build', 'The pages of the console are not built', 'Call it as `bin/aviary images`.')
  const key = basename(texts)
  const packages = await consolePackages(rootDir)
  const node = join(rootDir, 'node_modules/node/bin/node')
  const parts = await Promise.all([
    ...packages.map((place) => filesOf(join(rootDir, place), place, (n) => n === 'node_modules' || unread.test(n))),
    ...sources.map((source) => filesOf(join(rootDir, source), `aviary/${source}`, (n) => hidden(n) || n === 'files')),
    filesOf(built, 'aviary/.next', (name) => unserved.includes(name) || unread.test(name)),
    filesOf(texts, `${cache}/tweets-text/${key}`, () => false),
  ])
  return [
    { path: 'bin/aviary', mode: 0o755, content: command },
    { path: 'bin/node', mode: 0o755, content: { file: node, bytes: (await stat(node)).size } },
    ...parts.flat(),
  ]
}
