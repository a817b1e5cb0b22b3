// A place: a collection with its items, or something that there is once; what operations do there, and the values that
// requests give the parameters on the way to it.

import type { Operation, Parameter } from '../../engine/document/operation.js'
import { member } from '../../engine/json.js'

/** A collection with its items, or something that there is once. */
export interface Place {
  /** The path template of the collection, or of the single thing itself. */
  readonly collection: string
  /** The path parameter of one item; undefined for a single thing, or a collection whose items have no path. */
  readonly param: string | undefined
  /** Whether a member of requests says which item is meant, and not a path. */
  readonly isCalled?: boolean
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
  | 'read-many'
  | 'merge-many'
  | 'remove-many'
  | 'remove-all'
  | 'act-many'
  | 'list'
  | 'search'
  | 'count'
  | 'lookup'
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
  /** Whether it is about the one thing of the place that is the current one, which its path does not name. */
  readonly isCurrent?: boolean
}

const PARAMETER = /\{([^{}]+)\}/g

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

/** The name under which a request has the id that its path does not name. */
export const CURRENT = ''

/** The value of a place's item parameter: the one that follows those of its collection's template. */
export function itemIdOf(
  place: Place,
  operation: Operation,
  values: Readonly<Record<string, unknown>>,
): unknown {
  if (place.param === undefined) return ''
  // What is about the current one has no parameter for it.
  return member(values, parameterNames(operation.path)[parameterNames(place.collection).length] ?? CURRENT)
}

/** Gives the parameters that hold ids of a place's items, in all operations on and below them. */
export function idParametersIn(roles: ReadonlyMap<Operation, Role>): (place: Place) => readonly Parameter[] {
  const operations = new Map<Place, Operation[]>()
  for (const [operation, role] of roles)
    for (let at: Place | undefined = role.place; at !== undefined; at = at.parent) {
      const known = operations.get(at)
      if (known === undefined) operations.set(at, [operation])
      else known.push(operation)
    }
  return (place) => {
    if (place.param === undefined) return []
    const position = parameterNames(place.collection).length
    return (operations.get(place) ?? []).flatMap((operation) => {
      const name = parameterNames(operation.path)[position]
      return operation.parameters().filter((parameter) => parameter.in === 'path' && parameter.name === name)
    })
  }
}
