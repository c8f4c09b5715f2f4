import { mkdtemp, readdir, readFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { loadConfig } from '#lib/config.ts'
import { serviceDefinitions } from '#lib/engines/registry.ts'
import { render, writeConf } from './conf.ts'
import { processSite } from './site.ts'

describe('configuration', () => {
  it('is filled in', () => {
    // biome-ignore lint/suspicious/noTemplateCurlyInString: the templates' own notation
    expect(render('listener ${port} ${bind}', { port: 1883, bind: '::1' }, 't')).toBe('listener 1883 ::1')
  })

  it('fails on a name without a value, and on a value without a name', () => {
    // biome-ignore lint/suspicious/noTemplateCurlyInString: the templates' own notation
    expect(() => render('${prot}', { port: 1 }, 'server.properties')).toThrow(/server\.properties asks for \$\{prot\}/)
    expect(() => render('', { port: 1 }, 'server.properties')).toThrow(/does not use port/)
  })

  it('of every service fits its templates, and leaves no half-written file', async () => {
    const home = await mkdtemp(join(tmpdir(), 'aviary-conf-'))
    const config = loadConfig({ NODE_ENV: 'test', AVIARY_HOME: home, AVIARY_PORT_OFFSET: '5000' })
    for (const { id, files } of serviceDefinitions(processSite(config))) {
      const dir = join(home, id)
      await writeConf(files, join(config.rootDir, 'docker'), dir)
      expect((await readdir(dir)).sort()).toEqual(files.map(({ target }) => target).sort())
    }
    expect(await readFile(join(home, 'kafka', 'server.properties'), 'utf8')).toContain('PLAINTEXT://127.0.0.1:14092')
  })
})
