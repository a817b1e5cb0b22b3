// The life of one request to the mocked API, top to bottom: route, admit, decode, validate, answer, check, send.

import type { IncomingMessage, ServerResponse } from 'node:http'
import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises'
import type { Clock } from './clock.js'
import type { Faults } from './control/faults.js'
import { type Journal, type JournalNote, MAX_BODY_BYTES, noted, sent } from './control/journal.js'
import type { Operation } from './engine/document/operation.js'
import { isNested } from './engine/json.js'
import type { ApiRequest } from './engine/request/api-request.js'
import type { BodyLimit } from './engine/request/bodies.js'
import { fingerprintOf } from './engine/request/idempotency.js'
import { isJsonType } from './engine/request/media-types.js'
import { noPreferences, type Preferences, readPreferences } from './engine/request/preferences.js'
import {
  createBodyRoom,
  isUnread,
  peekBody,
  readBody,
  type UnreadableBody,
} from './engine/request/reading.js'
import type { ReadRequest } from './engine/request/request-reader.js'
import { needsForm, pickRival } from './engine/request/rivals.js'
import type { Match } from './engine/request/router.js'
import { describe } from './engine/request/violations.js'
import { type Answer, isolationOf, JSON_TYPE, send, sendStream } from './engine/response/answers.js'
import { httpDate, TAG_PLACEHOLDER } from './engine/response/conditions.js'
import { exampleIn } from './engine/response/languages.js'
import type { Refusal } from './engine/response/refusals.js'
import { represent, validatorsOf } from './engine/response/representations.js'
import { SOURCE_HEADER } from './engine/response/sources.js'
import type { SchemaError } from './engine/schema/validation.js'
import type { Engine } from './engine.js'
import { isMeant, methodsOf } from './oauth/addresses.js'
import { inDocumentedForm } from './oauth/documented-answers.js'
import { parametersOf, shownParameters } from './oauth/messages.js'
import type { OAuth } from './oauth/oauth.js'
import { createPreconditions, isConditional, unconditional } from './preconditions.js'
import type { Replays } from './replays.js'
import type { MockContext } from './rules/context.js'
import { type Contexts, scopeOf } from './rules/contexts.js'
import type { Handler, HandlerAnswer, HandlerResult } from './rules/handlers.js'
import { isRefusal, type Rules } from './rules/rules.js'
import type { Cors } from './security/cors.js'
import type { Scheme } from './security/host-guard.js'
import type { ClientCertificate, Gate, Identity, RefusedAdmission } from './security/security.js'
import type { Sessions } from './security/sessions.js'
import type { Served } from './served.js'
import type { Transactions } from './storage/transactions.js'

export interface ExchangeOptions {
  readonly served: Pick<Served, 'route'>
  readonly gate: Gate
  readonly sessions: Sessions
  readonly rules: Rules
  readonly contexts: Contexts
  readonly transactions: Transactions
  readonly clock: Clock
  readonly faults: Faults
  readonly journal: Journal
  readonly cors: Cors
  readonly scheme: Scheme
  /** What a client has shown of itself; undefined without https. */
  readonly clientCertificateOf: (socket: IncomingMessage['socket']) => ClientCertificate
  /** True answers an error where the document contradicts itself, instead of the nearest answer. */
  readonly strict: boolean
  /** What is done with requests that do not fit their description. */
  readonly requests: RequestMode
  readonly replays: Replays
  readonly oauth: OAuth
  /** Whether the browser page behind a request, if any, is one of the mock's own. */
  readonly isSameOrigin: (request: IncomingMessage) => boolean
  /** Told of every exchange in one line. */
  readonly onExchange: (line: string) => void
  readonly onError: (error: unknown) => void
}

/** A request with whom it is from. */
type AdmittedRequest = ApiRequest & { readonly identity: Identity }

export interface Exchange {
  handle(request: IncomingMessage, response: ServerResponse, path: string, query: string): Promise<void>
}

