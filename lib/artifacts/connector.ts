/** The plugins of the Connect worker, MQTT source and landing sink: built by Maven from the checkout's own sources, once for each state of them. */
import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { copyFile, cp, mkdir, readdir, rm } from 'node:fs/promises'
import { join, relative } from 'node:path'
import { mavenFault, runMaven } from './maven.ts'
import { type FilePin, parseFilePins, verifyFile } from './pins.ts'
import { rootDir } from './place.ts'
import { parseMavenLine } from './progress.ts'
import { ArtifactError, type MakeContext } from './types.ts'

const connectorSource = join(rootDir, 'docker', 'connect')

/** Pins of the libraries beside our own jars, which differ from build to build. */
export const connectorLockFile = join(import.meta.dirname, 'connector.lock')

/**
 * Each Maven module and the plugin that it makes: a folder of jars below the worker's plugin path, which is the artifact's
 * folder. `docker/connect/pom.xml` lists the same modules.
 */
const plugins = [
  { module: 'mqtt-source', folder: 'aviary-mqtt-source' },
  { module: 'landing-sink', folder: 'aviary-landing-sink' },
] as const

/** Our own jars are called after the Maven artifact; every other jar of a plugin is a pinned library. */
const isOwnJar = (file: string): boolean => file.startsWith('aviary-')

/** Tests are not part of a plugin, so a change in them needs no build. */
const mainFolder = join('src', 'main')

function sourceFiles(source: string): string[] {
  return [
    join(source, 'pom.xml'),
    ...plugins.flatMap(({ module }) => {
      const entries = readdirSync(join(source, module, mainFolder), { recursive: true, withFileTypes: true })
      const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name))
      return [join(source, module, 'pom.xml'), ...files.sort()]
    }),
  ]
}

/** Hash over names and contents of the POMs, each src/main and the pins. Throws ArtifactError (`build`) when sources are missing. */
export function connectorKey(source = connectorSource, lockFile = connectorLockFile): string {
  const hash = createHash('sha256')
  try {
    for (const file of sourceFiles(source)) {
      const content = readFileSync(file)
      hash.update(`${relative(source, file)}\0${content.length}\0`).update(content)
    }
    hash.update(readFileSync(lockFile))
  } catch (cause) {
    throw new ArtifactError('build', `The sources of the connectors cannot be read in ${source}`, {
      file: source,
      hint: 'Take docker/connect and lib/artifacts from version control again.',
      cause,
    })
  }
  return hash.digest('hex')
}

/** Pinned libraries, named relative to the artifact's folder. */
export const connectorPins = (): FilePin[] =>
  parseFilePins(readFileSync(connectorLockFile, 'utf8'), connectorLockFile).files

/** Whether each plugin has the jar that no pin covers. */
export const hasOwnJars = (dir: string): boolean =>
  plugins.every(({ folder }) => readdirSync(join(dir, folder)).some(isOwnJar))

interface BuiltJar {
  readonly path: string
  /** Relative to the artifact's folder. */
  readonly file: string
  readonly own: boolean
}

/** Builds in a copy, so that two checkouts and a developer's own `target/` do not meet; resolves to the jars of all plugins. */
export async function buildConnector(options: {
  workDir: string
  repo: string
  signal: AbortSignal
  onFile: (file: string) => void
}): Promise<BuiltJar[]> {
  const { workDir, repo, signal, onFile } = options
  const project = join(workDir, 'project')
  await rm(project, { recursive: true, force: true })
  const parts = plugins.flatMap(({ module }) => [join(module, 'pom.xml'), join(module, mainFolder)])
  for (const part of ['pom.xml', ...parts])
    await cp(join(connectorSource, part), join(project, part), { recursive: true })
  const onLine = (line: string) => {
    const seen = parseMavenLine(line)
    if (seen) onFile(seen.file)
  }
  const args = ['-Dmaven.test.skip=true', '-f', join(project, 'pom.xml'), 'package']
  const { code, tail } = await runMaven(repo, args, { signal, onLine })
  if (code !== 0)
    throw new ArtifactError('build', `Maven could not build the connectors:\n${mavenFault(tail)}`, {
      file: join(connectorSource, 'pom.xml'),
      hint: 'Try it by hand with: mvn -B -f docker/connect/pom.xml package',
    })
  const jars = plugins.map(async ({ module, folder }) => {
    const built = join(project, module, 'target', 'plugins', folder)
    const names = (await readdir(built)).filter((name) => name.endsWith('.jar'))
    return names.map((name) => ({ path: join(built, name), file: `${folder}/${name}`, own: isOwnJar(name) }))
  })
  return (await Promise.all(jars)).flat()
}

export async function makeConnector(context: MakeContext): Promise<void> {
  const { key, workDir, cacheDir, outDir, signal, report } = context
  const onFile = (file: string | null) =>
    report({ phase: 'building', file, doneBytes: 0, totalBytes: 0, remainingSeconds: null })
  onFile(null)
  // Kept for good, unlike that of the other artifacts: a changed source is then rebuilt without the network.
  const jars = await buildConnector({ workDir, repo: join(cacheDir, 'maven'), signal, onFile })
  if (connectorKey(join(workDir, 'project')) !== key)
    throw new ArtifactError('build', 'The sources of the connectors changed while they were being built', {
      file: connectorSource,
      hint: 'Start again to build what is there now.',
    })
  const pins = new Map(connectorPins().map((pin) => [pin.file, pin]))
  for (const { folder } of plugins) await mkdir(join(outDir, folder))
  for (const { path, file, own } of jars) {
    await copyFile(path, join(outDir, file))
    if (own) continue
    const pin = pins.get(file)
    if (pin !== undefined) await verifyFile(outDir, pin, signal)
    else
      throw new ArtifactError('checksum', `${file} is not in ${connectorLockFile}`, {
        file,
        hint: 'If a connector has a new library on purpose, pin it with: node lib/artifacts/relock.ts connector',
      })
  }
}
