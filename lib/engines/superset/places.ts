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
  const [scheme, rest] = druid.url.split('://')
  const who = login ? `${encodeURIComponent(login.username)}:${masked}@` : ''
  return {
    values: {
      druidUri: `druid${scheme === 'https' ? '+https' : ''}://${who}${rest}/druid/v2/sql/`,
      // What pydruid verifies against: true are the certificates that Python trusts by itself.
      druidCertificates: ca ? druidCaFile : true,
      hiveUri,
    },
    passwords: login ? { 'databases/druid.yaml': login.password } : {},
  }
}