/** One request on its way. */
interface Visit {
  readonly request: IncomingMessage
  readonly response: ServerResponse
  readonly path: string
  readonly query: string
  readonly note: JournalNote
  /** The header fields that decide who sees what. */
  fields: string | undefined
  /** The body, where it had to be read before anything else. */
  bytes: Buffer | UnreadableBody | undefined
  /** What is wrong with a request that is answered all the same. */
  warning: string | undefined
  /** For the answer, whatever it will be. */
  headers: HandlerAnswer['headers']
}

/** Ends the connection without an answer. */
const DROP = Symbol('drop')

/** `strict` refuses requests that do not fit their description, `warn` answers and says so, `off` does not look. */
export type RequestMode = 'strict' | 'warn' | 'off'

/** What the bodies of all requests may take at one time. */
const MAX_BODIES_BYTES = 384 * 1024 * 1024

export function createExchange(options: ExchangeOptions): Exchange {
  const { gate, sessions, rules, contexts, transactions, clock, faults, journal, cors, strict } = options
  const { onExchange, onError, requests, replays, oauth } = options
  const { handlers = {}, guard } = rules
  const room = createBodyRoom(MAX_BODIES_BYTES)
  const preconditions = createPreconditions<AdmittedRequest>({
    route: options.served.route,
    answer: (engine, request) => answerFor(engine, request, {}),
  })
  let turn: Promise<void> | undefined
  const endOfTurn = (): Promise<void> => {
    turn ??= nextTurn().then(() => {
      turn = undefined
    })
    return turn
  }

  return {
    async handle(request, response, path, query) {
      const started = performance.now()
      const at = clock.now()
      const { headers, method = 'GET' } = request
      const note: JournalNote = {}
      const preflight = cors.preflight(method, headers)
      const failures = transactions.failures()
      const visit: Visit = {
        request,
        response,
        path,
        query,
        note,
        fields: undefined,
        bytes: undefined,
        warning: undefined,
        headers: undefined,
      }
      const answer =
        preflight?.ok === true
          ? { status: 204, headers: preflight.headers, body: undefined }
          : await answerTo(visit, preflight?.message)
      // Whoever was refused first wants to see what they sent all the same.
      if (note.sent === undefined && isUnread(request)) note.sent = await unreadOf(request)
      // Nobody is told of what could still be lost. Other answers wait for the end of this turn as well: those that
      // leave together wake their clients once, which halves what an answer costs under load.
      await (transactions.committed() ?? endOfTurn())
      if (transactions.failures() !== failures) throw new Error('What was written has been lost')
      const durationMs = performance.now() - started
      const record = (
        status: number,
        responseHeaders: Answer['headers'],
        responseBody: unknown,
        bytes: number,
      ) => {
        const kept = noted(responseBody, bytes)
        const answered = { status, responseHeaders, responseBody: kept, durationMs }
        journal.record({ at, method, path, query, headers, note, ...answered })
      }
      if (answer === DROP) {
        request.destroy()
        record(0, {}, undefined, 0)
      } else {
        note.source = answer.source
        const { status, body, stream } = answer
        const whole = { ...answer, headers: headersOf(answer, visit) }
        if (stream === undefined) {
          const bytes = send(response, whole, method === 'HEAD')
          record(status, sentHeaders(whole), body, bytes)
        } else {
          const { text, length } = await sendStream(response, whole, method === 'HEAD')
          record(status, sentHeaders(whole), text, length)
        }
      }
      const outcome = answer === DROP ? 'dropped' : answer.status
      onExchange(
        `${method} ${path} ${outcome} ${durationMs.toFixed(1)} ms${note.reason === undefined ? '' : `  ${note.reason}`}`,
      )
    },
  }

  /** All header fields of an answer but those about its body. */
  function headersOf(answer: Answer, visit: Visit): Answer['headers'] {
    const { headers, source, etag, modifiedAt } = answer
    const own: Record<string, string | string[]> = { ...headers }
    if (visit.headers !== undefined) Object.assign(own, visit.headers)
    const isolation = isolationOf(answer, own)
    for (const name in isolation) own[name] = isolation[name] ?? []
    if (visit.warning !== undefined) own['mock-violations'] = warningOf(visit.warning)
    if (source !== undefined) own[SOURCE_HEADER] = source
    if (etag !== undefined) own.etag = etag
    if (modifiedAt !== undefined) {
      own['last-modified'] = httpDate(modifiedAt)
      // Else caches may take the answer for fresh (RFC 9111, section 4.2.2).
      own['cache-control'] ??= 'no-cache'
    }
    const granted = answer.isOwnPage === true ? {} : cors.headersFor(visit.request.headers, own)
    // What one key, or one page, may see must not be kept for another.
    const vary = joined(visit.fields, own.vary, granted.vary)
    for (const name in granted) own[name] = granted[name] ?? ''
    if (vary !== undefined) own.vary = vary
    return own
  }

  /** @param closed why a page that asks may not call, where the request is its preflight. */
  async function answerTo(visit: Visit, closed: string | undefined): Promise<Answer | typeof DROP> {
    const { request, path, query, note } = visit
    const { headers, method = 'GET' } = request
    const { engine, match: routed } = options.served.route(method, path, query)
    // A document that describes preflights means its own to be answered.
    if (closed !== undefined && routed.kind !== 'found')
      return refuse(engine, visit, { status: 403, message: closed })
    const match = await toldApart(engine, visit, routed)
    const issued = await issue(engine, visit, match)
    if (issued !== undefined) return issued
    if (match.kind !== 'found') return unrouted(engine, visit, match)
    const { operation, params } = match
    note.operationId = operation.id
    visit.fields = gate.fieldsOf(operation)

    const admission = await gate.admit(operation, {
      ...{ headers, query, method, ip: request.socket.remoteAddress },
      target: request.url ?? path,
      clientCertificate: options.clientCertificateOf(request.socket),
    })
    if (!admission.ok) {
      note.reason = `credential: ${admission.reason}`
      return refuse(engine, visit, REFUSED_ADMISSION[admission.status](admission), operation)
    }
    const { identity } = admission
    note.projectId = identity.projectId
    note.environment = identity.environment
    note.keyId = identity.apiKey?.id
    note.clientId = identity.token?.clientId

    const early = guarded(engine, visit, operation, identity) ?? (await faulted(engine, visit, operation))
    if (early !== undefined) return early
    const missing = unconditional(operation, headers)
    if (missing !== undefined) return refuse(engine, visit, missing, operation)
    const read = await readRequest(engine, visit, operation, params)
    if ('answer' in read) return read.answer

    const preferences = readPreferences(headers.prefer, query)
    const { parameters, assumed, body, bodyType, files } = read
    const sent = { parameters, assumed, body, bodyType, files }
    const asked = { operation, path, headers, ...sent, preferences, identity, scheme: options.scheme }
    if (preferences.delayMs > 0 && engine.streams.choose(asked) === undefined)
      await sleep(preferences.delayMs)
    const first = await answerOnce(engine, asked, note)
    const given = isTagged(first, operation) ? await tagged(engine, asked, first) : first
    const represented = represent(sessions.settled(operation, given, headers.cookie, identity), visit.request)
    if (!('unmet' in represented)) return represented
    const { unmet: status, headers: own } = represented
    return refuse(engine, visit, { status, message: UNMET[status], headers: own }, operation)
  }

  /** Where the document wants an entity tag on a change, it is that of what a GET now shows. */
  async function tagged(engine: Engine, request: AdmittedRequest, answer: Answer): Promise<Answer> {
    const { method } = request.operation
    const isChange = method !== 'POST' && method !== 'GET' && answer.status < 300
    const current = isChange ? await preconditions.stateOf(engine, request) : undefined
    const { etag: own } = current ?? validatorsOf(answer)
    return { ...answer, headers: { ...answer.headers, etag: own } }
  }

  /** The operation that a request means, where the path alone does not say it. */
  async function toldApart(engine: Engine, visit: Visit, match: Match): Promise<Match> {
    if (!('rivals' in match) || match.rivals.length === 0) return match
    const { rivals } = match
    const { headers } = visit.request
    const contentType = headers['content-type']
    if (needsForm(rivals, contentType))
      visit.bytes = await bytesOf(visit, engine.bodies.limitOf(rivals[0]?.operation.body(), headers))
    const form = Buffer.isBuffer(visit.bytes) ? visit.bytes.toString('latin1') : ''
    const meant = pickRival(rivals, { query: visit.query, form, contentType })
    const basePath = match.kind === 'found' ? match.basePath : ''
    return meant === undefined ? match : { kind: 'found', ...meant, basePath, rivals }
  }

  /** The answer of the authorization server, when the request is for it and no operation of the document has more right. */
  async function issue(engine: Engine, visit: Visit, match: Match): Promise<Answer | undefined> {
    const endpoint = oauth.find(visit.path)
    if (endpoint === undefined) return undefined
    const { request, path, query, note } = visit
    const { headers, method = 'GET' } = request
    const operation = match.kind === 'found' ? match.operation : undefined
    const methods = methodsOf(endpoint)
    if (operation !== undefined && (!endpoint.isDeclared || handlerOf(operation) !== undefined))
      return undefined
    if (!methods.includes(method)) {
      if (operation !== undefined || method === 'OPTIONS') return undefined
      return unrouted(engine, visit, { kind: 'wrong_method', allow: methods, rivals: [] })
    }
    const bytes = await bytesOf(
      visit,
      operation === undefined ? FORM_LIMIT : limitOf(engine, operation, headers),
    )
    visit.bytes = bytes
    if (!Buffer.isBuffer(bytes)) return refuse(engine, visit, bytes)
    const parameters = parametersOf(query, bytes.toString('utf8'), headers['content-type'])
    // A path without a variable is the operation's as much as the endpoint's: what was sent tells which of them is meant.
    const isShared = operation !== undefined && !operation.path.includes('{')
    if (isShared && !isMeant(endpoint, parameters)) return undefined
    note.operationId = operation?.id
    // Codes have names that only this endpoint knows: what is shown is made of the parameters.
    note.sent = { beginning: '', length: bytes.length }
    note.body = noted(shownParameters(parameters), 0)
    const { answer, reason, clientId } = await oauth.answer({
      ...{ endpoint, method, headers, parameters, path },
      origin: `${options.scheme}://${headers.host}`,
      isForeign: !options.isSameOrigin(request),
    })
    if (reason !== undefined) note.reason = reason
    note.clientId = clientId
    return isShared ? inDocumentedForm(engine.responses, operation, headers.accept, answer) : answer
  }

  function refuse(
    engine: Engine,
    { request, path, note }: Visit,
    refusal: Refusal,
    operation?: Operation,
  ): Answer {
    const { accept } = request.headers
    note.reason ??= engine.refusals.describe(refusal)
    return engine.refusals.answer(operation, refusal, { accept, path })
  }

  function unrouted(engine: Engine, visit: Visit, match: Exclude<Match, { kind: 'found' }>): Answer {
    const { path, request } = visit
    const message = `Cannot ${request.method} ${path}`
    if (match.kind === 'malformed')
      return refuse(engine, visit, { status: 400, message: 'The path is not properly encoded' })
    if (match.kind === 'unknown') return refuse(engine, visit, { status: 404, message })
    const headers = { allow: match.allow.join(', ') }
    // RFC 9110, section 9.3.7.
    return request.method === 'OPTIONS'
      ? { status: 204, headers, body: undefined }
      : refuse(engine, visit, { status: 405, message, headers })
  }

  /** The answer of the rules' guard, when it refuses. */
  function guarded(
    engine: Engine,
    visit: Visit,
    operation: Operation,
    identity: Identity,
  ): Answer | undefined {
    if (guard === undefined) return undefined
    const { path, request } = visit
    const { headers, method = 'GET' } = request
    const { operationId } = operation
    const seen = { request: { operationId, method, path, headers }, apiKey: identity.apiKey }
    const context = contextFor(identity, headers)
    const result = transactions.unit(() => guard({ ...context, ...seen }))
    visit.headers = result?.headers
    return result?.refusal && refuse(engine, visit, result.refusal, operation)
  }

  async function faulted(
    engine: Engine,
    visit: Visit,
    operation: Operation,
  ): Promise<Answer | typeof DROP | undefined> {
    const trouble = faults.strike(operation)
    if (trouble === undefined) return undefined
    visit.note.reason = 'fault'
    if (trouble.latencyMs > 0) await sleep(trouble.latencyMs)
    if (trouble.drop) return DROP
    const { status, retryAfterSeconds } = trouble
    const message = 'A fault was asked for'
    return status === undefined
      ? undefined
      : refuse(engine, visit, { status, message, retryAfterSeconds }, operation)
  }

  /** What a request says, or the answer that refuses it. */
  async function readRequest(
    engine: Engine,
    visit: Visit,
    operation: Operation,
    path: Readonly<Record<string, string>>,
  ): Promise<ReadRequest | { readonly answer: Answer }> {
    const { request, query, note } = visit
    /** In the API's own words, if it has some; they say what the violations would. */
    const unfit = (refusal: Refusal, body?: unknown): { readonly answer: Answer } => {
      const { status, violations = [] } = refusal
      const own = rules.invalid?.({ operationId: operation.operationId, status, body, violations })
      const worded = { ...refusal, ...own, ...(own?.message === undefined ? {} : { violations: [] }) }
      return { answer: refuse(engine, visit, worded, operation) }
    }
    const limit = limitOf(engine, operation, request.headers)
    const bytes = visit.bytes ?? (await bytesOf(visit, limit))
    if (!Buffer.isBuffer(bytes)) {
      const { beginning, ...refusal } = bytes
      if (beginning !== undefined) note.sent = sent(beginning, declaredLength(request))
      return unfit(refusal)
    }
    note.sent = sent(bytes)
    const read = await engine.requests.read(operation, { path, query, headers: request.headers }, bytes)
    const { body, violations, unreadable } = read
    if (!isKeptJson(request, bytes)) note.body = noted(body, bytes.length)
    note.violations = violations
    if (violations.length === 0 && unreadable === undefined) return read
    const { invalidStatus, describe: inWords } = engine.refusals
    const status = unreadable?.status ?? 400
    const message = unreadable?.message ?? 'Validation failed'
    const refusal = {
      status: status === 400 ? invalidStatus(operation, unreadable !== undefined) : status,
      message,
      violations,
    }
    if (requests === 'strict' || status === 413) return unfit(refusal, body)
    if (requests === 'warn') {
      visit.warning = inWords(refusal)
      note.reason = `answered all the same: ${visit.warning}`
    }
    return read
  }

  function bytesOf({ request, response }: Visit, { maxBytes, growth }: BodyLimit) {
    const { 'content-length': length, 'transfer-encoding': transfer } = request.headers
    const size = transfer === undefined ? Number(length ?? 0) : maxBytes
    const entering = size <= maxBytes ? room.enter(size * growth, response) : undefined
    return entering?.then(() => readBody(request, maxBytes)) ?? readBody(request, maxBytes)
  }

  /** The answer, or the first one again when the request repeats one with its idempotency key. */
  async function answerOnce(engine: Engine, request: AdmittedRequest, note: JournalNote): Promise<Answer> {
    const { operation, identity, headers, path, parameters, body } = request
    const { projectId, environment } = identity
    const isOwn = rules.ownIdempotency === true && handlerOf(operation) !== undefined
    const key = isOwn ? undefined : engine.idempotencyKeys.keyOf(operation, headers, request)
    const answer = () =>
      isConditional(request) ? answerIf(engine, request, note) : answerFor(engine, request, note)
    if (key === undefined) return answer()
    const keyed = { scope: scopeOf(projectId, environment), operation: engine.prefix + operation.id, key }
    const fingerprint = fingerprintOf([path, parameters.query, body])
    const result = await replays.through(keyed, fingerprint, answer)
    if (result.ok) return result.answer
    const refusal = reusedKey(operation)
    note.reason = refusal.message
    return engine.refusals.answer(operation, refusal, wordingFor(request))
  }

  /** The answer to a request that changes only the state that its client knows. */
  function answerIf(engine: Engine, request: AdmittedRequest, note: JournalNote): Promise<Answer> {
    const refused = (refusal: Refusal): Answer => {
      note.reason = refusal.message
      return engine.refusals.answer(request.operation, refusal, wordingFor(request))
    }
    return preconditions.through(engine, request, () => answerFor(engine, request, note), refused)
  }

  function handlerOf({ operationId: id }: Operation): Handler | undefined {
    return id !== undefined && Object.hasOwn(handlers, id) ? handlers[id] : undefined
  }

  async function answerFor(engine: Engine, request: AdmittedRequest, note: JournalNote): Promise<Answer> {
    const { operation, preferences, identity } = request
    const id = operation.operationId
    const handler = handlerOf(operation)
    if (handler === undefined || id === undefined || preferences.code !== undefined) {
      return byDocument(engine, request, note)
    }
    const context = contextFor(identity, request.headers)
    const { method } = operation
    const called = {
      request: { ...request, operationId: id, method },
      apiKey: identity.apiKey,
      fallback: async () => own(byDocument(engine, request, note)),
    }
    let result: HandlerResult
    try {
      result = await transactions.unit(() => handler({ ...context, ...called }))
    } catch (error) {
      onError(error)
      result = { refusal: { status: 500, message: `The handler of ${id} failed; the log says why` } }
    }
    if (!isRefusal(result)) return completed(engine, request, result, note)
    note.reason = engine.refusals.describe(result.refusal)
    return engine.refusals.answer(operation, result.refusal, wordingFor(request))
  }

  function contextFor(
    { projectId, environment }: Identity,
    { host }: IncomingMessage['headers'],
  ): MockContext {
    const context = contexts.of(projectId, environment, host && `${options.scheme}://${host}`)
    if (context === undefined) throw new Error('The project of a verified key is gone')
    return context
  }

  /** A handler's answer with what the document says of its status. */
  function completed(
    engine: Engine,
    request: AdmittedRequest,
    answered: HandlerAnswer,
    note: JournalNote,
  ): Answer {
    const { status, body, headers } = answered
    const preferences = status === undefined ? noPreferences : { ...noPreferences, code: status }
    const choice = engine.responses.choose(request.operation, request.headers.accept, preferences)
    if (!choice.ok) return { status: status ?? 200, headers: headers ?? {}, body, source: 'rule' }
    const errors = engine.responses.check(choice.template, body)
    const answer = engine.responses.answerOf(choice.template, body, headers)
    return sound(engine, request.operation, errors, note) ?? { ...answer, source: 'rule' }
  }

  function byDocument(engine: Engine, request: AdmittedRequest, note: JournalNote): Answer {
    const { operation, headers, preferences } = request
    const { responses, refusals, state, streams } = engine
    const streamed = streams.choose(request)
    if (streamed !== undefined) {
      const { errors, source, mediaType, ...stream } = streams.events(streamed, preferences)
      const answer = { ...responses.answer(streamed, undefined), mediaType, stream, source }
      return sound(engine, operation, errors, note) ?? answer
    }
    const stored = wantsState(preferences) ? state?.answer(request) : undefined
    if (stored !== undefined) {
      if ('answer' in stored) return stored.answer
      note.reason = refusals.describe(stored.refusal)
      return refusals.answer(operation, stored.refusal, wordingFor(request))
    }
    const choice = responses.choose(operation, headers.accept, preferences)
    if (!choice.ok) {
      note.reason = choice.message
      return refusals.answer(operation, choice, wordingFor(request))
    }
    const { media } = choice.template
    const spoken =
      media === undefined || preferences.example !== undefined
        ? undefined
        : exampleIn(media, headers['accept-language'])
    const wanted = spoken === undefined ? preferences : { ...preferences, example: spoken.name }
    const { value, errors, contradictions = [], source } = responses.sample(choice.template, wanted)
    const problems = strict ? [...errors, ...contradictions] : errors
    const language = spoken && { 'content-language': spoken.language, vary: 'Accept-Language' }
    const answer = responses.answer(choice.template, value, language)
    return sound(engine, operation, problems, note) ?? { ...answer, source }
  }

  /** Notes that a body does not fit its description; under `strict`, the answer that says so instead. */
  function sound(
    engine: Engine,
    operation: Operation,
    [error]: readonly SchemaError[],
    note: JournalNote,
  ): Answer | undefined {
    if (error === undefined) return undefined
    const { source } = engine.document
    const place = source.locate(operation.pointer) ?? operation.pointer
    note.reason = `the answer does not fit ${place}: ${error.instancePath || 'it'} ${describe(error)}`
    return strict ? engine.refusals.answer(undefined, { status: 500, message: note.reason }) : undefined
  }
}

