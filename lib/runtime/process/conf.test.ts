import { mkdtempDisposable, readdir, readFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { loadConfig } from '#lib/config.ts'
import { serviceDefinitions } from '#lib/engines/registry.ts'
import { writeConf } from './conf.ts'
import { processSite } from './site.ts'

describe('configuration', () => {
  it('of every service fits its templates, and leaves no half-written file', async () => {
    await using folder = await mkdtempDisposable(join(tmpdir(), 'aviary-conf-'))
    const home = folder.path
    const config = loadConfig({ NODE_ENV: 'test', AVIARY_HOME: home, AVIARY_PORT_OFFSET: '5000' })
    for (const { id, files } of serviceDefinitions(processSite(config))) {
      const dir = join(home, id)
      await writeConf(files, join(config.rootDir, 'docker'), dir)
      expect((await readdir(dir)).sort()).toEqual(files.map(({ target }) => target).sort())
    }
    expect(await readFile(join(home, 'kafka', 'server.properties'), 'utf8')).toContain('INSIDE://127.0.0.1:14092')
  })
})
