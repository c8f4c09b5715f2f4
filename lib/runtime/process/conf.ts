/** Writes a service's configuration, rendered from the templates in `docker/<engine>/conf`. */
import { randomUUID } from 'node:crypto'
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { ConfFile } from '../definition.ts'
import { render } from '../render.ts'

/** Writes a file in one step: nobody sees half of it, and a crash leaves the old one. */
export async function writeAtomically(path: string, text: string, mode = 0o600): Promise<void> {
  const part = `${path}.${randomUUID()}`
  await mkdir(dirname(path), { recursive: true, mode: 0o700 })
  await writeFile(part, text, { mode })
  await rename(part, path)
}

export async function writeConf(files: readonly ConfFile[], templateDir: string, confDir: string): Promise<void> {
  for (const { template, target, values } of files) {
    const text = await readFile(join(templateDir, template), 'utf8')
    await writeAtomically(join(confDir, target), render(text, values, template))
  }
}
