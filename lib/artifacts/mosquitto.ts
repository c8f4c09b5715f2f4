/** Mosquitto: the system's own where it is new enough, otherwise Debian's packages unpacked into the cache without root. */
import { readFileSync } from 'node:fs'
import { mkdir, readdir, rm, writeFile } from 'node:fs/promises'
import { isAbsolute, join } from 'node:path'
import { z } from 'zod'
import { type PackagePin, parsePackagePins, verifyFile } from './pins.ts'
import { rootDir } from './place.ts'
import { DownloadMeter } from './progress.ts'
import { run } from './run.ts'
import { mosquittoVersion, systemMosquitto } from './tools.ts'
import { ArtifactError, type MakeContext } from './types.ts'

export const packagesLockFile = join(rootDir, 'docker', 'mosquitto', 'packages.lock')

/** Beside the unpacked packages: how to run what is in the folder. Paths are relative to the folder, or the system's own. */
const commandFile = 'command.json'
const commandSchema = z.object({ command: z.string(), libraries: z.array(z.string()), version: z.string() })
type Command = z.infer<typeof commandSchema>

const installHint =
  'Install Mosquitto 2.0.11 or newer with: sudo apt-get install -y mosquitto (it is then used as it is). ' +
  'Maintainers pin the version that is offered now with: node lib/artifacts/relock.ts mosquitto'

/** Name that apt gives a downloaded package. */
export const packageFile = (pin: PackagePin): string =>
  `${pin.name}_${pin.version.replaceAll(':', '%3a')}_${pin.arch}.deb`

/** How to start the Mosquitto of an artifact folder; `version` is its own. Throws ArtifactError when the folder holds none. */
export function mosquittoCommand(dir: string): { command: string; env: Record<string, string>; version: string } {
  let found: Command
  try {
    found = commandSchema.parse(JSON.parse(readFileSync(join(dir, commandFile), 'utf8')))
  } catch (cause) {
    throw new ArtifactError('build', `${dir} holds no Mosquitto`, {
      file: join(dir, commandFile),
      hint: 'Fetch it with ensureArtifact("mosquitto"), which `npm start` does.',
      cause,
    })
  }
  const inside = (path: string) => (isAbsolute(path) ? path : join(dir, path))
  const libraries = found.libraries.map(inside).join(':')
  const env: Record<string, string> = libraries === '' ? {} : { LD_LIBRARY_PATH: libraries }
  return { command: inside(found.command), env, version: found.version }
}

/** Libraries the system has; empty where it does not tell, so that every pinned one is fetched. */
async function systemLibraries(signal: AbortSignal): Promise<Set<string>> {
  const names = new Set<string>()
  const onLine = (line: string) => names.add(line.trim().split(' ')[0] ?? '')
  // Not on an ordinary user's PATH.
  await run('/sbin/ldconfig', ['-p'], { signal, onLine }).catch(() => signal.throwIfAborted())
  return names
}

/** The pinned packages for this machine, without the libraries it has already. */
async function neededPins(signal: AbortSignal): Promise<PackagePin[]> {
  const { tail } = await run('dpkg', ['--print-architecture'], { signal })
  const arch = tail[0] ?? 'unknown'
  const pins = parsePackagePins(readFileSync(packagesLockFile, 'utf8'), packagesLockFile).filter((p) => p.arch === arch)
  if (pins.length === 0)
    throw new ArtifactError('download', `No Mosquitto packages are pinned for the architecture ${arch}`, {
      file: packagesLockFile,
      hint: installHint,
    })
  const libraries = await systemLibraries(signal)
  return pins.filter((pin) => pin.soname === null || !libraries.has(pin.soname))
}

/** apt options that keep its package lists inside the cache: updating them needs no root. */
async function privateLists(cacheDir: string): Promise<string[]> {
  const dir = join(cacheDir, 'apt')
  await mkdir(join(dir, 'lists', 'partial'), { recursive: true })
  await mkdir(join(dir, 'archives', 'partial'), { recursive: true })
  const settings = [
    `Dir::State::lists=${dir}/lists`,
    `Dir::Cache=${dir}`,
    'Debug::NoLocking=true',
    'APT::Sandbox::User=root',
  ]
  return settings.flatMap((setting) => ['-o', setting])
}

