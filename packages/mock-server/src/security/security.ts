// Who may call an operation: an OR of ANDs over its security schemes. API keys are real; for other schemes any
// well-formed credential will do, unless some are given.

import { ApiKeysError, grants } from '@gosend/auth-core'
import { createAdminKeyCheck } from '@gosend/auth-core/http'
import type { Operation, SecurityRequirement } from '../engine/document/operation.js'
import type { SecurityScheme } from '../engine/document/security-scheme.js'
import { member } from '../engine/json.js'
import { decodeText } from '../engine/request/pairs.js'
import type { TokenCheck } from '../oauth/tokens.js'
import { DEFAULT_PROJECT } from '../storage/database.js'
import { createDigest, type Digest } from './digest.js'
import type {
  Accepted,
  Admission,
  ClientCertificate,
  Credentials,
  Gate,
  GateOptions,
  Identity,
  Outcome,
  Refused,
} from './gate.js'
import { SANDBOX_ENVIRONMENTS } from './sandbox-keys.js'
import { acceptedBy, BEARER_ERRORS, challengesOf, wantedBy } from './wanted.js'

const anonymous: Identity = {
  projectId: DEFAULT_PROJECT.id,
  environment: SANDBOX_ENVIRONMENTS.test,
  apiKey: undefined,
}

const ADMITTED: Admission = { ok: true, identity: anonymous }

const STATUS_OF: Readonly<Record<string, 403 | 503>> = {
  ip_not_allowed: 403,
  missing_scope: 403,
  insufficient_scope: 403,
  unavailable: 503,
}

export const accepted: Outcome = { ok: true }

export const missing: Refused = { ok: false, reason: 'missing' }

export const wrong: Outcome = { ok: false, reason: 'wrong' }

const wrongUnless = (isRight: boolean): Outcome => (isRight ? accepted : wrong)

const isForAdmins = ({ type, in: place, parameter }: SecurityScheme): boolean =>
  type === 'apiKey' && place === 'header' && parameter.toLowerCase() === 'x-admin-key'

const usesAuthorization = ({ type, in: place, parameter }: SecurityScheme): boolean =>
  type === 'apiKey'
    ? place === 'header' && parameter.toLowerCase() === 'authorization'
    : ['http', 'oauth2', 'openIdConnect'].includes(type)

/**
 * The schemes of a requirement that share the header `Authorization` and need different credentials in it: an API key
 * beside a token, or HTTP Basic beside a bearer token. A request has that header once (RFC 9110, section 11.6.2).
 */
function sharingHeader(requirement: SecurityRequirement): SecurityRequirement {
  const sharing = requirement.filter(({ scheme }) => usesAuthorization(scheme))
  return new Set(sharing.map(({ scheme }) => credentialKind(scheme))).size > 1 ? sharing : []
}

const credentialKind = ({ type, scheme }: SecurityScheme): string =>
  type === 'http' ? scheme : type === 'apiKey' ? 'key' : 'bearer'

const isOurs = (credential: string): boolean => /^gsk_(test|live)_/.test(credential)

const isDigest = ({ type, scheme }: SecurityScheme): boolean => type === 'http' && scheme === 'digest'

const takesTokens = ({ type, scheme }: SecurityScheme): boolean =>
  type === 'oauth2' || type === 'openIdConnect' || (type === 'http' && scheme === 'bearer')

function byToken(check: TokenCheck, scopes: readonly string[]): Outcome {
  if (!check.ok) return check
  const isEnough = scopes.every((scope) => check.claims.scopes.includes(scope))
  return isEnough ? { ok: true, token: check.claims } : { ok: false, reason: 'insufficient_scope', scopes }
}

/** Without https, a certificate has ended before this server. */
function byCertificate(shown: ClientCertificate, trustsOnly: boolean): Outcome {
  if (shown === 'none') return missing
  return wrongUnless(shown !== 'unknown' || !trustsOnly)
}

