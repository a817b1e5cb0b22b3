// The life of one request to the mocked API, top to bottom: route, admit, decode, validate, answer, check, send. What a step
// takes more than a few lines for is in pipeline/.

import type { IncomingMessage, ServerResponse } from 'node:http'
import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises'
import type { ApiKeys } from '@gosend/auth-core'
import type { Clock } from './clock.js'
import type { Faults } from './control/faults.js'
import type { Journal } from './control/journal.js'
import type { NotedExchange } from './control/noted-exchanges.js'
import type { Operation } from './engine/document/operation.js'
import { after, type MaybeLater } from './engine/later.js'
import { nearPath } from './engine/request/near-paths.js'
import { readPreferences } from './engine/request/preferences.js'
import { isUnread } from './engine/request/reading.js'
import type { ReadRequest } from './engine/request/request-reader.js'
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
import { DROP, faulted, type Staged, scriptedAnswer } from './pipeline/staged.js'
import type { ApiProxy } from './proxy/proxy.js'
import type { Scenarios } from './scenarios/scenarios.js'
import type { Cors } from './security/cors.js'
import type { ClientCertificate, Gate, Identity } from './security/gate.js'
import type { Sessions } from './security/sessions.js'
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

/** The steps' own tools, made once. */
interface Pipeline extends PipelineOptions {
  readonly bodies: RequestBodies
  readonly answering: Answering
}

export function createRequestHandler(options: PipelineOptions): RequestHandler {
  const { rules, transactions, clock, cors } = options
  const bodies = createRequestBodies(rules, options.requests, options.isKnownId)
  const pipeline: Pipeline = { ...options, bodies, answering: createAnswering(options) }
  const endOfTurn = createEndOfTurn()

  return {
    async handle(request, response, path, query) {
      const started = performance.now()
      const at = clock.now()
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
      const leaving = answer === DROP ? dropped(state) : sent(state, answer, cors)
      // Most answers have left by now.
      const left = leaving instanceof Promise ? await leaving : leaving
      noteExchange(pipeline, state, { at, durationMs, ...left })
      if (state.afterwards !== undefined) await state.afterwards()
    },
  }
}

type Outcome = Answer | typeof DROP

/** An exchange as it ended. */
type Ended = Pick<NotedExchange, 'at' | 'durationMs' | 'status' | 'responseHeaders' | 'responseBody'>

/** Puts an exchange into the journal, and tells of it in one line. */
function noteExchange(
  { journal, onExchange }: Pipeline,
  { request, path, query, note }: RequestState,
  { at, durationMs, status, responseHeaders, responseBody }: Ended,
): void {
  const { headers, method = 'GET' } = request
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
  // What was dropped has no status.
  const line = `${method} ${path} ${status || 'dropped'} ${durationMs.toFixed(1)} ms`
  onExchange(note.reason === undefined ? line : `${line}  ${note.reason}`)
}

// Each step calls the next one, and waits only where there is something to wait for.

function answerTo(pipeline: Pipeline, state: RequestState): MaybeLater<Outcome> {
  const { cors, served } = pipeline
  const { request, path, query } = state
  const { headers, method = 'GET' } = request
  const preflight = cors.preflight(method, headers)
  if (preflight?.ok === true) return { status: 204, headers: preflight.headers, body: undefined }
  const { engine, match: routed } = served.route(method, path, query)
  // A document that describes preflights means its own to be answered.
  if (preflight !== undefined && routed.kind !== 'found')
    return refuse(engine, state, { status: 403, message: preflight.message })
  return after(toldApart(pipeline, engine, state, routed), (match) =>
    after(
      answeredElsewhere(pipeline, engine, state, match),
      (other): MaybeLater<Outcome> => other ?? answerRouted(pipeline, engine, state, match),
    ),
  )
}

function answerRouted(
  pipeline: Pipeline,
  engine: Engine,
  state: RequestState,
  match: Match,
): MaybeLater<Outcome> {
  if (match.kind !== 'found') return unrouted(pipeline, engine, state, match)
  const { operation, params } = match
  state.note.operationId = operation.id
  return after(admit(pipeline, engine, state, operation), (admitted): MaybeLater<Outcome> => {
    if ('answer' in admitted) return admitted.answer
    const { identity } = admitted
    const early =
      guarded(pipeline, engine, state, operation, identity) ?? faulted(pipeline, engine, state, operation)
    return after(
      early,
      (answer): MaybeLater<Outcome> =>
        answer ?? answerAdmitted(pipeline, engine, state, { operation, params, identity }),
    )
  })
}

/** A request that has been let in. */
interface LetIn {
  readonly operation: Operation
  readonly params: Readonly<Record<string, string>>
  readonly identity: Identity
}

function answerAdmitted(
  pipeline: Pipeline,
  engine: Engine,
  state: RequestState,
  letIn: LetIn,
): MaybeLater<Outcome> {
  const { operation, params } = letIn
  const { request, path } = state
  const shown = () => pipeline.served.route('GET', path, '').match
  const missing = unconditional(operation, request.headers, shown)
  if (missing !== undefined) return refuse(engine, state, missing, operation)
  return after(
    pipeline.bodies.read(engine, state, operation, params),
    (read): MaybeLater<Outcome> =>
      'answer' in read
        ? read.answer
        : answerRead(pipeline, engine, state, askedBy(pipeline, state, letIn, read)),
  )
}

function askedBy(
  { gate, scheme }: Pipeline,
  { request, path, query }: RequestState,
  { operation, identity }: LetIn,
  { parameters, assumed, body, bodyType, files }: ReadRequest,
): AdmittedRequest {
  const { headers, url } = request
  return {
    operation,
    path,
    target: url,
    parameters,
    assumed,
    body,
    bodyType,
    files,
    headers: gate.withoutAdminKey(headers),
    preferences: readPreferences(headers.prefer, query),
    identity,
    scheme,
  }
}

function answerRead(
  pipeline: Pipeline,
  engine: Engine,
  state: RequestState,
  asked: AdmittedRequest,
): MaybeLater<Outcome> {
  const { answering, sessions } = pipeline
  const { request, note } = state
  const { operation, body, identity, preferences } = asked
  const { delayMs } = preferences
  const answer = () =>
    after(answering.answer(engine, asked, note), (given) => {
      const settled = sessions.settled(operation, given, request.headers.cookie, identity)
      const represented = represent(settled, request)
      if (!('unmet' in represented)) return represented
      const { unmet: status, headers } = represented
      return refuse(engine, state, { status, message: UNMET[status], headers }, operation)
    })
  return after(scriptedAnswer(pipeline, engine, state, operation, body), (scripted): MaybeLater<Outcome> => {
    if (scripted !== undefined) return scripted
    const isLate = delayMs > 0 && engine.streams.choose(asked) === undefined
    return isLate ? sleep(delayMs).then(answer) : answer()
  })
}

/** The answer of the real API behind a proxy, or of the authorization server; undefined where the document's is meant. */
function answeredElsewhere(
  pipeline: Pipeline,
  engine: Engine,
  state: RequestState,
  match: Match,
): MaybeLater<Staged> {
  const { proxy, oauth } = pipeline
  const isOwn = proxy === undefined && oauth.find(state.path) === undefined
  return isOwn ? undefined : forwardedOrIssued(pipeline, engine, state, match)
}

async function forwardedOrIssued(
  pipeline: Pipeline,
  engine: Engine,
  state: RequestState,
  match: Match,
): Promise<Staged> {
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
): Promise<Staged> {
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
