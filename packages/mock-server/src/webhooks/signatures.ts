// What a webhook's request proves itself by: Standard Webhooks always, and beside it what the document describes: a header
// parameter that holds a signature, or security requirements of the webhook's own.

import { createHmac } from 'node:crypto'
import { signWebhook } from '@gosend/auth-core/webhooks'
import type { Parameter } from '../engine/document/operation.js'
import type { OutgoingRequest } from '../engine/document/outgoing.js'
import type { SecurityScheme } from '../engine/document/security-scheme.js'
import { entriesOf, member, stringMember } from '../engine/json.js'

/** How a header's signature is made. */
export interface SignatureRecipe {
  readonly header: string
  readonly algorithm: 'sha1' | 'sha256' | 'sha512'
  readonly encoding: 'hex' | 'base64'
  /** What comes before the digest, such as `sha256=`. */
  readonly prefix: string
  /** Whether it is `t=<seconds>,v1=<digest>`, over the seconds, a dot and the body. */
  readonly isTimed: boolean
}

/** A credential that a receiver is sent, by the scheme that the document names. */
export interface CredentialRecipe {
  readonly scheme: string
  readonly kind: 'header' | 'query' | 'cookie' | 'bearer' | 'basic'
  /** Of the header, query parameter or cookie. */
  readonly name: string
}

export interface Proof {
  readonly signatures: readonly SignatureRecipe[]
  readonly credentials: readonly CredentialRecipe[]
}

const SIGNATURE_NAME = /signature|hmac|(^|-)sig(nature)?($|-)|digest/i
/** Those of Standard Webhooks, which are sent in any case. */
const STANDARD = new Set(['webhook-id', 'webhook-timestamp', 'webhook-signature'])

export const isStandardHeader = (name: string): boolean => STANDARD.has(name.toLowerCase())

export function proofOf({ operation, isSecured }: OutgoingRequest): Proof {
  const parameters = operation
    .parameters()
    .filter(({ in: place, name }) => place === 'header' && !isStandardHeader(name))
  const described = parameters.filter(({ name }) => SIGNATURE_NAME.test(name)).map(recipeOf)
  const [first = []] = isSecured ? operation.security() : []
  const schemes = first.map(({ scheme }) => scheme)
  const isSigned = ({ type, in: place, parameter }: SecurityScheme): boolean =>
    type === 'apiKey' && place === 'header' && SIGNATURE_NAME.test(parameter)
  const signed = schemes.filter((scheme) => isSigned(scheme) && !isStandardHeader(scheme.parameter))
  return {
    signatures: [...described, ...signed.map(({ parameter }) => recipe(parameter, [parameter]))],
    credentials: schemes.filter((scheme) => !isSigned(scheme)).flatMap(credentialOf),
  }
}

function credentialOf({
  name: scheme,
  type,
  in: place,
  parameter,
  scheme: http,
}: SecurityScheme): CredentialRecipe[] {
  if (type === 'apiKey' && (place === 'header' || place === 'query' || place === 'cookie'))
    return [{ scheme, kind: place, name: parameter }]
  if (type === 'http' && http === 'basic') return [{ scheme, kind: 'basic', name: 'authorization' }]
  const isBearer = (type === 'http' && http === 'bearer') || type === 'oauth2' || type === 'openIdConnect'
  return isBearer ? [{ scheme, kind: 'bearer', name: 'authorization' }] : []
}

function recipeOf({ name, raw, schema }: Parameter): SignatureRecipe {
  const shown = [raw, schema].flatMap((holder) => [
    ...['example', 'default', 'pattern', 'description'].map((key) => stringMember(holder, key)),
    ...entriesOf(holder, 'examples').map(
      ([, one]) => stringMember(one, 'value') ?? (typeof one === 'string' ? one : undefined),
    ),
    ...[member(holder, 'examples')].flat().map((one) => (typeof one === 'string' ? one : undefined)),
  ])
  return recipe(name, [...shown.filter((text) => text !== undefined), name])
}

/** @param texts what the document says of the header, its examples and patterns first. */
function recipe(header: string, texts: readonly string[]): SignatureRecipe {
  const all = texts.join('\n')
  const algorithm = /sha-?_?512|\bv?512\b/i.test(all)
    ? 'sha512'
    : /sha-?_?1\b/i.test(all) && !/256/.test(all)
      ? 'sha1'
      : 'sha256'
  const isTimed = texts.some((text) => /\bt=.*\bv\d=/.test(text))
  const prefix = isTimed
    ? ''
    : (texts
        .map((text) => /(?:^|[\s`'"(^])(v\d=|sha-?\d+=|hmac-?sha-?\d+=)/i.exec(text)?.[1])
        .find(Boolean) ?? '')
  return { header, algorithm, prefix, isTimed, encoding: isBase64(texts, prefix) ? 'base64' : 'hex' }
}

function isBase64(texts: readonly string[], prefix: string): boolean {
  const all = texts.join('\n')
  if (/base-?64/i.test(all)) return true
  if (/\bhex|a-f/i.test(all)) return false
  return texts.some((text) =>
    /^[A-Za-z0-9+/]{27,}={1,2}$/.test(text.startsWith(prefix) ? text.slice(prefix.length) : text),
  )
}

export interface Signed {
  readonly id: string
  readonly body: string
  readonly secret: string
  /** In milliseconds since the epoch. Receivers compare it with their own clock, not with the mock's. */
  readonly at: number
}

/** Headers that prove who sends, other than credentials. */
export function signatureHeaders({ signatures }: Proof, signed: Signed): Record<string, string> {
  const { id, body, secret, at } = signed
  return {
    ...Object.fromEntries(signatures.map((one) => [one.header.toLowerCase(), signatureOf(one, signed)])),
    ...signWebhook(standardSecret(secret), id, body, at),
  }
}

/** Standard Webhooks takes a secret of another form as its bytes. */
const standardSecret = (secret: string): string =>
  secret.startsWith('whsec_') ? secret : Buffer.from(secret).toString('base64')

function signatureOf(
  { algorithm, encoding, prefix, isTimed }: SignatureRecipe,
  { body, secret, at }: Signed,
): string {
  const seconds = Math.floor(at / 1000)
  const text = isTimed ? `${seconds}.${body}` : body
  const digest = createHmac(algorithm, secret).update(text).digest(encoding)
  return isTimed ? `t=${seconds},v1=${digest}` : prefix + digest
}

/** An address and headers with credentials. @param credentialFor the value of a scheme. */
export function withCredentials(
  { credentials }: Proof,
  address: string,
  credentialFor: (scheme: string) => string,
): { readonly url: string; readonly headers: Readonly<Record<string, string>> } {
  if (credentials.length === 0) return { url: address, headers: {} }
  const url = new URL(address)
  const cookies: string[] = []
  const headers: Record<string, string> = {}
  for (const { scheme, kind, name } of credentials) {
    const value = credentialFor(scheme)
    if (kind === 'query') url.searchParams.set(name, value)
    else if (kind === 'cookie') cookies.push(`${name}=${value}`)
    else headers[name.toLowerCase()] = HEADER_VALUES[kind](value)
  }
  return {
    url: url.href,
    headers: cookies.length === 0 ? headers : { ...headers, cookie: cookies.join('; ') },
  }
}

const HEADER_VALUES = {
  header: (value: string) => value,
  bearer: (value: string) => `Bearer ${value}`,
  basic: (value: string) =>
    `Basic ${Buffer.from(value.includes(':') ? value : `webhook:${value}`).toString('base64')}`,
} as const
