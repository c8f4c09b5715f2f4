/** The Compose file: the checked-in one is that of the definitions, and holds nothing of a machine and no secret. */
import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { z } from 'zod'
import { loadConfig } from '#lib/config.ts'
import { serviceDefinitions } from '#lib/engines/registry.ts'
import { serviceIds } from '#lib/pipeline/stages.ts'
import { secret, secretNames } from '#lib/secrets.ts'
import { composeFile, composeSettings, isOurs } from './index.ts'

const Service = z.looseObject({
  command: z.tuple([z.literal('sh'), z.literal('-c'), z.string()]),
  environment: z.record(z.string(), z.string()),
  depends_on: z.record(z.string(), z.strictObject({ condition: z.literal('service_healthy') })).optional(),
  healthcheck: z.looseObject({ test: z.array(z.string()) }),
  ports: z.array(z.string()),
  volumes: z.array(z.string()),
  tmpfs: z.array(z.string()),
})
const File = z.strictObject({
  services: z.record(z.string(), Service),
  volumes: z.record(z.string(), z.strictObject({})),
})

const { rootDir } = loadConfig({ NODE_ENV: 'test' })
let home: string
let text: string
let file: z.infer<typeof File>
beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'aviary-compose-'))
  text = await composeFile(serviceDefinitions)
  file = File.parse(parse(text, { version: '1.1' }))
})
afterAll(() => rm(home, { recursive: true, force: true }))
const service = (id: string) => Service.parse(file.services[id])

describe('the Compose file', () => {
  it('that is checked in is that of the definitions (else: bin/aviary compose)', async () => {
    expect(await readFile(join(rootDir, 'docker/compose.yaml'), 'utf8')).toBe(text)
  })

  it('is the same whatever is set on a machine', async () => {
    process.env.AVIARY_PORT_OFFSET = '100'
    try {
      expect(await composeFile(serviceDefinitions)).toBe(text)
    } finally {
      delete process.env.AVIARY_PORT_OFFSET
    }
    for (const here of [rootDir, loadConfig().cacheDir]) expect(text).not.toContain(here)
  })

  it('keeps every service small, unprivileged, and on loopback', () => {
    expect(Object.keys(file.services).sort()).toEqual([...serviceIds].sort())
    for (const id of serviceIds) {
      const each = service(id)
      expect(each).toMatchObject({ read_only: true, cap_drop: ['ALL'], security_opt: ['no-new-privileges:true'] })
      expect(each.mem_limit).toBeGreaterThan(1 << 20)
      expect(each.image).toMatch(/^aviary\/[a-z]+:[0-9a-f]{16}$/)
      for (const port of each.ports) expect(port).toMatch(/^127\.0\.0\.1:\$\{AVIARY_PORT_[A-Z_]+:-\d+\}:\d+$/)
      for (const volume of each.volumes) expect(file.volumes).toHaveProperty([volume.split(':')[0] ?? ''])
    }
    expect(text).not.toMatch(/privileged: true|network_mode|cap_add|devices|docker\.sock/)
  })

  it('has services wait for the first of those that they start after, not for the whole chain', () => {
    const waitsFor = (id: string) => Object.keys(service(id).depends_on ?? {}).sort()
    expect(waitsFor('zookeeper')).toEqual([])
    expect(waitsFor('druid-coordinator')).toEqual(['zookeeper'])
    expect(waitsFor('hive')).toEqual(['druid-coordinator', 'druid-middlemanager', 'kafka'])
  })

  it('announces the port of the machine that leads to Kafka', () => {
    const script = service('kafka').command[2]
    expect(script).toContain(`INSIDE://kafka:9092,OUTSIDE://127.0.0.1:\${AVIARY_PORT_KAFKA:-9092}\n`)
    expect(service('kafka').ports).toContain(`127.0.0.1:\${AVIARY_PORT_KAFKA:-9092}:9094`)
  })

  it('asks for secrets, and fails with what to do where there are none', async () => {
    const example = await readFile(join(rootDir, 'docker/env.example'), 'utf8')
    for (const name of secretNames) {
      const variable = `AVIARY_${name.toUpperCase().replaceAll('-', '_')}`
      expect(service('superset').environment[variable]).toMatch(new RegExp(`^\\$\\{${variable}:\\?write docker/.env`))
      expect(example).toMatch(new RegExp(`^${variable}=$`, 'm'))
    }
    expect(service('hive').environment).not.toHaveProperty('AVIARY_SUPERSET_KEY')
  })

  it('has configuration come out of the shell as it went in, with secrets in their places', async () => {
    const { command, environment } = service('superset')
    // What Compose makes of it, and without what comes after the files.
    const script = command[2].replace(/\$\{AVIARY_PORT_[A-Z]+:-(\d+)\}/g, '$1').replaceAll('$$', '$')
    const writing = `${script.slice(0, script.lastIndexOf('EOF\n') + 4)}`
    const env = Object.fromEntries(Object.keys(environment).map((name) => [name, `<${name}>`]))
    await promisify(execFile)('sh', ['-c', writing], { cwd: home, env: { ...process.env, ...env } })
    const written = await readFile(join(home, 'superset_config.py'), 'utf8')
    const template = await readFile(join(rootDir, 'docker/superset/conf/superset_config.py'), 'utf8')
    expect(written).toContain('SECRET_KEY = "<AVIARY_SUPERSET_KEY>"')
    expect(written).toContain('CONSOLE_ORIGINS = ["http://localhost:4400","http://127.0.0.1:4400"]')
    // All lines without a value are those of the template, dollars, quotes and backslashes included.
    for (const line of template.split('\n')) if (!/\$\{/.test(line)) expect(written).toContain(line)
    expect(JSON.parse(await readFile(join(home, 'prepare.json'), 'utf8'))).toMatchObject({
      passwords: { admin: '<AVIARY_SUPERSET_ADMIN_PASSWORD>' },
    })
  })
})

describe('the settings beside it', () => {
  it('hold the project, the secrets of the home, and ports that are not the usual ones', () => {
    const config = loadConfig({ NODE_ENV: 'test', AVIARY_HOME: home, AVIARY_PORT_KAFKA: '19092' })
    const settings = composeSettings(config, 'birds')
    const lines = settings.trim().split('\n').slice(1)
    expect(isOurs(settings)).toBe(true)
    expect(lines).toEqual([
      'COMPOSE_PROJECT_NAME=birds',
      ...secretNames.map((name) => `AVIARY_${name.toUpperCase().replaceAll('-', '_')}=${secret(home, name)}`),
      'AVIARY_PORT_KAFKA=19092',
    ])
  })
})
