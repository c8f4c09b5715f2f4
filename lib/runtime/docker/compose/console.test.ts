/** The Compose file of the console: who has the engine's socket, and how little either of both may; and the settings beside it. */
import { mkdtemp, readFile, rm, stat } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { z } from 'zod'
import { loadConfig } from '#lib/config.ts'
import { serviceDefinitions } from '#lib/engines/registry.ts'
import { keptServices } from '../guard/scope.ts'
import { consolePackages } from '../images/console-packages.ts'
import { dockerSite } from '../site.ts'
import { consoleSettings } from './console-settings.ts'
import { isOurs } from './index.ts'

const Service = z.looseObject({ volumes: z.array(z.string()), environment: z.record(z.string(), z.string()) })
const File = z.strictObject({
  services: z.strictObject({ gate: Service, console: Service }),
  volumes: z.record(z.string(), z.strictObject({})),
})

const config = loadConfig({ NODE_ENV: 'test' })
const folder = join(config.rootDir, 'docker/console')
const { services } = File.parse(parse(await readFile(join(folder, 'compose.yaml'), 'utf8'), { merge: true }))

describe('the Compose file of the console', () => {
  it('has both run with as little as can be', () => {
    expect(Object.keys(services).sort()).toEqual(keptServices)
    for (const service of Object.values(services)) {
      expect(service).toMatchObject({ read_only: true, cap_drop: ['ALL'], security_opt: ['no-new-privileges:true'] })
      expect(service).toMatchObject({ mem_limit: expect.stringMatching(/^\d+m$/), pids_limit: expect.any(Number) })
      expect(service).not.toHaveProperty('privileged')
      expect(service).not.toHaveProperty('user')
    }
  })

  it("gives the engine's socket to the gate alone, which has no network", () => {
    const { gate, console } = services
    expect(gate.volumes.filter((volume) => volume.includes('docker.sock'))).toHaveLength(1)
    expect(gate).toMatchObject({ network_mode: 'none' })
    expect(gate).not.toHaveProperty('ports')
    expect(console.volumes).toEqual(['console:/data/console', 'gate:/gate:ro', `\${AVIARY_FILES:-./files}:/files:ro`])
    expect(console.environment.DOCKER_HOST).toBe('unix:///gate/docker.sock')
    expect(console).not.toHaveProperty('group_add')
  })

  it('publishes the console on loopback, under the port that its links name', () => {
    const port = `\${AVIARY_PORT_CONSOLE:-4400}`
    expect(services.console).toMatchObject({ ports: [`127.0.0.1:${port}:${port}`] })
  })

  it('has folders in the image for what is mounted, which belong to who writes there', async () => {
    const dockerfile = await readFile(join(folder, 'Dockerfile'), 'utf8')
    expect(dockerfile).toMatch(/install -d -o aviary -g aviary -m 700 \/data\/console \/gate /)
    expect(dockerfile).toContain('AVIARY_INSIDE=true')
  })
})

describe('the settings beside it', () => {
  let home: string
  beforeAll(async () => {
    home = await mkdtemp(join(tmpdir(), 'aviary-inside-'))
  })
  afterAll(() => rm(home, { recursive: true, force: true }))
  const linesOf = async (env: Record<string, string>, project = 'birds') => {
    const text = await consoleSettings(loadConfig({ NODE_ENV: 'test', AVIARY_HOME: home, ...env }), project)
    expect(isOurs(text)).toBe(true)
    return text.trim().split('\n').slice(1)
  }

  it("name the engine's socket and its group, the folder of files, ports, and a project of its own", async () => {
    const socket = join(home, 'docker.sock')
    const server = createServer().listen(socket)
    const env = { DOCKER_HOST: `unix://${socket}`, AVIARY_PORT_KAFKA: '19092', AVIARY_DATA_DIRS: '/one:/two' }
    expect(await linesOf(env)).toEqual([
      'COMPOSE_PROJECT_NAME=birds-inside',
      'COMPOSE_IGNORE_ORPHANS=true',
      `AVIARY_DOCKER_SOCKET=${socket}`,
      `AVIARY_DOCKER_GROUP=${(await stat(socket)).gid}`,
      'AVIARY_FILES=/one',
      'AVIARY_PORT_KAFKA=19092',
    ])
    server.close()
  })

  it('leave the group out where there is no socket, so that Compose asks for it', async () => {
    const lines = await linesOf({ DOCKER_HOST: `unix://${home}/nobody.sock` })
    expect(lines.join()).not.toContain('AVIARY_DOCKER_GROUP')
  })
})

describe('a console inside', () => {
  const inside = loadConfig({
    NODE_ENV: 'test',
    AVIARY_INSIDE: 'true',
    AVIARY_PROJECT: 'birds',
    AVIARY_PORT_OFFSET: '7',
  })

  it('reaches services by their names and own ports; what the machine is told is as ever', () => {
    const [within, beside] = [dockerSite(inside), dockerSite({ ...inside, inside: false })]
    expect(within.reach('kafka')).toEqual({ host: 'kafka', port: 9092 })
    expect(within.reach('druid-router')).toEqual({ host: 'druid-router', port: 8888 })
    expect(beside.reach('kafka')).toEqual({ host: '127.0.0.1', port: 9099 })
    expect(within.outside('kafka')).toEqual({ port: 9094, announced: { host: '127.0.0.1', port: 9099 } })
    const files = (site: typeof within) => serviceDefinitions(site).map((service) => service.files)
    expect(files(within)).toEqual(files(beside))
  })

  it('listens to its network, and links name the machine', () => {
    expect(inside).toMatchObject({ listen: '0.0.0.0', host: '127.0.0.1', project: 'birds' })
    expect(config).toMatchObject({ listen: '127.0.0.1', inside: false, project: null })
    expect(() => loadConfig({ NODE_ENV: 'test', AVIARY_INSIDE: 'yes', AVIARY_PROJECT: 'A' })).toThrow(
      /AVIARY_INSIDE must be.*\n.*AVIARY_PROJECT must be/,
    )
  })
})

it('the packages of the image are those that run, each found from whoever needs it', async () => {
  const packages = await consolePackages(config.rootDir)
  for (const name of ['next', 'react', 'dockerode', 'docker-modem', '@libsql/client', 'kafkajs', 'socket.io', 'zod'])
    expect(packages).toContain(`node_modules/${name}`)
  expect(packages.filter((place) => /echarts|vitest|typescript|swc-|sharp|musl/.test(place))).toEqual([])
})
