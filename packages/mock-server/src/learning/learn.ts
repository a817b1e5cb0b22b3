// Learns from recorded traffic what a document does not say: what answers hold, which things there are, how ids look.

import type { Redaction } from '../control/redaction.js'
import { REDACTED } from '../control/secrets.js'
import type { Operation } from '../engine/document/operation.js'
import { grouped, isObject, setMember } from '../engine/json.js'
import type { ApiRequest } from '../engine/request/api-request.js'
import { isJsonType } from '../engine/request/media-types.js'
import { noPreferences } from '../engine/request/preferences.js'
import type { Engine } from '../engine.js'
import type { SeenThing } from '../state/lessons.js'
import type { Observation } from '../state/observing.js'
import type { State } from '../state/state.js'
import type { Exchange } from './exchanges.js'
import { headersOf } from './headers.js'
import { idLessonOf } from './ids.js'
import {
  ANONYMOUS,
  type AnswerLesson,
  type CallLesson,
  LEARNED_VERSION,
  type Learned,
  type OperationLesson,
  reasonOf,
} from './learned-file.js'
import { membersOf, movingIn, rendered, type Sent } from './members.js'

/** What came of the exchanges. */
export interface LearningReport {
  /** How many were of the document. */
  readonly used: number
  /** Those that the document has no operation for, as `GET /path`. */
  readonly unknown: readonly string[]
  readonly operations: number
  readonly things: number
}

export interface Lesson {
  readonly learned: Learned
  readonly report: LearningReport
}

const MAX_ANSWERS = 12
const MAX_CALLS = 200
const MAX_THINGS = 1_000
const MAX_EXAMPLE_ITEMS = 20

/** One exchange of a known operation. */
export interface Heard {
  /** Without its secrets. */
  readonly exchange: Exchange
  readonly operation: Operation
  readonly sent: Sent
  readonly violations: readonly string[]
  readonly status: number
  readonly body: unknown
  /** The header fields of the answer. Names in lower case, without secrets. */
  readonly headers: Readonly<Record<string, string>>
  /** The one thing that it is about, by a name that is the same wherever that is asked for. */
  readonly target: string | undefined
  /** Whether it was to make a new thing. */
  readonly isCreation: boolean
  /** Whether the answer has been recorded. */
  readonly isWhole: boolean
  readonly observed: readonly Observation[]
}

/** @param engine of the document, with its state. */
export async function learn(
  exchanges: readonly Exchange[],
  engine: Engine & { readonly state: State },
  redaction: Redaction,
): Promise<Lesson> {
  const { heard, unknown } = await listen(exchanges, engine, redaction)
  const { learned, operations } = lessonsFrom(heard, engine.state, redaction)
  const things = Object.values(learned.things).reduce((sum, list) => sum + list.length, 0)
  return { learned, report: { used: heard.length, unknown, operations, things } }
}

/** Traffic as the document reads it. */
export async function listen(
  exchanges: readonly Exchange[],
  engine: Engine & { readonly state: State },
  redaction: Redaction,
): Promise<{ readonly heard: readonly Heard[]; readonly unknown: readonly string[] }> {
  const heard: Heard[] = []
  const unknown = new Set<string>()
  for (const exchange of ofOneApi(exchanges, engine)) {
    engine.budget.renew()
    const one = await hear(exchange, engine, redaction)
    if (one === undefined) unknown.add(`${exchange.method} ${redaction.text(exchange.path)}`)
    else heard.push(one)
  }
  return { heard, unknown: [...unknown] }
}

export interface LessonsFromOptions {
  /** Whether things are kept as they were before the first exchange, or after the last. Default `last`. */
  readonly things?: 'first' | 'last'
}

export function lessonsFrom(
  heard: readonly Heard[],
  state: State,
  redaction: Redaction,
  { things = 'last' }: LessonsFromOptions = {},
): { readonly learned: Learned; readonly operations: number } {
  const operations = grouped(heard.map((one) => [one.operation.id, one]))
  const sorted = [...operations].sort(([a], [b]) => (a < b ? -1 : 1))
  const fates = fatesIn(heard)
  return {
    learned: {
      'gosend-learned': LEARNED_VERSION,
      operations: Object.fromEntries(sorted.map(([id, all]) => [id, lessonOf(all, state, fates)])),
      ids: idsIn(heard),
      things: thingsIn(heard, redaction, things),
    },
    operations: operations.size,
  }
}

const LOOPBACK = /^https?:\/\/(localhost|127\.\d+\.\d+\.\d+|\[::1\])(:\d+)?$/

