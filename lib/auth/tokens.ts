/** Secrets that the console hands out, and the key of its command line. */
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'
import { link, mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

/** 256 random bits: nothing to guess, so a plain hash is enough to keep. */
export const newToken = (): string => randomBytes(32).toString('base64url')

/** Where a browser enters with the token of a link, relative to wherever the console is reached. */
export const enterPath = (token: string): string => `/enter#${token}`

export const hashToken = (token: string): string => createHash('sha256').update(token).digest('hex')

/** Takes the same time for every wrong answer. */
export const sameToken = (given: string, hash: string): boolean =>
  timingSafeEqual(Buffer.from(hashToken(given)), Buffer.from(hash))

export const cliKeyFile = (homeDir: string): string => join(homeDir, 'cli.key')

/** The key that lets the command line of this user in; made at the first call, readable by its owner only. */
export async function ensureCliKey(homeDir: string): Promise<string> {
  await mkdir(homeDir, { recursive: true, mode: 0o700 })
  const file = cliKeyFile(homeDir)
  const draft = `${file}.${process.pid}`
  await writeFile(draft, newToken(), { mode: 0o600 })
  try {
    // A link never replaces a file, so of two first starts one key wins.
    await link(draft, file)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
  } finally {
    await rm(draft, { force: true })
  }
  return (await readFile(file, 'utf8')).trim()
}
