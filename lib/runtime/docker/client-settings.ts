/** The settings of Docker's own client (config.json), of which each reader knows a part. */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { z } from 'zod'

/** That part, as of no settings where there is no file; null where the file is none that can be understood. */
export async function readClientSettings<T>(clientDir: string, part: z.ZodType<T>): Promise<T | null> {
  const text = await readFile(join(clientDir, 'config.json'), 'utf8').catch(() => '{}')
  try {
    return part.parse(JSON.parse(text))
  } catch {
    return null
  }
}
