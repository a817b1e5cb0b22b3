// The endpoint that GitHub's secret scanning reports leaked keys to: each key that is ours is revoked, its owner is told,
// and GitHub learns which of its findings were right.

import { createHash } from 'node:crypto'
import type { ApiKey, ApiKeys, EventReport } from '@gosend/auth-core'
import { ask, clockOf, type ErrorAnswer, notify, unavailable } from '@gosend/auth-core/http'
import { callback, checkOptions, having, type OptionTable, required } from '@gosend/options'
import { type ErrorRequestHandler, type Request, type RequestHandler, Router } from 'express'
import { asyncHandler } from '../async-handler.js'
import { sendError } from '../express-gate.js'
import { createBodyReader } from './body-reader.js'
import { createPublicKeyring, githubPublicKeys, isSignedBy, type PublicKeys } from './github-signature.js'

/** Where a key was found. */
export interface Finding {
  /** The name that GitHub knows the kind of key by. */
  readonly type: string
  /** Where it can be seen; may be empty. */
  readonly url: string
  /** What it was found in: `content`, `commit`, `issue_description`, `npm`, … */
  readonly source: string
}

export interface Leak {
  /** The key, revoked by now. */
  readonly record: ApiKey
  readonly findings: readonly Finding[]
}

export interface SecretScanningOptions {
  readonly apiKeys: ApiKeys
  /** The keys that GitHub signs with. Default `githubPublicKeys()`. */
  readonly publicKeys?: PublicKeys | undefined
  /**
   * Told of each key that a report made us revoke, once, however often it is reported. What it throws or rejects with is
   * dropped, so it should put the notice where it is not lost.
   */
  readonly onLeak?: ((leak: Leak, request: Request) => unknown) | undefined
  /** Told of every error that is answered with 503. What it throws or rejects with changes no answer; a warning names it. */
  readonly onError?: ((error: unknown, request: Request) => unknown) | undefined
  /** The clock, in milliseconds since the epoch, that GitHub's keys are kept by. Default: the system's. */
  readonly now?: (() => number) | undefined
}

const optionTable: OptionTable<SecretScanningOptions> = {
  apiKeys: required(having(['identify', 'revoke'], 'pass what createApiKeys() returned')),
  publicKeys: callback("must be a function that gives GitHub's keys"),
  onLeak: callback(),
  onError: callback(),
  now: callback(),
}

/** One for each key, however often it is reported, and as much of where it was found as an event has room for. */
function eventOf([first]: readonly Finding[]): EventReport {
  const data = { source: first?.source.slice(0, 100), url: first?.url.slice(0, 2_000) }
  return { type: 'key.leaked', once: 'secret scanning', actor: ACTOR, data }
}

interface Report extends Finding {
  readonly token: string
}

const badSignature: ErrorAnswer = { status: 400, message: 'Invalid or missing signature' }
const badBody: ErrorAnswer = {
  status: 400,
  message: 'The body must be a list of findings, each with a token',
}

const ACTOR = 'GitHub secret scanning'
const AT_ONCE = 16

/**
 * A router for GitHub's secret scanning partner program: it takes a POST at its path. Mount it before `express.json()`,
 * because what is signed are the bytes.
 *
 * Only a report of the whole key revokes it: the secret is proven as it is for a request. Every report can be
 * repeated, as one that was answered with 503 will be.
 *
 * @throws TypeError when an option is wrong.
 *
 * @example
 * app.use('/leaks/github', secretScanning({ apiKeys, onLeak: ({ record, findings }) => mailOwner(record, findings) }))
 */
