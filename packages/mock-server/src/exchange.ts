// The life of one request to the mocked API, top to bottom: route, admit, decode, validate, answer, check, send.

import type { IncomingMessage, ServerResponse } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import { type Answer, JSON_TYPE, serialize } from './answers.js'
import type { Clock } from './clock.js'
import type { Projects } from './database.js'
import type { Operation } from './document.js'
import type { Engine } from './engine.js'
import type { HandlerAnswer, Handlers } from './handlers.js'
import { describe, type Fault, type ParameterValues } from './parameters.js'
import { noPreferences, type Preferences, readPreferences } from './preferences.js'
import type { Refusal } from './refusals.js'
import type { Gate, Identity } from './security.js'

export interface ExchangeOptions {
  /** The engine of the document that is served at this moment. */
  readonly engine: () => Engine
  readonly gate: Gate
  readonly handlers: Handlers
  readonly projects: Projects
  readonly clock: Clock
  readonly maxBodyBytes: number
  /** True answers an error where the document contradicts itself, instead of the nearest answer. */
  readonly strict: boolean
}

/** What is known of a request once it has been decoded. */
export interface ApiRequest {
  readonly operation: Operation
  readonly path: string
  readonly headers: IncomingMessage['headers']
  readonly parameters: ParameterValues
  readonly body: unknown
  readonly preferences: Preferences
  readonly identity: Identity
}

export interface Exchange {
  handle(request: IncomingMessage, response: ServerResponse, path: string, query: string): Promise<void>
}

export function createExchange(options: ExchangeOptions): Exchange {
  const { gate, handlers, projects, clock, maxBodyBytes, strict } = options

  return {
    async handle(request, response, path, query) {
      const engine = options.engine()
      const answer = await answerTo(engine, request, path, query)
      send(response, answer, request.method === 'HEAD')
    },
  }

  async function answerTo(
    engine: Engine,
    request: IncomingMessage,
    path: string,
    query: string,
  ): Promise<Answer> {
    const { router, refusals, parameters, bodies } = engine
    const { headers, method = 'GET' } = request
    const refuse = (refusal: Refusal, operation?: Operation) =>
      refusals.answer(operation, refusal, headers.accept)

    const match = router.match(method, path, query)
    if (match.kind === 'malformed')
      return refuse({ status: 400, message: 'The path is not properly encoded' })
    if (match.kind === 'unknown') return refuse({ status: 404, message: `Cannot ${method} ${path}` })
    if (match.kind === 'wrong_method') {
      const allow = { allow: match.allow.join(', ') }
      if (method === 'OPTIONS') return { status: 204, headers: allow, body: undefined }
      return refuse({ status: 405, message: `Cannot ${method} ${path}`, headers: allow })
    }
    const { operation, params } = match

    const admission = await gate.admit(operation, { headers, query, ip: request.socket.remoteAddress })
    if (!admission.ok) return refuse(REFUSED_ADMISSION[admission.status](admission.challenges), operation)

    const bytes = await readBody(request, maxBodyBytes)
    if (bytes === undefined) {
      return refuse({
        status: 413,
        message: `The body is larger than ${maxBodyBytes} bytes`,
        headers: { connection: 'close' },
      })
    }
    const decoded = parameters.decode(operation, { path: params, query, headers })
    const faults: Fault[] = [...decoded.faults]
    const description = operation.body()
    let body: unknown
    const isForm = /^(application\/x-www-form-urlencoded|multipart\/form-data)\b/i.test(
      headers['content-type'] ?? '',
    )
    // A form without fields has no bytes, and is a body all the same.
    if (description !== undefined && (bytes.length > 0 || isForm)) {
      const read = await bodies.decode(description, headers, bytes)
      if ('status' in read) {
        const status = read.status === 400 ? refusals.invalidStatus(operation, true) : read.status
        return refuse({ status, message: read.message, faults }, operation)
      }
      body = read.value
      if (read.comparable) faults.push(...bodyFaults(engine, read.media.schema, body))
    } else if (description?.required) faults.push({ in: 'body', location: '', message: 'is required' })

    const preferences = readPreferences(headers.prefer, query)
    if (faults.length > 0) {
      const status = refusals.invalidStatus(operation, false)
      return refuse({ status, message: 'Validation failed', faults }, operation)
    }
    if (preferences.delayMs > 0) await sleep(preferences.delayMs)
    const { identity } = admission
    return answerFor(engine, {
      operation,
      path,
      headers,
      parameters: decoded.values,
      body,
      preferences,
      identity,
    })
  }

  function bodyFaults(engine: Engine, schema: unknown, body: unknown): Fault[] {
    const errors = engine.validation.of(schema ?? true, 'request')(body)
    return errors.map((error) => ({ in: 'body', location: error.instancePath, message: describe(error) }))
  }

  async function answerFor(engine: Engine, request: ApiRequest): Promise<Answer> {
    const { operation, preferences } = request
    const id = operation.operationId
    const handler = id !== undefined && Object.hasOwn(handlers, id) ? handlers[id] : undefined
    if (handler === undefined || id === undefined || preferences.code !== undefined)
      return byDocument(engine, request)
    const project = projects.find(request.identity.projectId)
    if (project === undefined) throw new Error('The project of a verified key is gone')
    const answered = await handler({
      request: { ...request, operationId: id, method: operation.method },
      project,
      environment: request.identity.environment,
      apiKey: request.identity.apiKey,
      now: clock.now,
      fallback: async () => byDocument(engine, request),
    })
    return completed(engine, request, answered)
  }

  /** A handler's answer with what the document says of its status. */
  function completed(engine: Engine, request: ApiRequest, { status, body, headers }: HandlerAnswer): Answer {
    const preferences = status === undefined ? noPreferences : { ...noPreferences, code: status }
    const choice = engine.responses.choose(request.operation, request.headers.accept, preferences)
    if (choice.ok) return engine.responses.answer(choice.template, body, headers)
    return { status: status ?? 200, headers: headers ?? {}, body }
  }

  function byDocument(engine: Engine, request: ApiRequest): Answer {
    const { operation, headers, preferences } = request
    const { responses, refusals, state } = engine
    const stored = wantsState(preferences) ? state?.answer(request) : undefined
    if (stored !== undefined) {
      return 'answer' in stored ? stored.answer : refusals.answer(operation, stored.refusal, headers.accept)
    }
    const choice = responses.choose(operation, headers.accept, preferences)
    if (!choice.ok) return refusals.answer(operation, choice, headers.accept)
    const { value, errors } = responses.sample(choice.template, preferences)
    const [error] = errors
    if (strict && error !== undefined) {
      const message = `The document contradicts itself at ${operation.pointer}: ${error.instancePath} ${describe(error)}`
      return refusals.answer(undefined, { status: 500, message })
    }
    return responses.answer(choice.template, value)
  }
}

