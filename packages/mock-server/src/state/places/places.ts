// Reads places out of paths: where a document creates, lists, reads, changes and removes the same kind of thing. Only
// names and methods are looked at here; types.ts finds out which places show the same things.

import { type Operation, queryParameters } from '../../engine/document/operation.js'
import { grouped, isObject, lazy, normalizeName, ofText } from '../../engine/json.js'
import { ID_ENDINGS, NAME_MEMBERS, singular } from '../conventions/names.js'
import { CONTENT_SEGMENT } from '../conventions/paths.js'
import { BESIDE, besideOf, CHANGING, namesOwn } from './beside.js'
import type { BodyFacts } from './body-facts.js'
import { inferItems } from './items.js'
import { give, ITEM, type Methods, parentIn, type Reading } from './path-map.js'
import { bare, nounOf } from './paths.js'
import { type Place, parameterNames, type Role } from './place.js'
import { inferMadeBelow, inferSearched, inferSingle, loneItems, mayName } from './singles.js'
import { type Endpoint, endpointsOf } from './verbs.js'

const withoutWord = (path: string): string => bare(path).replace(/\/[^/{}]+(?=\/\{\}$)/, '')

export interface Roles {
  readonly byOperation: Map<Operation, Role>
  /** The place whose items lie on the way to a path. */
  parentOf(path: string): Place | undefined
  /** The place whose items a word before their id is about: `/orders/cancel/{id}` beside `/orders/{id}`. */
  actedOnAt(operation: Operation): Place | undefined
}

