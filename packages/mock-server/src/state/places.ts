// Reads places out of paths: where a document creates, lists, reads, changes and removes the same kind of thing. Only
// names and methods are looked at here; types.ts finds out which places show the same things.

import type { Operation, Parameter } from '../engine/document/operation.js'
import { isObject, member, normalizeName } from '../engine/json.js'
import {
  BATCH_SEGMENT,
  CONTENT_SEGMENT,
  COUNT_SEGMENT,
  ID_ENDINGS,
  NAME_MEMBERS,
  SEARCH_SEGMENT,
  singular,
} from './conventions.js'
import type { IdNames } from './views.js'

/** A collection with its items, or something that there is once. */
export interface Place {
  /** The path template of the collection, or of the single thing itself. */
  readonly collection: string
  /** The path parameter of one item; undefined for a single thing, or a collection whose items have no path. */
  readonly param: string | undefined
  /** The place whose item this one belongs to. */
  readonly parent: Place | undefined
  readonly create: Operation | undefined
  readonly list: Operation | undefined
  readonly read: Operation | undefined
  readonly changes: readonly Operation[]
  readonly remove: Operation | undefined
}

export type RoleKind =
  | 'create'
  | 'create-many'
  | 'list'
  | 'search'
  | 'count'
  | 'read'
  | 'content'
  | 'merge'
  | 'replace'
  | 'replace-all'
  | 'remove'
  | 'action'

/** What an operation does, and to what. */
export interface Role {
  readonly kind: RoleKind
  readonly place: Place
  /** Why it is read so, for people. */
  readonly because: string
}

type Methods = ReadonlyMap<string, Operation>

const ITEM = /^(.*)\/\{([^{}/]+)\}(\.[A-Za-z]+)?$/
const PARAMETER = /\{([^{}]+)\}/g