/** Of a request for the authorization server. */
const FORM_LIMIT: BodyLimit = { maxBytes: 65_536, growth: 1 }

const limitOf = ({ bodies }: Engine, operation: Operation, headers: IncomingMessage['headers']): BodyLimit =>
  bodies.limitOf(operation.body(), headers)

/** Whether an answer is to have the entity tag of what it is about. */
const isTagged = ({ headers: { etag }, body, status }: Answer, { method }: Operation): boolean =>
  etag?.includes(TAG_PLACEHOLDER) === true && (method !== 'GET' || body === undefined || status !== 200)

/** An answer whose body its handler may change: what it is made of is shown again to others. */
const own = (answer: Answer): Answer =>
  isNested(answer.body) && !Buffer.isBuffer(answer.body)
    ? { ...answer, body: structuredClone(answer.body) }
    : answer

const joined = (...fields: (string | string[] | undefined)[]): string | undefined => {
  let text: string | undefined
  for (const field of fields)
    if (field !== undefined) text = text === undefined ? String(field) : `${text}, ${field}`
  return text
}

const UNMET = {
  412: 'This has changed: the conditions of the request are not met',
  416: 'This has no such range',
} as const

/** How long a body takes that nobody reads, at most. */
const UNREAD_MS = 200

async function unreadOf(request: IncomingMessage): Promise<JournalNote['sent']> {
  return sent(await peekBody(request, MAX_BODY_BYTES, UNREAD_MS), declaredLength(request))
}