/** Fetches packages into `dir`, first with the system's package lists, then with lists of our own (none may be there). */
export async function downloadPackages(
  wanted: string[],
  options: { dir: string; cacheDir: string; signal: AbortSignal; onLine: (line: string) => void },
): Promise<{ ok: boolean; tail: string[] }> {
  const { dir, cacheDir, signal, onLine } = options
  const first = await run('apt-get', ['download', ...wanted], { cwd: dir, signal, onLine })
  if (first.code === 0) return { ok: true, tail: first.tail }
  const lists = await privateLists(cacheDir)
  const update = await run('apt-get', [...lists, 'update'], { cwd: dir, signal, onLine })
  const second = await run('apt-get', [...lists, 'download', ...wanted], { cwd: dir, signal, onLine })
  // Tens of megabytes that would be old by the next time.
  await rm(join(cacheDir, 'apt'), { recursive: true, force: true })
  return { ok: second.code === 0, tail: [...update.tail, ...second.tail] }
}

/** Package named by a line of apt's output that announces a download. */
export const parseAptLine = (line: string): string | null =>
  /^Get:\d+ \S+ \S+ (?:\S+ )?(\S+) \S+ \S+ \[/.exec(line)?.[1] ?? null

/** Tells a network that is down from a mirror that has no such version any more: the way out is another. */
export function aptFault(pins: PackagePin[], tail: string[]): ArtifactError {
  const why = tail.filter((line) => /^(E|W|Err):/.test(line)).slice(0, 4)
  const reached = !why.some((line) =>
    /Failed to fetch(?!.* 404 )|Could not (resolve|connect)|Temporary failure/.test(line),
  )
  const main = pins.find((pin) => pin.soname === null)
  const message = reached
    ? `apt-get does not offer the pinned packages (mosquitto ${main?.version}); this Debian may have moved on`
    : 'apt-get cannot reach its mirrors'
  return new ArtifactError('download', `${message}:\n${why.join('\n')}`, {
    file: packagesLockFile,
    hint: reached ? installHint : 'Check the network and the proxy settings of apt, then start again.',
  })
}

async function fetchPins(pins: PackagePin[], context: MakeContext): Promise<void> {
  const { workDir, cacheDir, signal, report } = context
  const files = pins.map((pin) => ({ ...pin, file: packageFile(pin) }))
  const present = (await readdir(workDir)).filter((name) => files.some(({ file }) => file === name))
  const meter = new DownloadMeter({ pins: files, requests: null, present, report })
  const byName = new Map(files.map((pin) => [pin.name, pin.file]))
  const onLine = (line: string) => {
    const file = byName.get(parseAptLine(line) ?? '')
    if (file !== undefined) meter.finish(file)
  }
  const wanted = pins.map((pin) => `${pin.name}=${pin.version}`)
  const { ok, tail } = await downloadPackages(wanted, { dir: workDir, cacheDir, signal, onLine })
  if (!ok) throw aptFault(pins, tail)
  for (const pin of files) await verifyFile(workDir, pin, signal)
}

async function unpack(pins: PackagePin[], context: MakeContext): Promise<Command> {
  const { workDir, outDir, signal, report } = context
  for (const pin of pins) {
    const file = packageFile(pin)
    report({ phase: 'building', file, doneBytes: 0, totalBytes: 0, remainingSeconds: null })
    const { code, tail } = await run('dpkg-deb', ['-x', join(workDir, file), outDir], { signal })
    if (code !== 0)
      throw new ArtifactError('build', `${file} cannot be unpacked: ${tail.join(' ')}`, { file, hint: installHint })
  }
  const libraries: string[] = []
  for (const parent of ['usr/lib', 'lib']) {
    const entries = await readdir(join(outDir, parent), { withFileTypes: true }).catch(() => [])
    for (const entry of entries)
      if (entry.isDirectory() && entry.name.includes('-linux-')) libraries.push(`${parent}/${entry.name}`)
  }
  const command = 'usr/sbin/mosquitto'
  const path = libraries.map((library) => join(outDir, library)).join(':')
  const { tail } = await run('env', [`LD_LIBRARY_PATH=${path}`, join(outDir, command), '-h'], { signal })
  const version = mosquittoVersion(tail.join('\n'))
  if (version !== null) return { command, libraries, version }
  throw new ArtifactError('build', `The unpacked Mosquitto does not run on this machine: ${tail.slice(-3).join(' ')}`, {
    file: command,
    hint: installHint,
  })
}

export async function makeMosquitto(context: MakeContext): Promise<void> {
  const system = await systemMosquitto()
  let command: Command
  if (system !== null) command = { ...system, libraries: [] }
  else {
    const pins = await neededPins(context.signal)
    await fetchPins(pins, context)
    command = await unpack(pins, context)
  }
  await writeFile(join(context.outDir, commandFile), `${JSON.stringify(command, null, 2)}\n`)
}
