// HTTP Digest (RFC 7616): nonces that this process has given out and that count for a while, each count of one once, and the
// response itself where the password is known.

import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'

export interface DigestRequest {
  readonly method: string
  /** The request target, query included. */
  readonly target: string
}

export type DigestResult = { readonly ok: true } | { readonly ok: false; readonly reason: DigestFault }
/** `stale`: right, but for a nonce that does not count any more: the client asks again by itself. */
export type DigestFault = 'malformed' | 'wrong' | 'stale'

export interface Digest {
  /** The values of `WWW-Authenticate`, the stronger algorithm first, with a new nonce. */
  challenges(isStale: boolean): readonly string[]
  /** @param known pairs such as `user:password`; any pair will do where it is undefined. */
  check(credential: string, request: DigestRequest, known: readonly string[] | undefined): DigestResult
}

/** The algorithms by their names here and in Node, with the length of their digests in hexadecimal. */
const ALGORITHMS = new Map([
  ['SHA-256', { hash: 'sha256', length: 64 }],
  ['MD5', { hash: 'md5', length: 32 }],
])
const REALM = 'api'
const NONCE_MS = 300_000
/** The oldest are forgotten: their clients get a new one. */
const MAX_NONCES = 2_000
const MAX_COUNTS = 10_000

interface Nonce {
  readonly at: number
  readonly counts: Set<string>
}

export function createDigest(now: () => number): Digest {
  const nonces = new Map<string, Nonce>()

  const newNonce = (): string => {
    const nonce = randomBytes(18).toString('base64url')
    nonces.set(nonce, { at: now(), counts: new Set() })
    const [oldest] = nonces.keys()
    if (nonces.size > MAX_NONCES && oldest !== undefined) nonces.delete(oldest)
    return nonce
  }
  /** Whether a count of a nonce is used for the first time. */
  const use = (nonce: string, count: string): boolean => {
    const known = nonces.get(nonce)
    const age = known === undefined ? Number.POSITIVE_INFINITY : now() - known.at
    if (known === undefined || age < 0 || age > NONCE_MS) return false
    if (known.counts.has(count) || known.counts.size >= MAX_COUNTS) return false
    known.counts.add(count)
    return true
  }

  return {
    challenges(isStale) {
      const nonce = newNonce()
      const stale = isStale ? ', stale=true' : ''
      return [...ALGORITHMS.keys()].map(
        (name) =>
          `Digest realm="${REALM}", qop="auth", algorithm=${name}, nonce="${nonce}", charset=UTF-8${stale}`,
      )
    },
    check(credential, { method, target }, known) {
      const sent = partsOf(credential)
      const part = (name: string): string => sent?.get(name) ?? ''
      const algorithm = ALGORITHMS.get((sent?.get('algorithm') ?? 'MD5').toUpperCase())
      const isWhole =
        algorithm !== undefined &&
        part('realm') === REALM &&
        part('qop') === 'auth' &&
        part('username') !== '' &&
        part('cnonce') !== '' &&
        /^[0-9a-f]{8}$/i.test(part('nc')) &&
        new RegExp(`^[0-9a-f]{${algorithm.length}}$`, 'i').test(part('response'))
      if (!isWhole) return { ok: false, reason: 'malformed' }
      // What was sent for another address shall not open this one (RFC 7616, section 3.4.6).
      if (part('uri') !== target) return { ok: false, reason: 'wrong' }
      const hash = (text: string): string => createHash(algorithm.hash).update(text).digest('hex')
      const responseOf = (password: string): string => {
        const owner = hash(`${part('username')}:${REALM}:${password}`)
        const rest = [part('nonce'), part('nc'), part('cnonce'), 'auth', hash(`${method}:${target}`)]
        return hash([owner, ...rest].join(':'))
      }
      const isRight =
        known === undefined ||
        known.some((pair) => {
          const colon = pair.indexOf(':')
          const isTheirs = pair.slice(0, colon) === part('username')
          return isEqual(responseOf(pair.slice(colon + 1)), part('response').toLowerCase()) && isTheirs
        })
      if (!isRight) return { ok: false, reason: 'wrong' }
      return use(part('nonce'), part('nc').toLowerCase()) ? { ok: true } : { ok: false, reason: 'stale' }
    },
  }
}

const isEqual = (a: string, b: string): boolean =>
  a.length === b.length && timingSafeEqual(Buffer.from(a), Buffer.from(b))

/** The parameters of a credential; undefined when one stands there twice. */
function partsOf(credential: string): ReadonlyMap<string, string> | undefined {
  const parts = new Map<string, string>()
  for (const [, name = '', quoted, plain] of credential.matchAll(PART)) {
    if (parts.has(name.toLowerCase())) return undefined
    parts.set(name.toLowerCase(), quoted?.replace(/\\(.)/g, '$1') ?? plain ?? '')
  }
  return parts
}

const PART = /(?:^|,)\s*([a-z]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s",]+))/gi
