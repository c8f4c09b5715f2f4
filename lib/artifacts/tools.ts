/** The programs that fetching and running need, and the command that installs a missing one. */
import { execFile, spawnSync } from 'node:child_process'
import { accessSync, constants } from 'node:fs'
import { join } from 'node:path'
import type { ArtifactId } from './types.ts'

export interface MissingTool {
  tool: string
  why: string
  /** A command, or where there is no package manager we know, what to do. */
  install: string
}

interface Tool {
  tool: string
  why: string
  neededBy: readonly ArtifactId[]
  /** Prints its version; `fits` reads it, empty when the command cannot be run. */
  probe: readonly [string, ...string[]]
  fits: (output: string) => boolean
}

const majorJava = (output: string): number =>
  Number(/version "?(?:1\.)?(\d+)|javac (\d+)/.exec(output)?.slice(1).find(Boolean))

// A shell reads JAVA_HOME, as the one that starts Maven does: the same Java is looked at that is used afterwards.
const javaFirstAtHome = '[ -n "$JAVA_HOME" ] && PATH="$JAVA_HOME/bin:$PATH"; exec java -version'
/** Maven compiles with the JDK of JAVA_HOME, and looks nowhere else where that is set. */
const javacOfMaven = '[ -n "$JAVA_HOME" ] && exec "$JAVA_HOME/bin/javac" -version; exec javac -version'

export const pythonsOfSuperset = '3.10, 3.11 or 3.12'
/** Prints the path of a Python that Superset runs on, free of links and shims: it goes away with the version that it names. */
const pythonOfSuperset = `for python in python3 python3.12 python3.11 python3.10; do
  $python -c 'import os, pip, sys; (3, 10) <= sys.version_info < (3, 13) or sys.exit(1); print(os.path.realpath(sys.executable))' 2>/dev/null && exit
done`

/** Java 17 is the oldest that Kafka 4 and Druid 33 run on. */
const tools: readonly Tool[] = [
  {
    tool: 'java',
    why: 'Kafka, Kafka Connect, ZooKeeper, Druid and Hive run on Java 17 or newer',
    neededBy: [],
    probe: ['sh', '-c', javaFirstAtHome],
    fits: (output) => majorJava(output) >= 17,
  },
  {
    tool: 'javac',
    why: 'the connectors are compiled with a JDK 17 or newer, that of JAVA_HOME where it is set',
    neededBy: ['connector'],
    probe: ['sh', '-c', javacOfMaven],
    fits: (output) => majorJava(output) >= 17,
  },
  {
    tool: 'mvn',
    why: 'Maven fetches Kafka, Druid and Hive and builds the connectors, with the JDK of JAVA_HOME where it is set',
    neededBy: ['kafka', 'druid', 'hive', 'connector'],
    probe: ['mvn', '--version'],
    fits: (output) => output.includes('Apache Maven'),
  },
  {
    tool: 'python3',
    why: 'Python fetches the texts of the sample and runs Superset',
    neededBy: ['tweets-text', 'superset'],
    probe: ['python3', '--version'],
    fits: (output) => output.startsWith('Python 3'),
  },
  {
    tool: 'pip',
    why: 'pip fetches the texts of the sample and Superset',
    neededBy: ['tweets-text', 'superset'],
    probe: ['python3', '-m', 'pip', '--version'],
    fits: (output) => output.startsWith('pip '),
  },
  {
    tool: 'python3.11',
    why: `Superset runs on Python ${pythonsOfSuperset} with pip; any of them will do`,
    neededBy: ['superset'],
    probe: ['sh', '-c', pythonOfSuperset],
    fits: (output) => output.startsWith('/'),
  },
]

const debianPackage: Record<string, string> = {
  java: 'openjdk-17-jdk-headless',
  javac: 'openjdk-17-jdk-headless',
  mvn: 'maven',
  python3: 'python3',
  pip: 'python3-pip',
  'dpkg-deb': 'dpkg',
}
const brewPackage: Record<string, string> = {
  java: 'openjdk@17',
  javac: 'openjdk@17',
  mvn: 'maven',
  python3: 'python@3.11',
  pip: 'python@3.11',
  'python3.11': 'python@3.11',
}

/** What installing a missing tool, the value, brings along. */
const comesWith: Record<string, readonly string[]> = {
  javac: ['java'],
  pip: ['python3'],
  'python3.11': ['python3', 'pip'],
}

/** Oldest Mosquitto the pipeline is proven with. */
const oldestMosquitto = [2, 0, 11] as const

const runs = (command: string): boolean => spawnSync(command, ['--version'], { stdio: 'ignore' }).error === undefined

/** The command that installs a tool, in the words of this machine's package manager. */
export function installCommand(tool: string): string {
  if (runs('apt-get')) return `sudo apt-get install -y ${debianPackage[tool] ?? tool}`
  if (runs('brew')) return `brew install ${brewPackage[tool] ?? tool}`
  return `your package manager (the package is called ${debianPackage[tool] ?? tool} on Debian)`
}

/** The system's own Chromium on a search path, under either of its names; null when there is none. */
export function findChromium(searchPath: string): string | null {
  const folders = searchPath.split(':').filter(Boolean)
  const candidates = ['chromium', 'chromium-browser'].flatMap((name) => folders.map((folder) => join(folder, name)))
  return candidates.find(isProgram) ?? null
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}

/** Folders where system programs lie that an ordinary user's PATH may lack. */
const systemFolders = ['', '/usr/sbin/', '/usr/local/sbin/', '/opt/homebrew/sbin/', '/usr/local/opt/mosquitto/sbin/']

interface SystemMosquitto {
  command: string
  version: string
}

const newEnough = (version: string): boolean => {
  const parts = version.split('.').map(Number)
  for (const [index, least] of oldestMosquitto.entries()) {
    const part = parts[index] ?? 0
    if (part !== least) return part > least
  }
  return true
}

/** Version in the help of a Mosquitto, null when that is no Mosquitto. */
export function mosquittoVersion(output: string): string | null {
  return /^mosquitto version (\d+(?:\.\d+)*)/m.exec(output)?.[1] ?? null
}

/** The Mosquitto that the system has, null when there is none of at least 2.0.11. */
export async function systemMosquitto(): Promise<SystemMosquitto | null> {
  for (const folder of systemFolders) {
    const command = `${folder}mosquitto`
    const version = mosquittoVersion(await outputOf([command, '-h']))
    if (version !== null && newEnough(version)) return { command: await absolute(command), version }
  }
  return null
}

/** Path of a Python with pip that Superset runs on, null when there is none. */
export async function findPython(): Promise<string | null> {
  return (await outputOf(['sh', '-c', pythonOfSuperset])).trim() || null
}

async function absolute(command: string): Promise<string> {
  if (command.startsWith('/')) return command
  return (await outputOf(['sh', '-c', `command -v ${command}`])).trim() || command
}

/** Both outputs of a short command, empty when it cannot be run. Its exit code says little: some print help and fail. */
function outputOf([command, ...args]: readonly [string, ...string[]]): Promise<string> {
  return new Promise((done) => {
    execFile(command, args, { timeout: 20_000 }, (error, stdout, stderr) => {
      done(error !== null && (error as NodeJS.ErrnoException).code === 'ENOENT' ? '' : stdout + stderr)
    })
  })
}

/** Tools that are missing or too old. `wanted` narrows it to the artifacts still to be made; Java is always needed. */
export async function findMissingTools(
  wanted: readonly ArtifactId[],
  probe: (command: readonly [string, ...string[]]) => Promise<string> = outputOf,
): Promise<MissingTool[]> {
  const asked = tools.filter((tool) => tool.neededBy.length === 0 || tool.neededBy.some((id) => wanted.includes(id)))
  const outputs = await Promise.all(asked.map((tool) => probe(tool.probe)))
  const missing = asked.filter((tool, index) => !tool.fits(outputs[index] ?? ''))
  const without = (tool: string) => missing.some((found) => found.tool === tool)
  const result: MissingTool[] = missing
    // What comes with a missing tool is no news.
    .filter(({ tool }) => !comesWith[tool]?.some(without))
    .map(({ tool, why }) => ({ tool, why, install: installCommand(tool) }))
  if (
    wanted.includes('mosquitto') &&
    (await probe(['apt-get', '--version'])) === '' &&
    (await systemMosquitto()) === null
  )
    result.push({
      tool: 'mosquitto',
      why: 'there is no apt-get to fetch it with, and no mosquitto 2.0.11 or newer on this machine',
      install: installCommand('mosquitto'),
    })
  return result
}
