// The life of one request to the mocked API, top to bottom: route, admit, decode, validate, answer, check, send.

import type { IncomingMessage, ServerResponse } from 'node:http'
import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises'
import type { Clock } from './clock.js'
import type { Faults } from './control/faults.js'
import type { Journal, JournalNote } from './control/journal.js'
import type { Operation } from './engine/document/operation.js'
import type { ApiRequest } from './engine/request/api-request.js'
import type { BodyLimit } from './engine/request/bodies.js'
import { noPreferences, type Preferences, readPreferences } from './engine/request/preferences.js'
import { createBodyRoom, readBody } from './engine/request/reading.js'
import { describe, type Violation, violationOf } from './engine/request/violations.js'
import { type Answer, isolationOf, send, sendStream } from './engine/response/answers.js'
import type { Refusal } from './engine/response/refusals.js'
import { SOURCE_HEADER } from './engine/response/sources.js'
import type { SchemaError } from './engine/schema/validation.js'
import type { Engine } from './engine.js'
import type { MockContext } from './rules/context.js'
import type { Contexts } from './rules/contexts.js'
import type { HandlerAnswer, HandlerResult } from './rules/handlers.js'
import { isRefusal, type Rules } from './rules/rules.js'
import type { Cors } from './security/cors.js'
import type { Gate, Identity, RefusedAdmission } from './security/security.js'
import type { Transactions } from './storage/transactions.js'

export interface ExchangeOptions {
  /** The engine of the document that is served at this moment. */
  readonly engine: () => Engine
  readonly gate: Gate
  readonly rules: Rules
  readonly contexts: Contexts
  readonly transactions: Transactions
  readonly clock: Clock
  readonly faults: Faults
  readonly journal: Journal
  readonly cors: Cors
  /** True answers an error where the document contradicts itself, instead of the nearest answer. */
  readonly strict: boolean
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
  /** For the answer, whatever it will be. */
  headers: HandlerAnswer['headers']
}

/** Ends the connection without an answer. */
const DROP = Symbol('drop')

// Longer bodies are not worth keeping for whoever reads the journal.
const MAX_NOTED_BYTES = 65_536

/** What the bodies of all requests may take at one time. */
const MAX_BODIES_BYTES = 384 * 1024 * 1024

