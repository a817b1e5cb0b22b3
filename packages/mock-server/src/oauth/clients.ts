// Who asks for tokens: clients by their id and secret (RFC 6749, section 2.3), and where they may be sent back to. Any pair
// will do until some clients are registered.

import { createHash, timingSafeEqual } from 'node:crypto'
import { type OAuthError, type OAuthRequest, oauthError } from './messages.js'

/** A client that may get tokens, in place of any. */
export interface OAuthClient {
  readonly id: string
  /** Without one it is a public client, such as an app in a browser, and needs PKCE. */
  readonly secret?: string | undefined
  /** Where the authorization endpoint may send people back to, besides addresses of this machine. */
  readonly redirectUris?: readonly string[] | undefined
}

export interface Client {
  readonly id: string
  /** Whether it has proved that it is the one. */
  readonly isConfidential: boolean
}

export type ClientResult = { readonly ok: true; readonly client: Client } | OAuthError

export interface Clients {
  authenticate(request: OAuthRequest): ClientResult
  /** Whether a client of this id may ask for anything. */
  has(id: string): boolean
  /** Whether people may be sent to an address with a code for this client. */
  mayReturnTo(id: string, uri: string): boolean
  /** The one address of a client that need not say where to. */
  defaultRedirect(id: string): string | undefined
}

/** @param shared addresses that any client may send people back to. */
export function createClients(registered: readonly OAuthClient[], shared: readonly string[]): Clients {
  const byId = new Map(registered.map((client) => [client.id, client]))
  const isOpen = registered.length === 0

  const authenticate = ({ headers, parameters }: OAuthRequest): ClientResult => {
    const sent = credentialsOf(headers.authorization, parameters)
    if (!sent.ok) return sent
    const { id, secret } = sent
    const refused = (description: string): OAuthError => ({
      ...oauthError('invalid_client', description, 401),
      // Whoever came with the header is told of the header (RFC 6749, section 5.2).
      headers: { 'www-authenticate': 'Basic realm="oauth"' },
    })
    if (id === undefined)
      return refused('send the client_id, and the client_secret, by HTTP Basic or in the form')
    const client = byId.get(id)
    if (!isOpen && client === undefined) return refused('there is no such client')
    const isWrong = client?.secret !== undefined && !isEqual(client.secret, secret ?? '')
    if (isWrong) return refused('the client_secret is wrong')
    const isConfidential = isOpen ? secret !== undefined : client?.secret !== undefined
    return { ok: true, client: { id, isConfidential } }
  }

  const redirectsOf = (id: string): readonly string[] => byId.get(id)?.redirectUris ?? []
  return {
    authenticate,
    has: (id) => isOpen || byId.has(id),
    mayReturnTo: (id, uri) =>
      URL.canParse(uri) &&
      ([...redirectsOf(id), ...shared].some((allowed) => isSameRedirect(allowed, uri)) ||
        (redirectsOf(id).length === 0 && loopbackOf(uri) !== undefined)),
    defaultRedirect: (id) => (redirectsOf(id).length === 1 ? redirectsOf(id)[0] : undefined),
  }
}

type Sent =
  | { readonly ok: true; readonly id: string | undefined; readonly secret: string | undefined }
  | OAuthError

function credentialsOf(header: string | undefined, parameters: OAuthRequest['parameters']): Sent {
  const id = parameters.get('client_id')
  const secret = parameters.get('client_secret')
  const [, basic] = /^basic +([\w+/=-]+)$/i.exec(header ?? '') ?? []
  if (basic === undefined) return { ok: true, id, secret }
  const pair = Buffer.from(basic, 'base64').toString('utf8')
  const colon = pair.indexOf(':')
  const own =
    colon < 0 ? { id: pair, secret: '' } : { id: pair.slice(0, colon), secret: pair.slice(colon + 1) }
  if (secret !== undefined)
    return oauthError(
      'invalid_request',
      'send the client_secret once: by HTTP Basic or in the form, not both',
    )
  const basicId = fromForm(own.id)
  if (id !== undefined && id !== basicId)
    return oauthError('invalid_request', 'the client_id in the form is not the one that HTTP Basic names')
  // An id alone proves nothing.
  const proof = own.secret === '' ? undefined : fromForm(own.secret)
  return { ok: true, id: basicId === '' ? undefined : basicId, secret: proof }
}

/** Both halves are encoded as in forms (RFC 6749, section 2.3.1), though many clients leave that out. */
function fromForm(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '))
  } catch {
    return text
  }
}

const isEqual = (a: string, b: string): boolean => timingSafeEqual(digestOf(a), digestOf(b))
const digestOf = (text: string): Buffer => createHash('sha256').update(text).digest()

/** Character by character, but for the port of a loopback address (RFC 8252, section 7.3). */
function isSameRedirect(allowed: string, uri: string): boolean {
  if (allowed === uri) return true
  const loopback = loopbackOf(allowed)
  return loopback !== undefined && loopback === loopbackOf(uri)
}

/** An address of this machine without its port; undefined for any other, and for one that could be read in two ways. */
function loopbackOf(uri: string): string | undefined {
  const [, host, rest] =
    /^http:\/\/(localhost|127\.0\.0\.1|\[::1\])(?::\d{1,5})?(\/[\x21-\x7e]*|\?[\x21-\x7e]*)?$/.exec(uri) ?? []
  return host === undefined || rest?.includes('#') || rest?.includes('\\')
    ? undefined
    : `${host}${rest ?? ''}`
}
