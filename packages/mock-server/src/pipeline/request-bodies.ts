// What a request says: its body, read within the room that all bodies have together, and its parameters, held against
// their descriptions.

import type { IncomingMessage } from 'node:http'
import { type JournalNote, MAX_BODY_BYTES, noted, sent } from '../control/noted-exchanges.js'
import type { Operation } from '../engine/document/operation.js'
import { isObject, member, segmentsOf } from '../engine/json.js'
import { after, type MaybeLater } from '../engine/later.js'
import type { BodyLimit } from '../engine/request/bodies.js'
import { isJsonType } from '../engine/request/media-types.js'
import { createBodyRoom, peekBody, readBody, type UnreadableBody } from '../engine/request/reading.js'
import type { ReadRequest } from '../engine/request/request-reader.js'
import type { Violation } from '../engine/request/violations.js'
import type { Answer } from '../engine/response/answers.js'
import type { Refusal } from '../engine/response/refusals.js'
import type { Engine } from '../engine.js'
import type { Rules } from '../rules/rules.js'
import type { RequestMode } from './request-mode.js'
import { type RequestState, refuse } from './request-state.js'

export interface RequestBodies {
  bytes(state: RequestState, limit: BodyLimit): MaybeLater<Buffer | UnreadableBody>
  /** What a request says, or the answer that refuses it. */
  read(
    engine: Engine,
    state: RequestState,
    operation: Operation,
    path: Readonly<Record<string, string>>,
  ): MaybeLater<ReadRequest | { readonly answer: Answer }>
}

/** What the bodies of all requests may take at one time. */
const MAX_BODIES_BYTES = 384 * 1024 * 1024

/** @param isKnownId whether the mock has shown something by an id. */
export function createRequestBodies(
  rules: Pick<Rules, 'invalid'>,
  mode: RequestMode,
  isKnownId: (id: string) => boolean = () => false,
): RequestBodies {
  const room = createBodyRoom(MAX_BODIES_BYTES)

  function bytes(
    { request, response }: RequestState,
    { maxBytes, growth }: BodyLimit,
  ): MaybeLater<Buffer | UnreadableBody> {
    const { 'content-length': length, 'transfer-encoding': transfer } = request.headers
    const size = transfer === undefined ? Number(length ?? 0) : maxBytes
    const entering = size <= maxBytes ? room.enter(size * growth, response) : undefined
    return entering === undefined
      ? readBody(request, maxBytes)
      : entering.then(() => readBody(request, maxBytes))
  }

  /** The answer to an invalid request, in the API's own words, if it has some: they say what the violations would. */
  function invalid(
    engine: Engine,
    state: RequestState,
    operation: Operation,
    refusal: Refusal,
    body?: unknown,
  ): { readonly answer: Answer } {
    const { status, violations = [] } = refusal
    const own = rules.invalid?.({ operationId: operation.operationId, status, body, violations })
    const worded = { ...refusal, ...own, ...(own?.message === undefined ? {} : { violations: [] }) }
    return { answer: refuse(engine, state, worded, operation) }
  }

  function unreadable(
    engine: Engine,
    state: RequestState,
    operation: Operation,
    { beginning, ...refusal }: UnreadableBody,
  ): { readonly answer: Answer } {
    if (beginning !== undefined) state.note.sent = sent(beginning, declaredLength(state.request))
    return invalid(engine, state, operation, refusal)
  }

  /** A request that has been read, or the answer to one that does not fit its description. */
  function judged(
    engine: Engine,
    state: RequestState,
    operation: Operation,
    { read, received }: { readonly read: ReadRequest; readonly received: Buffer },
  ): ReadRequest | { readonly answer: Answer } {
    const { request, note, notedBytes } = state
    const { body } = read
    const violations = withoutKnownIds(read, isKnownId)
    if (!isKeptJson(request, received, notedBytes)) note.body = noted(body, received.length, notedBytes)
    note.violations = violations
    if (violations.length === 0 && read.unreadable === undefined) return read
    const refusal = refusalOf(engine, operation, { ...read, violations })
    if (mode === 'strict' || refusal.status === 413) return invalid(engine, state, operation, refusal, body)
    if (mode === 'warn') {
      state.warning = engine.refusals.describe(refusal)
      note.reason = `answered all the same: ${state.warning}`
    }
    return read
  }

  return {
    bytes,

    read(engine, state, operation, path) {
      const receiving = state.bytes ?? bytes(state, limitOf(engine, operation, state.request.headers))
      return after(receiving, (received): MaybeLater<ReadRequest | { readonly answer: Answer }> => {
        if (!Buffer.isBuffer(received)) return unreadable(engine, state, operation, received)
        state.note.sent = sent(received, received.length, state.notedBytes)
        const raw = { path, query: state.query, headers: state.request.headers }
        return after(engine.requests.read(operation, raw, received), (read) =>
          judged(engine, state, operation, { read, received }),
        )
      })
    },
  }
}

/** What a schema says of how ids are written. */
const WRITING: ReadonlySet<string | undefined> = new Set(['format', 'pattern', 'minLength', 'maxLength'])
/** More would be no request that names a few things. */
const MAX_IDS = 20

/** What is wrong, apart from the form of ids that the mock has given: schemas of one document may disagree about that form. */
function withoutKnownIds(
  { violations, body }: ReadRequest,
  isKnownId: (id: string) => boolean,
): readonly Violation[] {
  const isIdAlone = ({ in: place, location, keyword, sent: value }: Violation): boolean => {
    const id = place === 'body' ? valueBehind(body, location) : value
    return WRITING.has(keyword) && typeof id === 'string' && id !== '' && isKnownId(id)
  }
  const isFew = violations.length > 0 && violations.length <= MAX_IDS
  return isFew ? violations.filter((one) => !isIdAlone(one)) : violations
}

const valueBehind = (body: unknown, pointer: string): unknown =>
  segmentsOf(pointer).reduce<unknown>(
    (at, name) => (Array.isArray(at) ? at[Number(name)] : isObject(at) ? member(at, name) : undefined),
    body,
  )

/** What is wrong with a request, in the status that its document has for that. */
function refusalOf(
  { refusals }: Engine,
  operation: Operation,
  { violations, unreadable }: ReadRequest,
): Refusal {
  const { status = 400, message = 'Validation failed' } = unreadable ?? {}
  const own = status === 400 ? refusals.invalidStatus(operation, unreadable !== undefined) : status
  return { status: own, message, violations }
}

export const limitOf = (
  { bodies }: Engine,
  operation: Operation | undefined,
  headers: IncomingMessage['headers'],
): BodyLimit => bodies.limitOf(operation?.body(), headers)

/** How long a body takes that nobody reads, at most. */
const UNREAD_MS = 200

/** The beginning of a body that nobody has read, for the journal. */
export async function unreadBodyOf(request: IncomingMessage): Promise<JournalNote['sent']> {
  return sent(await peekBody(request, MAX_BODY_BYTES, UNREAD_MS), declaredLength(request))
}

/** The journal reads JSON itself, when somebody looks: most bodies are never looked at. */
const isKeptJson = (
  { headers }: IncomingMessage,
  { length }: Buffer,
  most: number = MAX_BODY_BYTES,
): boolean => length <= most && isJsonType(headers['content-type'] ?? '')

const declaredLength = ({ headers }: IncomingMessage): number | undefined =>
  headers['content-length'] === undefined ? undefined : Number(headers['content-length'])
