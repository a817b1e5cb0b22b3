// The life of one request to the mocked API, top to bottom: route, admit, decode, validate, answer, check, send. What a step
// takes more than a few lines for is in pipeline/.

import type { IncomingMessage, ServerResponse } from 'node:http'
import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises'
import type { ApiKeys } from '@gosend/auth-core'
import type { Clock } from './clock.js'
import type { Faults, Trouble } from './control/faults.js'
import type { Journal } from './control/journal.js'
import type { JournalNote } from './control/noted-exchanges.js'
import type { Operation } from './engine/document/operation.js'
import type { MaybeLater } from './engine/later.js'
import { nearPath } from './engine/request/near-paths.js'
import { readPreferences } from './engine/request/preferences.js'
import { isUnread } from './engine/request/reading.js'
import { needsForm, pickRival, type Rival } from './engine/request/rivals.js'
import type { Match } from './engine/request/router.js'
import type { Answer } from './engine/response/answers.js'
import { represent } from './engine/response/representations.js'
import type { Engine } from './engine.js'
import type { OAuth } from './oauth/oauth.js'
import { admit } from './pipeline/admission.js'
import { type Answering, type AnsweringOptions, createAnswering } from './pipeline/answering.js'
import { authorizationFor } from './pipeline/authorization.js'
import { unconditional } from './pipeline/preconditions.js'
import { createRequestBodies, limitOf, type RequestBodies, unreadBodyOf } from './pipeline/request-bodies.js'
import type { RequestMode } from './pipeline/request-mode.js'
import { type AdmittedRequest, type RequestState, refuse, stateOf } from './pipeline/request-state.js'
import { dropped, sent } from './pipeline/sending.js'
import type { ApiProxy } from './proxy/proxy.js'
import type { Scenarios } from './scenarios/scenarios.js'
import type { Cors } from './security/cors.js'
import { SANDBOX_ENVIRONMENTS } from './security/sandbox-keys.js'
import type { ClientCertificate, Gate, Identity } from './security/security.js'
import type { Sessions } from './security/sessions.js'
import { DEFAULT_PROJECT } from './storage/database.js'
import type { Webhooks } from './webhooks/webhooks.js'

export interface PipelineOptions extends AnsweringOptions {
  readonly gate: Gate
  readonly sessions: Sessions
  readonly clock: Clock
  readonly faults: Faults
  readonly scenarios: Pick<Scenarios, 'next' | 'list'>
  readonly webhooks: AnsweringOptions['webhooks'] & Pick<Webhooks, 'send'>
  readonly journal: Pick<Journal, 'record'>
  readonly apiKeys: Pick<ApiKeys, 'recordLimited'>
  /** How much of a body the journal takes, where that is more than usual. */
  readonly notedBytes?: number | undefined
  readonly cors: Cors
  /** What a client has shown of itself; undefined without https. */
  readonly clientCertificateOf: (socket: IncomingMessage['socket']) => ClientCertificate
  /** What is done with requests that do not fit their description. */
  readonly requests: RequestMode
  /** Whether the mock has shown something by an id. */
  readonly isKnownId: (id: string) => boolean
  readonly oauth: OAuth
  /** Undefined where the mock answers alone. */
  readonly proxy?: Pick<ApiProxy, 'receive' | 'answer'> | undefined
  /** Whether the browser page behind a request, if any, is one of the mock's own. */
  readonly isSameOrigin: (request: IncomingMessage) => boolean
  /** Told of every request in one line. */
  readonly onExchange: (line: string) => void
}

export interface RequestHandler {
  handle(request: IncomingMessage, response: ServerResponse, path: string, query: string): Promise<void>
}

/** Ends the connection without an answer. */
const DROP = Symbol('drop')

/** The steps' own tools, made once. */
interface Pipeline extends PipelineOptions {
  readonly bodies: RequestBodies
  readonly answering: Answering
}

