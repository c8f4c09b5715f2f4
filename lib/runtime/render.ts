import type { ConfFile } from './definition.ts'

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
