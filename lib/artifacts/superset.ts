/**
 * Superset: Python packages in one folder, fetched by pip against checked-in hashes, and an empty metadata database. A folder of
 * packages on Python's path stands in for a virtual environment: it may be moved, and Debian's Python needs no venv package for it.
 */
import { existsSync, readFileSync } from 'node:fs'
import { copyFile, mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { rootDir, sha256 } from './place.ts'
import { DownloadMeter } from './progress.ts'
import { run } from './run.ts'
import { findPython, installCommand, pythonsOfSuperset } from './tools.ts'
import { ArtifactError, type MakeContext } from './types.ts'

const sourceDir = join(rootDir, 'docker', 'superset')
export const supersetRequirements = join(sourceDir, 'requirements.txt')
export const supersetLockFile = join(sourceDir, 'requirements.lock')

/** In the artifact's folder: the packages, the script that makes databases ready, and an empty database. */
const sitePackages = 'site'
export const metadataScript = 'metadata.py'
export const emptyMetadata = 'metadata.db'
/** Which Python the packages are for, and the version of Superset. */
const commandFile = 'command.json'
const commandSchema = z.object({ python: z.string(), version: z.string() })

/** Packages that build the few others which come as sources only. */
const buildTools = ['setuptools', 'wheel']

export interface LockedPackage {
  name: string
  /** Of the file for the machine on which the lock was written; 0 for a package that it does not need. */
  bytes: number
  /** Its lines in the lock, as pip reads them. */
  text: string
}

/** Packages of a lock as uv writes it, each with the size that `relock` adds as a comment. */
export function parseRequirements(text: string): LockedPackage[] {
  return text.split(/^(?=[A-Za-z0-9])/m).flatMap((entry) => {
    const name = /^([A-Za-z0-9._-]+)==/.exec(entry)?.[1]
    if (name === undefined) return []
    const bytes = Number(/^ *# (\d+) bytes$/m.exec(entry)?.[1] ?? 0)
    return [{ name: normal(name), bytes, text: entry }]
  })
}

/** Names of packages are equal when these are (PEP 503). */
const normal = (name: string): string => name.toLowerCase().replaceAll(/[-_.]+/g, '-')

/** The package whose file a line of pip's output names, null for every other line. */
export function parsePipLine(line: string): { package: string; file: string } | null {
  const file = /^ *(?:Downloading|Using cached) (?:\S+\/)?([^\s/]+\.(?:whl|tar\.gz|zip))(?: |$)/.exec(line)?.[1]
  // Wheels never have a dash in their name, source distributions may: the version begins with the first digit after one.
  const name = file === undefined ? undefined : /^(.+?)-\d/.exec(file)?.[1]
  return file === undefined || name === undefined ? null : { package: normal(name), file }
}

/** Another script makes another empty database, and so another artifact. */
export const supersetKey = (): string =>
  sha256(`${readFileSync(supersetLockFile, 'utf8')}\0${readFileSync(join(sourceDir, metadataScript), 'utf8')}`)

/** Whether the Python that the packages were made for is still there: an upgrade to the next minor version takes it away. */
export function supersetUsable(dir: string): boolean {
  return existsSync(supersetCommand(dir).command) && existsSync(join(dir, emptyMetadata))
}

/** How to run Python with the packages of an artifact folder. Throws ArtifactError when the folder holds none. */
export function supersetCommand(dir: string): { command: string; env: Record<string, string>; version: string } {
  try {
    const { python, version } = commandSchema.parse(JSON.parse(readFileSync(join(dir, commandFile), 'utf8')))
    // Packages that the user has installed for themselves must not be found first.
    const env = { PYTHONPATH: join(dir, sitePackages), PYTHONNOUSERSITE: '1' }
    return { command: python, env, version }
  } catch (cause) {
    throw new ArtifactError('build', `${dir} holds no Superset`, {
      file: join(dir, commandFile),
      hint: 'Fetch it with ensureArtifact("superset"), which `npm start` does.',
      cause,
    })
  }
}

const failure = (tail: string[]): string =>
  (
    tail
      .filter((line) => /^ *(ERROR|error):/.test(line))
      .slice(0, 4)
      .join('\n') || tail.slice(-6).join('\n')
  ).slice(0, 2_000)

async function pip(
  python: string,
  args: readonly string[],
  context: MakeContext,
  onLine: (line: string) => void,
): Promise<void> {
  const { workDir, signal } = context
  const tmpDir = join(workDir, 'tmp')
  await rm(tmpDir, { recursive: true, force: true })
  await mkdir(tmpDir, { recursive: true })
  const env = [`PYTHONPATH=${join(workDir, 'build')}`, `TMPDIR=${tmpDir}`, 'PIP_ROOT_USER_ACTION=ignore']
  const common = ['--disable-pip-version-check', '--no-input', '--progress-bar', 'off']
  // What has arrived stays in this cache after a failure, so that the next attempt goes on from there.
  const strict = ['--require-hashes', '--no-deps', '--no-compile', '--cache-dir', join(workDir, 'pip')]
  const install = [python, '-m', 'pip', 'install', ...common, ...strict, ...args]
  const { code, tail } = await run('env', [...env, ...install], { signal, onLine })
  if (code === 0) return
  const mismatch = tail.some((line) => line.includes('DO NOT MATCH THE HASHES'))
  throw new ArtifactError(
    mismatch ? 'checksum' : 'download',
    `pip could not fetch the packages of Superset:\n${failure(tail)}`,
    {
      file: supersetLockFile,
      hint: mismatch
        ? 'Start again. If it happens twice, the package index serves another file than the pinned one.'
        : 'Check the network and the index in pip.conf, then start again: it goes on where it stopped.',
    },
  )
}

async function installPackages(python: string, site: string, context: MakeContext): Promise<void> {
  const { workDir, report } = context
  const packages = parseRequirements(await readFile(supersetLockFile, 'utf8'))
  // Some packages stand there twice, in a version for each Python.
  const sizes = new Map(packages.flatMap(({ name, bytes }) => (bytes > 0 ? [[name, bytes] as const] : [])))
  const pins = [...sizes].map(([file, bytes]) => ({ file, bytes, sha256: '' }))
  const meter = new DownloadMeter({ pins, requests: pins.length, present: [], report })
  let current: string | null = null
  const arrived = () => {
    if (current !== null) meter.finish(current)
    current = null
  }
  const building = (file: string | null) =>
    report({ phase: 'building', file, doneBytes: 0, totalBytes: 0, remainingSeconds: null })
  const onLine = (line: string) => {
    const seen = parsePipLine(line)
    if (seen !== null) {
      arrived()
      current = seen.package
      meter.begin(seen.package)
    } else if (line.startsWith('Installing collected packages')) {
      arrived()
      building('packages')
    }
  }
  const toolsFile = join(workDir, 'build.txt')
  await writeFile(
    toolsFile,
    packages
      .filter(({ name }) => buildTools.includes(name))
      .map(({ text }) => text)
      .join(''),
  )
  await rm(join(workDir, 'build'), { recursive: true, force: true })
  await pip(python, ['--target', join(workDir, 'build'), '-r', toolsFile], context, () => {})
  await pip(python, ['--no-build-isolation', '--use-pep517', '--target', site, '-r', supersetLockFile], context, onLine)
  // Scripts name the Python and the folder of the moment; modules are run instead.
  await rm(join(site, 'bin'), { recursive: true, force: true })
}

/** The empty database costs seconds once, here; making it also compiles every module that a start loads. */
async function buildMetadata(context: MakeContext): Promise<void> {
  const { outDir, signal, report } = context
  report({ phase: 'building', file: emptyMetadata, doneBytes: 0, totalBytes: 0, remainingSeconds: null })
  await copyFile(join(sourceDir, metadataScript), join(outDir, metadataScript))
  const { command, env } = supersetCommand(outDir)
  const settings = Object.entries(env).map(([name, value]) => `${name}=${value}`)
  const script = [command, join(outDir, metadataScript), 'build', outDir]
  const { code, tail } = await run('env', [...settings, ...script], { signal, cwd: outDir })
  if (code === 0 && existsSync(join(outDir, emptyMetadata))) return
  throw new ArtifactError('build', `Superset could not make its empty database:\n${tail.slice(-6).join('\n')}`, {
    file: join(sourceDir, metadataScript),
    hint: 'Start again; if it happens twice, the packages do not fit this machine: tell the maintainers what it says.',
  })
}

export async function makeSuperset(context: MakeContext): Promise<void> {
  const python = await findPython()
  if (python === null)
    throw new ArtifactError('missing-tool', `Superset needs Python ${pythonsOfSuperset} with pip`, {
      hint: `Install it with: ${installCommand('python3.11')}`,
    })
  const { outDir } = context
  await installPackages(python, join(outDir, sitePackages), context)
  const version = parseRequirements(await readFile(supersetLockFile, 'utf8')).find(
    ({ name }) => name === 'apache-superset',
  )
  const command = { python, version: /==([^\s;]+)/.exec(version?.text ?? '')?.[1] ?? 'unknown' }
  await writeFile(join(outDir, commandFile), `${JSON.stringify(command, null, 2)}\n`)
  await buildMetadata(context)
}
