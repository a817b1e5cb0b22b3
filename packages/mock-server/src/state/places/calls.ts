// Places of APIs that call procedures: `/documents.create`, `/recipient/get`. Their paths name the kind of thing and what is
// done; which thing is meant stands in a member of the request.

import type { Operation } from '../../engine/document/operation.js'
import { grouped, normalizeName } from '../../engine/json.js'
import { type QueryMeaning, queryMeaning } from '../conventions/lists.js'
import { ID_ENDINGS, NAME_MEMBERS, wordsOf } from '../conventions/names.js'
import { CALL_VERBS, type CallKind } from '../conventions/paths.js'
import { nounOf } from './paths.js'
import type { Place, Role, RoleKind } from './place.js'

/** What a request may say of a thing: names, normalised, with whether they must be there. */
export type RequestNames = ReadonlyMap<string, { readonly name: string; readonly isRequired: boolean }>

interface Call {
  readonly operation: Operation
  readonly base: string
  readonly kind: CallKind | undefined
}

const METHODS: ReadonlySet<string> = new Set(['POST', 'GET'])

/** What a method does at the path of a family itself, to the thing that the request names: `DELETE /fax_line` with its number. */
const PLAIN: ReadonlyMap<string, CallKind> = new Map([
  ['GET', 'read'],
  ['PUT', 'merge'],
  ['PATCH', 'merge'],
  ['DELETE', 'remove'],
])

/** What bodies tell of a call. */
export interface CallFacts {
  requestNames(operation: Operation): RequestNames
  hasList(operation: Operation): boolean
}

export function inferCalls(
  operations: readonly Operation[],
  known: ReadonlyMap<Operation, Role>,
  facts: CallFacts,
): ReadonlyMap<Operation, Role> {
  const free = operations.filter(
    (operation) => !known.has(operation) && operation.extension('x-mock-resource') !== false,
  )
  const worded = free.flatMap((operation) => callOf(operation, facts) ?? [])
  const made = new Set(worded.flatMap(({ base, kind }) => (kind === 'create' ? [base] : [])))
  const calls = [...worded, ...free.flatMap((operation) => plainOf(operation, made, facts) ?? [])]
  const families = grouped(calls.map((call) => [call.base, call]))
  const found = new Map<Operation, Role>()
  const places: Place[] = []
  for (const [base, family] of families) {
    const place = placeOf(base, family, facts.requestNames)
    if (place === undefined) continue
    places.push(place)
    for (const [operation, role] of rolesIn(family, place, facts)) found.set(operation, role)
  }
  for (const operation of free.filter((one) => !found.has(one))) {
    const place = actedOn(operation, places, facts)
    if (place !== undefined)
      found.set(operation, { kind: 'action', place, because: `it names one of ${place.collection}` })
  }
  return found
}

const rolesIn = (
  family: readonly Call[],
  place: Place,
  facts: CallFacts,
): readonly (readonly [Operation, Role])[] =>
  family.flatMap((call) => {
    const kind = roleOf(call, place, facts)
    const because = `it is called ${call.operation.path}`
    return kind === undefined ? [] : [[call.operation, { kind, place, because }] as const]
  })

/** What a call of a family does, if its name says so; others that show pages of a list list the same things. */
function roleOf({ operation, kind }: Call, { param = '' }: Place, facts: CallFacts): RoleKind | undefined {
  const names = facts.requestNames(operation)
  const isOther = kind === undefined && !names.has(normalizeName(param))
  const own = isOther && isPaged(names) && facts.hasList(operation) ? 'list' : kind
  return own === 'list' && operation.method === 'POST' ? 'search' : own
}

const ACTING: ReadonlySet<string> = new Set(['POST', 'PUT', 'PATCH'])

