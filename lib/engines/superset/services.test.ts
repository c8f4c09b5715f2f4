import { mkdtemp, readFile, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { loadConfig } from '#lib/config.ts'
import type { ServiceDefinition } from '#lib/runtime/definition.ts'
import { writeConf } from '#lib/runtime/process/conf.ts'
import { processSite } from '#lib/runtime/process/index.ts'
import { secret, secretNames } from '#lib/secrets.ts'
import { services } from './services.ts'

let home: string
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'superset-'))
})
afterEach(() => rm(home, { recursive: true, force: true }))

const define = (env: Partial<NodeJS.ProcessEnv> = {}): ServiceDefinition => {
  const config = loadConfig({ NODE_ENV: 'test', AVIARY_HOME: home, XDG_CACHE_HOME: join(home, 'cache'), ...env })
  const [service] = services(processSite(config))
  if (service === undefined) throw new Error('there is no service')
  return service
}
const write = async (service: ServiceDefinition): Promise<string[]> => {
  const dir = join(home, 'conf')
  await writeConf(service.files, join(import.meta.dirname, '../../../docker'), dir)
  return Promise.all(service.files.map(({ target }) => readFile(join(dir, target), 'utf8')))
}

it('makes no secret before they are needed', async () => {
  define()
  await expect(stat(join(home, 'secrets.json'))).rejects.toThrow(/ENOENT/)
})

it('writes its secrets into files of its own alone', async () => {
  const service = define()
  const written = (await write(service)).join()
  const told = JSON.stringify([service.program, service.prepare, service.ports])
  for (const name of secretNames) {
    expect(written, name).toContain(JSON.stringify(secret(home, name)))
    expect(told).not.toContain(secret(home, name))
  }
  for (const { target } of service.files) expect((await stat(join(home, 'conf', target))).mode & 0o077).toBe(0)
})

it('lets the console embed it, under both names of this machine', async () => {
  const [settings = ''] = await write(define({ AVIARY_PORT_CONSOLE: '5000' }))
  expect(settings).toContain('CONSOLE_ORIGINS = ["http://localhost:5000","http://127.0.0.1:5000"]')
})

it('is prepared anew for another password or another database, and for nothing else', async () => {
  const own = define().prepare?.doneWhen
  expect(define({ AVIARY_PORT_CONSOLE: '5000' }).prepare?.doneWhen).toBe(own)
  const elsewhere = define({ AVIARY_SUPERSET_DATABASE: 'postgresql://superset:pw@db.test/superset' })
  expect(elsewhere.prepare?.doneWhen).not.toBe(own)
  const [settings = '', , prepare = ''] = await write(elsewhere)
  expect(settings).toContain('SQLALCHEMY_DATABASE_URI = "postgresql://superset:pw@db.test/superset"')
  expect(JSON.parse(prepare)).toMatchObject({ sqliteFile: null })
  await rm(join(home, 'secrets.json'))
  expect(define().prepare?.doneWhen).not.toBe(own)
})

it.each(['mysql://u:hidden@h/d', 'postgresql://host', "postgresql://u:hid'den@h/d"])(
  'refuses %s without quoting it',
  (uri) => {
    expect(() => define({ AVIARY_SUPERSET_DATABASE: uri })).toThrow(/AVIARY_SUPERSET_DATABASE must be/)
    try {
      define({ AVIARY_SUPERSET_DATABASE: uri })
    } catch (error) {
      expect(String(error)).not.toMatch(/hid.?den/)
    }
  },
)
