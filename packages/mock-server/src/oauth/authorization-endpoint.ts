// The authorization endpoint (RFC 6749, section 3.1; RFC 9700): asks a person on a page of the mock, and sends them back to
// the client with a code, or with tokens where the document has the implicit flow. Only to an address that may be sent to.

import type { JsonObject } from '../engine/json.js'
import type { Answer } from '../engine/response/answers.js'
import type { Clients } from './clients.js'
import { agreedScopes, messagePage, questionPage, subjectOf } from './consent-page.js'
import {
  type CodeGrant,
  type GrantedAccess,
  type Granting,
  newGrantId,
  scopesFor,
  scopesInWords,
} from './granting.js'
import { inDescription, type OAuthAnswer, type OAuthRequest } from './messages.js'
import { issuerOf } from './metadata.js'

/** What somebody is asked on the page. */
interface Pending {
  readonly clientId: string
  readonly scopes: readonly string[]
  /** Where the answer goes, and whether the client said so itself. */
  readonly returnTo: string
  readonly redirectUri: string | undefined
  readonly responseType: string
  readonly isFragment: boolean
  readonly issuer: string
  readonly state: string | undefined
  readonly nonce: string | undefined
  readonly challenge: string | undefined
}

/** Where a refusal is sent to, with what it must hold. */
type Return = Pick<Pending, 'returnTo' | 'isFragment' | 'issuer' | 'state'>

const QUESTION_SECONDS = 1_800
const CODE_SECONDS = 600

export interface AuthorizationEndpointParts {
  readonly clients: Clients
  readonly granting: Granting
}

export function createAuthorizationEndpoint({ clients, granting }: AuthorizationEndpointParts) {
  const ask = (request: OAuthRequest): OAuthAnswer => {
    const { parameters, endpoint, path } = request
    const clientId = parameters.get('client_id')
    if (clientId === undefined || !clients.has(clientId))
      return stay(
        400,
        'Unknown client',
        'The address must hold the client_id of a client that is registered.',
      )
    const redirectUri = parameters.get('redirect_uri')
    const returnTo = redirectUri ?? clients.defaultRedirect(clientId)
    if (returnTo === undefined || !clients.mayReturnTo(clientId, returnTo))
      return stay(
        400,
        'Nowhere to go back to',
        `${returnTo ?? 'Without a redirect_uri, nothing'} is an address that this mock sends people to. Without a flag, it sends them to this machine: http://localhost or http://127.0.0.1 with any port. Start it with --redirect-uri for others.`,
      )
    const responseType = parameters.get('response_type') ?? ''
    const isFragment = /token/.test(responseType)
    const state = parameters.get('state')
    const back: Return = { returnTo, isFragment, issuer: issuerOf(request), state }
    const fault = faultOf(request, responseType)
    if (fault !== undefined) return leave(back, fault, clientId)
    const asked = scopesFor(endpoint.authority, parameters.get('scope'))
    if (!asked.ok) return leave(back, { error: asked.error, error_description: asked.description }, clientId)
    const pending: Pending = {
      ...{ ...back, clientId, redirectUri, responseType, scopes: asked.scopes },
      nonce: parameters.get('nonce'),
      challenge: parameters.get('code_challenge'),
    }
    const consent = granting.keep('consent', pending, QUESTION_SECONDS)
    const { authority } = endpoint
    return {
      answer: questionPage({ clientId, scopes: asked.scopes, authority, consent, action: path, returnTo }),
      reason: `asks the user, ${scopesInWords(asked.scopes)}`,
      clientId,
    }
  }

  const decide = async (request: OAuthRequest, consent: string): Promise<OAuthAnswer> => {
    if (request.isForeign) return stay(403, 'Not from here', 'This must not be sent from another website.')
    const pending = granting.take<Pending>('consent', consent)
    if (pending === undefined)
      return stay(
        400,
        'This question is over',
        'It was answered before, or too long ago. Start again in the app.',
      )
    const { parameters } = request
    if (parameters.get('decision') !== 'allow')
      return leave(
        pending,
        { error: 'access_denied', error_description: 'the user said no' },
        pending.clientId,
      )
    const agreed = agreedScopes(pending.scopes, request)
    const subject = subjectOf(request)
    const access = { ...grantOf(pending, subject, granting.now()), scopes: agreed }
    const reason = `allowed by ${subject}, ${scopesInWords(agreed)}`
    if (pending.responseType === 'code') {
      const { redirectUri, challenge } = pending
      const grant: CodeGrant = { ...access, redirectUri, challenge }
      const code = granting.keep('code', grant, CODE_SECONDS)
      return { ...leave(pending, { code }, pending.clientId), reason }
    }
    const issued = await granting.respond({ ...access, isConfidential: false }, undefined)
    const { id_token: idToken, ...tokens } = issued
    const wanted = pending.responseType.split(' ')
    const values = {
      ...(wanted.includes('token') ? tokens : {}),
      ...(wanted.includes('id_token') && idToken !== undefined ? { id_token: idToken } : {}),
    }
    return { ...leave(pending, values, pending.clientId), reason }
  }

  return (request: OAuthRequest): OAuthAnswer | Promise<OAuthAnswer> => {
    const consent = request.parameters.get('consent')
    return request.method === 'POST' && consent !== undefined ? decide(request, consent) : ask(request)
  }
}