export function inferPlaces(operations: readonly Operation[], facts: BodyFacts): Roles {
  const used = operations.filter((operation) => operation.extension('x-mock-resource') !== false)
  const endpointOf = endpointsOf(used, facts.hasList)
  // Shorter paths first, so that a place finds the one it belongs to.
  const templates = [
    ...new Set(
      used.map((one) =>
        endpointOf(one)
          .path.replace(/[?#].*$/, '')
          .replace(/\/$/, ''),
      ),
    ),
  ]
  const rank = ofText(rankOfTwins(used))
  const depth = ofText((path) => path.split('/').length)
  templates.sort((a, b) => depth(a) - depth(b) || rank(b) - rank(a))
  const reading: Reading = {
    facts,
    paths: methodsByPath(
      [...used].sort((a, b) => rank(b.path) - rank(a.path)),
      endpointOf,
    ),
    stems: new Set(templates.map((path) => bare(ITEM.exec(path)?.[1] ?? ''))),
    byOperation: new Map(),
    byItem: new Map(),
  }
  const { byOperation } = reading
  for (const path of templates) inferItems(reading, path)
  for (const path of templates) inferSingle(reading, path)
  for (const path of templates) inferSearched(reading, path)
  const lone = loneItems(reading, templates)
  for (const path of templates) inferMadeBelow(reading, path, lone)
  const ofCollection = new Map<string, Place>()
  for (const { place } of byOperation.values())
    if (place.create !== undefined || place.list !== undefined)
      ofCollection.set(bare(place.collection), place)
  for (const operation of used) inferBeside(reading, ofCollection, operation)
  for (const operation of used) inferTwin(reading, operation)
  const ends = lazy(() =>
    grouped([...reading.byItem.values()].map((place) => [place.collection.split('/').at(-1) ?? '', place])),
  )
  return {
    byOperation,
    parentOf: (path) => parentIn(reading, path.replace(/:[^/{}]+$/, '')),
    actedOnAt: (operation) => wordedIn(reading, operation, ends()) ?? actedOnAside(operation, ends()),
  }
}

/**
 * Which of several paths that differ in the names of their parameters alone says how things are identified: the one that
 * more is done at, then the one that asks for an id. Others, such as `/contacts/{number}` beside `/contacts/{id}`, find
 * the same things by another member.
 */
function rankOfTwins(operations: readonly Operation[]): (path: string) => number {
  const counts = new Map<string, number>()
  for (const { path } of operations) counts.set(path, (counts.get(path) ?? 0) + 1)
  return (path) => {
    const param = normalizeName(ITEM.exec(path)?.[2] ?? '')
    const isId = ID_ENDINGS.some((ending) => param.endsWith(ending))
    return (counts.get(path) ?? 0) * 2 + (isId ? 1 : 0)
  }
}

function methodsByPath(
  operations: readonly Operation[],
  endpointOf: (operation: Operation) => Endpoint,
): ReadonlyMap<string, Methods> {
  const paths = new Map<string, Map<string, Operation>>()
  for (const operation of operations) {
    const { path, method } = endpointOf(operation)
    const methods = paths.get(bare(path)) ?? new Map<string, Operation>()
    if (!methods.has(method)) methods.set(method, operation)
    paths.set(bare(path), methods)
  }
  return paths
}

/** Places by what the paths of their collections end with. */
type Ends = ReadonlyMap<string, readonly Place[]>

function wordedIn({ byItem }: Reading, { path, method }: Operation, ends: Ends): Place | undefined {
  const place = method === 'GET' ? undefined : byItem.get(withoutWord(path))
  // An id behind the name of another collection is of a thing of that: `/subscribers/lists/{id}` beside `/lists`.
  const [, word = ''] = /\/([^/{}]+)\/\{[^{}]+\}$/.exec(path) ?? []
  if (word !== '' && ends.has(word)) return undefined
  // What is called otherwise is something else: `/notifications/send/{channel}` beside `/notifications/{id}`.
  return place?.param === ITEM.exec(path)?.[2] ? place : undefined
}

/** The only place whose item a word is said of at another path than its own: `/registrar/domains/{domain}/renewal` (DNSimple). */
function actedOnAside({ path, method }: Operation, ends: Ends): Place | undefined {
  const [, word = '', param] = /\/([^/{}]+)\/\{([^{}]+)\}\/[^/{}]+$/.exec(path) ?? []
  if (method === 'GET' || word === '') return undefined
  const names = new Set(parameterNames(path))
  const [place, ...others] = (ends.get(word) ?? []).filter(
    (one) => one.param === param && parameterNames(one.collection).every((name) => names.has(name)),
  )
  return others.length === 0 ? place : undefined
}

function inferBeside(reading: Reading, ofCollection: ReadonlyMap<string, Place>, operation: Operation): void {
  if (reading.byOperation.has(operation)) return
  const { path, method } = operation
  const { base, word } = besideOf(path)
  const place = ofCollection.get(bare(base))
  const beside =
    place && BESIDE.find(({ segment, isOne }) => segment.test(word) && isOne(operation, reading.facts))
  if (place !== undefined && beside !== undefined)
    give(reading, place, beside.kind, operation, `${word} beside ${place.collection}`)
  else if (place?.create !== undefined && makesForEach(reading.facts, operation, word))
    give(
      reading,
      place,
      'create-many',
      operation,
      `it makes one of ${place.collection} for each of its ${word}`,
    )
  else if (place?.param !== undefined && CHANGING.has(method) && namesOwn(reading.facts, place, operation))
    give(reading, place, 'act-many', operation, `it names items of ${place.collection}`)
  else if (method === 'GET') giveLookup(reading, ofCollection, operation)
  const item = reading.byItem.get(bare(base))
  if (item !== undefined && CONTENT_SEGMENT.test(word) && method === 'GET' && isBinary(operation))
    give(reading, item, 'content', operation, `the bytes of an item of ${item.collection}`)
}

/** A GET at the noun of a collection beside it, whose query says which of its things is meant: `/member?email=` (Stytch). */
function giveLookup(reading: Reading, ofCollection: ReadonlyMap<string, Place>, operation: Operation): void {
  const path = bare(operation.path)
  const [place] = [`${path}s`, `${path}es`, path.replace(/y$/, 'ies')].flatMap(
    (one) => ofCollection.get(one) ?? [],
  )
  if (place !== undefined && mayName(operation, nounOf(place)))
    give(reading, place, 'lookup', operation, `GET of one of ${place.collection} that its query names`)
}

/** Whether a creation lists, under the last word of its path, whom its things are for: `emails`, `usernames`. */
function makesForEach(facts: BodyFacts, operation: Operation, word: string): boolean {
  const name = normalizeName(word)
  const one = singular(name)
  const isName = one !== name && (NAME_MEMBERS as readonly string[]).includes(one)
  return isName && operation.method === 'POST' && facts.takes(operation, name) && facts.hasList(operation)
}

/** Paths that differ in the names of their parameters alone are about the same things. */
function inferTwin(reading: Reading, operation: Operation): void {
  const twin = reading.paths.get(bare(operation.path))?.get(operation.method)
  const role = twin && reading.byOperation.get(twin)
  if (twin === undefined || role === undefined) return
  const isPart = role.kind === 'remove' && asksMore(operation, twin)
  const because = isPart ? `it takes something from an item of ${role.place.collection}` : role.because
  give(reading, role.place, isPart ? 'action' : role.kind, operation, because)
}

/** Whether an operation at the path of another one asks for something in its query that says what else it is about. */
const asksMore = (operation: Operation, twin: Operation): boolean => {
  const known = new Set(queryParameters(twin).map(({ name }) => name))
  return queryParameters(operation).some(({ name, required }) => required && !known.has(name))
}

const isBinary = (operation: Operation): boolean =>
  operation
    .responses()
    .some(
      ({ status, content }) =>
        /^(2|3|default)/.test(status) &&
        content.every(
          ({ type, schema }) => !/json/.test(type) || (isObject(schema) && schema.type === 'string'),
        ),
    )
