// Whether an Express application's `trust proxy` lets every client choose its own address.

/** What is asked of an Express application. */
export interface AppSettings {
  get(name: string): unknown
}

/**
 * `trust proxy: true` believes every X-Forwarded-For, so the client decides what `request.ip` is. Addresses of nobody
 * show whether a function, a network or a number of proxies comes to the same.
 */
export function letsClientChooseAddress(app: AppSettings): boolean {
  if (app.get('trust proxy') === true) return true
  const trusts = app.get('trust proxy fn')
  return (
    typeof trusts === 'function' &&
    PROBES.some((addresses) => addresses.every((address, i) => trusts(address, i)))
  )
}

// Set aside for documentation (RFC 5737 and RFC 3849), each as far from this server as its place says.
const PROBES = ['192.0.2.', '2001:db8::'].map((network) => Array.from({ length: 100 }, (_, i) => network + i))

export const PROXY_ADVICE =
  "set Express's `trust proxy` to the number of your proxies or to their addresses, not to true"

let isWarned = false

export function warnOfProxies(): void {
  if (isWarned) return
  isWarned = true
  process.emitWarning(
    `A key with an IP allowlist was refused because the client's address is not known: ${PROXY_ADVICE}`,
    {
      type: 'ApiKeysWarning',
      code: 'UNTRUSTED_PROXY',
    },
  )
}
