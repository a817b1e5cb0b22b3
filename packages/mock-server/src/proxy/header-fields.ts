// The header fields of a forwarded message: which of them are for one connection only, and which name an address that
// the proxy has changed (RFC 9110, sections 7.6 and 10.2.2).

import type { IncomingMessage } from 'node:http'

export type Fields = Record<string, string | string[]>

/** For one connection, or for a proxy of the client's own. Bodies are framed anew, and `expect` is answered here. */
const OF_THE_CONNECTION: readonly string[] = [
  'connection',
  'keep-alive',
  'proxy-connection',
  'proxy-authenticate',
  'proxy-authentication-info',
  'proxy-authorization',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'http2-settings',
]

/** What one side sent, without what was for its connection, and what `Connection` names besides. */
function endToEnd({ headersDistinct, headers }: IncomingMessage): Fields {
  const named = (headers.connection ?? '').split(',').map((name) => name.trim().toLowerCase())
  const left = new Set([...OF_THE_CONNECTION, ...named])
  const fields: Fields = {}
  for (const [name, values = []] of Object.entries(headersDistinct)) {
    const [first, ...more] = values
    // HTTP/2 has fields of its own, such as `:path`.
    if (first === undefined || left.has(name) || name.startsWith(':')) continue
    fields[name] = more.length === 0 ? first : values
  }
  return fields
}

/** @param pseudonym how the proxy calls itself in `Via`. */
export function requestFields(request: IncomingMessage, upstream: URL, pseudonym: string): Fields {
  // The call of an agent is told apart by this mock alone.
  const { host: _, expect: _expect, 'mock-call': _call, 'max-forwards': hops, ...fields } = endToEnd(request)
  const via = [fields.via ?? [], `${request.httpVersion} ${pseudonym}`].flat().join(', ')
  return {
    ...fields,
    ...(hops === undefined ? {} : { 'max-forwards': String(Math.max(0, Number(hops) - 1)) }),
    host: upstream.host,
    via,
  }
}

/** Whether this proxy has forwarded a request before: it has been pointed at itself, perhaps through others. */
export const hasPassed = ({ headers: { via = '' } }: IncomingMessage, pseudonym: string): boolean =>
  String(via).includes(pseudonym)

/** @param origin where clients reach the proxy. */
export function responseFields(response: IncomingMessage, upstream: URL, origin: string): Fields {
  const fields = endToEnd(response)
  for (const name of ['location', 'content-location'] as const) {
    const address = fields[name]
    if (typeof address === 'string') fields[name] = broughtHome(address, upstream, origin)
  }
  const cookies = fields['set-cookie']
  if (cookies !== undefined)
    fields['set-cookie'] = [cookies].flat().map((cookie) => hostOnly(cookie, upstream))
  return fields
}

/** An address of upstream as one of the proxy, so that clients who follow it stay. */
function broughtHome(address: string, upstream: URL, origin: string): string {
  const target = URL.canParse(address) ? new URL(address) : undefined
  if (target === undefined || target.origin !== upstream.origin) return address
  const base = upstream.pathname.replace(/\/$/, '')
  const isBelow = target.pathname === base || target.pathname.startsWith(`${base}/`)
  if (!isBelow) return address
  return `${origin}${target.pathname.slice(base.length) || '/'}${target.search}${target.hash}`
}

/** A cookie that upstream sets for its own domain is for whoever sent it: browsers know it by the proxy's host. */
function hostOnly(cookie: string, { hostname }: URL): string {
  return cookie.replace(/;\s*domain=([^;]*)/i, (attribute, domain: string) => {
    const own = domain.trim().replace(/^\./, '').toLowerCase()
    return hostname === own || hostname.endsWith(`.${own}`) ? '' : attribute
  })
}
