/** The MQTT source connector: built by Maven from the checkout's own sources, once for each state of them. */
import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { copyFile, cp, mkdir, readdir, rm } from 'node:fs/promises'
import { join, relative } from 'node:path'
import { mavenFault, runMaven } from './maven.ts'
import { type FilePin, parseFilePins, verifyFile } from './pins.ts'
import { rootDir } from './place.ts'
import { parseMavenLine } from './progress.ts'
import { ArtifactError, type MakeContext } from './types.ts'

export const connectorSource = join(rootDir, 'docker', 'connect', 'mqtt-source')

/** Pins of the libraries beside our own jar, which differs from build to build. */
export const connectorLockFile = join(import.meta.dirname, 'connector.lock')

/** Our own jar is called after the Maven artifact; every other jar of the plugin folder is a pinned library. */
export const isOwnJar = (file: string): boolean => file.startsWith('aviary-')

/** Tests are not part of the plugin, so a change in them needs no build. */
const mainFolder = join('src', 'main')

function sourceFiles(source: string): string[] {
  const entries = readdirSync(join(source, mainFolder), { recursive: true, withFileTypes: true })
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name))
  return [join(source, 'pom.xml'), ...files.sort()]
}

/** Hash over names and contents of pom.xml, src/main and the pins. Throws ArtifactError (`build`) when the sources are missing. */
export function connectorKey(source = connectorSource, lockFile = connectorLockFile): string {
  const hash = createHash('sha256')
  try {
    for (const file of sourceFiles(source)) {
      const content = readFileSync(file)
      hash.update(`${relative(source, file)}\0${content.length}\0`).update(content)
    }
    hash.update(readFileSync(lockFile))
  } catch (cause) {
    throw new ArtifactError('build', `The sources of the connector cannot be read in ${source}`, {
      file: source,
      hint: 'Take docker/connect and lib/artifacts from version control again.',
      cause,
    })
  }
  return hash.digest('hex')
}

/** A plugin is a folder of jars below the worker's plugin path, which is the artifact's folder. */
const pluginFolder = 'aviary-mqtt-source'

/** Pinned libraries, named relative to the artifact's folder. */
export const connectorPins = (): FilePin[] =>
  parseFilePins(readFileSync(connectorLockFile, 'utf8'), connectorLockFile).files.map((pin) => ({
    ...pin,
    file: `${pluginFolder}/${pin.file}`,
  }))

/** Whether the jar that no pin covers is there. */
export const hasOwnJar = (dir: string): boolean => readdirSync(join(dir, pluginFolder)).some(isOwnJar)

/** Builds in a copy, so that two checkouts and a developer's own `target/` do not meet; resolves to the plugin's folder. */
export async function buildConnector(options: {
  workDir: string
  repo: string
  signal: AbortSignal
  onFile: (file: string) => void
}): Promise<string> {
  const { workDir, repo, signal, onFile } = options
  const project = join(workDir, 'project')
  await rm(project, { recursive: true, force: true })
  await cp(join(connectorSource, 'pom.xml'), join(project, 'pom.xml'))
  await cp(join(connectorSource, mainFolder), join(project, mainFolder), { recursive: true })
  const onLine = (line: string) => {
    const seen = parseMavenLine(line)
    if (seen) onFile(seen.file)
  }
  const args = ['-Dmaven.test.skip=true', '-f', join(project, 'pom.xml'), 'package']
  const { code, tail } = await runMaven(repo, args, { signal, onLine })
  if (code === 0) return join(project, 'target', 'plugins', pluginFolder)
  throw new ArtifactError('build', `Maven could not build the connector:\n${mavenFault(tail)}`, {
    file: join(connectorSource, 'pom.xml'),
    hint: 'Try it by hand with: mvn -B -f docker/connect/mqtt-source/pom.xml package',
  })
}

export async function makeConnector(context: MakeContext): Promise<void> {
  const { key, workDir, cacheDir, outDir, signal, report } = context
  const onFile = (file: string | null) =>
    report({ phase: 'building', file, doneBytes: 0, totalBytes: 0, remainingSeconds: null })
  onFile(null)
  // Kept for good, unlike that of the other artifacts: a changed source is then rebuilt without the network.
  const plugin = await buildConnector({ workDir, repo: join(cacheDir, 'maven'), signal, onFile })
  if (connectorKey(join(workDir, 'project')) !== key)
    throw new ArtifactError('build', 'The sources of the connector changed while it was being built', {
      file: connectorSource,
      hint: 'Start again to build what is there now.',
    })
  const pins = new Map(connectorPins().map((pin) => [pin.file, pin]))
  await mkdir(join(outDir, pluginFolder))
  for (const jar of (await readdir(plugin)).filter((name) => name.endsWith('.jar'))) {
    await copyFile(join(plugin, jar), join(outDir, pluginFolder, jar))
    if (isOwnJar(jar)) continue
    const pin = pins.get(`${pluginFolder}/${jar}`)
    if (pin !== undefined) await verifyFile(outDir, pin, signal)
    else
      throw new ArtifactError('checksum', `${jar} is not in ${connectorLockFile}`, {
        file: jar,
        hint: 'If the connector has a new library on purpose, pin it with: node lib/artifacts/relock.ts connector',
      })
  }
}
