// A request as Node's own servers and those above them have it (Express, Fastify), for the gate.

import type { ApiKey } from '../api-key.js'
import type { ScopeRequirement } from '../scopes.js'
import { type GateRequest, untrustedProxy } from './gate-request.js'
import { joinedField, type NodeFields, removeField } from './raw-fields.js'

/** What is read of a request. */
export interface ServerRequest extends NodeFields {
  readonly headers: Record<string, string | string[] | undefined>
  readonly url?: string | undefined
  /** Where the server changes `url` for what it mounts below a path. */
  readonly originalUrl?: string | undefined
  /** The client's address as the server knows it. */
  readonly ip?: string | undefined
  /** Node's own request, where the server has put another around it. */
  readonly raw?: NodeFields | undefined
}

/** A request whose record the guards of this process keep on it. */
export type GuardedRequest = ServerRequest & { apiKey?: ApiKey | null }

export interface ReadOptions<Request> {
  readonly scopes?: ScopeRequirement | undefined
  /** In place of `request.ip`. */
  readonly clientIp?: ((request: Request) => string | undefined) | undefined
}

/** Where a server trusts every proxy, clients choose their own address, so it counts as unknown. */
export const gateRequestOf = <Request extends GuardedRequest>(
  request: Request,
  { scopes, clientIp }: ReadOptions<Request> = {},
): GateRequest<Request> => ({
  request,
  scopes,
  url: request.originalUrl ?? request.url ?? '/',
  clientIp() {
    if (clientIp !== undefined) return clientIp(request)
    return letsClientChooseAddress(request) ? untrustedProxy : request.ip
  },
  countedId: () => request.apiKey?.id,
  accept(record) {
    request.apiKey = record
  },
  header(name) {
    const rawHeaders = request.rawHeaders ?? request.raw?.rawHeaders
    if (name === 'authorization' && rawHeaders !== undefined) return joinedField(rawHeaders, name)
    const value = request.headers[name]
    return Array.isArray(value) ? value.join(', ') : value
  },
  removeHeader(name) {
    removeField(request, name)
    if (request.raw !== undefined) removeField(request.raw, name)
  },
})

const PROBE = Array.from({ length: 100 }, (_, i) => `192.0.2.${i}`)

// Express and Fastify do not tell what `trust proxy` and `trustProxy` come to, but show what they make of an X-Forwarded-For.
function letsClientChooseAddress(request: ServerRequest): boolean {
  const raw = { headers: { 'x-forwarded-for': PROBE.join(', ') }, socket: { remoteAddress: '198.51.100.1' } }
  const probe: ServerRequest = Object.create(request, {
    raw: { value: raw },
    headers: { value: raw.headers },
    socket: { value: raw.socket },
    connection: { value: raw.socket },
  })
  return probe.ip === PROBE[0]
}
