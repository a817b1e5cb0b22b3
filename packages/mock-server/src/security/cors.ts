// Cross-origin access to the mocked API, off unless origins are named. The mock's own pages never have it.

import type { IncomingHttpHeaders } from 'node:http'

export interface Cors {
  /** Whether any origin may call. */
  readonly isOn: boolean
  /** The headers for an answer to this request. */
  headersFor(headers: IncomingHttpHeaders): Readonly<Record<string, string>>
  /** The headers that answer a preflight; undefined when the request is none, or its origin is not allowed. */
  preflight(method: string, headers: IncomingHttpHeaders): Readonly<Record<string, string>> | undefined
}

/** @param origins `*` lets every origin in. */
export function createCors(origins: readonly string[]): Cors {
  const allowed = new Set(origins)
  const originFor = (origin: string | undefined): string | undefined =>
    origin === undefined ? undefined : allowed.has('*') ? '*' : allowed.has(origin) ? origin : undefined
  return {
    isOn: allowed.size > 0,
    headersFor({ origin }) {
      const granted = originFor(origin)
      if (granted === undefined) return allowed.size === 0 ? {} : { vary: 'Origin' }
      return { 'access-control-allow-origin': granted, 'access-control-expose-headers': '*', vary: 'Origin' }
    },
    preflight(
      method,
      { origin, 'access-control-request-method': asked, 'access-control-request-headers': headers },
    ) {
      const granted = originFor(origin)
      if (method !== 'OPTIONS' || asked === undefined || granted === undefined) return undefined
      return {
        'access-control-allow-origin': granted,
        'access-control-allow-methods': asked,
        'access-control-allow-headers': headers ?? '*',
        'access-control-max-age': '600',
        vary: 'Origin, Access-Control-Request-Method, Access-Control-Request-Headers',
      }
    },
  }
}
