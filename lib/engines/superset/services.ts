/** Superset as a service: one gunicorn worker on loopback, its metadata in SQLite or in a PostgreSQL of the user's. */
import { createHash } from 'node:crypto'
import { basename, join } from 'node:path'
import { emptyMetadata, metadataScript } from '#lib/artifacts/index.ts'
import { trustedFile } from '#lib/engines/elsewhere.ts'
import { httpReady } from '#lib/runtime/ask.ts'
import type { ConfFile, NativeProgram, ServiceDefinition, Site } from '#lib/runtime/definition.ts'
import { guestRole, guestTokenSeconds, origins } from './desired.ts'
import { druidCaFile } from './places.ts'

/** Matches docker/superset/requirements.txt. */
const supersetVersion = '6.1.0'

const conditions = [
  { path: '/health', missing: 'Superset is still loading its modules' },
  // Unlike the health check, this page asks the metadata database and renders.
  { path: '/login/', missing: 'the metadata database does not answer yet' },
]

/** Everything that `prepare` depends on: with other passwords, another database or other packages it has to run again. */
function preparedFor(site: Site): string {
  const passwords = [site.secret('superset-admin-password'), site.secret('superset-broker-password')]
  const parts = [supersetVersion, basename(site.artifactDir('superset')), ...passwords, site.supersetDatabase ?? '']
  return `prepared-${createHash('sha256').update(parts.join('\0')).digest('hex').slice(0, 16)}`
}

function configuration(site: Site): ConfFile[] {
  const dataDir = site.dataDir('superset')
  const sqliteFile = join(dataDir, 'superset.db')
  const artifact = site.artifactDir('superset')
  const literal = JSON.stringify
  return [
    {
      template: 'superset/conf/superset_config.py',
      target: 'superset_config.py',
      // What is JSON here is a literal in Python too.
      values: {
        databaseUri: literal(site.supersetDatabase ?? `sqlite:///${sqliteFile}?check_same_thread=false`),
        secretKey: literal(site.secret('superset-key')),
        guestSecret: literal(site.secret('superset-guest-key')),
        guestRole: literal(guestRole),
        guestTokenSeconds,
        origins: literal(origins(site.port('console'))),
      },
    },
    {
      template: 'superset/conf/gunicorn.conf.py',
      target: 'gunicorn.conf.py',
      values: { bind: site.bind, port: site.port('superset'), tmpDir: site.confDir('superset') },
    },
    {
      template: 'superset/conf/prepare.template',
      target: 'prepare.json',
      values: {
        adminPassword: literal(site.secret('superset-admin-password')),
        brokerPassword: literal(site.secret('superset-broker-password')),
        sqliteFile: literal(site.supersetDatabase === null ? sqliteFile : null),
        template: literal(join(artifact, emptyMetadata)),
        doneFile: literal(join(dataDir, preparedFor(site))),
      },
    },
    ...trustedFile(site.external.druid?.ca, druidCaFile),
  ]
}

/** Python with Superset's packages and settings. */
function python(site: Site, args: readonly string[]): NativeProgram {
  const settings = {
    SUPERSET_CONFIG_PATH: join(site.confDir('superset'), 'superset_config.py'),
    SUPERSET_HOME: site.dataDir('superset'),
    TZ: 'UTC',
    // A heap for each of its threads would hold on to more memory than it uses.
    MALLOC_ARENA_MAX: '2',
  }
  const command = () => {
    const found = site.command('superset')
    return { ...found, env: { ...found.env, ...settings } }
  }
  return { kind: 'native', command, args }
}

export function services(site: Site): ServiceDefinition[] {
  const script = join(site.artifactDir('superset'), metadataScript)
  return [
    {
      id: 'superset',
      engine: 'superset',
      artifacts: ['superset'],
      version: supersetVersion,
      ports: ['superset'],
      memoryMb: 380,
      needs: [],
      // Nothing of the stream waits for it.
      startsAfter: ['druid-router'],
      outlives: [],
      // Asked for when it starts: only then are the secrets needed that stand in them.
      get files() {
        return configuration(site)
      },
      get prepare() {
        return { program: python(site, [script, 'prepare', 'prepare.json']), doneWhen: preparedFor(site) }
      },
      program: python(site, ['-m', 'gunicorn', '-c', 'gunicorn.conf.py', 'superset.app:create_app()']),
      stopGraceMs: 12_000,
      health: { kind: 'http', port: 'superset', paths: conditions.map(({ path }) => path) },
      ready: (signal) => httpReady(site.reach('superset'), conditions, signal),
    },
  ]
}