export function createGate(options: GateOptions): Gate {
  const { mode } = options
  const digest = createDigest(options.now)
  const check = createSchemeCheck(options, digest)
  const fields = new WeakMap<Operation, { readonly names: string | undefined }>()

  const admitBy = async (
    requirements: readonly SecurityRequirement[],
    sent: Credentials,
  ): Promise<Admission> => {
    let refusal = missing
    for (const requirement of requirements.filter(({ length }) => length > 0)) {
      const outcome = await checkAll(requirement, sent, check)
      if (outcome.ok) return { ok: true, identity: identityOf(outcome) }
      // The refusal nearest to success says most.
      if (refusal.reason === 'missing') refusal = outcome
    }
    if (requirements.some(({ length }) => length === 0)) return ADMITTED
    const { reason } = refusal
    const status = STATUS_OF[reason] ?? 401
    const [, explanation] = BEARER_ERRORS.get(reason) ?? []
    const challenges = challengesOf(requirements, refusal, digest)
    const wanted = `${wantedBy(requirements)}. ${acceptedBy(options, requirements)}`
    return { ok: false, status, reason, challenges, wanted, explanation }
  }

  return {
    admit(operation, credentials) {
      const requirements = operation.security()
      return mode === 'off' || requirements.length === 0 ? ADMITTED : admitBy(requirements, credentials())
    },

    fieldsOf(operation) {
      if (mode === 'off') return undefined
      const known = fields.get(operation)
      if (known !== undefined) return known.names
      const all = operation
        .security()
        .flatMap((requirement) => requirement.flatMap(({ scheme }) => fieldOf(scheme)))
      const names = all.length === 0 ? undefined : [...new Set(all)].join(', ')
      fields.set(operation, { names })
      return names
    },

    holdsAdminKey: (sent) => sent.includes(options.adminKey),

    withoutAdminKey<Fields extends object>(headers: Fields): Fields {
      const isKept = (value: unknown) => !String(value).includes(options.adminKey)
      for (const name in headers) {
        if (isKept(headers[name])) continue
        const kept = Object.entries(headers).filter(([, value]) => isKept(value))
        return Object.fromEntries(kept) as Fields
      }
      return headers
    },
  }
}

/** The outcome for one scheme that a requirement names. */
type SchemeCheck = (scheme: SecurityScheme, scopes: readonly string[], sent: Credentials) => Promise<Outcome>

function createSchemeCheck(options: GateOptions, digest: Digest): SchemeCheck {
  const { mode, credentials: given, tokens, sessions } = options
  const givenByScheme = new Map(Object.entries(given))
  const checkKey = createKeyCheck(options)

  const checkCredential = async (
    credential: string,
    scheme: SecurityScheme,
    scopes: readonly string[],
    ip: string | undefined,
  ): Promise<Outcome> => {
    const listed = givenByScheme.get(scheme.name)
    if (listed?.some((one) => one === credential || credentialIn(scheme, one) === credential)) return accepted
    const checking = takesTokens(scheme) ? tokens.check(credential, scheme) : undefined
    const token = checking && (await checking)
    const byOwnToken = mode === 'strict' && token !== undefined ? byToken(token, scopes) : undefined
    if (listed !== undefined) return token?.ok === true ? (byOwnToken ?? accepted) : wrong
    return byOwnToken ?? checkKey(credential, scheme, scopes, ip)
  }

  return async (scheme, scopes, sent) => {
    if (scheme.type === 'mutualTLS') return byCertificate(sent.clientCertificate, options.trustsOnly)
    const found = credentialOf(scheme, sent)
    if (found === undefined) return missing
    if (found === true) return accepted
    if (found === '') return { ok: false, reason: 'malformed' }
    if (mode === 'strict' && isDigest(scheme))
      return digest.check(found, sent, givenByScheme.get(scheme.name))
    const session = scheme.in === 'cookie' ? sessions.find(scheme.parameter, found) : undefined
    return session === undefined ? checkCredential(found, scheme, scopes, sent.ip) : { ok: true, session }
  }
}

/** Checks what is no access token of this mock: a key, or anything that is well-formed. */
function createKeyCheck({ apiKeys, adminKey, mode }: GateOptions) {
  const isAdminKey = createAdminKeyCheck(adminKey)

  const verify = async (key: string, ip: string | undefined, scopes: readonly string[]): Promise<Outcome> => {
    try {
      const verification = await apiKeys.verify(key, { ip })
      if (!verification.ok) return { ok: false, reason: verification.reason }
      const held = verification.record.scopes
      // A key without scopes is not restricted; one with some must have those that are asked for.
      const lacks = held.length > 0 && !scopes.every((scope) => held.some((own) => grants(own, scope)))
      return lacks
        ? { ok: false, reason: 'missing_scope', scopes }
        : { ok: true, apiKey: verification.record }
    } catch (error) {
      if (error instanceof ApiKeysError) return { ok: false, reason: 'unavailable' }
      throw error
    }
  }

  return async (
    credential: string,
    scheme: SecurityScheme,
    scopes: readonly string[],
    ip: string | undefined,
  ): Promise<Outcome> => {
    if (mode === 'strict' && isForAdmins(scheme)) return wrongUnless(isAdminKey(credential))
    const isVerified = isOurs(credential) || (mode === 'strict' && scheme.type === 'apiKey')
    if (!isVerified) return accepted
    const outcome = await verify(credential, ip, scopes)
    return outcome.ok || mode === 'strict' ? outcome : accepted
  }
}

