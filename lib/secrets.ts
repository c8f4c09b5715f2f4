/**
 * Passwords and keys between our own services: random, made when first needed, one file in AVIARY_HOME that only its owner reads.
 * They travel in files of mode 0600 and request bodies, never on a command line or in an environment that others can read.
 */
import { randomBytes, randomUUID } from 'node:crypto'
import { linkSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'

export const secretNames = [
  'superset-key',
  'superset-guest-key',
  'superset-admin-password',
  'superset-broker-password',
] as const
export type SecretName = (typeof secretNames)[number]

const SecretsFile = z.partialRecord(z.enum(secretNames), z.string().min(32))

const secretsFile = (homeDir: string): string => join(homeDir, 'secrets.json')

/** 48 characters, letters and digits mostly: fit for a URI, a configuration file, or to be copied by hand. */
const fresh = (): string => randomBytes(36).toString('base64url')

/**
 * The named secret of this home, made when it is not there yet. Written in one step, so that a crash leaves no half of it; of two
 * processes that make it at the same time both get the same. Throws when the file is there and cannot be understood: a new one
 * would lock everybody out of what the old one opened.
 */
export function secret(homeDir: string, name: SecretName): string {
  const file = secretsFile(homeDir)
  for (;;) {
    const present = read(file)
    const known = present?.[name]
    if (known !== undefined) return known
    const all = Object.fromEntries(secretNames.map((each) => [each, present?.[each] ?? fresh()]))
    const part = `${file}.${randomUUID()}`
    mkdirSync(homeDir, { recursive: true, mode: 0o700 })
    writeFileSync(part, `${JSON.stringify(all, null, 2)}\n`, { mode: 0o600 })
    try {
      // A link never replaces what another process has put there meanwhile.
      if (present === null) linkSync(part, file)
      else renameSync(part, file)
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
    } finally {
      rmSync(part, { force: true })
    }
  }
}

function read(file: string): z.infer<typeof SecretsFile> | null {
  let text: string
  try {
    text = readFileSync(file, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null
    throw error
  }
  try {
    return SecretsFile.parse(JSON.parse(text))
  } catch (cause) {
    // Without the parser's own words: they would quote the file.
    throw new Error(`${file} is not a file of secrets. Restore it, or delete it and purge the services' data.`, {
      cause: cause instanceof SyntaxError ? undefined : cause,
    })
  }
}