/** A browser records what it asks of others, too: most of what the document knows is of one API. */
function ofOneApi(exchanges: readonly Exchange[], { router, budget }: Engine): readonly Exchange[] {
  const originOf = ({ origin }: Exchange): string => (LOOPBACK.test(origin) ? '' : origin)
  const counts = new Map<string, number>()
  for (const exchange of exchanges) {
    budget.renew()
    const isKnown = router.match(exchange.method, exchange.path, exchange.query).kind === 'found'
    if (isKnown) counts.set(originOf(exchange), (counts.get(originOf(exchange)) ?? 0) + 1)
  }
  const [usual] = [...counts].sort(([, a], [, b]) => b - a)[0] ?? ['']
  return exchanges.filter((exchange) => ['', usual].includes(originOf(exchange)))
}

async function hear(
  exchange: Exchange,
  { router, requests, state }: Engine & { readonly state: State },
  redaction: Redaction,
): Promise<Heard | undefined> {
  const { method, path, query, headers, body, status, answerHeaders, answer } = exchange
  const match = router.match(method, path, query)
  if (match.kind !== 'found') return undefined
  const { operation, params } = match
  const read = await requests.read(operation, { path: params, query, headers }, Buffer.from(body))
  const type = answerHeaders['content-type'] ?? ''
  const shown = cleaned(valueIn(answer, type), redaction)
  const sent: Sent = { path: read.parameters.path, query: read.parameters.query, body: read.body }
  const hidden = redaction.body(sent) as Sent
  const request: ApiRequest = {
    ...{ operation, path, target: path, headers, preferences: noPreferences, scheme: 'http' as const },
    ...{ parameters: read.parameters, assumed: read.assumed, body: cleaned(read.body, redaction) },
    ...{ bodyType: read.bodyType, files: undefined },
    identity: { projectId: 'learned', environment: 'learned' },
  }
  const isSuccess = status >= 200 && status < 300
  const target = state.targetOf(request)
  return {
    exchange: hiddenIn(exchange, redaction),
    ...{
      target: target && nameOf(target),
      isCreation: target?.isNew === true,
      headers: shownHeaders(exchange, redaction),
    },
    ...{ operation, sent: hidden, status, body: shown, isWhole: answer !== undefined || status === 204 },
    violations: [
      ...read.violations.map(reasonOf),
      ...(read.unreadable === undefined ? [] : ['body unreadable']),
      ...(isAnonymous(operation, headers, query) ? [ANONYMOUS] : []),
    ].sort(),
    observed: isSuccess ? state.observe(request, shown) : [],
  }
}

const nameOf = ({ kind, id }: Pick<Observation, 'kind' | 'id'>): string => `${kind} ${id}`

/** The header fields of an answer but those that hold secrets; addresses of the API itself are paths. */
function shownHeaders({ origin, answerHeaders }: Exchange, redaction: Redaction): Heard['headers'] {
  const shown = Object.entries(redaction.headers({ ...answerHeaders })).filter(
    ([, value]) => !value.includes(REDACTED),
  )
  return Object.fromEntries(
    shown.map(([name, value]) => [name, origin === '' ? value : value.replaceAll(`${origin}/`, '/')]),
  )
}

function hiddenIn(exchange: Exchange, redaction: Redaction): Exchange {
  const [path = '', query = ''] = redaction.target(exchange.path, exchange.query).split(/\?(.*)/s, 2)
  const headers = redaction.headers(exchange.headers)
  const body = redaction.source(exchange.body, exchange.headers['content-type'] ?? '')
  return { ...exchange, path, query, headers, body }
}

/** Whether a request has none of the credentials that its operation asks for. */
function isAnonymous(operation: Operation, headers: Exchange['headers'], query: string): boolean {
  const requirements = operation.security()
  if (requirements.length === 0 || requirements.some((all) => all.length === 0)) return false
  const sent = new URLSearchParams(query)
  return requirements.flat().every(({ scheme: { type, in: place, parameter } }) => {
    if (type !== 'apiKey') return headers.authorization === undefined
    if (place === 'query') return !sent.has(parameter)
    return headers[place === 'cookie' ? 'cookie' : parameter.toLowerCase()] === undefined
  })
}

