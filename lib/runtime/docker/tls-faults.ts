/** Why TLS with an engine comes to nothing, told with what to do. Codes: https://nodejs.org/api/tls.html#x509-certificate-error-codes. */
import { X509Certificate } from 'node:crypto'
import type { EngineAddress } from './wire.ts'

type TlsAddress = Extract<EngineAddress, { host: string }>

export interface TlsFault {
  /** Without one nothing but proof is missing: `denied`. */
  readonly code?: 'unreachable'
  readonly problem: string
  readonly hint: string
}

const otherIssuer = [
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'CERT_SIGNATURE_FAILURE',
]

const newOne =
  'Give the engine a new one (dockerd --tlscert) and start it again, or set the clock of this machine right.'

/** null for a failure that has nothing to do with TLS. */
export function tlsFault(code: string, message: string, address: TlsAddress): TlsFault | null {
  const place = `${address.host}:${address.port}`
  if (otherIssuer.includes(code))
    return {
      problem: `The certificate of the engine at ${place} is not of the CA in ca.pem`,
      hint: 'Take the ca.pem of the CA that issued it, and start the console again.',
    }
  if (code === 'CERT_HAS_EXPIRED')
    return { problem: `The certificate of the engine at ${place} is not valid any more`, hint: newOne }
  if (code === 'CERT_NOT_YET_VALID')
    return { problem: `The certificate of the engine at ${place} is not valid yet`, hint: newOne }
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID')
    return {
      problem: `The certificate of the engine at ${place} is for another name`,
      hint: `Address the engine by a name in its certificate, or issue it one with the subject alternative name ${address.host}.`,
    }
  if (code === 'EPROTO')
    return {
      problem: `What listens at ${place} does not speak TLS`,
      hint: 'Start the engine with --tlsverify, or use its socket: without certificates whoever reaches the port has its machine.',
    }
  if (/^ERR_OSSL_(X509|PEM|ASN1|EVP|UNSUPPORTED|BAD)/.test(code))
    return {
      problem: `ca.pem, cert.pem and key.pem for the engine at ${place} cannot be used: ${message}`,
      hint: 'Each must be in PEM, the key without a password and belonging to cert.pem.',
    }
  // The engine's alerts; a reset is one that came too late to be read.
  if (
    /^ERR_SSL_.*(CERT|UNKNOWN_CA|HANDSHAKE_FAILURE)/.test(code) ||
    (code === 'ECONNRESET' && expiry(address) !== null)
  )
    return refusedBecause(place, expiry(address))
  if (code.startsWith('ERR_SSL_') || code.startsWith('ERR_TLS_'))
    return { problem: `TLS with the engine at ${place} fails: ${message}`, hint: 'See the log of the engine.' }
  // At the end of an engine too, so it is not sure.
  if (code === 'ECONNRESET')
    return {
      code: 'unreachable',
      problem: `The engine at ${place} breaks off the connection`,
      hint: 'If it runs, it may not accept the certificate in cert.pem: see its log.',
    }
  return null
}

function refusedBecause(place: string, ended: string | null): TlsFault {
  return {
    problem:
      ended === null
        ? `The engine at ${place} does not accept the certificate in cert.pem`
        : `The engine at ${place} does not accept the certificate in cert.pem: it ended at ${ended}`,
    hint: "It must be valid, for clients, and of the engine's own CA (dockerd --tlscacert). Take such a one, and start the console again.",
  }
}

/** When the client's certificate ended; null while it holds, and where it cannot be read. */
function expiry({ cert }: TlsAddress): string | null {
  try {
    const { validTo } = new X509Certificate(cert)
    return Date.parse(validTo) < Date.now() ? new Date(validTo).toISOString() : null
  } catch {
    return null
  }
}
