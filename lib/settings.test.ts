import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { loadConfig } from '#lib/config.ts'
import { changeSettings, readSettings, settingsFile } from './settings.ts'

let home: string
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'aviary-settings-'))
})
afterEach(() => rmSync(home, { recursive: true }))

const write = (content: unknown) =>
  writeFileSync(settingsFile(home), typeof content === 'string' ? content : JSON.stringify(content))

describe('settings', () => {
  it('are the defaults where there is no file', () => {
    expect(readSettings(home)).toEqual({ settings: {}, faults: [] })
  })

  it('are kept for their owner alone, and each change keeps the rest', () => {
    changeSettings(home, { runtime: 'docker' })
    expect(statSync(settingsFile(home)).mode & 0o777).toBe(0o600)
    changeSettings(home, {})
    expect(readSettings(home).settings).toEqual({ runtime: 'docker' })
  })

  it('are taken away by undefined', () => {
    changeSettings(home, { runtime: 'docker' })
    changeSettings(home, { runtime: undefined })
    expect(readSettings(home)).toEqual({ settings: {}, faults: [] })
  })

  it('with faults tell all of them with their place, and are not written over', () => {
    write({ runtime: 'podman', colour: 'blue' })
    const { faults } = readSettings(home)
    expect(faults).toHaveLength(2)
    expect(faults[0]).toContain('settings.json: runtime: ')
    expect(faults[1]).toContain('"colour"')
    expect(() => changeSettings(home, { runtime: 'process' })).toThrow('left as they are')
  })

  it('that are no JSON say where, and quote nothing', () => {
    write('{\n  "password": "s3cret"\n  "x": 1 }')
    const [fault] = readSettings(home).faults
    expect(fault).toContain('is not JSON')
    expect(fault).not.toContain('s3cret')
  })

  it('come with the configuration, their faults beside those of the environment', () => {
    write({ runtime: 'process' })
    const env = { NODE_ENV: 'test', AVIARY_HOME: home } as const
    expect(loadConfig(env).runtime?.kind).toBe('process')
    expect(loadConfig({ ...env, AVIARY_RUNTIME: 'docker' }).runtime?.kind).toBe('docker')
    write({ runtime: 1 })
    expect(() => loadConfig({ ...env, AVIARY_PORT_OFFSET: 'x' })).toThrow(
      /AVIARY_PORT_OFFSET[\s\S]*settings\.json: runtime/,
    )
  })
})