export function secretScanning(options: SecretScanningOptions): Router {
  const { apiKeys, publicKeys: given, onLeak, onError, now = Date.now } = checkOptions(optionTable, options)
  const publicKeys = given === undefined ? githubPublicKeys() : () => ask('publicKeys', given)
  const findKey = createPublicKeyring(publicKeys, clockOf(now))
  const revoking = new Map<string, Promise<ApiKey>>()

  /** The revoked record, or undefined when that had been done before, or is being done. */
  async function revoke(record: ApiKey): Promise<ApiKey | undefined> {
    if (record.revokedAt !== null) return undefined
    const earlier = revoking.get(record.id)
    if (earlier !== undefined) {
      await earlier
      return undefined
    }
    const revocation = apiKeys.revoke(record.id, { actor: ACTOR }).finally(() => revoking.delete(record.id))
    revoking.set(record.id, revocation)
    return revocation
  }

  /** Whether a token was a key of ours. */
  async function handle(token: string, findings: readonly Finding[], request: Request): Promise<boolean> {
    const record = await apiKeys.identify(token)
    if (record === undefined) return false
    const revoked = await revoke(record)
    if (apiKeys.keepsEvents) await apiKeys.reportEvent(record.id, eventOf(findings))
    if (revoked !== undefined && onLeak !== undefined)
      notify('onLeak', onLeak, { record: revoked, findings }, request)
    return true
  }

  /** What GitHub learns of its findings. A part at a time, so that a long report leaves room for requests. */
  async function feedbackOn(reports: readonly Report[], request: Request): Promise<readonly object[]> {
    const tokens = [...byToken(reports)]
    const feedback: object[] = []
    for (let start = 0; start < tokens.length; start += AT_ONCE) {
      const part = tokens.slice(start, start + AT_ONCE).map(async ([token, findings]) => ({
        token_hash: createHash('sha256').update(token).digest('hex'),
        token_type: findings[0]?.type,
        label: (await handle(token, findings, request)) ? 'true_positive' : 'false_positive',
      }))
      feedback.push(...(await Promise.all(part)))
    }
    return feedback
  }

  const answer = asyncHandler(async (request, response) => {
    const key = await findKey(request.get(KEY_ID) ?? '')
    const body: unknown = request.body ?? Buffer.alloc(0)
    if (!Buffer.isBuffer(body)) throw new TypeError('secretScanning: mount it before express.json()')
    const isGenuine = key !== undefined && isSignedBy(key, body, request.get(SIGNATURE) ?? '')
    if (!isGenuine) return sendError(request, response, badSignature)
    const reports = reportsIn(body)
    if (reports === undefined) return sendError(request, response, badBody)
    const feedback = JSON.stringify(await feedbackOn(reports, request))
    response.set({ 'Cache-Control': 'no-store', 'Content-Type': 'application/json; charset=utf-8' })
    response.end(feedback)
  })

  const answerErrors: ErrorRequestHandler = (error, request, response, next) => {
    if (response.headersSent) return next(error)
    if (onError !== undefined) notify('onError', onError, error, request)
    sendError(request, response, unavailable)
  }

  return Router().post('/', refuseUnsigned, createBodyReader(), answer, answerErrors)
}

const KEY_ID = 'Github-Public-Key-Identifier'
const SIGNATURE = 'Github-Public-Key-Signature'

// Before the body is read, which may be large.
const refuseUnsigned: RequestHandler = (request, response, next) => {
  if (request.get(KEY_ID) && request.get(SIGNATURE)) next()
  else sendError(request, response, badSignature)
}

function reportsIn(body: Buffer): readonly Report[] | undefined {
  let parsed: unknown
  try {
    parsed = JSON.parse(body.toString('utf8'))
  } catch {
    return undefined
  }
  const isReport = (item: unknown): item is Pick<Report, 'token' | 'type'> & Partial<Report> => {
    const { token, type } = Object(item) as Partial<Report>
    return typeof token === 'string' && typeof type === 'string'
  }
  if (!Array.isArray(parsed) || !parsed.every(isReport)) return undefined
  return parsed.map(({ token, type, url, source }) => ({
    token,
    type,
    url: typeof url === 'string' ? url : '',
    source: typeof source === 'string' ? source : 'unknown',
  }))
}

function byToken(reports: readonly Report[]): Map<string, readonly Finding[]> {
  const findings = new Map<string, Finding[]>()
  for (const { token, ...finding } of reports) {
    const found = findings.get(token)
    if (found === undefined) findings.set(token, [finding])
    else found.push(finding)
  }
  return findings
}
