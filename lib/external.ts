/**
 * Engines that run elsewhere: an address, with TLS and credentials, in place of something that Aviary runs. Said in the member
 * `external` of AVIARY_HOME/settings.json. Passwords are meant for clients and for configuration files of mode 0600 alone.
 */
import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { z } from 'zod'

export interface Tls {
  /** Certificates to trust, PEM; null for those that Node and Java trust by themselves. */
  readonly ca: string | null
}

export interface Login {
  readonly username: string
  readonly password: string
}

export interface MqttBroker {
  readonly host: string
  readonly port: number
  /** null: not encrypted. */
  readonly tls: Tls | null
  /** null: anonymous. */
  readonly login: Login | null
}

/** An address alone is one of ours, which asks for nothing. */
export type MqttAddress = Pick<MqttBroker, 'host' | 'port'> & Partial<MqttBroker>

export const saslMechanisms = ['PLAIN', 'SCRAM-SHA-256', 'SCRAM-SHA-512'] as const

export interface KafkaCluster {
  /** `host:port` of one broker or more. */
  readonly brokers: readonly string[]
  readonly tls: Tls | null
  readonly sasl: {
    readonly mechanism: (typeof saslMechanisms)[number]
    readonly username: string
    readonly password: string
  } | null
}

export interface DruidCluster {
  /** Of its Router, without a trailing slash; `https` is verified. */
  readonly url: string
  /** Certificates to trust, PEM; null for those that are trusted anyway, and where nothing is encrypted. */
  readonly ca: string | null
  /** By HTTP's basic authentication; null: anonymous. */
  readonly login: Login | null
  /** What its tasks need beyond Aviary's own settings to read Kafka: its people say how they get at a password. */
  readonly consumerProperties: Readonly<Record<string, unknown>>
}

/** An address alone is one of ours, which asks for nothing. */
export type DruidAddress = Pick<DruidCluster, 'url'> & Partial<DruidCluster>

export const isExternal = (druid: DruidAddress): druid is DruidCluster => druid.login !== undefined

/** null: Aviary runs it. */
export interface External {
  readonly mosquitto: MqttBroker | null
  readonly kafka: KafkaCluster | null
  readonly druid: DruidCluster | null
}

export const nothingExternal: External = { mosquitto: null, kafka: null, druid: null }

// No message here may quote what was given.
const host = z
  .string()
  .regex(/^[A-Za-z0-9._-]+$|^[0-9A-Fa-f:.]+$/, 'must be a host name or address, without scheme or port')
const port = z.number().int().min(1).max(65_535)
const tls = z.strictObject({ ca: z.string().min(1).optional() })
const plain = 'must be printable, without line breaks'
/** It stands in a file for Java's login (JAAS), which puts system properties in the place of `${…}`. */
const word = z
  .string()
  .min(1)
  .max(500)
  .regex(/^[^\p{Cc}]+$/u, plain)
  .regex(/^(?!.*\$\{)/, 'must not contain "${"')

const urlFault =
  'must be http://HOST:PORT or https://HOST:PORT, without user, password or query, and not an IPv6 address'
/** Credentials have members of their own, and Druid's paths follow. Superset's client (pydruid) writes IPv6 without brackets. */
const url = z
  .string()
  .regex(/^https?:\/\/[A-Za-z0-9._-]+(:\d{1,5})?(\/[A-Za-z0-9._~/-]*)?$/, urlFault)
  .refine(URL.canParse, urlFault)

interface MaybeLogin {
  readonly username?: string | undefined
  readonly password?: string | undefined
}
const wholeLogin = ({ username, password }: MaybeLogin) => (username === undefined) === (password === undefined)
const halfLogin = { message: 'needs username and password, or neither' }
const loginOf = ({ username, password }: MaybeLogin): Login | null =>
  username === undefined || password === undefined ? null : { username, password }

const ascii = 'must be of ASCII letters, digits and signs'

const engines = z.strictObject({
  mosquitto: z
    .strictObject({ host, port, tls: tls.optional(), username: word.optional(), password: word.optional() })
    .refine(wholeLogin, halfLogin)
    .optional(),
  druid: z
    .strictObject({
      url,
      tls: tls.optional(),
      // Superset's client and Druid write other letters differently in a header.
      username: word
        .regex(/^[\x20-\x7e]+$/, ascii)
        .regex(/^[^:%]+$/, 'must not contain ":" or "%"')
        .optional(),
      password: word.regex(/^[\x20-\x7e]+$/, ascii).optional(),
      consumerProperties: z.record(z.string(), z.unknown()).optional(),
    })
    .refine(wholeLogin, halfLogin)
    .refine((druid) => druid.tls === undefined || druid.url.startsWith('https:'), {
      path: ['tls'],
      message: 'needs a url that begins with https://',
    })
    .optional(),
  kafka: z
    .strictObject({
      bootstrap: z
        .string()
        .regex(
          /^[A-Za-z0-9._-]+:\d{1,5}(,[A-Za-z0-9._-]+:\d{1,5})*$/,
          'must be HOST:PORT, several separated by commas',
        ),
      tls: tls.optional(),
      sasl: z.strictObject({ mechanism: z.enum(saslMechanisms), username: word, password: word }).optional(),
    })
    .optional(),
})

export const ExternalSettings = engines.refine((given) => given.druid === undefined || given.kafka !== undefined, {
  path: ['druid'],
  message:
    'needs external.kafka too: a Druid elsewhere reads from a Kafka that it reaches, and ours serves this machine alone',
})
export type ExternalSettings = z.infer<typeof ExternalSettings>

/** `faults`: files of certificates that cannot be used, each with its place. Paths are taken from `dir`. */
export function resolveExternal(
  { mosquitto, kafka, druid }: ExternalSettings,
  dir: string,
): { external: External; faults: readonly string[] } {
  const faults: string[] = []
  const tlsOf = (given: { ca?: string | undefined } | undefined, place: string): Tls | null => {
    if (given === undefined) return null
    if (given.ca === undefined) return { ca: null }
    const file = resolve(dir, given.ca)
    try {
      // A key may lie in the same file, and certificates are handed on and shown.
      const found =
        readFileSync(file, 'utf8').match(/-----BEGIN CERTIFICATE-----[\s\S]*?-----END CERTIFICATE-----/g) ?? []
      if (found.length === 0) faults.push(`${place}.tls.ca: ${file} holds no PEM certificate`)
      return { ca: found.map((certificate) => `${certificate}\n`).join('') }
    } catch (error) {
      faults.push(`${place}.tls.ca: ${file} cannot be read (${(error as NodeJS.ErrnoException).code})`)
      return { ca: null }
    }
  }
  const external: External = {
    mosquitto: mosquitto
      ? {
          host: mosquitto.host,
          port: mosquitto.port,
          tls: tlsOf(mosquitto.tls, 'external.mosquitto'),
          login: loginOf(mosquitto),
        }
      : null,
    kafka: kafka
      ? {
          brokers: kafka.bootstrap.split(','),
          tls: tlsOf(kafka.tls, 'external.kafka'),
          sasl: kafka.sasl ?? null,
        }
      : null,
    druid: druid
      ? {
          url: druid.url.replace(/\/+$/, ''),
          ca: tlsOf(druid.tls, 'external.druid')?.ca ?? null,
          login: loginOf(druid),
          consumerProperties: druid.consumerProperties ?? {},
        }
      : null,
  }
  return { external, faults }
}