export function createRequestHandler(options: PipelineOptions): RequestHandler {
  const { rules, transactions, clock, journal, cors } = options
  const bodies = createRequestBodies(rules, options.requests, options.isKnownId)
  const pipeline: Pipeline = { ...options, bodies, answering: createAnswering(options) }
  const endOfTurn = createEndOfTurn()

  return {
    async handle(request, response, path, query) {
      const started = performance.now()
      const at = clock.now()
      const { headers, method = 'GET' } = request
      const failures = transactions.failures()
      const state = stateOf(request, response, path, query, options.notedBytes)
      const { note } = state
      const answer = await answerTo(pipeline, state)
      // Whoever was refused first wants to see what they sent all the same.
      if (note.sent === undefined && isUnread(request)) note.sent = await unreadBodyOf(request)
      // Nobody is told of what could still be lost. Other answers wait for the end of this turn as well: those that
      // leave together wake their clients once, which halves what an answer costs under load.
      await (transactions.committed() ?? endOfTurn())
      if (transactions.failures() !== failures) throw new Error('What was written has been lost')
      const durationMs = performance.now() - started
      if (answer !== DROP) note.source = answer.source
      const answered = answer === DROP ? dropped(state) : await sent(state, answer, cors)
      const { status, responseHeaders, responseBody } = answered
      journal.record({
        at,
        method,
        path,
        query,
        headers,
        note,
        status,
        responseHeaders,
        responseBody,
        durationMs,
      })
      const outcome = answer === DROP ? 'dropped' : answer.status
      const line = `${method} ${path} ${outcome} ${durationMs.toFixed(1)} ms`
      options.onExchange(note.reason === undefined ? line : `${line}  ${note.reason}`)
      await state.afterwards?.()
    },
  }
}

async function answerTo(pipeline: Pipeline, state: RequestState): Promise<Answer | typeof DROP> {
  const { cors, gate, served, sessions, answering, bodies, scheme } = pipeline
  const { request, path, query, note } = state
  const { headers, method = 'GET' } = request
  const preflight = cors.preflight(method, headers)
  if (preflight?.ok === true) return { status: 204, headers: preflight.headers, body: undefined }
  const { engine, match: routed } = served.route(method, path, query)
  // A document that describes preflights means its own to be answered.
  if (preflight !== undefined && routed.kind !== 'found')
    return refuse(engine, state, { status: 403, message: preflight.message })
  const match = await toldApart(pipeline, engine, state, routed)
  const other = await answeredElsewhere(pipeline, engine, state, match)
  if (other !== undefined) return other
  if (match.kind !== 'found') return unrouted(pipeline, engine, state, match)
  const { operation, params } = match
  note.operationId = operation.id

  const admitted = await admit(pipeline, engine, state, operation)
  if ('answer' in admitted) return admitted.answer
  const { identity } = admitted
  const early =
    guarded(pipeline, engine, state, operation, identity) ??
    (await faulted(pipeline, engine, state, operation))
  if (early !== undefined) return early
  const missing = unconditional(operation, headers, () => served.route('GET', path, '').match)
  if (missing !== undefined) return refuse(engine, state, missing, operation)
  const read = await bodies.read(engine, state, operation, params)
  if ('answer' in read) return read.answer

  const preferences = readPreferences(headers.prefer, query)
  const { parameters, assumed, body, bodyType, files } = read
  const asked: AdmittedRequest = {
    operation,
    path,
    target: request.url,
    parameters,
    assumed,
    body,
    bodyType,
    files,
    headers: gate.withoutAdminKey(headers),
    preferences,
    identity,
    scheme,
  }
  const scripted = await scriptedAnswer(pipeline, engine, state, operation, body)
  if (scripted !== undefined) return scripted
  if (preferences.delayMs > 0 && engine.streams.choose(asked) === undefined) await sleep(preferences.delayMs)
  const given = await answering.answer(engine, asked, note)
  const represented = represent(sessions.settled(operation, given, headers.cookie, identity), request)
  if (!('unmet' in represented)) return represented
  const { unmet: status, headers: own } = represented
  return refuse(engine, state, { status, message: UNMET[status], headers: own }, operation)
}

