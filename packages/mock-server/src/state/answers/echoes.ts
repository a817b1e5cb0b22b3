// Answers that keep nothing and repeat what they were asked: a sample, with what the request named in the members of the
// same names.

import {
  isObject,
  type JsonObject,
  lazy,
  member as memberOf,
  normalizeName,
  setMember,
} from '../../engine/json.js'
import type { ApiRequest } from '../../engine/request/api-request.js'
import { isStructuredType } from '../../engine/request/media-types.js'
import type { Template } from '../../engine/response/responses.js'
import { KIND_MEMBERS, wordsOf } from '../conventions/names.js'
import { OF_ITSELF } from '../conventions/paths.js'
import { ABSENT } from '../forms/coercion.js'
import type { Form, Member } from '../forms/form.js'
import type { Forms } from '../forms/forms.js'
import type { Projection } from '../forms/projection.js'
import type { Fitting } from './fitting.js'
import { outcomesOf, talliesOf } from './tallies.js'

/**
 * Gives undefined where a sample has no member that the request named.
 *
 * @param id of the thing that the answer tells of, for the member that is called just so.
 */
export type Echoes = (template: Template, request: ApiRequest, id?: string | undefined) => unknown

interface EchoParts {
  readonly forms: Forms
  readonly projection: Projection
  /** Of the API, as its document has it. */
  readonly version: string
}

export function createEchoes({ forms, projection, version }: EchoParts, fitting: Fitting): Echoes {
  /** What an API says of its own version, where the document shows none. */
  const ofItself = ({ media }: Template, { operation: { method, path } }: ApiRequest): readonly Named[] =>
    method === 'GET' && version !== '' && media?.examples.length === 0 && OF_ITSELF.test(path)
      ? [{ name: 'version', value: version, isExact: true }]
      : []

  /** How many members of a value a form has room for. */
  const roomFor = ({ byName }: Form, value: JsonObject): number =>
    Object.entries(value).filter(([name, own]) => {
      const member = byName.get(normalizeName(name))
      return member !== undefined && forms.of(member.schema).shape.values?.includes(own) !== false
    }).length

  /** A thing of the kind that was sent, where the sample is of one that has room for less of it. */
  const ofSentKind = (template: Template, { body }: ApiRequest): unknown => {
    const sampled = fitting.sample(template)
    if (!isObject(body) || !isObject(sampled)) return undefined
    const [sent, other] = [forms.of(template.schema, body), forms.of(template.schema, sampled)]
    const isOther = sent !== other && roomFor(sent, body) > roomFor(other, body)
    return isOther ? projection.of(template.schema, body, { seed: 'echo' }) : undefined
  }

  return (template, request, id) => {
    if (template.media === undefined || !isStructuredType(template.media.type)) return undefined
    const pairs = examplePairs(template, request)
    const like = mostLike(pairs, request.body)?.answer
    const base = like ?? ofSentKind(template, request) ?? fitting.sample(template)
    if (!isObject(base)) return undefined
    const { byName } = forms.of(template.schema, base)
    const suffixes = lazy(() => suffixesOf(byName.values()))
    const memberFor = ({ name, isExact }: Named): Member | undefined =>
      byName.get(normalizeName(name)) ?? (isExact ? undefined : bySuffix(suffixes(), name, pairs))
    const said = [...ofThing(id), ...ofItself(template, request), ...namedBy(request, pairs)]
    const puts = said.map((one) => [memberFor(one), one.value] as const)
    const listed = [onlyList(forms, byName.values()), idsIn(request.body)] as const
    const each = outcomesOf({ forms, projection }, byName.values(), request)
    const copy: Record<string, unknown> = { ...base }
    let isChanged = false
    for (const [member, value] of [...puts, listed, ...each, ...talliesOf(forms, byName.values(), request)])
      isChanged = putInto(copy, projection, member, value) || isChanged
    return isChanged ? fitting.body(template, copy) : undefined
  }
}

/** The only list in an answer, where it is one of texts or numbers. */
function onlyList(forms: Forms, members: Iterable<Member>): Member | undefined {
  const lists = [...members].filter(({ schema }) => forms.of(schema).isArray)
  const [only] = lists
  const types = only && forms.types(forms.of(only.schema).items)
  return lists.length === 1 && types?.has('string') === true ? only : undefined
}

/** What the only list in a body names, each by itself or as the one member of an object: `{ tags: [{ tagId: '7' }] }`. */
function idsIn(body: unknown): readonly unknown[] | undefined {
  const lists = isObject(body) ? Object.values(body).filter(Array.isArray) : []
  const ids = (lists[0] ?? []).flatMap((one: unknown) => {
    const own = isObject(one) ? Object.values(one) : [one]
    return own.length === 1 && typeof own[0] === 'string' ? own : []
  })
  return lists.length === 1 && ids.length > 0 && ids.length === lists[0]?.length ? ids : undefined
}

