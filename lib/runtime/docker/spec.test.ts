/** What the definitions of the engines become: all that have an image pass the guard, and run from nothing but image and volumes. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { loadConfig } from '#lib/config.ts'
import { serviceDefinitions } from '#lib/engines/registry.ts'
import type { ServiceId } from '#lib/pipeline/stages.ts'
import type { ServiceDefinition } from '../definition.ts'
import { containerBody } from './guard/bodies.ts'
import { scopeOf } from './guard/scope.ts'
import { imageIdOf } from './images/index.ts'
import { dockerSite } from './index.ts'
import { type ServiceSpec, specOf } from './spec.ts'

let home: string
let definitions: Map<ServiceId, ServiceDefinition>
const scope = scopeOf('birds')
const settings = (more: NodeJS.ProcessEnv = { NODE_ENV: 'test' }) => loadConfig({ AVIARY_HOME: home, ...more })
const spec = (id: ServiceId, config = settings()) =>
  specOf(definitions.get(id)!, { config, scope, image: 'aviary/x:1' })

beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'aviary-spec-'))
  definitions = new Map(serviceDefinitions(dockerSite(settings())).map((each) => [each.id, each]))
})
afterAll(() => rm(home, { recursive: true, force: true }))

const ours = [
  ...['mosquitto', 'zookeeper', 'kafka', 'connect', 'druid-coordinator'],
  ...['druid-broker', 'druid-historical', 'druid-middlemanager', 'druid-router', 'hive', 'superset'],
] as ServiceId[]

describe.each(ours)('%s', (id) => {
  it('has an image, passes the guard as it is, and names nothing of this machine', async () => {
    expect(imageIdOf(definitions.get(id)!)).toBeTruthy()
    const { body, conf, volumes } = await spec(id)
    expect(containerBody(scope).parse(body)).toEqual(body)
    // Kafka announces to programs of this machine where they find it; Superset lets the console's pages there frame it.
    const meant = /OUTSIDE:\/\/127\.0\.0\.1:9092|http:\/\/127\.0\.0\.1:4400/
    const texts = JSON.stringify([body.Cmd, body.Env, conf]).replace(meant, '')
    for (const here of [home, settings().cacheDir, settings().rootDir, '127.0.0.1']) expect(texts).not.toContain(here)
    expect(body.HostConfig.Mounts.map(({ Source }) => Source)).toEqual(volumes.map(({ Name }) => Name))
  })
})

describe('a container', () => {
  it('keeps the usual ports inside, and offers them on loopback where the settings say', async () => {
    const moved = settings({ NODE_ENV: 'test', AVIARY_PORT_OFFSET: '1000' })
    const { body } = await spec('connect', moved)
    expect(body.HostConfig.PortBindings['8083/tcp']).toEqual([{ HostIp: '127.0.0.1', HostPort: '9083' }])
  })

  it('of Kafka has a listener for this machine, which announces the port that leads to it', async () => {
    const moved = settings({ NODE_ENV: 'test', AVIARY_PORT_OFFSET: '1000' })
    const kafka = serviceDefinitions(dockerSite(moved)).find(({ id }) => id === 'kafka')!
    const { body, conf } = await specOf(kafka, { config: moved, scope, image: 'aviary/x:1' })
    expect(body.HostConfig.PortBindings['9094/tcp']).toEqual([{ HostIp: '127.0.0.1', HostPort: '10092' }])
    expect(String(conf[0]?.content)).toContain('advertised.listeners=INSIDE://kafka:9092,OUTSIDE://127.0.0.1:10092\n')
  })

  it('has another hash with other settings or another configuration, and the same otherwise', async () => {
    const [first, again] = [await spec('kafka'), await spec('kafka')]
    expect(again.hash).toBe(first.hash)
    expect((await spec('kafka', settings({ NODE_ENV: 'test', AVIARY_PORT_KAFKA: '1234' }))).hash).not.toBe(first.hash)
    const kafka = definitions.get('kafka')!
    const files = kafka.files.map((file) =>
      'listeners' in file.values ? { ...file, values: { ...file.values, listeners: 'X://:1' } } : file,
    )
    const other = await specOf({ ...kafka, files }, { config: settings(), scope, image: 'aviary/x:1' })
    expect(other.hash).not.toBe(first.hash)
  })

  it('prepares its data folder by itself before it turns into the service', async () => {
    const { body } = await spec('kafka')
    expect(body.Cmd.slice(0, 2)).toEqual(['sh', '-c'])
    expect(body.Cmd[2]).toMatch(
      /^\[ -e '\/data\/kafka\/meta.properties' \] \|\| 'java' .*StorageTool.* \|\| exit\n[\s\S]*exec 'java' .*'kafka.Kafka'/,
    )
  })

  it('of a service that spills has its temporary folder on the disk, empty at each start, for the programs that it starts too', async () => {
    const { body, conf } = await spec('druid-middlemanager')
    expect(body.Cmd[2]).toMatch(
      /^rm -rf '(\/data\/druid-middlemanager\/tmp)' && mkdir '\1' \|\| exit\n[\s\S]*exec 'java' .*tmpdir=\1'/,
    )
    expect(String(conf.find(({ path }) => path === 'peon-java')?.content)).toContain(
      'tmpdir=/data/druid-middlemanager/tmp',
    )
    expect(JSON.stringify((await spec('kafka')).body.Cmd)).not.toContain('tmpdir')
  })

  it('mounts the data of others that it shares: the segments of Druid, the folder in which the stream lands', async () => {
    const targets = async (id: ServiceId) => (await spec(id)).body.HostConfig.Mounts.map(({ Target }) => Target)
    expect(await targets('druid-historical')).toEqual([
      ...['/conf', '/data/druid-historical', '/data/druid-coordinator', '/data/archives'],
    ])
    expect(await targets('connect')).toEqual(['/conf', '/data/connect', '/data/hive', '/data/archives'])
    expect(await targets('mosquitto')).toEqual(['/conf', '/data/mosquitto'])
  })

  it('holds the launcher of the programs that its service starts', async () => {
    const { conf } = await spec('druid-middlemanager')
    const launcher = conf.find(({ path }) => path === 'peon-java')
    expect(launcher).toMatchObject({
      mode: 0o700,
      content: expect.stringMatching(/^#!\/bin\/sh\n[\s\S]*exec 'java' '-XX:.*"\$@"\n/),
    })
  })

  it('of Java has a start archive for the service and one for its children, of its own image and flags alone', async () => {
    const archives = ({ body, conf }: ServiceSpec) => ({
      own: /archive='(.*)'/.exec(body.Cmd[2] ?? '')?.[1],
      child: /archive='(.*)'/.exec(String(conf.find(({ path }) => path === 'peon-java')?.content))?.[1],
    })
    const { body, conf, ...rest } = await spec('druid-middlemanager')
    const { own, child } = archives({ body, conf, ...rest })
    expect(own).toMatch(/^\/data\/archives\/service-[0-9a-f]{16}\.jsa$/)
    expect(child).toMatch(/^\/data\/archives\/child-[0-9a-f]{16}\.jsa$/)
    // All others go at a start, also what a run cut short has left.
    expect(body.Cmd[2]).toContain(`! -path '${own}' ! -path '${child}' -exec rm -rf {} +`)
    const definition = definitions.get('druid-middlemanager')!
    const other = archives(await specOf(definition, { config: settings(), scope, image: 'aviary/x:2' }))
    expect([other.own, other.child]).not.toContain(own)
    expect([other.own, other.child]).not.toContain(child)
  })
})
