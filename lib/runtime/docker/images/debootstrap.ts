/** Makes our own Debian of the packages of a mirror, with debootstrap, and hands it over to the engine. */
import { spawn } from 'node:child_process'
import { mkdir, mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { Readable } from 'node:stream'
import type Docker from 'dockerode'
import { DockerError } from '../errors.ts'
import { makeRoom, tellsFullDisk } from '../full-disk.ts'
import { faultOf, jsonLines, progressLine } from '../lines.ts'
import { ownDebian, release } from './debian.ts'

export interface DebianOptions {
  /** For the folder in which it is put together. */
  readonly cacheDir: string
  /** Address of a Debian mirror; null for that of this machine's own apt sources. */
  readonly mirror: string | null
  readonly onLine?: (line: string) => void
  readonly signal?: AbortSignal
}

/** Makes our own Debian, anew where it is there. Needs root and debootstrap; rejects with DockerError without. */
export async function makeDebian(docker: Docker, options: DebianOptions): Promise<void> {
  const { cacheDir, onLine, signal } = options
  const mirror = options.mirror ?? (await findMirror('/etc/apt'))
  if (mirror === null)
    throw fault(`the apt sources of this machine name no mirror with Debian ${release}`, 'Name one: --mirror URL')
  await mkdir(join(cacheDir, 'work'), { recursive: true })
  const dir = await mkdtemp(join(cacheDir, 'work', 'debian-'))
  try {
    // Without certificates apt in the image could not use a mirror over HTTPS.
    const more = mirror.startsWith('https:') ? ['--include=ca-certificates'] : []
    await debootstrap(['--variant=minbase', ...more, release, dir, mirror], onLine, signal)
    onLine?.('handing it over to the Docker engine')
    await importFolder(docker, dir, signal)
  } finally {
    await rm(dir, { recursive: true, force: true })
  }
}

const fault = (why: string, hint: string) => new DockerError('build', `The base cannot be made: ${why}`, hint)

async function debootstrap(args: string[], onLine?: (line: string) => void, signal?: AbortSignal): Promise<void> {
  const child = spawn('debootstrap', args, { signal, stdio: ['ignore', 'pipe', 'pipe'] })
  const last: string[] = []
  const note = (line: string) => {
    last.push(line)
    last.splice(0, last.length - 4)
    onLine?.(line.replace(/^I: /, ''))
  }
  for (const stream of [child.stdout, child.stderr]) createInterface(stream).on('line', note)
  const code = await ended(child).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT') throw error
    throw fault('this machine has no debootstrap', 'Install it with: apt-get install debootstrap')
  })
  if (code === 0) return
  if (process.getuid?.() !== 0)
    throw fault('debootstrap needs root, to make the files of a system', 'Run this one command as root.')
  throw fault(`debootstrap ended with ${code}`, `It said last:\n${last.join('\n')}`)
}

const ended = (child: ReturnType<typeof spawn>) =>
  new Promise<number | null>((resolve, reject) => {
    child.once('error', reject)
    child.once('close', resolve)
  })

/** Without what apt has fetched; with the sources that debootstrap wrote, so that builds install from the same mirror. */
async function importFolder(docker: Docker, dir: string, signal?: AbortSignal): Promise<void> {
  const leftOut = ['./var/cache/apt/archives/*.deb', './var/lib/apt/lists/*'].map((each) => `--exclude=${each}`)
  const tar = spawn('tar', ['-C', dir, ...leftOut, '-c', '.'], { signal, stdio: ['ignore', 'pipe', 'inherit'] })
  const [code] = await Promise.all([ended(tar), importArchive(docker, tar.stdout)])
  if (code !== 0) throw fault('its files could not be packed', 'Look at what tar says above.')
}

async function importArchive(docker: Docker, archive: Readable): Promise<void> {
  const [repo = '', tag = ''] = ownDebian.split(':')
  const answer = await docker.importImage(archive, { repo, tag })
  for await (const line of jsonLines(answer)) {
    const error = faultOf(progressLine.parse(line))
    if (error !== undefined && tellsFullDisk(error)) throw fault('the disk of the Docker engine is full', makeRoom)
    if (error !== undefined) throw fault(error, 'See the log of the Docker engine.')
  }
}

/** The first mirror of apt sources (one-line or deb822 style) that holds the release itself. Resolves to null without one. */
export async function findMirror(aptDir: string): Promise<string | null> {
  const more = await readdir(join(aptDir, 'sources.list.d')).catch(() => [])
  const files = ['sources.list', ...more.sort().map((name) => join('sources.list.d', name))]
  for (const file of files.filter((name) => /\.(list|sources)$/.test(name))) {
    const text = await readFile(join(aptDir, file), 'utf8').catch(() => '')
    const mirror = file.endsWith('.sources') ? mirrorOfStanzas(text) : mirrorOfLines(text)
    if (mirror !== null) return mirror
  }
  return null
}

const mirrorOfLines = (text: string): string | null =>
  new RegExp(`^\\s*deb\\s+(?:\\[[^\\]]*\\]\\s+)?(https?://\\S+)\\s+${release}\\s`, 'm').exec(text)?.[1] ?? null

function mirrorOfStanzas(text: string): string | null {
  for (const stanza of text.replace(/^#.*\n/gm, '').split(/\n\s*\n/)) {
    const field = (name: string) => new RegExp(`^${name}:(.*)$`, 'mi').exec(stanza)?.[1]?.trim().split(/\s+/) ?? []
    const mirror = field('URIs').find((uri) => /^https?:/.test(uri))
    const off = field('Enabled')[0] === 'no'
    if (!off && mirror !== undefined && field('Types').includes('deb') && field('Suites').includes(release))
      return mirror
  }
  return null
}
