// What was learned, in the places where answers are made: exact calls, answers like those that were seen, errors, new things.

import type { Operation } from '../engine/document/operation.js'
import { isObject } from '../engine/json.js'
import type { ApiRequest } from '../engine/request/api-request.js'
import type { Router } from '../engine/request/router.js'
import type { Answer } from '../engine/response/answers.js'
import type { Refusal, Refusals } from '../engine/response/refusals.js'
import type { Responses } from '../engine/response/responses.js'
import type { ThingLessons } from '../state/lessons.js'
import { templateOf, withHeaders } from './headers.js'
import { idFrom } from './ids.js'
import {
  ANONYMOUS,
  type AnswerLesson,
  type CallLesson,
  type Learned,
  type OperationLesson,
  reasonOf,
} from './learned-file.js'
import { movingIn, rendered, type Sent } from './members.js'

export interface Lessons {
  readonly things: ThingLessons
  /** The responses of a document, with the statuses and values that were seen. */
  responses(responses: Responses): Responses
  /** Its errors, as they were seen. */
  refusals(refusals: Refusals, responses: Responses, paths: Paths): Refusals
  /** The answer that was seen for a request; undefined where the state knows it better. */
  recall(request: ApiRequest, responses: Responses, isKept: boolean): Answer | undefined
  /** An answer with the header fields that were seen with its status. */
  dressed(request: ApiRequest, answer: Answer, responses: Responses): Answer
}

export interface LessonsOptions {
  readonly seed: string
  readonly now: () => number
  /** Hides what is secret, as it was hidden from what was learned. */
  readonly hide: (sent: Sent) => Sent
}

/** What was learned, as it is looked up. */
interface Memory extends LessonsOptions {
  lessonOf(operation: Operation): OperationLesson | undefined
  /** The answer of its successes. */
  success(operation: Operation): AnswerLesson | undefined
  callsOf(operation: Operation): ReadonlyMap<string, CallLesson>
  render(answer: AnswerLesson, sent: Sent): unknown
}

export function createLessons(learned: Learned, options: LessonsOptions): Lessons {
  const memory = memoryOf(learned, options)
  return {
    things: thingLessons(learned, memory),
    responses: (responses) => learnedResponses(memory, responses),
    refusals: (refusals, responses, paths) => learnedRefusals(memory, refusals, responses, paths),
    recall: (request, responses, isKept) => recalled(memory, request, responses, isKept),
    dressed(request, answer, responses) {
      const { operation } = request
      const seen = memory.lessonOf(operation)?.answers.find(({ status }) => status === answer.status)
      if (seen?.headers === undefined || request.preferences.code !== undefined) return answer
      return withHeaders(answer, seen, { responses, operation, sent: sentIn(request) })
    },
  }
}

function memoryOf({ operations }: Learned, options: LessonsOptions): Memory {
  const lessonOf = (operation: Operation): OperationLesson | undefined =>
    Object.hasOwn(operations, operation.id) ? operations[operation.id] : undefined
  const calls = new Map<string, ReadonlyMap<string, CallLesson>>()
  return {
    ...options,
    lessonOf,
    success(operation) {
      const lesson = lessonOf(operation)
      return lesson?.answers.find(({ status }) => status === lesson.success)
    },
    callsOf(operation) {
      const known = calls.get(operation.id)
      if (known !== undefined) return known
      const made = new Map((lessonOf(operation)?.calls ?? []).map((call) => [keyOf(call), call]))
      calls.set(operation.id, made)
      return made
    },
    render: ({ body, members = {} }, sent) => rendered(body, members, { sent, now: options.now() }),
  }
}

