// Which pages may call the management API: those of its own origin, and those of origins that the host has named. Browsers say
// by themselves where a request comes from, so that no page of another site can use a login, or a machine's network.

import { type Check, listOf, OptionError } from '@gosend/options'
import type { Request, RequestHandler, Response } from 'express'
import { ManagementError, otherSite } from './errors.js'

/** An origin as browsers write it. */
export const origin: Check<string> = (value, path) => {
  const origin = typeof value === 'string' && URL.canParse(value) ? new URL(value).origin : 'null'
  if (origin !== value || !/^https?:[^*]+$/.test(origin)) {
    const meant = /^https?:/.test(origin) ? `, here ${origin}` : ''
    throw new OptionError(path, `must be an origin such as https://console.example.com${meant}`)
  }
  return origin
}

export const origins = listOf(origin, 'must be a list of origins such as https://console.example.com')

/**
 * Middleware that refuses requests of other pages, and answers those of `allowedOrigins` as CORS requires. A request that says
 * nothing of a page, as programs send them, passes: whether it may do anything is for the credential to say.
 *
 * A page that has pointed a name of its own at this server (DNS rebinding) is of the same origin, and passes. It gets nowhere by
 * that: it knows no admin key, and browsers keep cookies by name.
 */
export function refuseOtherPages(allowedOrigins: readonly string[]): RequestHandler {
  const allowed = new Set(allowedOrigins)
  return (request, response, next) => {
    const { origin } = request.headers
    if (allowed.size > 0) response.vary('Origin')
    if (origin !== undefined && allowed.has(origin)) {
      return letRead(request, response, origin) ? void response.status(204).end() : next()
    }
    if (!isOwnPage(request)) throw new ManagementError(otherSite)
    next()
  }
}

// No page can set or change `Sec-Fetch-Site` (https://www.w3.org/TR/fetch-metadata/), and it says what the browser knows, whatever
// a proxy has made of `Host`. Browsers send it over TLS and to loopback only; elsewhere the origin has to be that of the server.
function isOwnPage(request: Request): boolean {
  const { origin, 'sec-fetch-site': site } = request.headers
  if (origin === 'null' || origin === '') return false
  if (site === 'same-origin') return true
  if (site !== undefined && site !== 'none') return false
  if (origin === undefined) return true
  // Nobody's page, but the person at the browser, through an extension that may call this server.
  if (site === 'none' && !/^https?:/i.test(origin)) return true
  const host = hostOf(request)?.toLowerCase()
  const page = origin.toLowerCase()
  return SCHEMES.some(([scheme, port]) => page === scheme + host || page + port === scheme + host)
}

/** With the port, which `request.host` of Express 4 does not have. */
function hostOf({ app, headers, socket }: Request): string | undefined {
  const forwarded = headers['x-forwarded-host']?.toString().split(',', 1)[0]?.trimEnd()
  const isTrusted: boolean = forwarded !== undefined && app.get('trust proxy fn')(socket.remoteAddress, 0)
  return isTrusted ? forwarded : headers.host
}

// The scheme is not compared: behind a proxy that ends TLS the server does not know its own.
// Browsers leave out the port that a scheme has by default, and some proxies name it.
const SCHEMES = [
  ['http://', ':80'],
  ['https://', ':443'],
] as const

const READABLE = 'Idempotent-Replayed, Link, Retry-After, WWW-Authenticate'
const PREFLIGHT_SECONDS = '600'

/** Lets the page read the answer. Whether the request was a preflight, which needs no other answer. */
function letRead(request: Request, response: Response, origin: string): boolean {
  response.set({
    'Access-Control-Allow-Origin': origin,
    'Access-Control-Allow-Credentials': 'true',
    'Access-Control-Expose-Headers': READABLE,
  })
  if (request.method !== 'OPTIONS' || !request.get('Access-Control-Request-Method')) return false
  response.set({
    'Access-Control-Allow-Methods': 'GET, POST, PATCH, DELETE',
    // What a host's login goes by is its own: `Authorization`, a token against forgery, an admin key.
    'Access-Control-Allow-Headers': request.get('Access-Control-Request-Headers') ?? '',
    'Access-Control-Max-Age': PREFLIGHT_SECONDS,
  })
  return true
}