/** The answer of the real API behind a proxy, or of the authorization server; undefined where the document's is meant. */
function answeredElsewhere(
  pipeline: Pipeline,
  engine: Engine,
  state: RequestState,
  match: Match,
): MaybeLater<Answer | typeof DROP | undefined> {
  const { proxy, oauth } = pipeline
  const isOwn = proxy === undefined && oauth.find(state.path) === undefined
  return isOwn ? undefined : forwardedOrIssued(pipeline, engine, state, match)
}

async function forwardedOrIssued(
  pipeline: Pipeline,
  engine: Engine,
  state: RequestState,
  match: Match,
): Promise<Answer | typeof DROP | undefined> {
  const { proxy } = pipeline
  if (proxy !== undefined) {
    const forwarded =
      (await answeredAhead(pipeline, engine, state, match)) ?? (await proxy.answer(engine, state, match))
    if (forwarded !== undefined) return forwarded
  }
  const issued = await authorizationFor(pipeline, engine, state, match)
  if (issued === undefined) return undefined
  return 'answer' in issued ? issued.answer : notAllowed(engine, state, issued.wrongMethod)
}

/** What a fault or a scenario has for a request before the real API is asked. */
async function answeredAhead(
  pipeline: Pipeline,
  engine: Engine,
  state: RequestState,
  match: Match,
): Promise<Answer | typeof DROP | undefined> {
  if (match.kind !== 'found') return undefined
  const { operation, params } = match
  const fault = await faulted(pipeline, engine, state, operation)
  if (fault !== undefined || pipeline.scenarios.list().length === 0) return fault
  const read = await UNCHECKED.read(engine, state, operation, params)
  return scriptedAnswer(pipeline, engine, state, operation, 'answer' in read ? undefined : read.body)
}

/** What is wrong with a request is the proxy's to tell. */
const UNCHECKED = createRequestBodies({}, 'off')

const hasRivals = (match: Match): match is Match & { readonly rivals: readonly Rival[] } =>
  'rivals' in match && match.rivals.length > 0

/** The operation that a request means, where the path alone does not say it. */
function toldApart(pipeline: Pipeline, engine: Engine, state: RequestState, match: Match): MaybeLater<Match> {
  const isPlain = pipeline.proxy === undefined && !hasRivals(match)
  return isPlain ? match : picked(pipeline, engine, state, match)
}

async function picked(
  { bodies, proxy }: Pipeline,
  engine: Engine,
  state: RequestState,
  match: Match,
): Promise<Match> {
  if (proxy !== undefined) await proxy.receive(engine, state, match)
  if (!hasRivals(match)) return match
  const { rivals } = match
  const { headers } = state.request
  const contentType = headers['content-type']
  if (needsForm(rivals, contentType))
    state.bytes ??= await bodies.bytes(state, limitOf(engine, rivals[0]?.operation, headers))
  const form = Buffer.isBuffer(state.bytes) ? state.bytes.toString('latin1') : ''
  const usual = match.kind === 'found' ? match.operation : undefined
  const meant = pickRival(rivals, { query: state.query, form, contentType, usual })
  const basePath = match.kind === 'found' ? match.basePath : ''
  return meant === undefined ? match : { kind: 'found', ...meant, basePath, rivals }
}

function unrouted(
  { served }: Pipeline,
  engine: Engine,
  state: RequestState,
  match: Exclude<Match, { kind: 'found' }>,
): Answer {
  const { path, request } = state
  if (match.kind === 'malformed')
    return refuse(engine, state, { status: 400, message: 'The path is not properly encoded' })
  if (match.kind !== 'unknown') return notAllowed(engine, state, match.allow)
  const { method = 'GET' } = request
  const message = `Cannot ${method} ${path}${nearPath(method, path, served.operations())}`
  return refuse(engine, state, { status: 404, message })
}

