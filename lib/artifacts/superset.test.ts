import { readFileSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { parsePipLine, parseRequirements, supersetCommand, supersetLockFile } from './superset.ts'

it('reads packages with their size, hashes and conditions', () => {
  const lock = [
    '# Written by hand',
    "Flask_Thing==1.2 ; python_full_version < '3.11' \\",
    '    --hash=sha256:aa \\',
    '    --hash=sha256:bb',
    '    # 1234 bytes',
    'wheel==0.48.0 \\',
    '    --hash=sha256:cc',
    '',
  ].join('\n')
  const packages = parseRequirements(lock)
  expect(packages.map(({ name, bytes }) => [name, bytes])).toEqual([
    ['flask-thing', 1234],
    ['wheel', 0],
  ])
  expect(packages[0]?.text).toContain('--hash=sha256:bb\n')
})

it('finds in the lock what everything depends on, each package with a hash', () => {
  const packages = parseRequirements(readFileSync(supersetLockFile, 'utf8'))
  const names = packages.map(({ name }) => name)
  expect(names).toEqual(
    expect.arrayContaining(['apache-superset', 'pydruid', 'pyhive', 'gunicorn', 'setuptools', 'wheel']),
  )
  for (const { name, text } of packages) expect(text, name).toMatch(/--hash=sha256:[0-9a-f]{64}/)
})

it.each([
  ['  Downloading apache_superset-6.1.0-py3-none-any.whl (103.8 MB)', 'apache-superset'],
  ['  Using cached PyHive-0.7.0.tar.gz (46 kB)', 'pyhive'],
  ['  Downloading https://index.test/packages/thrift_sasl-0.4.3-py2.py3-none-any.whl (8.3 kB)', 'thrift-sasl'],
  ['  Downloading WTForms-JSON-0.3.5.tar.gz (5.5 kB)', 'wtforms-json'],
  ['  Downloading flask-3.1.3-py3-none-any.whl.metadata (3.2 kB)', undefined],
  ['Collecting wheel==0.48.0 (from -r requirements.lock (line 3))', undefined],
])('reads what pip prints: %s', (line, name) => expect(parsePipLine(line)?.package).toBe(name))

it('tells how to run the packages of a folder, and what to do when there are none', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'superset-'))
  try {
    expect(() => supersetCommand(dir)).toThrow(/holds no Superset/)
    await writeFile(join(dir, 'command.json'), JSON.stringify({ python: '/usr/bin/python3.11', version: '6.1.0' }))
    expect(supersetCommand(dir)).toEqual({
      command: '/usr/bin/python3.11',
      env: { PYTHONPATH: join(dir, 'site'), PYTHONNOUSERSITE: '1' },
      version: '6.1.0',
    })
  } finally {
    await rm(dir, { recursive: true, force: true })
  }
})