/** Without parameter names, trailing slash, query and fragment: templates that differ in these mean the same path. */
export const bare = (path: string): string =>
  path
    .replace(/[?#].*$/, '')
    .replace(/\/$/, '')
    .replace(/\{[^{}]*\}/g, '{}')

const namesByTemplate = new Map<string, readonly string[]>()
const MAX_TEMPLATES = 10_000

/** Every request asks for them, and only documents have templates. */
export function parameterNames(template: string): readonly string[] {
  const known = namesByTemplate.get(template)
  if (known !== undefined) return known
  const names = [...template.matchAll(PARAMETER)].map(([, name]) => name ?? '')
  if (namesByTemplate.size >= MAX_TEMPLATES) namesByTemplate.clear()
  namesByTemplate.set(template, names)
  return names
}

const lastSegment = (path: string): string =>
  path
    .replace(/[?#].*$/, '')
    .replace(/\/$/, '')
    .split('/')
    .at(-1) ?? ''

export interface Roles {
  readonly byOperation: Map<Operation, Role>
  /** The place whose items lie on the way to a path. */
  parentOf(path: string): Place | undefined
}

/** What bodies tell of an operation. */
export interface BodyFacts {
  /** Whether there is a list of things in its success. */
  hasList(operation: Operation): boolean
  /** Whether its success is nothing but a list. */
  isList(operation: Operation): boolean
  /** Whether its request is nothing but a list. */
  takesList(operation: Operation): boolean
}

export function inferPlaces(
  operations: readonly Operation[],
  { hasList, isList, takesList }: BodyFacts,
): Roles {
  const used = operations.filter((operation) => operation.extension('x-mock-resource') !== false)
  const paths = new Map<string, Map<string, Operation>>()
  for (const operation of used) {
    const methods = paths.get(bare(operation.path)) ?? new Map<string, Operation>()
    if (!methods.has(operation.method)) methods.set(operation.method, operation)
    paths.set(bare(operation.path), methods)
  }
  const none: Methods = new Map()
  const byOperation = new Map<Operation, Role>()
  const byItem = new Map<string, Place>()
  const give = (kind: RoleKind, place: Place, operation: Operation | undefined, because: string) => {
    if (operation !== undefined && !byOperation.has(operation))
      byOperation.set(operation, { kind, place, because })
  }

  /** A PUT on a collection replaces it by a list, or makes the one thing that it carries. */
  const givePut = (place: Place, operation: Operation | undefined, where: string) => {
    if (operation !== undefined)
      give(takesList(operation) ? 'replace-all' : 'create', place, operation, `PUT on ${where}`)
  }

  // Shorter paths first, so that a place finds the one it belongs to.
  const templates = [...new Set(used.map(({ path }) => path.replace(/[?#].*$/, '').replace(/\/$/, '')))]
  templates.sort((a, b) => a.split('/').length - b.split('/').length)
  const parentOf = (path: string): Place | undefined => {
    const segments = bare(path).split('/')
    for (let length = segments.length; length > 1; length--) {
      const found = byItem.get(segments.slice(0, length).join('/'))
      if (found !== undefined) return found
    }
    return undefined
  }

  const stems = new Set(templates.map((path) => bare(ITEM.exec(path)?.[1] ?? '')))
  /** Where an item has items of its own and another method changes it, POST makes one of those. */
  const makesBelow = (path: string, own: Methods): boolean =>
    stems.has(bare(path)) && (own.has('PUT') || own.has('PATCH'))

  const inferItems = (path: string) => {
    const item = ITEM.exec(path)
    // Paths that differ by the names of their parameters alone have the same items.
    if (item === null || byItem.has(bare(path))) return
    const [, stem = '', param = '', extension = ''] = item
    const own = paths.get(bare(path)) ?? none
    const listed = own.get('GET')
    // What lists its items is no item itself, but a collection that its name creates: `/keys/{set}`.
    if (makesBelow(path, own) && listed !== undefined && own.has('POST') && hasList(listed)) return
    const withExtension = paths.get(bare(stem + extension))
    const collection = withExtension === undefined ? stem : stem + extension
    const outer = (stem === '' ? undefined : (withExtension ?? paths.get(bare(stem)))) ?? none
    const methods = makesBelow(path, own) ? ['PATCH', 'PUT'] : ['PATCH', 'PUT', 'POST']
    const changes = methods.flatMap((method) => own.get(method) ?? [])
    const create = outer.get('POST')
    const listing = outer.get('GET')
    const list = listing !== undefined && hasList(listing) ? listing : undefined
    const reading = own.get('GET')
    // A list below an id is no item: `/messages/{id}/reactions/{emoji}` lists who reacted.
    const read = reading !== undefined && isList(reading) ? undefined : reading
    const remove = own.get('DELETE')
    const canChange = changes.length + (remove ? 1 : 0) > 0
    if (create === undefined && list === undefined && (read === undefined || !canChange)) return
    if (create === undefined && list === undefined && reading !== read) return
    const place: Place = { collection, param, parent: parentOf(stem), create, list, read, changes, remove }
    byItem.set(bare(path), place)
    const where = `${collection} with items at ${path}`
    give('create', place, create, `POST on ${where}`)
    give('list', place, list, `GET on ${where}`)
    give('read', place, read, `GET on an item of ${where}`)
    give('remove', place, remove, `DELETE on an item of ${where}`)
    give('merge', place, own.get('PATCH'), `PATCH on an item of ${where}`)
    give('replace', place, own.get('PUT'), `PUT on an item of ${where}`)
    if (methods.includes('POST')) give('merge', place, own.get('POST'), `POST on an item of ${where}`)
    givePut(place, outer.get('PUT'), where)
  }

  const inferSingle = (path: string) => {
    const own = paths.get(bare(path)) ?? none
    const read = own.get('GET')
    if (read === undefined || ITEM.test(path) || byOperation.has(read)) return
    const changes = ['PATCH', 'PUT'].flatMap((method) => own.get(method) ?? [])
    const create = own.get('POST')
    const shared = { collection: path, param: undefined, parent: parentOf(path) }
    if (create !== undefined && hasList(read)) {
      const place = { ...shared, create, list: read, read: undefined, changes: [], remove: undefined }
      give('create', place, create, `POST on ${path}, which lists`)
      give('list', place, read, `GET on ${path}, which lists`)
      givePut(place, own.get('PUT'), `${path}, which lists`)
    } else if (changes.length > 0) {
      const remove = own.get('DELETE')
      const place = { ...shared, create: undefined, list: undefined, read, changes, remove }
      give('read', place, read, `GET of the single ${path}`)
      give('merge', place, own.get('PATCH'), `PATCH of the single ${path}`)
      give('replace', place, own.get('PUT'), `PUT of the single ${path}`)
      give('remove', place, remove, `DELETE of the single ${path}`)
    }
  }

  const ofCollection = new Map<string, Place>()
  const inferBeside = (operation: Operation) => {
    if (byOperation.has(operation)) return
    const { path, method } = operation
    const last = lastSegment(path)
    const colon = /^(.*):([^/{}]+)$/.exec(last)
    const base =
      colon === null
        ? path.replace(/[?#].*$/, '').replace(/\/?[^/]*\/?$/, '')
        : path.slice(0, path.lastIndexOf(':'))
    const place = ofCollection.get(bare(base))
    const word = colon?.[2] ?? last
    if (place !== undefined) {
      if (BATCH_SEGMENT.test(word) && method === 'POST')
        give('create-many', place, operation, `${word} beside ${place.collection}`)
      else if (SEARCH_SEGMENT.test(word) && hasList(operation))
        give('search', place, operation, `${word} beside ${place.collection}`)
      else if (COUNT_SEGMENT.test(word) && method === 'GET')
        give('count', place, operation, `${word} beside ${place.collection}`)
    }
    const item = byItem.get(bare(base))
    if (item !== undefined && CONTENT_SEGMENT.test(word) && method === 'GET' && isBinary(operation))
      give('content', item, operation, `the bytes of an item of ${item.collection}`)
  }

  /** Paths that differ in the names of their parameters alone are about the same things. */
  const inferTwin = (operation: Operation) => {
    const twin = paths.get(bare(operation.path))?.get(operation.method)
    const role = twin && byOperation.get(twin)
    if (role !== undefined) give(role.kind, role.place, operation, role.because)
  }

  for (const path of templates) inferItems(path)
  for (const path of templates) inferSingle(path)
  for (const { place } of byOperation.values())
    if (place.create !== undefined || place.list !== undefined)
      ofCollection.set(bare(place.collection), place)
  for (const operation of used) inferBeside(operation)
  for (const operation of used) inferTwin(operation)
  return { byOperation, parentOf: (path) => parentOf(path.replace(/:[^/{}]+$/, '')) }
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

/** The concrete path of a place's collection in a request: its template with the request's parameter values. */
export function concretePath(
  template: string,
  operation: Operation,
  values: Readonly<Record<string, unknown>>,
): string {
  if (!template.includes('{')) return template
  const names = parameterNames(operation.path)
  let index = 0
  return template.replace(/\{[^{}]+\}/g, () =>
    encodeURIComponent(String(member(values, names[index++] ?? ''))),
  )
}

/** The values of the parameters above a place's items, by the names that the place gives them. */
export function parentValues(
  place: Place,
  operation: Operation,
  values: Readonly<Record<string, unknown>>,
): readonly (readonly [name: string, value: string])[] {
  const names = parameterNames(operation.path)
  return parameterNames(place.collection).map(
    (name, index) => [name, String(member(values, names[index] ?? ''))] as const,
  )
}

/** The value of a place's item parameter: the one that follows those of its collection's template. */
export function itemIdOf(
  place: Place,
  operation: Operation,
  values: Readonly<Record<string, unknown>>,
): unknown {
  if (place.param === undefined) return ''
  return member(values, parameterNames(operation.path)[parameterNames(place.collection).length] ?? '')
}

/** The parameters that hold ids of a place's items, in all operations on and below them. */
export function idParameters(place: Place, roles: ReadonlyMap<Operation, Role>): readonly Parameter[] {
  if (place.param === undefined) return []
  const position = parameterNames(place.collection).length
  const isBelow = (role: Role): boolean => {
    for (let at: Place | undefined = role.place; at !== undefined; at = at.parent)
      if (at === place) return true
    return false
  }
  return [...roles].flatMap(([operation, role]) => {
    const name = isBelow(role) ? parameterNames(operation.path)[position] : undefined
    return operation.parameters().filter((parameter) => parameter.in === 'path' && parameter.name === name)
  })
}

/** What a collection is called, as one of its items would be: `pet` of `/stores/{id}/pets`. */
export function nounOf(place: Pick<Place, 'collection'>): string {
  const segments = place.collection.split('/')
  const last = segments.findLast((segment) => segment !== '' && !segment.includes('{')) ?? ''
  return singular(normalizeName(last.replace(/\.[a-z]+$/i, '')))
}

/** What a place's items may be called: `version` and `file` of `/files/{id}/versions`. */
export const nounsOf = (place: Pick<Place, 'collection'>): readonly string[] =>
  place.collection
    .split('/')
    .filter((segment) => segment !== '' && !segment.includes('{'))
    .map((segment) => singular(normalizeName(segment)))
    .reverse()

/** What the id of an item may be called in bodies: `petId` of `/pets/{petId}` is `petid`, `id`, and so on. */
export function idNamesOf(place: Place): IdNames {
  if (place.param === undefined)
    return { sure: [], guesses: ['id', 'gid', 'sid', 'uuid', 'uid', 'key', 'name'] }
  const noun = nounOf(place)
  const param = normalizeName(place.param)
  const hint = [place.read, place.list, place.create].map((operation) => operation?.extension('x-mock-id'))
  const given = hint.flatMap((name) => (typeof name === 'string' ? [normalizeName(name)] : []))
  const short = noun !== '' && param.startsWith(noun) ? [param.slice(noun.length)] : []
  const inner = noun !== '' && param.indexOf(noun) > 0 ? [param.replace(noun, '')] : []
  const particular = NAME_MEMBERS.filter(
    (word) => word.length > 2 && param.includes(word) && word !== 'value',
  )
  const usual = ['id', 'sid', 'gid', 'uuid', 'uid', 'guid']
  const ending = ID_ENDINGS.filter((word) => param.endsWith(word))
  // `{repo}` names a thing, and only `{repo_id}` its id: a name may be what it is known by.
  const isNoun = ending.length === 0 && particular.length === 0
  const sure = [
    ...given,
    param,
    ...short,
    ...inner,
    ...(isNoun ? [] : particular.filter((word) => param.endsWith(word))),
    ...ending,
    ...usual,
    ...particular,
  ]
  const guesses = [
    `${noun}id`,
    `${noun}name`,
    'identifier',
    'slug',
    'key',
    'name',
    'code',
    'login',
    'username',
    'email',
    'number',
    'token',
    'pspreference',
    'reference',
  ]
  const named = [...new Set(sure)].filter((name) => name !== '')
  return { sure: named, guesses: [...new Set(guesses)], mayBeFirst: true }
}
