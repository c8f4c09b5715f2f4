/** Kafka, Druid and Hive: one flat folder of jars each, resolved by Maven from docker/<engine>/pom.xml. */
import { readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { type FilePins, verifyFolder } from './pins.ts'
import { rootDir } from './place.ts'
import { DownloadMeter, parseMavenLine } from './progress.ts'
import { type RunResult, run } from './run.ts'
import { ArtifactError, type MakeContext } from './types.ts'

export type JarArtifact = 'kafka' | 'druid' | 'hive'

export const jarLockFile = (id: JarArtifact): string => join(rootDir, 'docker', id, 'artifacts.lock')

/** Pinned: Maven would otherwise take whichever version of the plugin is newest on the day. */
const copyDependencies = 'org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy-dependencies'
const attempts = 3

/**
 * Runs Maven with its downloads in `repo`. Compiling at C1 only halves the processor time of so short a run; the user's own
 * MAVEN_OPTS (proxies, certificates) stay in force. Newer Mavens also read POMs in parallel when asked to.
 */
export function runMaven(
  repo: string,
  args: readonly string[],
  options: { signal: AbortSignal; onLine: (line: string) => void },
): Promise<RunResult> {
  const settings = [`-Dmaven.repo.local=${repo}`, '-Dmaven.artifact.threads=8', '-Daether.dependencyCollector.impl=bf']
  const script = 'MAVEN_OPTS="-XX:TieredStopAtLevel=1 $MAVEN_OPTS" exec mvn "$@"'
  return run('sh', ['-c', script, 'mvn', '-B', ...settings, ...args], options)
}

/** Names of the complete jars and the number of complete files in a Maven repository folder. */
export async function repositoryContent(repo: string): Promise<{ jars: string[]; files: number }> {
  const entries = await readdir(repo, { recursive: true, withFileTypes: true }).catch(() => [])
  const complete = entries.filter((entry) => entry.isFile() && /\.(jar|pom)$/.test(entry.name))
  return { jars: complete.map((entry) => entry.name).filter((name) => name.endsWith('.jar')), files: complete.length }
}

/** Lets Maven fill `outDir`. A failed attempt is repeated: what has arrived stays in `repo`, so it goes on where it broke. */
export async function copyJars(options: {
  id: JarArtifact
  repo: string
  outDir: string
  signal: AbortSignal
  onLine: (line: string) => void
}): Promise<void> {
  const { id, repo, outDir, signal, onLine } = options
  const pom = join(rootDir, 'docker', id, 'pom.xml')
  const goal = [copyDependencies, '-DincludeScope=runtime', '-DincludeTypes=jar', `-DoutputDirectory=${outDir}`]
  for (let attempt = 1; ; attempt += 1) {
    // -U: Maven remembers a failed download for a day and would not even ask again.
    const retry = attempt > 1 ? ['-U'] : []
    const { code, tail } = await runMaven(repo, [...retry, '-f', pom, ...goal], { signal, onLine })
    if (code === 0) return
    if (attempt < attempts) continue
    throw new ArtifactError('download', `Maven could not fetch the jars of ${id}:\n${mavenFault(tail)}`, {
      file: pom,
      hint: 'Check the network and the proxy or mirror in ~/.m2/settings.xml, then start again: it goes on where it stopped.',
    })
  }
}

/** The lines of Maven's output that say what went wrong. */
export function mavenFault(tail: string[]): string {
  const errors = tail.filter((line) => /^\[ERROR\] (?!To see|Re-run|For more|After correcting|\[Help).+/.test(line))
  return (errors.length > 0 ? errors.slice(0, 4) : tail.slice(-6)).join('\n')
}

export async function makeJars(id: JarArtifact, pins: FilePins, context: MakeContext): Promise<void> {
  const { outDir, workDir, signal, report } = context
  const repo = join(workDir, 'repository')
  const present = await repositoryContent(repo)
  const meter = new DownloadMeter({
    pins: pins.files,
    requests: pins.requests === null ? null : pins.requests - present.files,
    present: present.jars,
    report,
  })
  const onLine = (line: string) => {
    const seen = parseMavenLine(line)
    if (seen?.arrived) meter.finish(seen.file)
    else if (seen) meter.begin(seen.file)
  }
  await copyJars({ id, repo, outDir, signal, onLine })
  const totalBytes = pins.files.reduce((sum, pin) => sum + pin.bytes, 0)
  try {
    await verifyFolder(outDir, pins.files, {
      signal,
      onFile: (file, doneBytes) => report({ phase: 'verifying', file, doneBytes, totalBytes, remainingSeconds: null }),
    })
  } catch (error) {
    // Otherwise the next attempt would copy the same wrong file out of it.
    if (error instanceof ArtifactError) await rm(repo, { recursive: true, force: true })
    throw error
  }
}
