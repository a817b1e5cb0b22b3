// What a connection tells of its client's certificate (`mutualTLS`).

import type { IncomingMessage } from 'node:http'
import type { TLSSocket } from 'node:tls'
import type { ClientCertificate } from '../security/gate.js'

/** What a client has shown of itself. */
export function clientCertificateOf(socket: IncomingMessage['socket']): ClientCertificate {
  const { encrypted, authorized, getPeerCertificate } = socket as Partial<TLSSocket>
  if (encrypted !== true) return undefined
  if (authorized === true) return 'trusted'
  const shown = getPeerCertificate?.call(socket)
  return shown !== undefined && Object.keys(shown).length > 0 ? 'unknown' : 'none'
}
