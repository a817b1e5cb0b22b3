// A curl command that calls an operation with the credential that its security scheme asks for.

import type { SecurityScheme } from './security-scheme.js'

export interface CurlOptions {
  readonly address: string
  readonly security: SecurityScheme | undefined
  /** The API key, or what a shell replaces by it: `$API_KEY`. */
  readonly key: string
  /** What shells take as a quotation mark: `'` takes everything as it is, `"` replaces variables. */
  readonly quote: "'" | '"'
}

export function curlOf({ address, security, key, quote }: CurlOptions): string {
  const quoted = (text: string): string => `${quote}${text}${quote}`
  if (security === undefined) return `curl ${quoted(address)}`
  const { type, scheme, in: place, parameter } = security
  if (type !== 'apiKey') {
    // Keys are tokens as well; of any other scheme it is not known what would be one.
    const token = type === 'http' ? 'token' : key
    const credential = CREDENTIALS.get(scheme) ?? `-H ${quoted(`Authorization: Bearer ${token}`)}`
    return `curl ${quoted(address)} ${credential}`
  }
  if (place === 'header') return `curl ${quoted(address)} -H ${quoted(`${parameter}: ${key}`)}`
  if (place === 'cookie') return `curl ${quoted(address)} -b ${quoted(`${parameter}=${key}`)}`
  return `curl ${quoted(`${address}?${parameter}=${key}`)}`
}

const CREDENTIALS = new Map([
  ['basic', '-u name:password'],
  ['digest', '--digest -u name:password'],
])
