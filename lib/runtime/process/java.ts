/** Finds Java and turns a Java program into a command line. */
import { execFile } from 'node:child_process'
import { constants } from 'node:fs'
import { access, readdir, readFile, realpath, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import type { Config } from '#lib/config.ts'
import type { JavaProgram } from '../definition.ts'
import { jvmFlags } from '../jvm.ts'

/** Kafka 4 and Druid 33 need it. */
export const oldestJava = 17

export interface Java {
  readonly command: string
  /** 17 for 17.0.15. */
  readonly major: number
  readonly version: string
  /** Changes with every build: a start archive fits only the build that wrote it. */
  readonly build: string
}

async function executable(path: string): Promise<boolean> {
  return access(path, constants.X_OK).then(
    () => true,
    () => false,
  )
}

/** The `release` file that every JDK and JRE carries; asking it is faster than starting a JVM. */
async function readVersion(command: string): Promise<string | null> {
  try {
    const release = await readFile(join(dirname(dirname(command)), 'release'), 'utf8')
    const version = /^JAVA_VERSION="([^"]+)"/m.exec(release)?.[1]
    if (version !== undefined) return version
  } catch {
    // Some packages leave it out.
  }
  const { stderr } = await promisify(execFile)(command, ['-version'])
  return /version "([^"]+)"/.exec(stderr)?.[1] ?? null
}

/** The Java of JAVA_HOME, else the first on the search path; null when there is none that runs. */
export async function findJava(config: Pick<Config, 'javaHome' | 'searchPath'>): Promise<Java | null> {
  const folders = config.searchPath.split(':').filter(Boolean)
  const candidates = [...(config.javaHome === null ? [] : [join(config.javaHome, 'bin')]), ...folders]
  for (const folder of candidates) {
    const path = join(folder, 'java')
    if (!(await executable(path))) continue
    const command = await realpath(path)
    const version = await readVersion(command).catch(() => null)
    if (version === null) continue
    const { size, mtimeMs } = await stat(join(dirname(dirname(command)), 'lib', 'server', 'libjvm.so')).catch(() =>
      stat(command),
    )
    return { command, version, major: Number.parseInt(version, 10), build: `${command} ${version} ${size} ${mtimeMs}` }
  }
  return null
}

export interface Jar {
  readonly path: string
  readonly size: number
  readonly mtimeMs: number
}

/** Jars of the artifact folders in a fixed order: by folder as given, then by name. Throws when a folder holds none. */
export async function findJars(folders: readonly string[]): Promise<Jar[]> {
  const all: Jar[] = []
  for (const folder of folders) {
    const names = (await readdir(folder)).filter((name) => name.endsWith('.jar')).sort()
    if (names.length === 0) throw new Error(`There are no jars in ${folder}: fetch them again`)
    const jars = names.map(async (name) => {
      const path = join(folder, name)
      const { size, mtimeMs } = await stat(path)
      return { path, size, mtimeMs }
    })
    all.push(...(await Promise.all(jars)))
  }
  return all
}

export interface JavaCommandParts {
  readonly java: Java
  readonly program: JavaProgram
  readonly jars: readonly Jar[]
  readonly tmpDir: string
  readonly archiveFlags: readonly string[]
}

export function javaCommand({ java, program, jars, tmpDir, archiveFlags }: JavaCommandParts): string[] {
  return [
    java.command,
    ...jvmFlags(program),
    `-Djava.io.tmpdir=${tmpDir}`,
    ...archiveFlags,
    '-cp',
    jars.map((jar) => jar.path).join(':'),
    program.mainClass,
    ...program.args,
  ]
}
