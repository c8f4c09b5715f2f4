import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { loadConfig } from '#lib/config.ts'
import { settingsFile } from '#lib/settings.ts'
import { nameParts } from './vendor-images.ts'

const digest = `sha256:${'a'.repeat(64)}`

let home: string
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'aviary-vendor-'))
})
afterEach(() => rmSync(home, { recursive: true }))

function configOf(images: unknown) {
  writeFileSync(settingsFile(home), JSON.stringify({ images }))
  return loadConfig({ NODE_ENV: 'test', AVIARY_HOME: home })
}
function faultsOf(images: unknown): readonly string[] {
  try {
    configOf(images)
    return []
  } catch (error) {
    return (error as { faults: string[] }).faults
  }
}

describe('images of vendors', () => {
  it('are named by tag or by digest, from any registry', () => {
    const images = { mosquitto: 'eclipse-mosquitto:2.0.22', kafka: `localhost:5000/apache/kafka@${digest}` }
    expect(configOf(images).images).toEqual(images)
    expect(nameParts(images.mosquitto)).toEqual({ fromImage: 'eclipse-mosquitto', tag: '2.0.22' })
    expect(nameParts(images.kafka)).toEqual({ fromImage: 'localhost:5000/apache/kafka', tag: digest })
    expect(nameParts('localhost:5000/kafka:4')).toEqual({ fromImage: 'localhost:5000/kafka', tag: '4' })
  })

  it('that cannot be used are told all at once, each with its place and reason', () => {
    expect(faultsOf({ mosquitto: 'eclipse-mosquitto', kafka: 'aviary/kafka:1' })).toEqual([
      expect.stringMatching(/settings\.json: images\.mosquitto: must be an image with its tag or digest/),
      expect.stringMatching(/settings\.json: images\.kafka: must not be one of Aviary's own/),
    ])
    expect(faultsOf({ connect: 'apache/kafka:4', superset: 'apache/superset:5', hive: 'apache/hive:4.0.1' })).toEqual([
      expect.stringMatching(/images\.connect: cannot be another image: it needs Aviary's connectors/),
      expect.stringMatching(/images\.hive: cannot be another image: .*Java 17/),
      expect.stringMatching(/images\.superset: cannot be another image: .*drivers for Druid and Hive/),
    ])
  })

  it.each(['x', 'a b:1', '../x:1', 'x:1?y', 'http://x/y:1', 'X:1', `x@sha256:ab`, 'x:'])('are not "%s"', (name) => {
    expect(faultsOf({ kafka: name })).toHaveLength(1)
  })

  it('are not of services that nobody knows', () => {
    expect(faultsOf({ redis: 'redis:7' })).toEqual([expect.stringContaining('images')])
  })

  it('are told to a gate by its environment', () => {
    const env = { NODE_ENV: 'test', AVIARY_HOME: home } as const
    expect(loadConfig({ ...env, AVIARY_IMAGES: 'apache/kafka:4.1.0, x:1' }).gateImages).toEqual([
      'apache/kafka:4.1.0',
      'x:1',
    ])
    expect(() => loadConfig({ ...env, AVIARY_IMAGES: 'kafka' })).toThrow(/AVIARY_IMAGES/)
  })
})
