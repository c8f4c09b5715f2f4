/** The checks on the shape of the code, each proven by a violation that it must report. */
import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

const run = promisify(execFile)
const root = resolve(import.meta.dirname, '..')
const cruiser = join(root, 'node_modules/dependency-cruiser/bin/dependency-cruise.mjs')
const folders = ['app', 'bench', 'components', 'lib', 'server.ts']

interface Report {
  summary: { violations: { rule: { name: string }; from: string }[] }
}

async function cruise(folder: string): Promise<Report> {
  const args = [cruiser, '--config', join(root, '.dependency-cruiser.cjs'), '--output-type', 'json', ...folders]
  const { stdout } = await run(process.execPath, args, { cwd: folder, maxBuffer: 1 << 28 })
  return JSON.parse(stdout) as Report
}

/** One seeded file per rule: path, what it imports. */
const seeds: Record<string, [path: string, imports: string][]> = {
  'no-cycles': [
    ['lib/stack/a.ts', './b.ts'],
    ['lib/stack/b.ts', './a.ts'],
  ],
  'lib-knows-no-pages': [['lib/stack/page.ts', '../../app/page.tsx']],
  'lib-knows-no-react': [['lib/stack/hook.ts', 'react']],
  'pipeline-is-pure': [['lib/pipeline/impure.ts', 'node:fs']],
  'components-see-shapes-only': [['components/direct.tsx', '../lib/stack/target.ts']],
  'engines-are-strangers': [['lib/engines/kafka/peek.ts', '../druid/index.ts']],
  'engines-have-a-front-door': [['lib/monitor/back.ts', '../engines/druid/client.ts']],
  'room-dockerode': [['lib/stack/docker.ts', 'dockerode']],
  'room-mqtt': [['lib/stack/mqtt.ts', 'mqtt']],
  'room-kafkajs': [['lib/stack/kafka.ts', 'kafkajs']],
  'room-hive-driver': [['lib/stack/hive.ts', 'hive-driver']],
  'room--prisma': [['lib/stack/prisma.ts', '@prisma/client']],
  'room-socket-io': [['lib/stack/socket.ts', 'socket.io']],
  'room-socket-io-client': [['lib/stack/socket-client.ts', 'socket.io-client']],
}

describe('directions', () => {
  test('the repository keeps them', async () => {
    const { summary } = await cruise(root)
    expect(summary.violations.map((v) => `${v.rule.name}: ${v.from}`)).toEqual([])
  }, 120_000)

  describe('a violation of each rule is reported', () => {
    let folder: string
    let reported: Set<string>

    beforeAll(async () => {
      folder = await mkdtemp(join(tmpdir(), 'aviary-directions-'))
      const put = async (path: string, text: string) => {
        await mkdir(dirname(join(folder, path)), { recursive: true })
        await writeFile(join(folder, path), text)
      }
      for (const [path, imports] of Object.values(seeds).flat()) await put(path, `import '${imports}'\nexport {}\n`)
      const targets = [
        'app/page.tsx',
        'lib/stack/target.ts',
        'lib/engines/druid/index.ts',
        'lib/engines/druid/client.ts',
      ]
      for (const path of [...targets, 'bench/x.ts', 'server.ts']) await put(path, 'export {}\n')
      for (const name of [
        'react',
        'dockerode',
        'mqtt',
        'kafkajs',
        'hive-driver',
        '@prisma/client',
        'socket.io',
        'socket.io-client',
      ]) {
        await put(`node_modules/${name}/package.json`, JSON.stringify({ name, main: 'index.js' }))
        await put(`node_modules/${name}/index.js`, '')
      }
      await symlink(join(root, 'node_modules/typescript'), join(folder, 'node_modules/typescript'))
      await put('package.json', JSON.stringify({ type: 'module' }))
      await put('tsconfig.json', await readFile(join(root, 'tsconfig.json'), 'utf8'))
      reported = new Set((await cruise(folder)).summary.violations.map((v) => v.rule.name))
    }, 120_000)
    afterAll(() => rm(folder, { recursive: true, force: true }))

    test.each(Object.keys(seeds))('%s', (rule) => expect(reported).toContain(rule))
  })
})

const maxLines = 250
const sources = /\.(ts|tsx|js|mjs|cjs|java|css|sh)$/

async function tooLong(folder: string, files: readonly string[]): Promise<string[]> {
  const lengths = await Promise.all(
    files
      .filter((f) => sources.test(f))
      .map(async (f) => ({ f, lines: (await readFile(join(folder, f), 'utf8')).split('\n').length - 1 })),
  )
  return lengths.filter(({ lines }) => lines > maxLines).map(({ f, lines }) => `${f}: ${lines} lines`)
}

describe('sizes', () => {
  test(`no source file has more than ${maxLines} lines`, async () => {
    const { stdout } = await run('git', ['ls-files', '--cached', '--others', '--exclude-standard', '--deduplicate'], {
      cwd: root,
    })
    const { stdout: gone } = await run('git', ['ls-files', '--deleted'], { cwd: root })
    const deleted = new Set(gone.split('\n'))
    const files = stdout.split('\n').filter((f) => f !== '' && !deleted.has(f))
    expect(files.length).toBeGreaterThan(10)
    expect(await tooLong(root, files)).toEqual([])
  })

  test('a longer one is reported', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'aviary-sizes-'))
    await writeFile(join(folder, 'long.ts'), '\n'.repeat(maxLines + 1))
    expect(await tooLong(folder, ['long.ts'])).toEqual([`long.ts: ${maxLines + 1} lines`])
    await rm(folder, { recursive: true })
  })
})