/** Whoever asks for a status, an example or new values wants just that. */
const wantsState = ({ code, example, dynamic }: Preferences): boolean =>
  code === undefined && example === undefined && dynamic !== true

const REFUSED_ADMISSION = {
  401: (challenges: readonly string[]): Refusal => ({
    status: 401,
    message: 'Invalid or missing API key',
    headers: { 'www-authenticate': challenges.join(', '), vary: 'X-API-Key' },
  }),
  403: (): Refusal => ({ status: 403, message: 'This credential is not enough for this request' }),
  503: (): Refusal => ({
    status: 503,
    message: 'The service cannot answer right now; try again in a moment',
    retryAfterSeconds: 1,
  }),
}

/** The bytes of a body; undefined when there are too many. */
function readBody(
  request: IncomingMessage,
  maxBytes: number,
): Promise<Buffer | undefined> | Buffer | undefined {
  const { 'content-length': length, 'transfer-encoding': encoding } = request.headers
  if (encoding === undefined && (length === undefined || length === '0')) return EMPTY
  if (Number(length) > maxBytes) return undefined
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = []
    let size = 0
    request.on('data', (chunk: Buffer) => {
      size += chunk.length
      if (size > maxBytes) {
        request.pause()
        resolve(undefined)
      } else chunks.push(chunk)
    })
    request.on('end', () => resolve(chunks.length === 1 ? chunks[0] : Buffer.concat(chunks)))
    request.on('error', reject)
  })
}

const EMPTY = Buffer.alloc(0)

export function send(response: ServerResponse, answer: Answer, headOnly: boolean): void {
  const { status, headers, body, mediaType = JSON_TYPE } = answer
  if (body === undefined) {
    const length = status === 204 || status === 304 || status < 200 ? {} : { 'content-length': 0 }
    response.writeHead(status, { ...headers, ...length })
    response.end()
    return
  }
  const bytes = serialize(body, mediaType)
  response.writeHead(status, {
    'content-type': mediaType,
    'content-length': Buffer.byteLength(bytes),
    ...headers,
  })
  response.end(headOnly ? undefined : bytes)
}
