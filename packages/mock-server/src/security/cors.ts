// Cross-origin access to the mocked API (Fetch standard, CORS protocol): for pages of this machine unless other origins
// are named. The mock's own pages and its control plane never have it.

import type { IncomingHttpHeaders } from 'node:http'

type Fields = Readonly<Record<string, string>>

export type Preflight =
  | { readonly ok: true; readonly headers: Fields }
  | { readonly ok: false; readonly message: string }

export interface Cors {
  /** What lets the page behind a request read an answer that has these header fields. */
  headersFor(request: IncomingHttpHeaders, answer: Readonly<Record<string, unknown>>): Fields
  /** The answer to a preflight; undefined when the request is none. */
  preflight(method: string, headers: IncomingHttpHeaders): Preflight | undefined
}

/** In a list of origins: every page that this machine serves, on any port. */
export const LOCAL = 'local'
const ANY = '*'

/** Names that browsers resolve to loopback themselves, so that nobody's DNS can give them to another machine. */
const LOCAL_ORIGIN = /^https?:\/\/(?:(?:[a-z\d-]+\.)*localhost|127(?:\.\d{1,3}){3}|\[::1\])(?::\d{1,5})?$/i

const NOTHING: Fields = {}
const VARY: Fields = { vary: 'Origin' }

/** @param origins `*` is every origin, without credentials; `local` is every page of this machine. */
export function createCors(origins: readonly string[]): Cors {
  const named = new Set(origins.filter((origin) => origin !== ANY && origin !== LOCAL))
  const isOpen = origins.includes(ANY)
  const isLocal = origins.includes(LOCAL)
  const isDependent = isLocal || named.size > 0
  const grantFor = (origin: string): Fields | undefined => {
    const isAllowed = named.has(origin) || (isLocal && LOCAL_ORIGIN.test(origin))
    // Any page can hide its origin and be `null`: it gets no credentials.
    if (isAllowed && origin !== 'null')
      return { 'access-control-allow-origin': origin, 'access-control-allow-credentials': 'true' }
    if (isOpen) return { 'access-control-allow-origin': ANY }
    return isAllowed ? { 'access-control-allow-origin': origin } : undefined
  }

  return {
    headersFor({ origin }, answer) {
      const vary = isDependent ? VARY : NOTHING
      const grant = origin === undefined ? undefined : grantFor(origin)
      if (grant === undefined) return vary
      // With credentials, a `*` would be the name of a field.
      return { ...grant, 'access-control-expose-headers': Object.keys(answer).join(', '), ...vary }
    },
    preflight(method, headers) {
      const { origin, 'access-control-request-method': asked } = headers
      if (method !== 'OPTIONS' || asked === undefined || origin === undefined) return undefined
      const grant = grantFor(origin)
      if (grant === undefined)
        return {
          ok: false,
          message: `CORS: pages of ${origin} may not call this mock. Start it with --cors-origin ${origin} (option corsOrigins), or with --cors for pages of every origin`,
        }
      const names = headers['access-control-request-headers']
      const isPrivate = headers['access-control-request-private-network'] === 'true'
      return {
        ok: true,
        headers: {
          ...grant,
          'access-control-allow-methods': asked,
          ...(names === undefined ? {} : { 'access-control-allow-headers': names }),
          ...(isPrivate ? { 'access-control-allow-private-network': 'true' } : {}),
          'access-control-max-age': '600',
          vary: 'Origin, Access-Control-Request-Method, Access-Control-Request-Headers',
        },
      }
    },
  }
}