function notAllowed(engine: Engine, state: RequestState, methods: readonly string[]): Answer {
  const { path, request } = state
  const headers = { allow: methods.join(', ') }
  // RFC 9110, section 9.3.7.
  return request.method === 'OPTIONS'
    ? { status: 204, headers, body: undefined }
    : refuse(engine, state, { status: 405, message: `Cannot ${request.method} ${path}`, headers })
}

/** The answer of the rules' guard, when it refuses. */
function guarded(
  { rules: { guard }, gate, answering, transactions, apiKeys }: Pipeline,
  engine: Engine,
  state: RequestState,
  operation: Operation,
  identity: Identity,
): Answer | undefined {
  if (guard === undefined) return undefined
  const { path, request } = state
  const { method = 'GET' } = request
  const headers = gate.withoutAdminKey(request.headers)
  const { operationId } = operation
  const seen = { request: { operationId, method, path, headers }, apiKey: identity.apiKey }
  const context = answering.contextFor(identity, headers)
  const result = transactions.unit(() => guard({ ...context, ...seen }))
  state.headers = result?.headers
  if (result?.refusal?.status === 429 && identity.apiKey !== undefined)
    apiKeys.recordLimited(identity.apiKey.id, 'rate_exceeded', () => request.socket.remoteAddress)
  return result?.refusal && refuse(engine, state, result.refusal, operation)
}

function faulted(
  { faults }: Pipeline,
  engine: Engine,
  state: RequestState,
  operation: Operation,
): MaybeLater<Answer | typeof DROP | undefined> {
  // The real API may have been asked before the mock is: one request meets one fault.
  const trouble = state.note.reason === 'fault' ? undefined : faults.strike(operation)
  return trouble && troubled(trouble, engine, state, operation)
}

async function troubled(
  trouble: Trouble,
  engine: Engine,
  state: RequestState,
  operation: Operation,
): Promise<Answer | typeof DROP | undefined> {
  state.note.reason = 'fault'
  if (trouble.latencyMs > 0) await sleep(trouble.latencyMs)
  if (trouble.drop) return DROP
  const { status, retryAfterSeconds } = trouble
  const message = 'A fault was asked for'
  return status === undefined
    ? undefined
    : refuse(engine, state, { status, message, retryAfterSeconds }, operation)
}

/** What a scenario has for a request; undefined where the mock answers as ever. */
function scriptedAnswer(
  pipeline: Pipeline,
  engine: Engine,
  state: RequestState,
  operation: Operation,
  body: unknown,
): MaybeLater<Answer | typeof DROP | undefined> {
  // The mock may answer in place of the real API: one request takes one step.
  if (state.isScripted) return undefined
  state.isScripted = true
  const scripted = pipeline.scenarios.next(engine, operation, body)
  return scripted && playedBy(pipeline, state, scripted)
}

async function playedBy(
  { webhooks }: Pipeline,
  state: RequestState,
  { scenario, latencyMs, drop, answer, webhook }: NonNullable<ReturnType<Scenarios['next']>>,
): Promise<Answer | typeof DROP | undefined> {
  const { note } = state
  if (webhook !== undefined)
    state.afterwards = () => webhooks.send(webhook, { scenario, identity: identityIn(note) })
  if (answer !== undefined || drop) note.reason ??= `scenario: ${scenario}`
  if (latencyMs > 0) await sleep(latencyMs)
  return drop ? DROP : answer
}

/** Whose things a request is about: those of the sandbox, where it has not been let in by the mock. */
const identityIn = ({
  projectId = DEFAULT_PROJECT.id,
  environment = SANDBOX_ENVIRONMENTS.test,
}: JournalNote) => ({ projectId, environment })

/** The end of this turn of the event loop; the same one for all who wait for it. */
function createEndOfTurn(): () => Promise<void> {
  let turn: Promise<void> | undefined
  return () => {
    turn ??= nextTurn().then(() => {
      turn = undefined
    })
    return turn
  }
}

const UNMET = {
  412: 'This has changed: the conditions of the request are not met',
  416: 'This has no such range',
} as const
