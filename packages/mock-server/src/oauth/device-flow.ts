// The device flow (RFC 8628): a device shows a code, a person enters it on a page of the mock, and the device asks until
// they have.

import { randomInt } from 'node:crypto'
import type { GrantTable } from '../storage/grant-table.js'
import type { Client, Clients } from './clients.js'
import { agreedScopes, codePage, messagePage, questionPage, subjectOf } from './consent-page.js'
import {
  digestOf,
  type GrantedAccess,
  type Granting,
  newGrantId,
  newSecret,
  scopesFor,
  scopesInWords,
} from './granting.js'
import {
  errorAnswer,
  jsonAnswer,
  type OAuthAnswer,
  type OAuthError,
  type OAuthRequest,
  oauthError,
} from './messages.js'
import { issuerOf } from './metadata.js'

export interface DeviceFlow {
  /** Gives a device its two codes. */
  begin(request: OAuthRequest): OAuthAnswer
  /** The page where people enter the code that they see, and agree. */
  verify(request: OAuthRequest): OAuthAnswer
}

/** What a device waits for. */
interface Waiting {
  readonly access: Omit<GrantedAccess, 'authenticatedAt'>
  readonly userCode: string
  readonly expiresAt: number
  readonly status: 'pending' | 'allowed' | 'denied'
  readonly agreedAt?: number
  /** Seconds between two questions of the device, and when it asked last: both real, for they are about load. */
  readonly interval: number
  readonly askedAt: number
}

export type DeviceResult = { readonly ok: true; readonly access: GrantedAccess } | OAuthError

const DEVICE = 'device'
const USER_CODE = 'user-code'
const CODE_SECONDS = 900
const INTERVAL_SECONDS = 1
const SLOWER_SECONDS = 5
/** Clocks and networks are not that exact. */
const TOLERANCE_MS = 200
/** Letters that make no words and look like no others (RFC 8628, section 6.1). */
const LETTERS = 'BCDFGHJKLMNPQRSTVWXZ'
const CODE_LENGTH = 8

export interface DeviceFlowParts {
  readonly clients: Clients
  readonly granting: Granting
  readonly grants: GrantTable
}