export function createExchange(options: ExchangeOptions): Exchange {
  const { gate, rules, contexts, transactions, clock, faults, journal, cors, strict } = options
  const { onExchange, onError } = options
  const { handlers = {}, guard } = rules
  const room = createBodyRoom(MAX_BODIES_BYTES)
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
      const visit: Visit = { request, response, path, query, note, fields: undefined, headers: undefined }
      const answer =
        preflight === undefined
          ? await answerTo(options.engine(), visit)
          : { status: 204, headers: preflight, body: undefined }
      // Nobody is told of what could still be lost. Other answers wait for the end of this turn as well: those that
      // leave together wake their clients once, which halves what an answer costs under load.
      await (transactions.committed() ?? endOfTurn())
      if (transactions.failures() !== failures) throw new Error('What was written has been lost')
      const durationMs = performance.now() - started
      const record = (status: number, responseBody: unknown) =>
        journal.record({ at, method, path, query, headers, note, status, responseBody, durationMs })
      if (answer === DROP) {
        request.socket.destroy()
        record(0, undefined)
      } else {
        const shared = { ...answer.headers, ...visit.headers, ...cors.headersFor(headers) }
        // What one key may see must not be kept for another.
        const { fields } = visit
        const own = fields === undefined ? {} : { vary: [fields, shared.vary ?? []].flat().join(', ') }
        const source = answer.source === undefined ? {} : { [SOURCE_HEADER]: answer.source }
        note.source = answer.source
        const all = { ...shared, ...own, ...isolationOf(answer, shared), ...source }
        const { status, body, stream } = answer
        const whole = { ...answer, headers: all }
        if (stream === undefined) {
          const bytes = send(response, whole, method === 'HEAD')
          record(status, bytes <= MAX_NOTED_BYTES ? body : `[${bytes} bytes]`)
        } else {
          const text = await sendStream(response, whole, method === 'HEAD')
          record(status, text.length <= MAX_NOTED_BYTES ? text : `[${text.length} bytes]`)
        }
      }
      const outcome = answer === DROP ? 'dropped' : answer.status
      onExchange(
        `${method} ${path} ${outcome} ${durationMs.toFixed(1)} ms${note.reason === undefined ? '' : `  ${note.reason}`}`,
      )
    },
  }

  async function answerTo(engine: Engine, visit: Visit): Promise<Answer | typeof DROP> {
    const { router, refusals, parameters, bodies, budget } = engine
    budget.renew()
    const { request, path, query, note } = visit
    const { headers, method = 'GET' } = request
    const refuse = (refusal: Refusal, operation?: Operation): Answer => {
      const answer = refusals.answer(operation, refusal, { accept: headers.accept, path })
      note.reason ??= refusals.describe(refusal)
      return answer
    }

    const match = router.match(method, path, query)
    if (match.kind === 'malformed')
      return refuse({ status: 400, message: 'The path is not properly encoded' })
    if (match.kind === 'unknown') return refuse({ status: 404, message: `Cannot ${method} ${path}` })
    if (match.kind === 'wrong_method') {
      const allow = { allow: match.allow.join(', ') }
      if (method === 'OPTIONS' && cors.isOn) return { status: 204, headers: allow, body: undefined }
      return refuse({ status: 405, message: `Cannot ${method} ${path}`, headers: allow })
    }
    const { operation, params } = match
    note.operationId = operation.id
    visit.fields = gate.fieldsOf(operation)

    const admission = await gate.admit(operation, { headers, query, ip: request.socket.remoteAddress })
    if (!admission.ok) {
      note.reason = `credential: ${admission.reason}`
      return refuse(REFUSED_ADMISSION[admission.status](admission), operation)
    }
    const { identity } = admission
    note.projectId = identity.projectId
    note.environment = identity.environment
    note.keyId = identity.apiKey?.id

    if (guard !== undefined) {
      const { operationId } = operation
      const guarded = { request: { operationId, method, path, headers }, apiKey: identity.apiKey }
      const context = contextFor(identity, headers)
      const result = transactions.unit(() => guard({ ...context, ...guarded }))
      visit.headers = result?.headers
      if (result?.refusal !== undefined) return refuse(result.refusal, operation)
    }

    const trouble = faults.strike(operation)
    if (trouble !== undefined) {
      note.reason = 'fault'
      if (trouble.latencyMs > 0) await sleep(trouble.latencyMs)
      if (trouble.drop) return DROP
      const { status, retryAfterSeconds } = trouble
      if (status !== undefined)
        return refuse({ status, message: 'A fault was asked for', retryAfterSeconds }, operation)
    }

    /** In the API's own words, if it has some; they say what the violations would. */
    const unfit = (refusal: Refusal, body?: unknown): Answer => {
      const { status, violations = [] } = refusal
      const own = rules.invalid?.({ operationId: operation.operationId, status, body, violations })
      const worded = { ...refusal, ...own, ...(own?.message === undefined ? {} : { violations: [] }) }
      return refuse(worded, operation)
    }
    const description = operation.body()
    const bytes = await bytesOf(visit, bodies.limitOf(description, headers))
    if (!Buffer.isBuffer(bytes)) return unfit(bytes)
    const decoded = parameters.decode(operation, { path: params, query, headers })
    const found: Violation[] = [...decoded.violations]
    let body: unknown
    let sent: Pick<ApiRequest, 'bodyType' | 'files'> = {}
    // A form without fields has no bytes, and is a body all the same.
    if (description !== undefined && (bytes.length > 0 || FORM.test(headers['content-type'] ?? ''))) {
      const read = await bodies.decode(description, headers, bytes)
      if ('status' in read) {
        const status = read.status === 400 ? refusals.invalidStatus(operation, true) : read.status
        return unfit({ status, message: read.message, violations: found })
      }
      body = read.value
      sent = { bodyType: read.sentType, files: read.files }
      if (bytes.length <= MAX_NOTED_BYTES) note.body = body
      // A JSON patch is a list (RFC 6902), whatever schema a document gives it.
      const isPatch = read.sentType === 'application/json-patch+json' && Array.isArray(body)
      if (read.comparable && !isPatch) found.push(...bodyViolations(engine, read.media.schema, body))
    } else if (description === undefined && bytes.length > 0 && !takesNoBody(operation)) {
      // A document may forget a body that its clients send.
      body = bodies.decodeUndescribed(headers, bytes)
    } else if (description === undefined && bytes.length > 0) {
      return unfit({ status: 415, message: 'A body is not expected here' })
    } else if (description?.required)
      found.push({ in: 'body', location: '', message: 'is required', keyword: 'required' })

    if (found.length > 0) {
      const status = refusals.invalidStatus(operation, false)
      return unfit({ status, message: 'Validation failed', violations: found }, body)
    }
    const preferences = readPreferences(headers.prefer, query)
    const read = {
      operation,
      path,
      headers,
      parameters: decoded.values,
      body,
      ...sent,
      preferences,
      identity,
    }
    if (preferences.delayMs > 0 && engine.streams.choose(read) === undefined) await sleep(preferences.delayMs)
    return answerFor(engine, read, note)
  }

  function bytesOf({ request, response }: Visit, { maxBytes, growth }: BodyLimit) {
    const { 'content-length': length, 'transfer-encoding': transfer } = request.headers
    const size = transfer === undefined ? Number(length ?? 0) : maxBytes
    const entering = size <= maxBytes ? room.enter(size * growth, response) : undefined
    return entering?.then(() => readBody(request, maxBytes)) ?? readBody(request, maxBytes)
  }

  function bodyViolations(engine: Engine, schema: unknown, body: unknown): Violation[] {
    const errors = engine.validation.of(schema ?? true, 'request')(body)
    return errors.map((error) => violationOf('body', '', error))
  }

  async function answerFor(engine: Engine, request: AdmittedRequest, note: JournalNote): Promise<Answer> {
    const { operation, preferences, identity } = request
    const id = operation.operationId
    const handler = id !== undefined && Object.hasOwn(handlers, id) ? handlers[id] : undefined
    if (handler === undefined || id === undefined || preferences.code !== undefined) {
      return byDocument(engine, request, note)
    }
    const context = contextFor(identity, request.headers)
    const { method } = operation
    const called = {
      request: { ...request, operationId: id, method },
      apiKey: identity.apiKey,
      fallback: async () => byDocument(engine, request, note),
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
    const context = contexts.of(projectId, environment, host && `http://${host}`)
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
    const { value, errors, contradictions = [], source } = responses.sample(choice.template, preferences)
    const problems = strict ? [...errors, ...contradictions] : errors
    const answer = responses.answer(choice.template, value)
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

const wordingFor = ({ headers, path }: ApiRequest) => ({ accept: headers.accept, path })

/** Whoever asks for a status, an example or new values wants just that. */
const wantsState = ({ code, example, dynamic }: Preferences): boolean =>
  code === undefined && example === undefined && dynamic !== true

/** Bodies that nobody described are passed over, unless the document says that they are refused. */
const takesNoBody = (operation: Operation): boolean =>
  operation.responses().some(({ status }) => status === '415')

const FORM = /^(application\/x-www-form-urlencoded|multipart\/form-data)\b/i

/** In the words of the wire contract of real keys. */
const FORBIDDEN: Readonly<Record<string, string>> = {
  ip_not_allowed: 'This API key may not be used from this address',
  missing_scope: 'This API key lacks a scope that this request needs',
}

const REFUSED_ADMISSION = {
  401: ({ challenges, wanted }: RefusedAdmission): Refusal => ({
    status: 401,
    message: `Invalid or missing credentials: send ${wanted}`,
    headers: { 'www-authenticate': challenges.join(', ') },
    // Nothing is told of what is wrong with them: the document's own words say as much.
    isCommonplace: true,
  }),
  403: ({ reason }: RefusedAdmission): Refusal => ({
    status: 403,
    message: FORBIDDEN[reason] ?? 'This credential is not enough for this request',
  }),
  503: (): Refusal => ({
    status: 503,
    message: 'The service cannot answer right now; try again in a moment',
    retryAfterSeconds: 1,
  }),
}
