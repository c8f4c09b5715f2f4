/** Where Superset finds its databases: SQLAlchemy URIs, whose password travels apart from what describes a database. */
import type { DruidAddress } from '#lib/external.ts'

/** Beside Superset's own configuration, in the folder in which it runs. */
export const druidCaFile = 'druid-ca.pem'

/** As Superset writes a password that is told apart (PASSWORD_MASK). */
const masked = 'X'.repeat(10)

export interface DatabasePlaces {
  /** For the assets to fill in. */
  readonly values: Readonly<Record<string, string | boolean>>
  /** By the path of the database in an import. */
  readonly passwords: Readonly<Record<string, string>>
}

/** `hiveUri`: as it stands, because Hive has no password. */
export function databasePlaces(druid: DruidAddress, hiveUri: string): DatabasePlaces {
  const { login, ca } = druid
  const { protocol, hostname, port, pathname } = new URL(druid.url)
  const tls = protocol === 'https:'
  // Left out, pydruid takes 8082, whatever the scheme.
  const where = `${hostname}:${port || (tls ? 443 : 80)}${pathname.replace(/\/+$/, '')}`
  const who = login ? `${encodeURIComponent(login.username)}:${masked}@` : ''
  return {
    values: {
      druidUri: `druid${tls ? '+https' : ''}://${who}${where}/druid/v2/sql/`,
      // What pydruid verifies against: true are the certificates that come with Python's requests.
      druidCertificates: ca ? druidCaFile : true,
      hiveUri,
    },
    // Superset writes it into a URI without escaping percent signs, and takes that apart again.
    passwords: login ? { 'databases/druid.yaml': login.password.replaceAll('%', '%25') } : {},
  }
}
