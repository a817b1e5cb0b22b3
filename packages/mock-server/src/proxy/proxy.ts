// The validating proxy: forwards requests to the real API, and holds both directions against the document. What it does
// not answer, the mock does.

import { randomUUID } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { didYouMean } from '@gosend/options'
import { namesOf, type Operation } from '../engine/document/operation.js'
import { decodeBytes } from '../engine/request/reading.js'
import type { ReadRequest } from '../engine/request/request-reader.js'
import type { Match } from '../engine/request/router.js'
import type { Answer, RelayedBody } from '../engine/response/answers.js'
import type { Refusal } from '../engine/response/refusals.js'
import type { Engine } from '../engine.js'
import { createRequestBodies, limitOf, type RequestBodies } from '../pipeline/request-bodies.js'
import { type RequestState, refuse } from '../pipeline/request-state.js'
import type { Admission, ClientCertificate, Gate } from '../security/gate.js'
import { EMPTY, type HeldBody, hasBody, hold } from './bodies.js'
import { type Diagnostic, lineOf, ofRequest, VIOLATIONS_HEADER, violationsHeader } from './diagnostics.js'
import { type Fields, hasPassed, requestFields, responseFields } from './header-fields.js'
import type { ProxyOptions } from './options.js'
import { createReport, type ProxyReport, type ReportKeeper } from './report.js'
import { checkAnswer, isCheckable } from './response-check.js'
import { createUpstream, type NoAnswer, type Upstream } from './upstream.js'

export interface ProxyParts {
  readonly gate: Gate
  readonly clientCertificateOf: (socket: IncomingMessage['socket']) => ClientCertificate
  /** Whether requests are held against the document, and not only answers. */
  readonly checksRequests: boolean
  /** Those of the document, which `mocked` may name. */
  readonly operations: () => readonly Operation[]
  /** Where clients reach the mock, by their request. */
  readonly originOf: (request: IncomingMessage) => string
  readonly onLog: (line: string) => void
}

export interface ApiProxy {
  /** Reads the body of a request as it comes, before anything is known of it. */
  receive(engine: Engine, state: RequestState, match: Match): Promise<void>
  /** The answer of the real API, or what is sent in its place; undefined where the mock is to answer. */
  answer(engine: Engine, state: RequestState, match: Match): Promise<Answer | undefined>
  report(): ProxyReport
  close(): void
}

const TIMEOUT_MS = 30_000
/** Longer answers are passed on as they come, and are not held against the document. */
const MAX_CHECKED_BYTES = 10 * 1024 * 1024
const MAX_LOGGED = 10
/** What a problem is, as Prism names it: its clients tell problems apart by that. */
const PROBLEMS = 'https://stoplight.io/prism/errors#'

/** What the steps of one request share. */
interface Proxying extends ProxyParts {
  readonly bodies: RequestBodies
  readonly url: URL
  readonly errors: boolean
  readonly fallback: boolean
  readonly mocked: ReadonlySet<string>
  /** How the proxy calls itself in `Via`. */
  readonly pseudonym: string
  readonly upstream: Upstream
  readonly report: ReportKeeper
  readonly held: WeakMap<RequestState, HeldBody>
}

/** @throws TypeError when `mocked` names no operation of the document. */
export function createProxy(options: ProxyOptions, parts: ProxyParts): ApiProxy {
  const { errors = false, fallback = true, timeoutMs = TIMEOUT_MS, ca } = options
  const url = new URL(options.url)
  const names = parts.operations().flatMap(namesOf)
  for (const name of options.mocked ?? [])
    if (!names.includes(name))
      throw new TypeError(`proxy.mocked: no such operation as ${name}${didYouMean(name, names)}`)
  const proxying: Proxying = {
    ...parts,
    ...{ url, errors, fallback, mocked: new Set(options.mocked) },
    pseudonym: `gosend-mock-${randomUUID().slice(0, 8)}`,
    // What is wrong is told apart from what is refused.
    bodies: createRequestBodies({}, 'off'),
    upstream: createUpstream({ url, timeoutMs, ca }),
    report: createReport(),
    held: new WeakMap(),
  }
  return {
    receive: (engine, state, match) => receive(proxying, engine, state, match),
    answer: (engine, state, match) => answer(proxying, engine, state, match),
    report: proxying.report.report,
    close: proxying.upstream.close,
  }
}

