// Changes that a client makes only to the state that it knows: `If-Match`, `If-Unmodified-Since` and `If-None-Match` on
// requests that write, held against what a GET of the same path would show at this moment.

import type { Operation } from '../engine/document/operation.js'
import { isObject } from '../engine/json.js'
import type { ApiRequest } from '../engine/request/api-request.js'
import { noPreferences } from '../engine/request/preferences.js'
import type { Match } from '../engine/request/router.js'
import type { Answer } from '../engine/response/answers.js'
import { evaluate, hasPrecondition, namesItsState, type Validators } from '../engine/response/conditions.js'
import type { Refusal } from '../engine/response/refusals.js'
import { validatorsOf } from '../engine/response/representations.js'
import type { Engine } from '../engine.js'

export interface Preconditions<Request extends ApiRequest> {
  /** Answers a conditional request unless its conditions fail; those of one path take turns. */
  through(
    engine: Engine,
    request: Request,
    answer: () => Promise<Answer>,
    refuse: (refusal: Refusal) => Answer,
  ): Promise<Answer>
  /** The state that a GET of the path of a request shows; undefined where there is nothing. */
  stateOf(engine: Engine, request: Request): Promise<Validators | undefined>
}

export interface PreconditionsOptions<Request extends ApiRequest> {
  readonly route: (method: string, path: string, query: string) => { readonly match: Match }
  readonly answer: (engine: Engine, request: Request) => Promise<Answer>
}

const FAILED: Refusal = {
  status: 412,
  message: 'This has changed since it was read: read it again, and send its ETag in If-Match',
}

/** Members of a body that tell its version, in lower case. */
const VERSION = /^[_@]?(?:etag|odata\.etag|version|revision|rev|resourceversion|lockversion)$/

export function createPreconditions<Request extends ApiRequest>({
  route,
  answer: show,
}: PreconditionsOptions<Request>): Preconditions<Request> {
  const turns = new Map<string, Promise<unknown>>()

  const inTurn = <T>(path: string, work: () => Promise<T>): Promise<T> => {
    const before = turns.get(path) ?? Promise.resolve()
    const mine = before.then(work, work)
    const ended = () => {
      if (turns.get(path) === mine) turns.delete(path)
    }
    turns.set(path, mine)
    mine.then(ended, ended)
    return mine
  }

  /** Undefined where the document has no GET, so that nobody can know a state. */
  const shownAt = async (engine: Engine, request: Request): Promise<Answer | undefined> => {
    const { match } = route('GET', request.path, '')
    if (match.kind !== 'found') return undefined
    const { operation, params } = match
    const { accept } = request.headers
    const raw = { path: params, query: '', headers: { accept } }
    const { parameters } = await engine.requests.read(operation, raw, Buffer.alloc(0))
    const own = {
      operation,
      target: request.path,
      parameters,
      headers: { ...request.headers, prefer: undefined },
    }
    const empty = { body: undefined, bodyType: undefined, files: undefined, preferences: noPreferences }
    return show(engine, { ...request, ...own, ...empty })
  }

  return {
    through(engine, request, answer, refuse) {
      const { operation, headers, path, identity } = request
      const { method } = operation
      return inTurn(`${identity.projectId} ${identity.environment} ${path}`, async () => {
        const shown = await shownAt(engine, request)
        if (shown === undefined) return answer()
        // What nobody has stored is there for whoever has read it, and is not for whoever creates it.
        const isThere = shown.status === 200 && (shown.source !== 'generated' || namesItsState(headers))
        const versions = takesVersions(operation) ? versionsIn(shown.body) : []
        const current = isThere ? { ...validatorsOf(shown), versions } : undefined
        return evaluate(method, headers, current) === 'failed' ? refuse(FAILED) : answer()
      })
    },

    async stateOf(engine, request) {
      const shown = await shownAt(engine, request)
      return shown?.status === 200 ? validatorsOf(shown) : undefined
    },
  }
}

/** Whether a request changes something, and only in a state that it names. */
export const isConditional = ({ operation: { method }, headers }: ApiRequest): boolean =>
  method !== 'GET' && method !== 'HEAD' && hasPrecondition(headers)

/** Whether the document describes a change of a known state. */
const takesVersions = (operation: Operation): boolean =>
  operation
    .parameters()
    .some(({ in: place, name }) => place === 'header' && name.toLowerCase() === 'if-match')

/**
 * The refusal of a request that does not say which state it changes, where the document wants it to (RFC 6585, section 3):
 * it takes one, or what it changes is shown with an ETag. Elsewhere a 428 is of the API's own, as for files nobody has scanned.
 *
 * @param shown finds the operation that shows what is changed.
 */
export function unconditional(
  operation: Operation,
  headers: ApiRequest['headers'],
  shown: () => Match,
): Refusal | undefined {
  if (hasPrecondition(headers) || !operation.responses().some(({ status }) => status === '428'))
    return undefined
  // What POST does is no change of a known state, unless the document says so.
  const isWanted = takesVersions(operation) || (CHANGES.has(operation.method) && hasTags(shown()))
  return isWanted ? { status: 428, message: 'Send the ETag of what is to be changed in If-Match' } : undefined
}

const CHANGES: ReadonlySet<string> = new Set(['PUT', 'PATCH', 'DELETE'])

const hasTags = (match: Match): boolean =>
  match.kind === 'found' &&
  match.operation.responses().some(({ headers }) => headers.some(({ name }) => name.toLowerCase() === 'etag'))

/** What a body, or a thing right below it, gives as its version. */
function versionsIn(body: unknown): readonly string[] {
  if (!isObject(body)) return []
  const levels = [body, ...Object.values(body).filter(isObject)]
  return levels.flatMap((level) =>
    Object.entries(level).flatMap(([name, value]) => {
      const isVersion = VERSION.test(name.toLowerCase().replace(/(?<=[a-z])_(?=[a-z])/g, ''))
      return isVersion && (typeof value === 'string' || typeof value === 'number')
        ? [String(value).replace(/^W\//, '').replace(/^"|"$/g, '')]
        : []
    }),
  )
}