/** One header holds one credential: it has to do for every scheme of its kind, and does for the others. */
async function checkShared(
  sharing: SecurityRequirement,
  sent: Credentials,
  check: SchemeCheck,
): Promise<Outcome> {
  const kinds = new Set(sharing.map(({ scheme }) => credentialKind(scheme)))
  const outcomes = await Promise.all(
    [...kinds].map(async (kind) => {
      const same = sharing.filter(({ scheme }) => credentialKind(scheme) === kind)
      const own = await Promise.all(same.map(({ scheme, scopes }) => check(scheme, scopes, sent)))
      return own.find(({ ok }) => !ok) ?? own[0] ?? missing
    }),
  )
  return outcomes.find(({ ok }) => ok) ?? outcomes[0] ?? missing
}

/** The outcome of one AND: the first refusal, or the key that came with it. */
async function checkAll(
  requirement: SecurityRequirement,
  sent: Credentials,
  check: SchemeCheck,
): Promise<Outcome> {
  const sharing = sharingHeader(requirement)
  const shared = sharing.length === 0 ? accepted : await checkShared(sharing, sent, check)
  if (!shared.ok) return shared
  let { apiKey, token, session } = shared
  for (const part of requirement) {
    if (sharing.includes(part)) continue
    const outcome = await check(part.scheme, part.scopes, sent)
    if (!outcome.ok) return outcome
    apiKey ??= outcome.apiKey
    token ??= outcome.token
    session ??= outcome.session
  }
  return { ok: true, apiKey, token, session }
}

function identityOf({ apiKey, token, session }: Accepted): Identity {
  if (apiKey !== undefined) return { projectId: apiKey.projectId, environment: apiKey.environment, apiKey }
  const own = { ...anonymous, ...session }
  return token === undefined ? own : { ...own, token }
}

/**
 * What was sent for a scheme: the credential, an empty string when it is malformed, undefined when there is none, and
 * true where there is nothing to look at.
 */
function credentialOf(
  scheme: SecurityScheme,
  sent: Pick<Credentials, 'headers' | 'query'>,
): string | true | undefined {
  if (scheme.type === 'apiKey') return apiKeyOf(scheme, sent)
  // Client certificates end before this server; an undescribed scheme cannot be met by anyone.
  if (!['http', 'oauth2', 'openIdConnect'].includes(scheme.type)) return true
  return authorizationOf(scheme, sent.headers.authorization)
}

/** The credential in a value that is written as it stands in `Authorization`; undefined where it is not. */
const credentialIn = (scheme: SecurityScheme, authorization: string): string | true | undefined =>
  usesAuthorization(scheme) ? credentialOf(scheme, { headers: { authorization }, query: '' }) : undefined

function authorizationOf({ type, scheme }: SecurityScheme, header: unknown): string | undefined {
  if (typeof header !== 'string' || header === '') return undefined
  const [, name = '', credential = ''] = /^([!#$%&'*+.^_`|~0-9A-Za-z-]+)(?: +(.*))?$/.exec(header) ?? []
  const wanted = type === 'http' ? scheme : 'bearer'
  const wellFormed = WELL_FORMED.get(wanted)
  if (wellFormed === undefined) return credential === '' ? name : credential
  if (name.toLowerCase() !== wanted) return undefined
  return wellFormed.test(wanted === 'basic' ? basicPair(credential) : credential) ? credential : ''
}

const WELL_FORMED: ReadonlyMap<string, RegExp> = new Map([
  ['basic', /^[^:]*:/],
  ['bearer', /^[A-Za-z0-9\-._~+/:|]+=*$/],
  ['digest', /\busername\s*=/i],
])

const basicPair = (credential: string): string => Buffer.from(credential, 'base64').toString('utf8')

function apiKeyOf(
  { in: place, parameter }: SecurityScheme,
  sent: Pick<Credentials, 'headers' | 'query'>,
): string | undefined {
  if (place === 'header') {
    const value = member(sent.headers, parameter.toLowerCase())
    // A key sent twice is no key: it must be clear which one was meant.
    if (typeof value !== 'string') return value === undefined ? undefined : ''
    // APIs that keep a bare key in this header often want a word before it, such as `Token token=…`.
    return parameter.toLowerCase() === 'authorization'
      ? value.trim().replace(/^[A-Za-z-]+ +(?:\w+=)?/, '')
      : value.trim()
  }
  const text = place === 'query' ? sent.query : String(sent.headers.cookie ?? '').replaceAll(/;\s*/g, '&')
  for (const pair of text.split('&', 1_000)) {
    const equals = pair.indexOf('=')
    if (equals > 0 && decodeText(pair.slice(0, equals)) === parameter)
      return decodeText(pair.slice(equals + 1))
  }
  return undefined
}

/** Where in the header a credential stands, if it stands there. */
function fieldOf(scheme: SecurityScheme): readonly string[] {
  if (usesAuthorization(scheme)) return ['Authorization']
  if (scheme.type !== 'apiKey') return []
  return scheme.in === 'header' ? [scheme.parameter] : scheme.in === 'cookie' ? ['Cookie'] : []
}