async function receive({ held }: Proxying, engine: Engine, state: RequestState, match: Match): Promise<void> {
  const { request } = state
  if (!hasBody(request)) return void held.set(state, EMPTY)
  const { maxBytes } = limitOf(engine, operationOf(match), request.headers)
  const body = await hold(request, maxBytes)
  held.set(state, body)
  state.bytes =
    body.rest === undefined
      ? await decodeBytes(body.bytes, request.headers['content-encoding'], maxBytes)
      : EMPTY.bytes
}

async function answer(
  proxying: Proxying,
  engine: Engine,
  state: RequestState,
  match: Match,
): Promise<Answer | undefined> {
  state.note.operationId = operationOf(match)?.id
  if (isForMock(proxying, state, match)) return undefined
  const { url, held, pseudonym } = proxying
  if (hasPassed(state.request, pseudonym))
    return refuse(engine, state, {
      status: 508,
      message: `The upstream ${url.origin} leads back to this proxy`,
    })
  const body = held.get(state) ?? EMPTY
  if (holdsAdminKey(proxying, state, body))
    return refuse(engine, state, { status: 400, message: ADMIN_KEY_SENT })
  if (isUndescribed(state.request.method, match, body)) return problem(501, UNSUPPORTED_BODY)
  const { diagnostics, refused } = await checkRequest(proxying, engine, state, match, body)
  if (refused !== undefined) {
    note(proxying, state, match, diagnostics)
    return refused
  }
  return forward(proxying, engine, state, match, body, diagnostics)
}

const ADMIN_KEY_SENT =
  'The address or the body has the admin key of this mock in it, which does not leave the mock: send it as X-Admin-Key, to /admin alone'

/** Whether the mock's own admin key would go upstream. Header fields that carry it are left out instead. */
function holdsAdminKey({ gate }: Proxying, { request, bytes }: RequestState, body: HeldBody): boolean {
  const { url = '' } = request
  const decoded = Buffer.isBuffer(bytes) ? bytes : body.bytes
  return [url, decodedOf(url), body.bytes, decoded].some((sent) => gate.holdsAdminKey(sent))
}

/** An address without percent-encoding; as it is where that is malformed. */
function decodedOf(url: string): string {
  try {
    return decodeURIComponent(url)
  } catch {
    return url
  }
}

/** Whether the mock answers without asking upstream. */
function isForMock({ errors, mocked }: Proxying, { request }: RequestState, match: Match): boolean {
  const { method, headers } = request
  // RFC 9110, section 7.6.2.
  if (headers['max-forwards'] === '0' && (method === 'OPTIONS' || method === 'TRACE')) return true
  if (match.kind !== 'found') return errors || match.kind === 'malformed'
  return namesOf(match.operation).some((name) => mocked.has(name))
}

interface CheckedRequest {
  readonly diagnostics: readonly Diagnostic[]
  /** The answer that refuses it under `errors`. */
  readonly refused: Answer | undefined
}

async function checkRequest(
  { bodies, gate, clientCertificateOf, checksRequests, errors }: Proxying,
  engine: Engine,
  state: RequestState,
  match: Match,
  { rest }: HeldBody,
): Promise<CheckedRequest> {
  if (match.kind !== 'found') return { diagnostics: [NO_ROUTE], refused: undefined }
  if (!checksRequests) return { diagnostics: [], refused: undefined }
  if (rest !== undefined) return { diagnostics: [tooLong(state)], refused: undefined }
  const { operation, params } = match
  const { request, query, path } = state
  const { headers, method = 'GET' } = request
  const admission = await gate.admit(operation, () => ({
    ...{ headers, query, method, ip: request.socket.remoteAddress },
    target: request.url ?? path,
    clientCertificate: clientCertificateOf(request.socket),
  }))
  const read = await bodies.read(engine, state, operation, params)
  const { unreadable, violations } = 'answer' in read ? NOT_READ : read
  const diagnostics = [
    ...(admission.ok ? [] : [diagnostic(admission.status, 'Invalid security scheme used')]),
    ...(unreadable === undefined ? [] : [diagnostic(unreadable.status, unreadable.message)]),
    ...violations.map(ofRequest),
  ]
  if (!errors || diagnostics.length === 0) return { diagnostics, refused: undefined }
  const refusal = { status: unreadable?.status ?? 422, violations }
  const refused = admission.ok
    ? invalid(engine, state, operation, diagnostics, refusal)
    : refuse(engine, state, unauthorized(admission), operation)
  return { diagnostics, refused }
}

