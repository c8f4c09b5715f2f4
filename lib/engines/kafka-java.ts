/**
 * How Java programs (Connect, Druid) reach a Kafka that runs elsewhere. Their settings can be read by others, in replies and logs, so
 * they hold no secret: user and password lie in a file for Java's own login (JAAS), which Kafka's clients ask.
 */
import type { KafkaCluster } from '#lib/external.ts'
import type { ConfFile } from '#lib/runtime/definition.ts'
import { trustedFile } from './elsewhere.ts'

/** All names are relative to the conf folder, in which each of these programs runs. */
const caFile = 'kafka-ca.pem'
const loginFile = 'kafka-login.conf'

type Security = Pick<KafkaCluster, 'tls' | 'sasl'> | null
type ClientSettings = Readonly<Record<string, string>>

/** Settings of any Kafka client beyond the address, for programs that run beside `kafkaClientFiles`. Empty for one of ours. */
export const kafkaClientSettings = (security: Security): ClientSettings =>
  settings(security, () => ({ 'ssl.truststore.location': caFile }))

/** As above, for a program that runs elsewhere and has none of our files: how it logs in, its own people must tell it. */
export const kafkaClientSettingsElsewhere = (security: Security): ClientSettings =>
  settings(security, (ca) => ({ 'ssl.truststore.certificates': ca.trim() }))

function settings(security: Security, trusting: (ca: string) => ClientSettings): ClientSettings {
  const { tls = null, sasl = null } = security ?? {}
  if (tls === null && sasl === null) return {}
  return {
    'security.protocol': sasl === null ? 'SSL' : tls === null ? 'SASL_PLAINTEXT' : 'SASL_SSL',
    ...(tls?.ca ? { 'ssl.truststore.type': 'PEM', ...trusting(tls.ca) } : {}),
    ...(sasl === null ? {} : { 'sasl.mechanism': sasl.mechanism }),
  }
}

/** Beside the program's own configuration. */
export function kafkaClientFiles(security: Security): ConfFile[] {
  const { tls = null, sasl = null } = security ?? {}
  const files = trustedFile(tls?.ca, caFile)
  if (sasl !== null)
    files.push({
      template: 'kafka/conf/login.conf',
      target: loginFile,
      values: {
        module: sasl.mechanism === 'PLAIN' ? 'plain.PlainLoginModule' : 'scram.ScramLoginModule',
        username: quoted(sasl.username),
        password: quoted(sasl.password),
      },
    })
  return files
}

export const kafkaClientJvmArgs = (security: Security): string[] =>
  security?.sasl ? [`-Djava.security.auth.login.config=${loginFile}`] : []

const quoted = (text: string): string => text.replace(/[\\"]/g, '\\$&')
