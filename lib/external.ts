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

export interface MqttBroker {
  readonly host: string
  readonly port: number
  /** null: not encrypted. */
  readonly tls: Tls | null
  /** null: anonymous. */
  readonly login: { readonly username: string; readonly password: string } | null
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

/** null: Aviary runs it. */
export interface External {
  readonly mosquitto: MqttBroker | null
  readonly kafka: KafkaCluster | null
}

export const nothingExternal: External = { mosquitto: null, kafka: null }

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

export const ExternalSettings = z.strictObject({
  mosquitto: z
    .strictObject({ host, port, tls: tls.optional(), username: word.optional(), password: word.optional() })
    .refine((broker) => (broker.username === undefined) === (broker.password === undefined), {
      message: 'needs username and password, or neither',
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
export type ExternalSettings = z.infer<typeof ExternalSettings>

/** `faults`: files of certificates that cannot be used, each with its place. Paths are taken from `dir`. */
export function resolveExternal(
  { mosquitto, kafka }: ExternalSettings,
  dir: string,
): { external: External; faults: readonly string[] } {
  const faults: string[] = []
  const tlsOf = (given: { ca?: string | undefined } | undefined, place: string): Tls | null => {
    if (given === undefined) return null
    if (given.ca === undefined) return { ca: null }
    const file = resolve(dir, given.ca)
    try {
      const ca = readFileSync(file, 'utf8')
      if (!ca.includes('-----BEGIN CERTIFICATE-----')) faults.push(`${place}.tls.ca: ${file} holds no PEM certificate`)
      return { ca }
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
          login:
            mosquitto.username === undefined || mosquitto.password === undefined
              ? null
              : { username: mosquitto.username, password: mosquitto.password },
        }
      : null,
    kafka: kafka
      ? {
          brokers: kafka.bootstrap.split(','),
          tls: tlsOf(kafka.tls, 'external.kafka'),
          sasl: kafka.sasl ?? null,
        }
      : null,
  }
  return { external, faults }
}