const NOT_READ: Pick<ReadRequest, 'unreadable' | 'violations'> = { unreadable: undefined, violations: [] }

/** Tells client, log, journal and report what does not fit. */
function note(
  { report, onLog }: Proxying,
  state: RequestState,
  match: Match,
  diagnostics: readonly Diagnostic[],
): void {
  if (diagnostics.length === 0) return
  const { request, path, note } = state
  const wrong = diagnostics.filter(({ severity }) => severity === 'Error')
  state.headers = { ...state.headers, [VIOLATIONS_HEADER]: violationsHeader(diagnostics) }
  report.violated(operationOf(match)?.id ?? `${request.method} ${path}`, diagnostics)
  if (wrong.length > 0) note.reason ??= `${wrong.length} violation${wrong.length === 1 ? '' : 's'}`
  note.answerViolations = diagnostics.filter(({ location }) => location[0] === 'response').map(forJournal)
  for (const one of diagnostics.slice(0, MAX_LOGGED))
    onLog(`Violation: ${request.method} ${path} ${lineOf(one)}`)
  if (diagnostics.length > MAX_LOGGED) onLog(`Violation: and ${diagnostics.length - MAX_LOGGED} more`)
}

const forJournal = ({ location: [, place, ...rest], message }: Diagnostic) => ({
  in: place === undefined ? 'response' : `response ${place}`,
  location: place === 'body' ? rest.map((segment) => `/${segment}`).join('') : rest.join('.'),
  message,
})

async function forward(
  proxying: Proxying,
  engine: Engine,
  state: RequestState,
  match: Match,
  body: HeldBody,
  diagnostics: readonly Diagnostic[],
): Promise<Answer | undefined> {
  const { report, upstream, url, fallback, onLog } = proxying
  report.forwarded()
  const gone = new AbortController()
  state.response.once('close', () => gone.abort())
  const given = await upstream.send({
    ...{ ...body, method: state.request.method ?? 'GET', signal: gone.signal },
    target: targetOf(url, engine, state, match),
    headers: sentFields(proxying, state, body),
  })
  const isReplaceable = fallback && match.kind === 'found' && body.rest === undefined
  if (!given.ok) {
    note(proxying, state, match, diagnostics)
    return unanswered(proxying, engine, state, match, given, isReplaceable)
  }
  const { response } = given
  if (response.statusCode === 501 && isReplaceable) {
    response.resume()
    note(proxying, state, match, diagnostics)
    onLog(`The upstream ${url.origin} has not implemented ${match.operation.id}: the mock answers`)
    return undefined
  }
  try {
    return await received(proxying, engine, state, match, response, diagnostics)
  } catch (error) {
    if (gone.signal.aborted) throw error
    const reason = error instanceof Error ? error.message : String(error)
    const message = `The upstream ${url.origin} broke off its answer: ${reason}`
    return unanswered(proxying, engine, state, match, { status: 502, message, isPassing: false }, false)
  }
}

function sentFields({ gate, url, pseudonym }: Proxying, { request }: RequestState, body: HeldBody): Fields {
  const headers = gate.withoutAdminKey(requestFields(request, url, pseudonym))
  const isWhole = body.rest === undefined && hasBody(request)
  return isWhole ? { ...headers, 'content-length': String(body.bytes.length) } : headers
}