function thingLessons({ ids, things }: Learned, { seed, success, lessonOf }: Memory): ThingLessons {
  const seen = new Map(
    Object.entries(things).map(([path, list]) => [
      path,
      new Map(list.map((one) => [String(one.id), one.thing])),
    ]),
  )
  return {
    newId: (collection, number) =>
      Object.hasOwn(ids, collection) && ids[collection] !== undefined
        ? idFrom(ids[collection], number, `${seed} ${collection}`)
        : undefined,
    born(request, now) {
      const answer = success(request.operation)
      const { body, members = {} } = answer ?? {}
      return answer && rendered(body, members, { sent: sentIn(request), now, isForNew: true })
    },
    seen: (collection, id) => seen.get(collection)?.get(id),
    minds: (operation) => lessonOf(operation)?.taken !== undefined || hasAnswered(lessonOf(operation), 409),
    misses(operation) {
      const lesson = operation && lessonOf(operation)
      return lesson?.missing !== undefined || hasAnswered(lesson, 404)
    },
  }
}

const learnedResponses = ({ lessonOf }: Memory, responses: Responses): Responses => ({
  ...responses,
  choose(operation, accept, preferences, purpose) {
    const status = preferences.code === undefined ? lessonOf(operation)?.success : undefined
    const isDescribed = operation.responses().some((one) => one.status === String(status))
    const own = isDescribed ? { ...preferences, code: status } : preferences
    return responses.choose(operation, accept, own, purpose)
  },
  sample(template, preferences) {
    const { operation, status, media } = template
    const answer = lessonOf(operation)?.answers.find((one) => one.status === status)
    const isAsked = preferences.example !== undefined || preferences.dynamic === true
    const value = isAsked ? undefined : answer?.body
    return value !== undefined && media !== undefined && responses.check(template, value).length === 0
      ? { value, errors: [], source: 'learned' }
      : responses.sample(template, preferences)
  },
})

/** What of a document its errors are looked up by. */
interface Paths {
  readonly router: Router
  readonly operations: readonly Operation[]
}

function learnedRefusals(
  { lessonOf, render }: Memory,
  refusals: Refusals,
  responses: Responses,
  { router, operations }: Paths,
): Refusals {
  /** Of this operation first, and then of others at the same path, which know the same things. */
  const lessonsNear = (operation: Operation): readonly OperationLesson[] =>
    [operation, ...operations.filter(({ path }) => path === operation.path)].flatMap(
      (one) => lessonOf(one) ?? [],
    )
  const statusFor = (operation: Operation, { isAnonymous, isMissing, isTaken }: Refusal) => {
    const own = lessonOf(operation)
    if (isAnonymous) return own?.anonymous
    if (isTaken) return own?.taken
    if (!isMissing) return undefined
    if (own?.missing !== undefined || hasAnswered(own, 404)) return own?.missing
    // Whether another operation minds says nothing of this one.
    return lessonsNear(operation).find(({ missing = 0 }) => missing >= 400)?.missing
  }
  const sentTo = ({ method }: Operation, path: string): Sent => {
    const match = router.match(method, path, '')
    return { path: match.kind === 'found' ? match.params : {}, query: {}, body: undefined }
  }
  const learnedFor = (operation: Operation, refusal: Refusal, usual: Answer, sent: Sent): Answer => {
    const [seen] = refusalsLike(
      lessonsNear(operation).flatMap(({ answers }) => answers),
      refusal,
    )
    const body = seen && render(seen, sent)
    const found = body === undefined ? undefined : fitting(responses, operation, refusal.status, body)
    if (seen === undefined || found === undefined) return usual
    const answer: Answer = { ...usual, ...found, encoded: undefined, source: 'learned' }
    return withHeaders(answer, seen, { responses, operation, sent })
  }
  /** Where an API does not mind that a thing is not there. */
  const unminded = (operation: Operation, status: number, sent: Sent): Answer | undefined => {
    const seen = lessonOf(operation)?.answers.find((one) => one.status === status)
    const answer = seen && answerOf(responses, operation, status, render(seen, sent))
    return answer && withHeaders(answer, seen, { responses, operation, sent })
  }
  return {
    ...refusals,
    answer(operation, given, request) {
      if (operation === undefined) return refusals.answer(operation, given, request)
      const sent = sentTo(operation, request?.path ?? operation.path)
      const status = statusFor(operation, given) ?? given.status
      const success = status < 400 ? unminded(operation, status, sent) : undefined
      const refusal = status < 400 ? given : { ...given, status }
      return success ?? learnedFor(operation, refusal, refusals.answer(operation, refusal, request), sent)
    },
    invalidStatus: (operation, isMalformed) =>
      lessonOf(operation)?.invalid ?? refusals.invalidStatus(operation, isMalformed),
  }
}

