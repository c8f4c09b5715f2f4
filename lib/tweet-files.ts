/** The files that may be replayed from the browser: the sample, and what lies in the configured folders. */
import { readdir, realpath, stat } from 'node:fs/promises'
import { basename, join } from 'node:path'
import type { Config } from '#lib/config.ts'

export interface TweetFile {
  /** Absolute. */
  readonly path: string
  readonly name: string
  readonly bytes: number
  /** ms since the epoch. */
  readonly modifiedAt: number
  /** Made by `aviary sample`: its users are synthetic. */
  readonly sample: boolean
}

/** Where `aviary sample` writes unless told otherwise. */
export const sampleDir = (config: Pick<Config, 'homeDir'>): string => join(config.homeDir, 'sample')

const named = /\.(json|jsonl|ndjson)(\.gz)?$/i
/** The sample's other tables stand beside its tweets and cannot be replayed. */
const sampleTweets = /^tweets/
const listed = 1_000

async function filesIn(dir: string, sample: boolean): Promise<TweetFile[]> {
  const names = await readdir(dir).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return []
    throw error
  })
  const wanted = names.filter((n) => named.test(n) && (!sample || sampleTweets.test(n))).slice(0, listed)
  const files = await Promise.all(
    wanted.map(async (name) => {
      const path = join(dir, name)
      const found = await stat(path).catch(() => null)
      return found?.isFile() ? [{ path, name, bytes: found.size, modifiedAt: found.mtimeMs, sample }] : []
    }),
  )
  return files.flat().sort((a, b) => a.name.localeCompare(b.name))
}

/** The sample first. A folder that does not exist counts as empty; one that cannot be read throws. */
export async function listTweetFiles(config: Pick<Config, 'homeDir' | 'dataDirs'>): Promise<TweetFile[]> {
  const folders = [filesIn(sampleDir(config), true), ...config.dataDirs.map((dir) => filesIn(dir, false))]
  return (await Promise.all(folders)).flat()
}

/** Whether a path names one of the listed files, with all links and `..` resolved. */
export async function isListed(config: Pick<Config, 'homeDir' | 'dataDirs'>, path: string): Promise<boolean> {
  const real = await realpath(path).catch(() => null)
  if (real === null) return false
  const files = await listTweetFiles(config)
  const sameName = files.filter((f) => f.name === basename(path))
  const reals = await Promise.all(sameName.map((f) => realpath(f.path).catch(() => null)))
  return reals.includes(real)
}
