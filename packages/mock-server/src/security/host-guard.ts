// The first check of every request: is it meant for this server at all? A page on another site can make its own name
// resolve to 127.0.0.1 (DNS rebinding), so only known names with the right port are answered.

import type { IncomingMessage } from 'node:http'
import { networkInterfaces } from 'node:os'
import { createNetworks } from './networks.js'

export interface HostGuard {
  /** 403 for a foreign host, 400 for none or several; undefined when the request may pass. */
  refuse(request: IncomingMessage): 400 | 403 | undefined
  /** Whether the browser page behind a request, if any, is one of this server's own. */
  isSameOrigin(request: IncomingMessage): boolean
  /** Whether a request comes from this machine or a neighbour, and from no page of another site: what acts on the mock itself must. */
  isLocal(request: IncomingMessage): boolean
}

/** How a mock is called. */
export type Scheme = 'http' | 'https'

const LOOPBACK = ['localhost', '127.0.0.1', '[::1]']

/**
 * @param allowed further host names, with a port or for any port.
 * @param neighbours whence requests count as those of this machine.
 */
export function createHostGuard(
  host: string,
  port: number,
  allowed: readonly string[],
  scheme: Scheme = 'http',
  neighbours: readonly string[] = [],
): HostGuard {
  const networks = createNetworks(neighbours)
  const prefix = `${scheme}://`
  const usual = scheme === 'https' ? 443 : 80
  const isWildcard = host === '0.0.0.0' || host === '::'
  const own = isWildcard ? addresses() : [host.includes(':') ? `[${host}]` : host.toLowerCase()]
  const names = new Set(
    [...LOOPBACK, ...own].flatMap((name) => [`${name}:${port}`, ...(port === usual ? [name] : [])]),
  )
  const anyPort = new Set<string>()
  for (const name of allowed.map((text) => text.toLowerCase()))
    (/:\d+$/.test(name) ? names : anyPort).add(name)
  const isKnown = (value: string) =>
    names.has(value) ||
    names.has(value.toLowerCase()) ||
    anyPort.has(value.toLowerCase().replace(/:\d+$/, ''))

  const isSameOrigin = ({ headers }: IncomingMessage): boolean => {
    const { origin, 'sec-fetch-site': site } = headers
    if (site === 'cross-site' || site === 'same-site') return false
    return origin === undefined || (origin.startsWith(prefix) && isKnown(origin.slice(prefix.length)))
  }

  return {
    refuse({ headers: { host: sent }, rawHeaders }) {
      if (sent === undefined || sent === '') return 400
      let count = 0
      for (let i = 0; i < rawHeaders.length; i += 2) {
        const name = rawHeaders[i] ?? ''
        if (name.length === 4 && name.toLowerCase() === 'host') count++
      }
      if (count > 1) return 400
      return isKnown(sent) ? undefined : 403
    },
    isSameOrigin,
    isLocal(request) {
      const { remoteAddress = '' } = request.socket
      return (isLoopback(remoteAddress) || networks.has(remoteAddress)) && isSameOrigin(request)
    },
  }
}

const isLoopback = (address: string): boolean => address === '::1' || /^(::ffff:)?127\./.test(address)

function addresses(): string[] {
  return Object.values(networkInterfaces())
    .flat()
    .flatMap((found) =>
      found === undefined ? [] : [found.family === 'IPv6' ? `[${found.address}]` : found.address],
    )
}