const grantOf = (
  { clientId, issuer, nonce }: Pending,
  subject: string,
  authenticatedAt: number,
): Omit<GrantedAccess, 'isConfidential' | 'scopes'> => ({
  ...{ grantId: newGrantId(), clientId, subject, issuer, authenticatedAt },
  ...(nonce === undefined ? {} : { nonce }),
})

/** A page that sends nobody anywhere: what is wrong is not for an address that nobody has vouched for. */
const stay = (status: number, title: string, text: string): OAuthAnswer => ({
  answer: messagePage(status, title, text),
  reason: `${title}: ${text}`,
})

/** What is wrong with a request of a client that may be told so (RFC 6749, section 4.1.2.1). */
function faultOf({ parameters, endpoint }: OAuthRequest, responseType: string): JsonObject | undefined {
  const { authority } = endpoint
  const fault = (error: string, description: string) => ({ error, error_description: description })
  if (responseType === '') return fault('invalid_request', 'send response_type')
  if (!responseTypesOf(authority).includes(responseType))
    return fault(
      'unsupported_response_type',
      `the document has flows for ${responseTypesOf(authority).join(', ')}`,
    )
  const mode = parameters.get('response_mode')
  if (mode !== undefined && mode !== (responseType === 'code' ? 'query' : 'fragment'))
    return fault('invalid_request', `response_mode ${mode} is not served`)
  if (parameters.get('request') !== undefined) return fault('request_not_supported', 'send plain parameters')
  if (responseType.includes('id_token') && parameters.get('nonce') === undefined)
    return fault('invalid_request', 'send a nonce')
  const proof = proofFault(parameters.get('code_challenge'), parameters.get('code_challenge_method'))
  if (proof !== undefined) return fault('invalid_request', proof)
  if (parameters.get('prompt') === 'none') return fault('login_required', 'nobody is signed in here')
  return undefined
}

/** RFC 7636, section 4.3; `plain`, which is the default there, protects nobody who is listened to. */
function proofFault(challenge: string | undefined, method: string | undefined): string | undefined {
  if (challenge === undefined && method === undefined) return undefined
  if (method !== 'S256') return 'code_challenge_method must be S256'
  return /^[\w-]{43}$/.test(challenge ?? '')
    ? undefined
    : 'code_challenge must be a SHA-256 digest in base64url'
}

const responseTypesOf = ({ flows, isOpenId }: OAuthRequest['endpoint']['authority']): readonly string[] => [
  ...(flows.has('authorizationCode') ? ['code'] : []),
  ...(flows.has('implicit') ? ['token'] : []),
  ...(flows.has('implicit') && isOpenId ? ['id_token', 'id_token token'] : []),
]

/** Sends people back, with the issuer (RFC 9207), so that a client knows who answered. */
function leave(
  { returnTo, isFragment, issuer, state }: Return,
  values: JsonObject,
  clientId: string,
): OAuthAnswer {
  const location = new URL(returnTo)
  const parameters = isFragment ? new URLSearchParams() : location.searchParams
  const description = values.error_description
  const all = {
    ...values,
    ...(description === undefined ? {} : { error_description: inDescription(String(description)) }),
    ...(state === undefined ? {} : { state }),
    iss: issuer,
  }
  for (const [name, value] of Object.entries(all)) parameters.set(name, String(value))
  if (isFragment) location.hash = parameters.toString()
  const answer: Answer = {
    status: 303,
    headers: { location: location.href, 'cache-control': 'no-store', 'referrer-policy': 'no-referrer' },
    ...{ body: undefined, isOwnPage: true },
  }
  const { error } = values
  return {
    answer,
    ...(error === undefined ? {} : { reason: `${String(error)}: ${String(description)}` }),
    clientId,
  }
}
