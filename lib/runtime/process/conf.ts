/** Renders a service's configuration from the templates in `docker/<engine>/conf`. */
import { randomUUID } from 'node:crypto'
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { ConfFile } from '../definition.ts'

/** Fills in `${names}`. Throws when the template and the values do not match, in either direction. */
export function render(text: string, values: ConfFile['values'], template: string): string {
  const used = new Set<string>()
  const filled = text.replace(/\$\{(\w+)\}/g, (_, name: string) => {
    used.add(name)
    const value = values[name]
    if (value === undefined) throw new Error(`${template} asks for \${${name}}, which its service does not define`)
    return String(value)
  })
  const unused = Object.keys(values).filter((name) => !used.has(name))
  if (unused.length > 0) throw new Error(`${template} does not use ${unused.join(', ')}`)
  return filled
}

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