const hasAnswered = (lesson: OperationLesson | undefined, wanted: number): boolean =>
  lesson?.answers.some(({ status }) => status === wanted) === true

function recalled(
  memory: Memory,
  request: ApiRequest,
  responses: Responses,
  isKept: boolean,
): Answer | undefined {
  const { lessonOf, success, render, hide, now } = memory
  const { operation, preferences } = request
  const { code, example, dynamic } = preferences
  if (code !== undefined || example !== undefined || dynamic) return undefined
  const sent = sentIn(request)
  const call = callLike(memory, operation, hide(sent), isKept)
  if (call !== undefined) {
    const { members = {} } = lessonOf(operation)?.answers.find(({ status }) => status === call.status) ?? {}
    const body = rendered(call.answer, movingIn(members), { sent, now: now() })
    return answerOf(responses, operation, call.status, body)
  }
  const usual = success(operation)
  return isKept || usual === undefined
    ? undefined
    : answerOf(responses, operation, usual.status, render(usual, sent))
}

/** The same request; where nothing is stored, also one for the same path with another query. */
function callLike(
  { callsOf }: Memory,
  operation: Operation,
  sent: Sent,
  isKept: boolean,
): CallLesson | undefined {
  const calls = callsOf(operation)
  const same = calls.get(keyOf(sent))
  if (same !== undefined || isKept || Object.keys(sent.path).length === 0) return same
  const wanted = keyOf({ ...sent, query: {} })
  return [...calls.values()].find((call) => call.status < 400 && keyOf({ ...call, query: {} }) === wanted)
}

const sentIn = ({ parameters, body, assumed }: ApiRequest): Sent => ({
  path: parameters.path,
  query: Object.fromEntries(Object.entries(parameters.query).filter(([name]) => !assumed?.has(name))),
  body,
})

const keyOf = ({ path = {}, query = {}, body }: Partial<Sent>): string =>
  JSON.stringify(ordered([path, query, body]))

/** The same value, whatever the order of its members. */
function ordered(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(ordered)
  if (!isObject(value)) return value
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, inner]) => [name, ordered(inner)]),
  )
}

/** The errors of a status that were seen for the same reasons first. */
function refusalsLike(
  answers: readonly AnswerLesson[],
  { status, violations = [], isAnonymous = false }: Refusal,
): readonly AnswerLesson[] {
  const reasons = new Set([...violations.map(reasonOf), ...(isAnonymous ? [ANONYMOUS] : [])])
  const score = ({ when = [] }: AnswerLesson): number =>
    when.filter((one) => reasons.has(one)).length * 2 - when.filter((one) => !reasons.has(one)).length
  return answers
    .filter((one) => one.status === status && one.body !== undefined)
    .sort((a, b) => score(b) - score(a))
}

/** An answer, if the document allows it. */
function answerOf(
  responses: Responses,
  operation: Operation,
  status: number,
  body: unknown,
): Answer | undefined {
  const template = templateOf(responses, operation, status)
  if (template === undefined || (body === undefined && template.media !== undefined)) return undefined
  if (body !== undefined && responses.check(template, body).length > 0) return undefined
  return { ...responses.answer(template, body), source: 'learned' }
}

/** The body of an error, in the media type of the document; that of a status which it does not describe is its own. */
function fitting(
  responses: Responses,
  operation: Operation,
  status: number,
  body: unknown,
): Pick<Answer, 'body' | 'mediaType'> | undefined {
  const template = templateOf(responses, operation, status)
  if (template?.media === undefined)
    return { body, mediaType: typeof body === 'string' ? 'text/plain; charset=utf-8' : undefined }
  if (responses.check(template, body).length > 0) return undefined
  const { mediaType } = responses.answer(template, body)
  return { body, mediaType }
}
