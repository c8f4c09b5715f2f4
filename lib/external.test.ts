import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { loadConfig } from '#lib/config.ts'
import { kafkaClientFiles, kafkaClientJvmArgs, kafkaClientSettings } from '#lib/engines/kafka-java.ts'
import { externalServices, serviceDefinitions } from '#lib/engines/registry.ts'
import { readSettings, settingsFile } from '#lib/settings.ts'
import { siteOf } from '#lib/stack/choice.ts'

let home: string
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'aviary-external-'))
})
afterEach(() => rmSync(home, { recursive: true }))

const pem = '-----BEGIN CERTIFICATE-----\nMII\n-----END CERTIFICATE-----\n'
const mosquitto = { host: 'mqtt.example', port: 8883, tls: { ca: 'ca.pem' }, username: 'u', password: 's3cret' }
const sasl = { mechanism: 'SCRAM-SHA-512', username: 'k', password: 's3cret "\\' } as const
const kafka = { bootstrap: 'a:9093,b:9093', tls: {}, sasl }

const write = (external: unknown, mode = 0o600) => {
  writeFileSync(settingsFile(home), JSON.stringify({ external }))
  chmodSync(settingsFile(home), mode)
}
const config = () => loadConfig({ NODE_ENV: 'test', AVIARY_HOME: home })

describe('engines that run elsewhere', () => {
  it('take the place of the services that Aviary would run', () => {
    writeFileSync(join(home, 'ca.pem'), pem)
    write({ mosquitto, kafka })
    const site = siteOf(config(), 'process')
    expect(site.external.mosquitto).toMatchObject({ tls: { ca: pem }, login: { username: 'u', password: 's3cret' } })
    expect(externalServices(site).map(({ id, address }) => [id, address])).toEqual([
      ['mosquitto', 'mqtt.example:8883'],
      ['kafka', 'a:9093, b:9093'],
    ])
    expect(serviceDefinitions(site).map(({ id }) => id)).not.toEqual(expect.arrayContaining(['kafka', 'mosquitto']))
    const connect = serviceDefinitions(site).find(({ id }) => id === 'connect')
    const worker = connect?.files.find(({ target }) => target === 'worker.properties')?.values
    expect(worker).toMatchObject({ kafka: 'a:9093,b:9093', replicas: -1 })
    expect(worker?.more).toContain('\nproducer.security.protocol=SASL_SSL\n')
    expect(JSON.stringify(worker)).not.toContain('s3cret')
    expect(connect?.files.map(({ target }) => target)).toEqual(
      expect.arrayContaining(['mqtt-ca.pem', 'mqtt.properties', 'kafka-login.conf']),
    )
  })

  it.each([
    [{ mosquitto: { ...mosquitto, host: 'mqtts://s3cret' } }, 'external.mosquitto.host'],
    [{ mosquitto: { ...mosquitto, username: undefined } }, 'external.mosquitto'],
    [{ mosquitto: { ...mosquitto, tls: { ca: 'missing.pem' } } }, 'external.mosquitto.tls.ca'],
    [{ kafka: { bootstrap: 's3cret' } }, 'external.kafka.bootstrap'],
    [{ kafka: { ...kafka, sasl: { ...sasl, mechanism: 's3cret' } } }, 'external.kafka.sasl.mechanism'],
    // biome-ignore lint/suspicious/noTemplateCurlyInString: as Java's login would take it
    [{ kafka: { ...kafka, sasl: { ...sasl, password: '${s3cret}' } } }, 'external.kafka.sasl.password'],
    [{ hive: { host: 's3cret' } }, 'hive'],
  ])('with a fault are refused with the place, and nothing is quoted: %#', (external, place) => {
    write(external)
    expect(config).toThrow(place)
    expect(config).not.toThrow('s3cret')
  })

  it('keep their passwords from others', () => {
    write({ kafka }, 0o644)
    expect(readSettings(home).faults).toEqual([expect.stringContaining('chmod 600')])
    write({ kafka: { bootstrap: 'a:1' } }, 0o644)
    expect(readSettings(home).faults).toEqual([])
  })
})

describe('a Java client of Kafka', () => {
  it('is told nothing of one of ours', () => {
    expect([kafkaClientSettings(null), kafkaClientFiles(null), kafkaClientJvmArgs(null)]).toEqual([{}, [], []])
  })

  it('finds the password in a file for its login alone', () => {
    const security = { tls: { ca: pem }, sasl }
    expect(kafkaClientSettings(security)).toEqual({
      'security.protocol': 'SASL_SSL',
      'ssl.truststore.type': 'PEM',
      'ssl.truststore.location': 'kafka-ca.pem',
      'sasl.mechanism': 'SCRAM-SHA-512',
    })
    const [ca, login] = kafkaClientFiles(security)
    expect(ca?.values.certificates).toBe(pem.trim())
    expect(login?.values).toMatchObject({ module: 'scram.ScramLoginModule', password: 's3cret \\"\\\\' })
    expect(kafkaClientSettings({ tls: null, sasl })).toMatchObject({ 'security.protocol': 'SASL_PLAINTEXT' })
    expect(kafkaClientSettings({ tls: { ca: null }, sasl: null })).toEqual({ 'security.protocol': 'SSL' })
  })
})
