import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { loadConfig } from '#lib/config.ts'
import {
  kafkaClientFiles,
  kafkaClientJvmArgs,
  kafkaClientSettings,
  kafkaClientSettingsElsewhere,
} from '#lib/engines/kafka-java.ts'
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

const druid = {
  ...{ url: 'https://druid.example:9088/', tls: { ca: 'ca.pem' }, username: 'd', password: 's3cret' },
  consumerProperties: { 'druid.dynamic.config.provider': { type: 'environment' } },
}

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

  it('are told of the certificates in a file, never of the key beside them', () => {
    writeFileSync(join(home, 'ca.pem'), `-----BEGIN PRIVATE KEY-----\nMII\n-----END PRIVATE KEY-----\n${pem}${pem}`)
    write({ mosquitto })
    expect(config().external.mosquitto?.tls).toEqual({ ca: pem + pem })
  })

  it('leave out all services of a Druid, and tell its tasks how to reach Kafka', () => {
    writeFileSync(join(home, 'ca.pem'), pem)
    write({ kafka: { ...kafka, tls: { ca: 'ca.pem' } }, druid })
    const site = siteOf(config(), 'process')
    expect(site.external.druid).toMatchObject({
      ...{ url: 'https://druid.example:9088', ca: pem, login: { username: 'd', password: 's3cret' } },
    })
    expect(serviceDefinitions(site).map(({ id }) => id)).toEqual(['mosquitto', 'connect', 'hive', 'superset'])
    expect(externalServices(site).at(-1)).toMatchObject({
      ...{ id: 'druid-router', address: 'https://druid.example:9088', users: ['superset'] },
      insteadOf: expect.arrayContaining(['zookeeper', 'druid-coordinator', 'druid-historical']),
    })
    expect(kafkaClientSettingsElsewhere(site.external.kafka)).toEqual({
      'security.protocol': 'SASL_SSL',
      'ssl.truststore.type': 'PEM',
      'ssl.truststore.certificates': pem.trim(),
      'sasl.mechanism': 'SCRAM-SHA-512',
    })
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
    [{ kafka, druid: { ...druid, url: 'https://u:s3cret@druid.example' } }, 'external.druid.url'],
    [{ kafka, druid: { ...druid, url: 'http://s3cret.example' } }, 'external.druid.tls'],
    [{ kafka, druid: { ...druid, username: undefined } }, 'external.druid'],
    [{ kafka, druid: { ...druid, username: 's3cret:u' } }, 'external.druid.username'],
    [{ kafka, druid: { ...druid, url: 'https://[::1]:9088' } }, 'external.druid.url'],
    [{ kafka, druid: { ...druid, url: 'https://druid.example:99999' } }, 'external.druid.url'],
    [{ kafka, druid: { ...druid, password: 's3crèt' } }, 'external.druid.password'],
    [{ druid }, 'external.druid: needs external.kafka too'],
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
    write(
      { kafka: { bootstrap: 'a:1' }, druid: { url: 'http://druid.example', consumerProperties: { a: 'b' } } },
      0o644,
    )
    expect(readSettings(home).faults).toEqual([expect.stringContaining('chmod 600')])
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
