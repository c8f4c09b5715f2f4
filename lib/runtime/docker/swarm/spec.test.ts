/** What the real definitions become in a swarm. */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type Config, loadConfig } from '#lib/config.ts'
import { serviceDefinitions } from '#lib/engines/registry.ts'
import type { ServiceId } from '#lib/pipeline/stages.ts'
import { scopeOf } from '../guard/scope.ts'
import { serviceBody } from '../guard/swarm.ts'
import { swarmSite } from './site.ts'
import { type SwarmSpec, swarmSpecOf } from './spec.ts'

const scope = scopeOf('birds')
const image = { image: 'aviary/x:1', imageId: `sha256:${'0'.repeat(64)}`, node: 'n'.repeat(25) }
let home: string
let config: Config
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'aviary-swarm-spec-'))
  config = loadConfig({ NODE_ENV: 'test', AVIARY_HOME: home } as NodeJS.ProcessEnv)
})
afterEach(() => rm(home, { recursive: true, force: true }))

const definitions = () => serviceDefinitions(swarmSite(config))
async function specOf(id: ServiceId): Promise<SwarmSpec> {
  const definition = definitions().find((each) => each.id === id)
  if (definition === undefined) throw new Error(`no ${id}`)
  return swarmSpecOf(definition, { config, scope, ...image })
}
const bodyOf = (spec: SwarmSpec) => spec.body('s'.repeat(25), { replicas: 1, forceUpdate: 0 })

describe('every definition', () => {
  it('makes a service that the guard lets pass, with its configuration in a secret alone', async () => {
    for (const { id, files } of definitions()) {
      const spec = await specOf(id)
      expect(serviceBody(scope).parse(bodyOf(spec))).toEqual(bodyOf(spec))
      expect(Buffer.byteLength(spec.secret.content), id).toBeLessThan(500_000)
      for (const { target } of files) expect(spec.secret.content, id).toContain(`cat > ${target}`)
    }
  })

  it('says of three alone that there may be several', () => {
    const several = definitions().flatMap(({ id, replicable }) => (replicable ? [id] : []))
    expect(several.sort()).toEqual(['connect', 'druid-historical', 'druid-middlemanager'])
  })
})

describe('a replica', () => {
  it('writes a configuration that has its own name, and a launcher where it can be run', async () => {
    const { secret, volumes } = await specOf('druid-middlemanager')
    const launcher = join(home, 'peon-java')
    const script = secret.content.replaceAll(/(cat >|chmod 700) \/tmp\/peon-java/g, `$1 ${launcher}`)
    execFileSync('env', ['HOSTNAME=druid-middlemanager-2', 'sh', '-c', script], { cwd: home })
    const common = await readFile(join(home, 'common.runtime.properties'), 'utf8')
    expect(common).toMatch(/^druid\.host=druid-middlemanager-2$/m)
    expect(await readFile(join(home, 'runtime.properties'), 'utf8')).toContain('javaCommand=/tmp/peon-java')
    expect((await stat(launcher)).mode & 0o777).toBe(0o700)
    expect((await readdir(home)).filter((name) => name.endsWith('.properties'))).toHaveLength(2)
    expect(volumes).toEqual([
      'birds_druid-middlemanager-{{.Task.Slot}}',
      'birds_druid-coordinator',
      'birds_druid-middlemanager-archives-{{.Task.Slot}}',
    ])
  })

  it('announces itself to other workers of Connect by that name', async () => {
    expect((await specOf('connect')).secret.content).toContain(`rest.advertised.host.name=\${${'HOSTNAME'}}`)
  })
})

it('a task leaves the data to the one before it until that has ended, and then begins', async () => {
  const { Command } = bodyOf(await specOf('kafka')).TaskTemplate.ContainerSpec
  const [shell = '', flag = '', script = '', name = ''] = Command
  const here = script.replace('/run/conf', home).replace('/run/secrets/conf', '/dev/null').replace('/data/kafka', home)
  const run = (...args: string[]) => spawn(shell, [flag, here, name, ...args])
  const first = run('sh', '-c', 'echo has it; read line; echo has ended')
  const said = (child: ChildProcess, stream: 'stdout' | 'stderr') =>
    once(child[stream] as Readable, 'data').then(String)
  expect(await said(first, 'stdout')).toContain('has it')
  const second = run('echo', 'begun')
  const given = run('echo', 'begun')
  const begun = said(second, 'stdout')
  expect(await said(second, 'stderr')).toContain('waiting for its end')
  await said(given, 'stderr')
  given.kill('SIGTERM')
  expect(await once(given, 'exit')).toEqual([143, null])
  expect(second.exitCode).toBeNull()
  first.stdin?.end('\n')
  expect(await begun).toContain('begun')
})

it('a change of the configuration changes the name of the secret and the hash, one of the number of replicas neither', async () => {
  const before = await specOf('kafka')
  config = { ...config, ports: { ...config.ports, kafka: 9_999 } }
  const after = await specOf('kafka')
  expect(after.secret.name).not.toBe(before.secret.name)
  expect(after.hash).not.toBe(before.hash)
  expect((await specOf('kafka')).hash).toBe(after.hash)
})
