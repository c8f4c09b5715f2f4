/** The packages that the console loads while it runs, as they lie in `node_modules`: what pages are built of is in the built pages. */
import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'

/** Dependencies that are bundled into pages, build them, or come into an image by another way (`node`). */
const bundled = [
  ...['@codemirror/lang-sql', '@codemirror/language', '@lezer/highlight', '@uiw/react-codemirror'],
  ...['@superset-ui/embedded-sdk', '@tanstack/react-query', '@tanstack/react-virtual', 'clsx', 'echarts', 'geist'],
  ...['lucide-react', 'next-themes', 'radix-ui', 'socket.io-client', 'sonner', 'tailwind-merge', 'uplot', 'use-intl'],
  ...['@tailwindcss/postcss', 'postcss', 'tailwindcss', 'node'],
]
/** Compilers and picture converters that only building needs; a C library that Debian has not. */
const unneeded = /^(@next\/swc-.*|@img\/.*|sharp|caniuse-lite|.*-musl)$/

const Lock = z.looseObject({
  packages: z.record(
    z.string(),
    z.looseObject({
      dependencies: z.record(z.string(), z.string()).optional(),
      optionalDependencies: z.record(z.string(), z.string()).optional(),
    }),
  ),
})
type Packages = z.infer<typeof Lock>['packages']

/** As Node looks for it: beside the one that asks, then further up. */
function placeOf(name: string, from: string, packages: Packages): string | null {
  for (let at = from; ; at = at.slice(0, Math.max(0, at.lastIndexOf('/node_modules/')))) {
    const place = `${at === '' ? '' : `${at}/`}node_modules/${name}`
    if (place in packages) return place
    if (at === '') return null
    if (!at.includes('/node_modules/')) at = ''
  }
}

/** Their folders, relative to the checkout, sorted. Those for other machines are not there and are left out. */
export async function consolePackages(rootDir: string): Promise<string[]> {
  const { packages } = Lock.parse(JSON.parse(await readFile(join(rootDir, 'package-lock.json'), 'utf8')))
  const found = new Set<string>()
  const add = (from: string, without: (name: string) => boolean) => {
    const { dependencies = {}, optionalDependencies = {} } = packages[from] ?? {}
    for (const name of Object.keys({ ...dependencies, ...optionalDependencies })) {
      const place = without(name) ? null : placeOf(name, from, packages)
      if (place === null || found.has(place) || !existsSync(join(rootDir, place))) continue
      found.add(place)
      add(place, (other) => unneeded.test(other))
    }
  }
  add('', (name) => bundled.includes(name))
  return [...found].sort()
}
