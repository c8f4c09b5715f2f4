/** The files that may be replayed from the browser: the sample, and what lies in the configured folders. */
import { readdir, realpath, stat } from 'node:fs/promises'
import { join, sep } from 'node:path'
import type { Config } from '#lib/config.ts'
import type { TweetFile } from '#lib/pipeline/run.ts'

/** Where `aviary sample` writes unless told otherwise. */
export const sampleDir = (config: Pick<Config, 'homeDir'>): string => join(config.homeDir, 'sample')

const named = /\.(json|jsonl|ndjson)(\.gz)?$/i
/** The sample's other tables stand beside its tweets and cannot be replayed. */
const sampleTweets = /^tweets/
const listed = 1_000

export type Folders = Pick<Config, 'homeDir' | 'dataDirs'>

/** A listed file and where it really lies, all links resolved. */
interface Found {
  readonly file: TweetFile
  readonly real: string
}

/** Both with all links resolved. */
export const isInside = (folder: string, path: string): boolean =>
  path.startsWith(folder.endsWith(sep) ? folder : folder + sep)

/** The sample's folder and the configured ones. */
export const openFolders = (config: Folders): string[] => [sampleDir(config), ...config.dataDirs]

/** Where those of them that exist really lie, all links resolved. */
export async function realFolders(config: Folders): Promise<string[]> {
  const reals = await Promise.all(openFolders(config).map((folder) => realpath(folder).catch(() => null)))
  return reals.filter((real) => real !== null)
}

async function filesIn(dir: string, sample: boolean, allowed: readonly string[]): Promise<Found[]> {
  const names = await readdir(dir)
  const wanted = names.filter((n) => named.test(n) && (!sample || sampleTweets.test(n))).slice(0, listed)
  const files = await Promise.all(
    wanted.map(async (name) => {
      const path = join(dir, name)
      const real = await realpath(path).catch(() => null)
      // A link may lead elsewhere within the folders, but not out of them.
      if (real === null || !allowed.some((folder) => isInside(folder, real))) return []
      const found = await stat(real).catch(() => null)
      if (!found?.isFile()) return []
      return [{ file: { path, name, bytes: found.size, modifiedAt: found.mtimeMs, sample }, real }]
    }),
  )
  return files.flat().sort((a, b) => a.file.name.localeCompare(b.file.name))
}

type OnUnreadable = (folder: string, error: unknown) => void

async function find(config: Folders, onUnreadable: OnUnreadable): Promise<Found[]> {
  const folders = openFolders(config)
  const allowed = await realFolders(config)
  const found = await Promise.all(
    folders.map((folder, i) =>
      filesIn(folder, i === 0, allowed).catch((error: NodeJS.ErrnoException) => {
        if (error.code !== 'ENOENT') onUnreadable(folder, error)
        return []
      }),
    ),
  )
  return found.flat()
}

/**
 * The sample first. A folder that does not exist counts as empty; one that cannot be read is told to `onUnreadable`, and the others
 * are listed all the same.
 */
export async function listTweetFiles(config: Folders, onUnreadable: OnUnreadable): Promise<TweetFile[]> {
  return (await find(config, onUnreadable)).map(({ file }) => file)
}

/** The path of a listed file with all links and `..` resolved, to be opened in the place of the given one; null for any other. */
export async function resolveListed(config: Folders, path: string): Promise<string | null> {
  const real = await realpath(path).catch(() => null)
  const files = await find(config, () => undefined)
  return files.some((found) => found.real === real) ? real : null
}
