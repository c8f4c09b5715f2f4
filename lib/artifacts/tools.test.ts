import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, it, onTestFinished, vi } from 'vitest'
import { run } from './run.ts'
import { findChromium, findMissingTools, mosquittoVersion } from './tools.ts'
import { ArtifactError, artifactIds } from './types.ts'

/** Gone when the test ends. */
async function folder(): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), 'aviary-tools-'))
  onTestFinished(() => rm(dir, { recursive: true }))
  return dir
}

const outputs: Record<string, string> = {
  java: 'openjdk version "17.0.15" 2025-04-15',
  javac: 'javac 17.0.15',
  mvn: 'Apache Maven 3.8.7',
  'python3 --version': 'Python 3.11.7',
  'python3 -m': 'pip 23.2.1 from /usr/lib/python3/dist-packages/pip (python 3.11)',
  'sh -c': '/usr/bin/python3.11',
  'apt-get': 'apt 2.6.1 (amd64)',
}
const machine =
  (changes: Record<string, string> = {}) =>
  async ([command, argument, script]: readonly [string, ...string[]]): Promise<string> => {
    const known = { ...outputs, ...changes }
    const java = /(javac?)"? -version/.exec(script ?? '')?.[1]
    return known[java ?? command] ?? known[`${command} ${argument}`] ?? ''
  }
const missing = async (changes: Record<string, string>, ids = artifactIds.filter((id) => id !== 'mosquitto')) =>
  (await findMissingTools(ids, machine(changes))).map(({ tool }) => tool)

describe('findMissingTools', () => {
  it('finds nothing on a complete machine', async () => {
    expect(await findMissingTools(artifactIds, machine())).toEqual([])
  })

  it('names the tool, why it is needed and how to install it', async () => {
    const [found] = await findMissingTools(artifactIds, machine({ mvn: '' }))
    expect(found).toMatchObject({
      tool: 'mvn',
      why: expect.stringContaining('Maven'),
      install: expect.stringContaining('maven'),
    })
  })

  it.each([
    ['openjdk version "11.0.2"', ['java']],
    ['java version "1.8.0_392"', ['java']],
    ['openjdk version "17.0.1"', []],
    ['openjdk version "25" 2025-09-16', []],
    ['', ['java']],
  ])('wants Java 17: %s', async (java, tools) => {
    expect(await missing({ java })).toEqual(tools)
  })

  it('wants a compiler only for the connector', async () => {
    expect(await missing({ javac: '' })).toEqual(['javac'])
    expect(await missing({ javac: '' }, ['kafka'])).toEqual([])
  })

  it('does not ask for pip where Python itself is missing', async () => {
    expect(await missing({ python3: '' })).toEqual(['python3'])
    expect(await missing({ 'python3 -m': '/usr/bin/python3: No module named pip' })).toEqual(['pip'])
    expect(await missing({ python3: '', 'sh -c': '' })).toEqual(['python3'])
  })

  it('wants a Python that Superset runs on only for Superset', async () => {
    const onlyNewer = { 'python3 --version': 'Python 3.13.0', 'sh -c': '' }
    expect(await missing(onlyNewer)).toEqual(['python3.11'])
    expect(await missing(onlyNewer, ['tweets-text'])).toEqual([])
  })
})

describe('JAVA_HOME', () => {
  afterEach(() => void vi.unstubAllEnvs())
  /** The programs of a folder stand for those of a JDK; nothing but a shell is on the search path besides. */
  async function lacks(programs: Record<string, string>, path = ''): Promise<string[]> {
    const home = await folder()
    await mkdir(join(home, 'bin'))
    for (const [name, text] of Object.entries(programs))
      await writeFile(join(home, 'bin', name), `#!/bin/sh\necho '${text}'\n`, { mode: 0o700 })
    const shell = await folder()
    await symlink('/bin/sh', join(shell, 'sh'))
    vi.stubEnv('JAVA_HOME', home)
    vi.stubEnv('PATH', `${shell}:${path}`)
    return (await findMissingTools(['connector'])).map(({ tool }) => tool)
  }

  it('is enough where the search path has no Java', async () => {
    const java = 'openjdk version "17.0.15"'
    expect(await lacks({ java, javac: 'javac 17.0.15' })).toEqual(['mvn'])
    expect(await lacks({ java })).toEqual(['javac', 'mvn'])
    expect(await lacks({ javac: 'javac 17.0.15' })).toEqual(['java', 'mvn'])
  })

  it('goes before the search path', async () => {
    expect(await lacks({ java: 'openjdk version "11.0.2"', javac: 'javac 11.0.2' }, '/usr/bin')).toContain('java')
  })
})

describe('findChromium', () => {
  it('finds it under either name, in the order of the search path', async () => {
    const [one, two] = [await folder(), await folder()]
    expect(findChromium(`${one}:${two}`)).toBeNull()
    await writeFile(join(one, 'chromium'), 'not a program', { mode: 0o600 })
    await writeFile(join(two, 'chromium-browser'), '', { mode: 0o700 })
    expect(findChromium(`${one}:${two}`)).toBe(join(two, 'chromium-browser'))
  })
})

describe('mosquittoVersion', () => {
  it('reads the help of Mosquitto, and of nothing else', () => {
    expect(mosquittoVersion('mosquitto version 2.0.11\n\nmosquitto is an MQTT v5.0/v3.1.1/v3.1 broker.')).toBe('2.0.11')
    expect(mosquittoVersion('sh: 1: mosquitto: not found')).toBeNull()
  })
})

describe('run', () => {
  const node = process.execPath

  it('gives lines and exit code', async () => {
    const lines: string[] = []
    const result = await run(node, ['-e', 'console.log("a"); console.error("b"); process.exitCode = 3'], {
      onLine: (line) => lines.push(line),
    })
    expect(result.code).toBe(3)
    expect(lines.sort()).toEqual(['a', 'b'])
  })

  it('names a command that is not installed', async () => {
    const error = await run('no-such-command-here', []).catch((thrown: unknown) => thrown)
    expect(error).toBeInstanceOf(ArtifactError)
    expect(error).toMatchObject({ code: 'missing-tool', message: expect.stringContaining('no-such-command-here') })
  })

  it('stops the child and rejects with the reason', async () => {
    const stop = new AbortController()
    const running = run(node, ['-e', 'console.log(process.pid); setInterval(() => {}, 1000)'], {
      signal: stop.signal,
      onLine: () => stop.abort(new Error('enough')),
    })
    await expect(running).rejects.toThrow('enough')
  })
})