/** Puts a value into the member that has room for it. Says whether there is one. */
function putInto(
  target: Record<string, unknown>,
  projection: Projection,
  member: Member | undefined,
  value: unknown,
): boolean {
  const fitted =
    member === undefined || value === undefined
      ? ABSENT
      : projection.raw(member.schema, value, { seed: 'echo' })
  if (member === undefined || fitted === ABSENT || fitted === null) return false
  setMember(target, member.name, fitted)
  return true
}

const ofThing = (id: string | undefined): readonly Named[] =>
  id === undefined ? [] : [{ name: 'id', value: id, isExact: true }]

interface Named {
  readonly name: string
  readonly value: unknown
  /** Whether a member of a longer name is something else. */
  readonly isExact: boolean
}

/** What a request says and an answer may repeat, the later the surer. */
function namedBy(
  { parameters, body, operation }: ApiRequest,
  pairs: readonly ExamplePair[],
): readonly Named[] {
  const sent: JsonObject = isObject(body) ? body : {}
  // What is made below a thing has an id of its own.
  const makes = operation.method === 'POST' && operation.responses().some(({ status }) => status === '201')
  const ids = Object.entries(parameters.path)
    .filter(([name]) => !makes || name !== 'id')
    .map(([name, value]) => ({ name, value, isExact: true }))
  const members = Object.entries(sent).map(([name, value]) => ({ name, value, isExact: false }))
  // What the document's own pair of examples repeats, under whichever name, is repeated here.
  const paired = [...repeated(pairs)].flatMap(([name, source]) => {
    const value = memberOf(sent, source)
    return value === undefined ? [] : [{ name, value, isExact: true }]
  })
  return [...ids, ...members, ...paired]
}

interface ExamplePair {
  readonly request: JsonObject
  readonly answer: JsonObject
}

/** The document's examples of requests and answers that have one name. */
function examplePairs(template: Template, request: ApiRequest): readonly ExamplePair[] {
  const answers = new Map(template.media?.examples.map(({ name, value }) => [name, value]))
  return (request.operation.body()?.content ?? [])
    .flatMap(({ examples }) => examples)
    .flatMap(({ name, value }) => {
      const answer = answers.get(name)
      return name !== '' && isObject(value) && isObject(answer) ? [{ request: value, answer }] : []
    })
}

function mostLike(pairs: readonly ExamplePair[], body: unknown): ExamplePair | undefined {
  if (!isObject(body)) return undefined
  let best: { readonly pair: ExamplePair; readonly score: number } | undefined
  for (const pair of pairs) {
    const score = likeness(body, pair.request)
    if (best === undefined || score > best.score) best = { pair, score }
  }
  return best?.pair
}

/** Members of answers that repeat members of requests, as the pairs show. */
function repeated(pairs: readonly ExamplePair[]): ReadonlyMap<string, string> {
  const found = new Map<string, string>()
  for (const { request, answer } of pairs) {
    for (const [name, value] of Object.entries(answer)) {
      if (typeof value !== 'string' || value.length < 4) continue
      const source = Object.keys(request).find((one) => request[one] === value)
      if (source !== undefined) found.set(name, source)
    }
  }
  return found
}

/** How much a request has in common with an example of one: above all the members that say what kind it is. */
function likeness(sent: JsonObject, example: JsonObject): number {
  const names = new Set([...Object.keys(sent), ...Object.keys(example)])
  return [...names].reduce(
    (score, name) => score + memberLikeness(name, memberOf(sent, name), memberOf(example, name)),
    0,
  )
}

function memberLikeness(name: string, own: unknown, other: unknown): number {
  if (own === undefined) return -1
  if (other === undefined) return -0.5
  if (isObject(own) && isObject(other)) return 1 + likeness(own, other)
  if (own === other) return 2
  return KIND_MEMBERS.has(normalizeName(name)) ? -8 : 1
}

/** Members by the words that their names end with, so that each of many names that are sent finds its own at once. */
function suffixesOf(members: Iterable<Member>): ReadonlyMap<string, readonly Member[]> {
  const found = new Map<string, Member[]>()
  for (const member of members) {
    const words = wordsOf(member.name)
    for (let from = Math.max(1, words.length - MAX_SUFFIX); from <= words.length; from++) {
      const suffix = words.slice(from).join(' ')
      const known = found.get(suffix)
      if (known === undefined) found.set(suffix, [member])
      else known.push(member)
    }
  }
  return found
}

const MAX_SUFFIX = 16

/** `merchantReference` repeats a `reference` that was sent, if nothing is called just that. */
function bySuffix(
  suffixes: ReadonlyMap<string, readonly Member[]>,
  wanted: string,
  pairs: readonly ExamplePair[],
): Member | undefined {
  if (normalizeName(wanted).length < 4) return undefined
  let found: Member | undefined
  for (const member of suffixes.get(wordsOf(wanted).join(' ')) ?? []) {
    // An example with another value there says that it is something else.
    const isOther = pairs.some(
      ({ request, answer }) =>
        answer[member.name] !== undefined &&
        request[wanted] !== undefined &&
        answer[member.name] !== request[wanted],
    )
    if (isOther) continue
    if (found !== undefined) return undefined
    found = member
  }
  return found
}
