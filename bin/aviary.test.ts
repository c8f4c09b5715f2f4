/** The way in, in a checkout of its own: an `npm` on the search path that records its calls and lays down what an install would. */
import { spawn } from 'node:child_process'
import { chmod, cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'

let root: string
const at = (...parts: string[]) => join(root, ...parts)

async function program(file: string, body: string): Promise<void> {
  await writeFile(file, `#!/bin/sh\n${body}\n`)
  await chmod(file, 0o755)
}

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'aviary-bin-'))
  await cp(import.meta.dirname, at('bin'), { recursive: true })
  for (const dir of ['tools', 'prisma', 'lib/cli', 'lib/store/generated']) await mkdir(at(dir), { recursive: true })
  await writeFile(at('package.json'), '{"type":"module"}')
  await writeFile(at('package-lock.json'), '{"packages":{"":{},"node_modules/a":{"integrity":"one"}}}')
  await writeFile(at('prisma/schema.prisma'), 'model')
  await writeFile(at('lib/cli/main.ts'), 'process.stdout.write(process.argv.slice(2).join(" ")); process.exitCode = 7')
  const node = `ln -sf '${process.execPath}' node_modules/.bin/node`
  const prisma = `printf '#!/bin/sh\\necho prisma >> "${at('calls')}"\\n' > node_modules/.bin/prisma`
  const install = `rm -rf node_modules && mkdir -p node_modules/.bin && ${node} && ${prisma} && chmod +x node_modules/.bin/prisma`
  await program(at('tools/npm'), `echo "npm $1" >> '${at('calls')}'\n[ -e '${at('fail')}' ] && exit 1\n${install}`)
})
afterEach(() => rm(root, { recursive: true }))

function aviary(...args: string[]): Promise<{ code: number | null; stdout: string; stderr: string }> {
  const env = { ...process.env, PATH: `${at('tools')}:${process.env.PATH}` }
  const child = spawn(process.execPath, [at('bin/aviary'), ...args], { env })
  let [stdout, stderr] = ['', '']
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text))
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text))
  return new Promise((done) => child.on('close', (code) => done({ code, stdout, stderr })))
}
const calls = async () => (await readFile(at('calls'), 'utf8').catch(() => '')).split('\n').filter(Boolean)

it('installs once, hands over its arguments, and passes the exit status on', async () => {
  expect(await aviary('status', '--json')).toMatchObject({ code: 7, stdout: 'status --json' })
  expect(await aviary('status')).toMatchObject({ code: 7, stdout: 'status', stderr: '' })
  expect(await calls()).toEqual(['npm ci', 'prisma'])
})

it('installs again when the lock has changed, and generates again when the schema has', async () => {
  await aviary('status')
  await writeFile(at('package-lock.json'), '{"packages":{"":{},"node_modules/a":{"integrity":"two"}}}')
  await aviary('status')
  await writeFile(at('prisma/schema.prisma'), 'another model')
  await aviary('status')
  expect(await calls()).toEqual(['npm ci', 'prisma', 'npm ci', 'prisma', 'prisma'])
})

it('begins anew after an install that did not come to its end', async () => {
  await writeFile(at('fail'), '')
  expect(await aviary('status')).toMatchObject({ code: 1, stdout: '' })
  await rm(at('fail'))
  expect(await aviary('status')).toMatchObject({ code: 7 })
  expect(await calls()).toEqual(['npm ci', 'npm ci', 'prisma'])
})

it('takes an install that somebody else has made of the same lock', async () => {
  await aviary('status')
  await rm(at('node_modules/.aviary.json'))
  await writeFile(at('node_modules/.package-lock.json'), '{"packages":{"node_modules/a":{"integrity":"one"}}}')
  await aviary('status')
  expect((await calls()).filter((c) => c === 'npm ci')).toHaveLength(1)
})

it('lets two at once prepare one after the other', async () => {
  const both = await Promise.all([aviary('status'), aviary('status')])
  expect(both.map((b) => b.code)).toEqual([7, 7])
  expect(await calls()).toEqual(['npm ci', 'prisma'])
})