export function createDeviceFlow({ clients, granting, grants }: DeviceFlowParts): DeviceFlow {
  const waitingFor = (userCode: string): { readonly name: string; readonly waiting: Waiting } | undefined => {
    const name = grants.find<{ name: string }>(USER_CODE, userCode)?.name
    const waiting = name === undefined ? undefined : grants.find<Waiting>(DEVICE, name)
    const isOpen = waiting?.status === 'pending' && waiting.expiresAt > granting.now()
    return name !== undefined && waiting !== undefined && isOpen ? { name, waiting } : undefined
  }

  const decide = (request: OAuthRequest, consent: string): OAuthAnswer => {
    if (request.isForeign)
      return { answer: messagePage(403, 'Not from here', 'This must not be sent from another website.') }
    const asked = granting.take<{ userCode: string }>('consent', consent)
    const found = asked && waitingFor(asked.userCode)
    if (found === undefined) {
      const text = 'It was answered before, or too long ago. Start again on the device.'
      return { answer: messagePage(400, 'This question is over', text) }
    }
    const { name, waiting } = found
    const { access } = waiting
    const { clientId } = access
    if (request.parameters.get('decision') !== 'allow') {
      grants.put(DEVICE, name, { ...waiting, status: 'denied' })
      return {
        answer: messagePage(200, 'Access denied', 'You can close this page.'),
        reason: 'denied',
        clientId,
      }
    }
    const subject = subjectOf(request)
    const scopes = agreedScopes(access.scopes, request)
    const agreed = { ...access, subject, scopes }
    grants.put(DEVICE, name, { ...waiting, access: agreed, status: 'allowed', agreedAt: granting.now() })
    return {
      answer: messagePage(200, 'Device connected', 'You can close this page and go on at the device.'),
      reason: `allowed by ${subject}, ${scopesInWords(scopes)}`,
      clientId,
    }
  }

  return {
    begin(request) {
      const authenticated = clients.authenticate(request)
      if (!authenticated.ok) return errorAnswer(authenticated)
      const { id, isConfidential } = authenticated.client
      const { authority } = request.endpoint
      const asked = scopesFor(authority, request.parameters.get('scope'))
      if (!asked.ok) return { ...errorAnswer(asked), clientId: id }
      const issuer = issuerOf(request)
      const secret = newSecret('device')
      const userCode = Array.from({ length: CODE_LENGTH }, () => LETTERS[randomInt(LETTERS.length)]).join('')
      const waiting: Waiting = {
        access: {
          grantId: newGrantId(),
          clientId: id,
          subject: '',
          scopes: asked.scopes,
          issuer,
          isConfidential,
        },
        ...{ userCode, expiresAt: granting.now() + CODE_SECONDS, status: 'pending' },
        ...{ interval: INTERVAL_SECONDS, askedAt: 0 },
      }
      grants.put(DEVICE, digestOf(secret), waiting)
      grants.put(USER_CODE, userCode, { name: digestOf(secret) })
      const shown = `${userCode.slice(0, 4)}-${userCode.slice(4)}`
      const page = `${request.origin}${authority.addresses.verification ?? ''}`
      const body = {
        ...{ device_code: secret, user_code: shown, verification_uri: page },
        verification_uri_complete: `${page}?user_code=${shown}`,
        ...{ expires_in: CODE_SECONDS, interval: INTERVAL_SECONDS },
      }
      const reason = `device waits for its user, ${scopesInWords(asked.scopes)}`
      return { answer: jsonAnswer(200, body), reason, clientId: id }
    },
    verify(request) {
      const { parameters, method, path, endpoint } = request
      const consent = parameters.get('consent')
      if (method === 'POST' && consent !== undefined) return decide(request, consent)
      const entered = parameters.get('user_code')
      if (entered === undefined) return { answer: codePage(path) }
      const userCode = entered.toUpperCase().replace(/[^A-Z]/g, '')
      const found = waitingFor(userCode)
      if (found === undefined) return { answer: codePage(path, 'No device waits for this code.') }
      const { clientId, scopes } = found.waiting.access
      const { authority } = endpoint
      const asked = granting.keep('consent', { userCode }, CODE_SECONDS)
      return { answer: questionPage({ clientId, scopes, authority, consent: asked, action: path }), clientId }
    },
  }
}

/** What a device gets that asks with its code (RFC 8628, section 3.5). */
export function redeemDevice(grants: GrantTable, now: number, client: Client, secret: string): DeviceResult {
  const name = digestOf(secret)
  const waiting = grants.find<Waiting>(DEVICE, name)
  if (waiting === undefined || waiting.access.clientId !== client.id)
    return oauthError('invalid_grant', 'the device code is unknown or was used before')
  if (waiting.access.isConfidential && !client.isConfidential)
    return oauthError('invalid_client', 'the device code was issued to a client with a secret', 401)
  if (waiting.expiresAt <= now) return oauthError('expired_token', 'the device code has expired')
  if (waiting.status === 'denied') return oauthError('access_denied', 'the user said no')
  if (waiting.status === 'allowed') {
    if (grants.take(DEVICE, name) === undefined)
      return oauthError('invalid_grant', 'the device code was used before')
    return { ok: true, access: { ...waiting.access, authenticatedAt: waiting.agreedAt ?? now } }
  }
  const isTooFast = Date.now() - waiting.askedAt < waiting.interval * 1_000 - TOLERANCE_MS
  const interval = isTooFast ? waiting.interval + SLOWER_SECONDS : waiting.interval
  grants.put(DEVICE, name, { ...waiting, interval, askedAt: Date.now() })
  return isTooFast
    ? oauthError('slow_down', `ask every ${interval} seconds`)
    : oauthError('authorization_pending', 'the user has not answered yet')
}