/** The mock's answer in place of one that there is not, or the error that says so. */
function unanswered(
  { report, onLog }: Proxying,
  engine: Engine,
  state: RequestState,
  match: Match,
  { status, message, isPassing }: Omit<NoAnswer, 'ok'>,
  isReplaceable: boolean,
): Answer | undefined {
  report.unanswered()
  const isReplaced = isReplaceable && isPassing
  onLog(`Warning: ${message}${isReplaced ? ': the mock answers' : ''}`)
  return isReplaced ? undefined : refuse(engine, state, { status, message }, operationOf(match))
}

async function received(
  proxying: Proxying,
  engine: Engine,
  state: RequestState,
  match: Match,
  response: IncomingMessage,
  before: readonly Diagnostic[],
): Promise<Answer> {
  const { url, errors, onLog } = proxying
  const { method, path } = { ...state, method: state.request.method }
  const headers = responseFields(response, url, proxying.originOf(state.request))
  const { statusCode: status = 502 } = response
  const type = String(headers['content-type'] ?? '')
  const isEmpty = method === 'HEAD' || status === 204 || status === 304
  const isChecked = !isEmpty && isCheckable(type)
  const body = isChecked ? await hold(response, MAX_CHECKED_BYTES) : { ...EMPTY, rest: response }
  const bytes = await plainBytes(body, String(headers['content-encoding'] ?? 'identity'))
  if (isChecked && bytes === undefined)
    onLog(
      `Warning: the answer to ${method} ${path} is too long or compressed in a way that cannot be checked`,
    )
  const checked = await checkAnswer(engine, operationOf(match), { status, headers, bytes, isEmpty })
  note(proxying, state, match, [...before, ...checked.diagnostics])
  const wrong = checked.diagnostics.filter(({ severity }) => severity === 'Error')
  if (errors && wrong.length > 0) {
    body.rest?.destroy()
    return problem(500, WRONG_ANSWER, wrong)
  }
  const sent = { status, statusMessage: response.statusMessage, body, bytes, value: checked.body }
  return {
    ...{ status, headers, body: undefined, source: 'upstream', relay: relayOf(sent) },
    mediaType: type === '' ? undefined : type,
  }
}

/** A body that has been held back as a whole, decompressed; undefined where it cannot be. */
async function plainBytes(body: HeldBody, encoding: string): Promise<Buffer | undefined> {
  if (body.rest !== undefined) return undefined
  const bytes = await decodeBytes(body.bytes, encoding, MAX_CHECKED_BYTES)
  return Buffer.isBuffer(bytes) ? bytes : undefined
}

const operationOf = (match: Match): Operation | undefined =>
  match.kind === 'found' ? match.operation : undefined

const NO_ROUTE: Diagnostic = {
  location: ['request'],
  severity: 'Warning',
  message: 'Selected route not found',
}

const diagnostic = (code: number, message: string): Diagnostic => ({
  ...{ location: ['request'], severity: 'Error', code },
  message,
})

const tooLong = ({ request, path }: RequestState): Diagnostic => ({
  ...{ location: ['request', 'body'], severity: 'Warning' },
  message: `The body of ${request.method} ${path} is too long to be held against the document; --max-body (maxBodyBytes) allows more`,
})

/** A body has no meaning in these requests (RFC 9110, section 9.3.1) unless the document gives it one. */
const isUndescribed = (method: string | undefined, match: Match, { bytes, rest }: HeldBody): boolean =>
  (method === 'GET' || method === 'HEAD') &&
  (bytes.length > 0 || rest !== undefined) &&
  !(match.kind === 'found' && match.operation.body() !== undefined)

/** What upstream is asked for. A base path that its address ends with is not repeated. */
function targetOf(url: URL, { document }: Engine, { path, query }: RequestState, match: Match): string {
  const base = url.pathname.replace(/\/$/, '')
  const bases = match.kind === 'found' ? [match.basePath] : (document.operations[0]?.basePaths ?? [])
  const own = bases.find((one) => one !== '' && base.endsWith(one) && `${path}/`.startsWith(`${one}/`)) ?? ''
  const whole = `${base}${path.slice(own.length)}` || '/'
  return query === '' ? whole : `${whole}?${query}`
}

