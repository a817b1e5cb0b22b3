// Reads resources out of paths: which operations create, list, read, change and remove the same kind of thing.
// Only names and methods are looked at; views.ts finds the thing inside bodies.

import type { Operation, Parameter } from '../engine/document/operation.js'
import { normalizeName } from '../engine/json.js'

export interface Resource {
  /** The path template of the collection, or of the singleton itself. */
  readonly collection: string
  /** The path parameter of one item; undefined for a singleton, or a collection whose items have no path. */
  readonly param: string | undefined
  /** The resource whose item this one belongs to. */
  readonly parent: Resource | undefined
  readonly create: Operation | undefined
  readonly list: Operation | undefined
  readonly read: Operation | undefined
  readonly changes: readonly Operation[]
  readonly remove: Operation | undefined
}

export type RoleKind = 'create' | 'list' | 'read' | 'merge' | 'replace' | 'remove' | 'action'

export interface Role {
  readonly kind: RoleKind
  readonly resource: Resource
}

type Methods = ReadonlyMap<string, Operation>

const ITEM = /^(.*)\/\{([^{}/]+)\}(\.[A-Za-z]+)?$/

/** Without parameter names, trailing slash, query and fragment: templates that differ in these mean the same path. */
const bare = (path: string): string =>
  path
    .replace(/[?#].*$/, '')
    .replace(/\/$/, '')
    .replace(/\{[^{}]*\}/g, '{}')

/** @param hasList whether an operation's success answers with a list of things. */
export function inferResources(
  operations: readonly Operation[],
  hasList: (operation: Operation) => boolean,
): ReadonlyMap<Operation, Role> {
  const paths = new Map<string, Map<string, Operation>>()
  for (const operation of operations) {
    if (operation.extension('x-mock-resource') === false) continue
    const methods = paths.get(bare(operation.path)) ?? new Map<string, Operation>()
    if (!methods.has(operation.method)) methods.set(operation.method, operation)
    paths.set(bare(operation.path), methods)
  }
  const none: Methods = new Map()
  const roles = new Map<Operation, Role>()
  const byItem = new Map<string, Resource>()
  const give = (kind: RoleKind, resource: Resource, operation: Operation | undefined) => {
    if (operation !== undefined && !roles.has(operation)) roles.set(operation, { kind, resource })
  }

  // Shorter paths first, so that a resource finds the one it belongs to.
  const templates = [...new Set(operations.map(({ path }) => path.replace(/[?#].*$/, '').replace(/\/$/, '')))]
  templates.sort((a, b) => a.split('/').length - b.split('/').length)
  const parentOf = (path: string): Resource | undefined => {
    const segments = bare(path).split('/')
    for (let length = segments.length; length > 1; length--) {
      const found = byItem.get(segments.slice(0, length).join('/'))
      if (found !== undefined) return found
    }
    return undefined
  }

  for (const path of templates) {
    const item = ITEM.exec(path)
    if (item === null) continue
    const [, stem = '', param = '', extension = ''] = item
    const own = paths.get(bare(path)) ?? none
    const withExtension = paths.get(bare(stem + extension))
    const collection = withExtension === undefined ? stem : stem + extension
    const outer = (stem === '' ? undefined : (withExtension ?? paths.get(bare(stem)))) ?? none
    const changes = ['PATCH', 'PUT', 'POST'].flatMap((method) => own.get(method) ?? [])
    const create = outer.get('POST')
    const listing = outer.get('GET')
    const list = listing !== undefined && hasList(listing) ? listing : undefined
    const read = own.get('GET')
    const remove = own.get('DELETE')
    if (
      create === undefined &&
      list === undefined &&
      (read === undefined || changes.length + (remove ? 1 : 0) === 0)
    )
      continue
    const resource: Resource = {
      collection,
      param,
      parent: parentOf(stem),
      create,
      list,
      read,
      changes,
      remove,
    }
    byItem.set(bare(path), resource)
    give('create', resource, create)
    give('list', resource, list)
    give('read', resource, read)
    give('remove', resource, remove)
    give('merge', resource, own.get('PATCH'))
    give('replace', resource, own.get('PUT'))
    give('merge', resource, own.get('POST'))
  }

  for (const path of templates) {
    const own = paths.get(bare(path)) ?? none
    const read = own.get('GET')
    if (read === undefined || ITEM.test(path) || roles.has(read)) continue
    const changes = ['PATCH', 'PUT'].flatMap((method) => own.get(method) ?? [])
    const create = own.get('POST')
    const shared = { collection: path, param: undefined, parent: parentOf(path) }
    if (create !== undefined && hasList(read)) {
      const resource = { ...shared, create, list: read, read: undefined, changes: [], remove: undefined }
      give('create', resource, create)
      give('list', resource, read)
    } else if (changes.length > 0) {
      const resource = {
        ...shared,
        create: undefined,
        list: undefined,
        read,
        changes,
        remove: own.get('DELETE'),
      }
      give('read', resource, read)
      give('merge', resource, own.get('PATCH'))
      give('replace', resource, own.get('PUT'))
      give('remove', resource, resource.remove)
    }
  }

  for (const operation of operations) {
    if (operation.extension('x-mock-resource') === false) continue
    const parent = roles.has(operation) ? undefined : parentOf(operation.path.replace(/:[^/{}]+$/, ''))
    if (parent !== undefined) give('action', parent, operation)
  }
  return roles
}

/** The concrete path of a resource's collection in a request: its template with the request's parameter values. */
export function concretePath(
  template: string,
  operation: Operation,
  values: Readonly<Record<string, unknown>>,
): string {
  if (!template.includes('{')) return template
  const names = [...operation.path.matchAll(/\{([^{}]+)\}/g)].map(([, name]) => name ?? '')
  let index = 0
  return template.replace(/\{[^{}]+\}/g, () => encodeURIComponent(String(values[names[index++] ?? ''])))
}

/** The value of a resource's item parameter: the one that follows those of its collection's template. */
export function itemIdOf(
  resource: Resource,
  operation: Operation,
  values: Readonly<Record<string, unknown>>,
): unknown {
  if (resource.param === undefined) return ''
  const names = [...operation.path.matchAll(/\{([^{}]+)\}/g)].map(([, name]) => name ?? '')
  return values[names[resource.collection.match(/\{[^{}]+\}/g)?.length ?? 0] ?? '']
}

/** The parameters that hold ids of a resource's items, in all operations on and below them. */
export function idParameters(resource: Resource, roles: ReadonlyMap<Operation, Role>): readonly Parameter[] {
  if (resource.param === undefined) return []
  const position = resource.collection.match(/\{[^{}]+\}/g)?.length ?? 0
  const isBelow = (role: Role): boolean => {
    for (let at: Resource | undefined = role.resource; at !== undefined; at = at.parent)
      if (at === resource) return true
    return false
  }
  return [...roles].flatMap(([operation, role]) => {
    const name = isBelow(role) ? [...operation.path.matchAll(/\{([^{}]+)\}/g)][position]?.[1] : undefined
    return operation.parameters().filter((parameter) => parameter.in === 'path' && parameter.name === name)
  })
}

/**
 * What the id of an item may be called in bodies, normalised, the likeliest first: `petId` of `/pets/{petId}` is
 * `petid`, `id`, and so on.
 */
export function idNames(resource: Resource): readonly string[] {
  const last = lastSegmentOf(resource)
  const guesses = [`${last}id`, `${last}name`, 'identifier', 'slug', 'key', 'name', 'code']
  return resource.param === undefined
    ? ['id', 'sid', 'uuid', 'key', 'name']
    : [...new Set([...sureIdNames(resource), ...guesses])]
}

/** Those of the names that leave no doubt: the path's own parameter says so, or everyone does. */
export function sureIdNames(resource: Resource): readonly string[] {
  if (resource.param === undefined) return []
  const param = normalizeName(resource.param)
  const hint = [resource.read, resource.list, resource.create].map((operation) =>
    operation?.extension('x-mock-id'),
  )
  const given = hint.flatMap((name) => (typeof name === 'string' ? [normalizeName(name)] : []))
  const singular = lastSegmentOf(resource)
  const short = singular !== '' && param.startsWith(singular) ? [param.slice(singular.length)] : []
  const particular = ['name', 'key', 'slug', 'token', 'number', 'code', 'login', 'email'].filter((word) =>
    param.includes(word),
  )
  const usual = ['id', 'sid', 'gid', 'uuid']
  const ending = usual.filter((word) => param.endsWith(word))
  return [...new Set([...given, param, ...short, ...ending, ...usual, ...particular])].filter(
    (name) => name !== '',
  )
}

/** What a collection is called, as one of its items would be: `pet` of `/stores/{id}/pets`. */
function lastSegmentOf({ collection }: Resource): string {
  const last = collection.split('/').findLast((segment) => segment !== '' && !segment.includes('{')) ?? ''
  const plural = normalizeName(last.replace(/\.[a-z]+$/i, ''))
  return plural.replace(/ies$/, 'y').replace(/(?<=(s|x|ch|sh))es$|s$/, '')
}