function valueIn(text: string | undefined, type: string): unknown {
  if (text === undefined || text === '') return undefined
  if (!isJsonType(type)) return /^text\//.test(type) ? text : undefined
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** A value without what is secret: not even a place is kept for it. */
function cleaned(value: unknown, redaction: Redaction): unknown {
  const without = (one: unknown): unknown => {
    if (typeof one === 'string') return one.includes(REDACTED) ? undefined : one
    if (Array.isArray(one)) return one.map(without).filter((inner) => inner !== undefined)
    if (!isObject(one)) return one
    const copy = {}
    for (const [name, inner] of Object.entries(one)) {
      const kept = without(inner)
      if (kept !== undefined && !name.includes(REDACTED)) setMember(copy, name, kept)
    }
    return copy
  }
  return value === undefined ? undefined : without(redaction.body(value))
}

/** Why an exchange was answered as it was: its thing was not there, or there already. */
type Fate = 'missing' | 'taken'

/** A thing is not there when it has been removed, and when nobody has seen it and a request for it was refused. */
function fatesIn(heard: readonly Heard[]): ReadonlyMap<Heard, Fate> {
  const fates = new Map<Heard, Fate>()
  const there = new Map<string, boolean>()
  for (const one of heard) {
    const { target, status, violations, observed, isCreation } = one
    const isThere = target === undefined ? undefined : there.get(target)
    const isRefused = status >= 400 && !UNTELLING.has(status) && violations.length === 0
    if (isCreation && isThere && isRefused) fates.set(one, 'taken')
    const isMissed = isThere === false || (isThere === undefined && isRefused)
    if (!isCreation && target !== undefined && isMissed) fates.set(one, 'missing')
    for (const observation of observed) there.set(nameOf(observation), observation.thing !== undefined)
  }
  return fates
}

/** Who is refused for what they are, or for now, is told nothing of the thing. */
const UNTELLING = new Set([401, 403, 429, 503])

function lessonOf(all: readonly Heard[], state: State, fates: ReadonlyMap<Heard, Fate>): OperationLesson {
  const whole = all.filter(({ isWhole }) => isWhole)
  const answers = answersIn(whole)
  const calls = callsIn(whole, answers, { state, fates })
  // What a client has already, or a part of it, is no success of its own.
  const succeeded = all.filter((one) => one.status < 400 && one.status !== 304 && one.status !== 206)
  const success = mostUsual(succeeded.filter((one) => !fates.has(one)).map(({ status }) => status))
  const statusOfAll = (some: readonly Heard[]): number | undefined =>
    some.every(({ status }) => status >= 400) ? mostUsual(some.map(({ status }) => status)) : undefined
  const anonymous = statusOfAll(all.filter(({ violations }) => violations.includes(ANONYMOUS)))
  const invalid = statusOfAll(all.filter(({ violations }) => violations.some((one) => one !== ANONYMOUS)))
  const statusWhere = (fate: Fate): number | undefined =>
    mostUsual(all.filter((one) => fates.get(one) === fate).map(({ status }) => status))
  const [missing, taken] = [statusWhere('missing'), statusWhere('taken')]
  return {
    ...(missing === undefined || missing === 404 ? {} : { missing }),
    ...(taken === undefined || taken === 409 ? {} : { taken }),
    ...(success === undefined ? {} : { success }),
    ...(anonymous === undefined ? {} : { anonymous }),
    ...(invalid === undefined ? {} : { invalid }),
    answers,
    ...(calls.length === 0 ? {} : { calls }),
  }
}

function mostUsual(statuses: readonly number[]): number | undefined {
  const counts = new Map<number, number>()
  for (const status of statuses) counts.set(status, (counts.get(status) ?? 0) + 1)
  return [...counts].sort(([a, times], [b, others]) => others - times || a - b)[0]?.[0]
}

function answersIn(all: readonly Heard[]): readonly AnswerLesson[] {
  const groups = grouped(
    all.map((one) => [JSON.stringify([one.status, one.status < 400 ? [] : one.violations]), one]),
  )
  return [...groups.values()]
    .map((group) => answerOf(group))
    .sort((a, b) => a.status - b.status || b.seen - a.seen || (String(a.when) < String(b.when) ? -1 : 1))
    .slice(0, MAX_ANSWERS)
}

function answerOf(group: readonly Heard[]): AnswerLesson {
  const latest = group.at(-1)
  const { status = 200, violations = [] } = latest ?? {}
  const members = membersOf(group, idPointerOf(group))
  const headers = latest === undefined ? {} : headersOf(group, latest.operation, status)
  const when = status < 400 ? [] : violations
  return {
    ...{ status, seen: group.length },
    ...(when.length === 0 ? {} : { when }),
    ...(Object.keys(headers).length === 0 ? {} : { headers }),
    ...(latest?.body === undefined ? {} : { body: shortened(latest.body) }),
    ...(Object.keys(members).length === 0 ? {} : { members }),
  }
}

/** Where an answer shows the id of what was made. */
function idPointerOf(group: readonly Heard[]): string | undefined {
  const made = group.flatMap(({ observed, body }) =>
    observed.filter(({ isNew }) => isNew).map(({ id, thing }) => ({ id, thing, body })),
  )
  const [first] = made
  if (first === undefined) return undefined
  const name = Object.keys(first.thing ?? {}).find((one) =>
    made.every(({ id, thing }) => thing?.[one] === id),
  )
  if (name === undefined) return undefined
  return isObject(first.body) && Object.hasOwn(first.body, name) ? `/${name}` : undefined
}

const shortened = (value: unknown): unknown =>
  Array.isArray(value)
    ? value.slice(0, MAX_EXAMPLE_ITEMS).map(shortened)
    : isObject(value)
      ? Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, shortened(inner)]))
      : value