/** The status and shape that the document has for invalid requests; a problem with the violations where it has none. */
function invalid(
  engine: Engine,
  state: RequestState,
  operation: Operation,
  diagnostics: readonly Diagnostic[],
  { status, violations }: Pick<Refusal, 'status' | 'violations'>,
): Answer {
  const documented = new Set(operation.responses().map((response) => response.status))
  const isDocumented = ['400', '422', '4XX', 'default'].some((one) => documented.has(one))
  if (isDocumented && status === 422) {
    const own = engine.refusals.invalidStatus(operation, false)
    return refuse(engine, state, { status: own, message: 'Validation failed', violations }, operation)
  }
  state.note.reason ??= `${diagnostics.length} violations`
  // Without the side, which can be no other.
  const own = diagnostics.map(({ location: [, ...rest], ...one }) => ({ location: rest, ...one }))
  return problem(status, INVALID_REQUEST, own)
}

const unauthorized = ({ status, challenges, wanted }: Extract<Admission, { ok: false }>): Refusal => ({
  status,
  message: `Invalid or missing credentials: send ${wanted}`,
  headers: { 'www-authenticate': [...challenges] },
})

/** An error of the proxy's own: the end of its type, a title, and what to do about it. */
type Problem = readonly [name: string, title: string, detail: string]

const UNSUPPORTED_BODY: Problem = [
  'PROXY_UNSUPPORTED_REQUEST_BODY',
  'A GET or HEAD request with a body that the document does not describe is not forwarded',
  '',
]
const WRONG_ANSWER: Problem = [
  'VIOLATIONS',
  'Request/Response not valid',
  'The answer of the real API does not fit the document, and --errors is set',
]
const INVALID_REQUEST: Problem = [
  'UNPROCESSABLE_ENTITY',
  'Invalid request',
  'The request does not fit the document, which describes no answer to that',
]

/** RFC 9457. */
const problem = (
  status: number,
  [name, title, detail]: Problem,
  validation?: readonly Diagnostic[],
): Answer => ({
  status,
  headers: { 'cache-control': 'no-store', 'x-content-type-options': 'nosniff' },
  body: { type: PROBLEMS + name, title, status, detail, ...(validation === undefined ? {} : { validation }) },
  mediaType: 'application/problem+json',
  source: 'error',
})

/** Of a stream, the beginning is remembered. */
const MAX_REMEMBERED = 65_536

interface Relayed {
  readonly status: number
  readonly statusMessage: string | undefined
  readonly body: HeldBody
  /** The body, decompressed, where it has been held back. */
  readonly bytes: Buffer | undefined
  /** What it says. */
  readonly value: unknown
}

/** Sends an answer as it came. */
const relayOf =
  ({ status, statusMessage = '', body, bytes, value }: Relayed): NonNullable<Answer['relay']> =>
  async (response, headers) => {
    if (statusMessage === '') response.writeHead(status, headers)
    else response.writeHead(status, statusMessage, headers)
    const { rest } = body
    if (rest !== undefined) {
      response.flushHeaders()
      if (body.bytes.length > 0) response.write(body.bytes)
      return piped(rest, response, headers, body.bytes.length)
    }
    response.end(body.bytes)
    return { body: value, length: (bytes ?? body.bytes).length }
  }

function piped(
  rest: NonNullable<HeldBody['rest']>,
  response: ServerResponse,
  headers: Answer['headers'],
  before: number,
): Promise<RelayedBody> {
  return new Promise((resolve) => {
    let beginning = Buffer.alloc(0)
    let length = before
    const isText =
      headers['content-encoding'] === undefined && /^text\/|json|xml/.test(String(headers['content-type']))
    rest.on('data', (chunk: Buffer) => {
      length += chunk.length
      if (isText && before === 0 && beginning.length < MAX_REMEMBERED)
        beginning = Buffer.concat([beginning, chunk])
    })
    const done = () => {
      const text = isText && before === 0 ? beginning.toString() : Buffer.alloc(0)
      resolve({ body: length === 0 ? undefined : text, length })
    }
    rest.once('end', done)
    // A body that was broken off must not look like a whole one.
    rest.once('error', () => response.destroy())
    rest.once('close', done)
    response.once('close', () => rest.destroy())
    rest.pipe(response)
  })
}