/** What is done to a thing, below the path of its family or next to it, names it as its family does. */
function actedOn(operation: Operation, places: readonly Place[], facts: CallFacts): Place | undefined {
  const { path, method } = operation
  if (!ACTING.has(method) || path.includes('{')) return undefined
  const names = facts.requestNames(operation)
  // What lists pages lists something that belongs to the thing.
  if (isPaged(names) && facts.hasList(operation)) return undefined
  return places.find(({ collection, param = '' }) => {
    const isNear = path.startsWith(collection) && /^[./]/.test(path.slice(collection.length))
    return isNear && names.has(normalizeName(param))
  })
}

function callOf(operation: Operation, { requestNames, hasList }: CallFacts): Call | undefined {
  if (!METHODS.has(operation.method) || operation.path.includes('{')) return undefined
  const match = /^(.*[^./])[./]([A-Za-z_-]+)\/?$/.exec(operation.path)
  const [, base, last] = match ?? []
  if (base === undefined || last === undefined || !/[a-z]/i.test(base)) return undefined
  const [verb = '', ...rest] = wordsOf(last)
  const noun = nounOf({ collection: base })
  const isPlain = rest.length === 0 || rest.join('') === noun || rest[0] === 'by'
  const kind = isPlain ? CALL_VERBS.get(verb) : undefined
  // `get` that may be told which page is wanted lists.
  const isList = kind === 'read' && isPaged(requestNames(operation)) && hasList(operation)
  return { operation, base, kind: isList ? 'list' : kind }
}

/** What is done at the path of a family that makes its things by a word, and not with pages of them. */
function plainOf(operation: Operation, made: ReadonlySet<string>, facts: CallFacts): Call | undefined {
  const kind = PLAIN.get(operation.method)
  const base = operation.path.replace(/\/$/, '')
  const names = facts.requestNames(operation)
  return kind === undefined || !made.has(base) || names.size === 0 || isPaged(names)
    ? undefined
    : { operation, base, kind }
}

const PAGING: ReadonlySet<QueryMeaning | undefined> = new Set<QueryMeaning>([
  'size',
  'number',
  'offset',
  'token',
  'after',
])

const isPaged = (names: RequestNames): boolean =>
  [...names.keys()].some((name) => PAGING.has(queryMeaning(name)))

function placeOf(
  base: string,
  family: readonly Call[],
  namesOf: (operation: Operation) => RequestNames,
): Place | undefined {
  const one = (kind: CallKind) => family.find((call) => call.kind === kind)?.operation
  const [create, read, list, change, remove] = (['create', 'read', 'list', 'merge', 'remove'] as const).map(
    one,
  )
  const own = [read, remove, change].filter((operation) => operation !== undefined)
  if (own.length === 0 || [create, list, ...own].filter((operation) => operation !== undefined).length < 2)
    return undefined
  const param = idMember(nounOf({ collection: base }), own.map(namesOf), create && namesOf(create))
  if (param === undefined) return undefined
  return {
    ...{ collection: base, param, isCalled: true, parent: undefined, create, read, list, remove },
    changes: change === undefined ? [] : [change],
  }
}

/** The member of requests that says which thing is meant: of those that ask for one, the first by the likeliest name. */
function idMember(
  noun: string,
  [first, ...others]: readonly RequestNames[],
  made: RequestNames | undefined,
): string | undefined {
  const wanted = [`${noun}id`, `${noun}token`, 'id', 'uuid', `${noun}name`, noun]
  const isEverywhere = (name: string) => others.every((names) => names.has(name))
  const certain = wanted.find((name) => first?.has(name) === true && isEverywhere(name))
  if (certain !== undefined) return first?.get(certain)?.name
  for (const [name, member] of first ?? []) {
    const isName = (NAME_MEMBERS as readonly string[]).includes(name) && name !== 'key'
    const isId = [...ID_ENDINGS, 'token'].some((ending) => name.endsWith(ending)) && made?.has(name) !== true
    if (member.isRequired && (isName || isId) && isEverywhere(name)) return member.name
  }
  return undefined
}