/** Requests that were answered in the same way each time, and not as the state or the other answers would have it. */
function callsIn(
  all: readonly Heard[],
  answers: readonly AnswerLesson[],
  { state, fates }: { readonly state: State; readonly fates: ReadonlyMap<Heard, Fate> },
): readonly CallLesson[] {
  const told = all.filter((one) => {
    const isLeft = state.keeps(one.operation) && (one.status < 400 || one.status === 404)
    return !isLeft && !fates.has(one) && !isRefusedCredential(one) && one.violations.length === 0
  })
  const groups = grouped(told.map((one) => [JSON.stringify(one.sent), one]))
  return [...groups]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .flatMap(([, group]) => callOf(group, answers, all) ?? [])
    .slice(0, MAX_CALLS)
}

/** Whose credential is refused is for keys to say, not for what else was sent. */
const isRefusedCredential = ({ sent, status }: Heard): boolean =>
  (status === 401 || status === 403) && JSON.stringify(sent).includes(REDACTED)

function callOf(
  group: readonly Heard[],
  answers: readonly AnswerLesson[],
  all: readonly Heard[],
): CallLesson | undefined {
  const [first] = group
  if (first === undefined) return undefined
  const { sent, status, body } = first
  const usual = answers.find((answer) => answer.status === status)
  const { members = {} } = usual ?? {}
  const fixed = (value: unknown): string =>
    JSON.stringify(rendered(value, movingIn(members), { sent, now: 0 }))
  if (group.some((one) => one.status !== status || fixed(one.body) !== fixed(body))) return undefined
  const isUsual = usual?.status === mostUsual(all.map((one) => one.status))
  if (isUsual && fixed(rendered(usual?.body, members, { sent, now: 0 })) === fixed(body)) return undefined
  return {
    ...(Object.keys(sent.path).length === 0 ? {} : { path: sent.path }),
    ...(Object.keys(sent.query).length === 0 ? {} : { query: sent.query }),
    ...(sent.body === undefined ? {} : { body: sent.body }),
    status,
    ...(body === undefined ? {} : { answer: body }),
  }
}

function idsIn(heard: readonly Heard[]): Learned['ids'] {
  const kinds = grouped(heard.flatMap(({ observed }) => observed.map((one) => [one.kind, one] as const)))
  const lessons = [...kinds].flatMap(([kind, all]) => {
    const given = all.filter(({ isNew }) => isNew).map(({ id }) => id)
    const lesson = idLessonOf(
      given,
      all.map(({ id }) => id).filter((id) => id !== ''),
    )
    return lesson === undefined ? [] : [[kind, lesson] as const]
  })
  return Object.fromEntries(lessons.sort(([a], [b]) => (a < b ? -1 : 1)))
}

/** What is there at the end of a recording, or was there before it. */
function thingsIn(heard: readonly Heard[], redaction: Redaction, at: 'first' | 'last'): Learned['things'] {
  const collections = new Map<string, Map<string, SeenThing>>()
  /** Made by the recording, so that they were not there before it; and what has been seen once. */
  const settled = new Set<string>()
  for (const observation of heard.flatMap(({ observed }) => observed)) {
    const { collection, id } = observation
    if (redaction.text(collection) !== collection) continue
    const things = collections.get(collection) ?? new Map<string, SeenThing>()
    collections.set(collection, things)
    const name = `${collection} ${id}`
    if (at === 'last') keep(things, observation)
    else if (!settled.has(name) && observation.isMade !== true)
      keep(things, { ...observation, thing: observation.thing ?? (id === '' ? undefined : {}) })
    settled.add(name)
  }
  const found = [...collections].map(
    ([path, things]) => [path, [...things.values()].slice(0, MAX_THINGS)] as const,
  )
  return Object.fromEntries(found.sort(([a], [b]) => (a < b ? -1 : 1)))
}

function keep(things: Map<string, SeenThing>, { id, thing, isWhole, isListed }: Observation): void {
  const known = things.get(String(id))
  // A list has its things in order.
  if (thing === undefined || isListed) things.delete(String(id))
  if (thing !== undefined)
    things.set(String(id), { id: known?.id ?? id, thing: isWhole ? thing : { ...known?.thing, ...thing } })
}