/** The journal reads JSON itself, when somebody looks: most bodies are never looked at. */
const isKeptJson = ({ headers }: IncomingMessage, { length }: Buffer): boolean =>
  length <= MAX_BODY_BYTES && isJsonType(headers['content-type'] ?? '')

const declaredLength = ({ headers }: IncomingMessage): number | undefined =>
  headers['content-length'] === undefined ? undefined : Number(headers['content-length'])

/** With the type of the body, which is written with it. */
const sentHeaders = ({ headers, mediaType = JSON_TYPE, body, stream }: Answer): Answer['headers'] =>
  body === undefined && stream === undefined ? headers : { 'content-type': mediaType, ...headers }

const wordingFor = ({ headers, path }: ApiRequest) => ({ accept: headers.accept, path })

/** Whoever asks for a status, an example or new values wants just that. */
const wantsState = ({ code, example, dynamic }: Preferences): boolean =>
  code === undefined && example === undefined && dynamic !== true

const reusedKey = (operation: Operation): Refusal => {
  const documented = new Set(operation.responses().map(({ status }) => status))
  return {
    status: documented.has('422') && !documented.has('409') ? 422 : 409,
    kind: 'idempotency',
    message: 'This idempotency key was used with a different request',
  }
}

/** As long as clients accept, and in the letters that headers allow. */
const warningOf = (warning: string): string => warning.slice(0, 1_000).replace(/[^\x20-\x7e]/g, '?')

/** In the words of the wire contract of real keys. */
const FORBIDDEN: Readonly<Record<string, string>> = {
  ip_not_allowed: 'This API key may not be used from this address',
  missing_scope: 'This API key lacks a scope that this request needs',
}

const REFUSED_ADMISSION = {
  401: ({ challenges, wanted, explanation }: RefusedAdmission): Refusal => ({
    status: 401,
    message: explanation ?? `Invalid or missing credentials: send ${wanted}`,
    headers: { 'www-authenticate': [...challenges] },
    // Nothing is told of what is wrong with them: the document's own words say as much.
    isCommonplace: explanation === undefined,
  }),
  403: ({ reason, challenges, explanation }: RefusedAdmission): Refusal => ({
    status: 403,
    message: explanation ?? FORBIDDEN[reason] ?? 'This credential is not enough for this request',
    // RFC 6750, section 3: a client reads there which scope to ask for.
    ...(explanation === undefined ? {} : { headers: { 'www-authenticate': [...challenges] } }),
  }),
  503: (): Refusal => ({
    status: 503,
    message: 'The service cannot answer right now; try again in a moment',
    retryAfterSeconds: 1,
  }),
}
