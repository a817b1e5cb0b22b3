// What a request may say of an entity: the members that bodies describe, those of them that are readOnly, and those that
// documents forgot.

import type { Operation } from '../../engine/document/operation.js'
import { isObject, type JsonObject, normalizeName } from '../../engine/json.js'
import type { Schema } from '../../engine/schema/schema.js'
import type { Schemas } from '../../engine/schema/schemas.js'
import { type Shape, shapeOf } from '../../engine/schema/shape.js'
import { PASSWORD } from '../conventions/names.js'
import { ABSENT, coerce } from '../forms/coercion.js'
import type { Form } from '../forms/form.js'
import type { Forms } from '../forms/forms.js'

/** Without an operation, nothing can be said: what is made then comes from the sandbox itself. */
export interface RequestMembers {
  /** Whether an operation's body may set a member. @param path the names that lead to it. */
  isSettable(operation: Operation | undefined, path: readonly string[]): boolean
  /** What a body's members are where nobody sends them, by their normalised names. */
  defaults(operation: Operation | undefined): ReadonlyMap<string, unknown>
  withoutReadOnly(payload: JsonObject, operation: Operation | undefined): JsonObject
  /** The normalised names of what a request could have said and did not. @param sent the names that it said. */
  absent(operation: Operation | undefined, sent: ReadonlySet<string>): ReadonlySet<string>
  /** What was sent under names that neither the request's schema nor the answer's has: documents lag behind their clients. */
  undescribed(sent: JsonObject, operation: Operation | undefined): ReadonlySet<string>
}

const NO_FORMS: readonly Form[] = []
const NONE: ReadonlySet<string> = new Set()

/** Of how many members it is remembered whether an operation may set them. */
const MAX_KNOWN = 2_000

/** How much of a part of a body has to be members of the entity, so that it describes the entity. */
const MIN_OVERLAP = 0.3

/** @param schema of the entities, as answers show them. */
export function createRequestMembers(schemas: Schemas, forms: Forms, schema: Schema): RequestMembers {
  const known = new WeakMap<Operation, readonly Form[]>()

  const formsOf = (operation: Operation | undefined): readonly Form[] => {
    if (operation === undefined) return NO_FORMS
    const found = known.get(operation)
    if (found !== undefined) return found
    const made = describing(schemas, forms, operation, schema)
    known.set(operation, made)
    return made
  }

  const bodies = new WeakMap<Operation, readonly Schema[]>()
  const bodiesOf = (operation: Operation | undefined): readonly Schema[] => {
    if (operation === undefined) return []
    const found =
      bodies.get(operation) ??
      (operation.body()?.content ?? []).map(({ schema }) => schemas.convert(schema ?? true, 'request'))
    bodies.set(operation, found)
    return found
  }

  const settable = new WeakMap<readonly Form[], Map<string, boolean>>()
  const findSettable = (requests: readonly Form[], path: readonly string[]): boolean => {
    const wanted = path.map(normalizeName)
    const last = wanted.at(-1)
    return requests.some(
      (form) =>
        reaches(forms, form, wanted) ||
        (wanted.length > 1 && last !== undefined && reaches(forms, form, [last])),
    )
  }

  return {
    isSettable(operation, path) {
      const requests = formsOf(operation)
      const known = settable.get(requests) ?? new Map<string, boolean>()
      const text = path.length === 1 ? (path[0] ?? '') : `\u0000${JSON.stringify(path)}`
      const before = known.get(text)
      if (before !== undefined) return before
      const found = findSettable(requests, path)
      // Clients may choose these names.
      if (known.size < MAX_KNOWN) settable.set(requests, known.set(text, found))
      return found
    },

    defaults: (operation) => defaultsIn(schemas, formsOf(operation)),

    withoutReadOnly(payload, operation) {
      const readOnly = readOnlyIn(forms, formsOf(operation))
      if (readOnly.size === 0) return payload
      const isKept = (name: string): boolean => !readOnly.has(normalizeName(name))
      for (const name in payload)
        if (!isKept(name)) return Object.fromEntries(Object.entries(payload).filter(([own]) => isKept(own)))
      return payload
    },

    absent: (operation, sent) =>
      new Set(
        formsOf(operation).flatMap(({ byName }) => [...byName.keys()].filter((name) => !sent.has(name))),
      ),

    undescribed(sent, operation) {
      const requests = formsOf(operation)
      const { byName } = forms.of(schema, sent)
      const isOpen = requests.length > 0 && requests.every((form) => form.byName.size === 0)
      if (byName.size === 0 || isOpen) return NONE
      const isDescribed = (name: string): boolean =>
        byName.has(name) || requests.some((form) => form.byName.has(name))
      let undescribed: string[] | undefined
      for (const name in sent) {
        const normalized = normalizeName(name)
        if (isDescribed(normalized) || PASSWORD.test(normalized)) continue
        undescribed ??= []
        undescribed.push(name)
      }
      if (undescribed === undefined) return NONE
      // One of several kinds of bodies may describe them.
      const chosen = bodiesOf(operation).map((body) => forms.of(body, sent).byName)
      return new Set(undescribed.filter((name) => !chosen.some((own) => own.has(normalizeName(name)))))
    },
  }
}

/** The forms of a body, and of those of its members that describe the entity. */
function describing(schemas: Schemas, forms: Forms, operation: Operation, schema: Schema): readonly Form[] {
  const entity = forms.of(schema)
  const bodies = (operation.body()?.content ?? []).flatMap((media) =>
    forms.alternatives(schemas.convert(media.schema ?? true, 'request')).map((option) => {
      const own = forms.of(option)
      return own.isArray ? forms.of(own.items) : own
    }),
  )
  return bodies.flatMap((outer) => [
    outer,
    ...[...outer.byName.values()]
      .map((member) => forms.of(member.schema))
      .map((inner) => (inner.isArray ? forms.of(inner.items) : inner))
      .filter((inner) => inner.byName.size > 0 && overlap(inner, entity) >= MIN_OVERLAP),
  ])
}

const overlap = (a: Form, b: Form): number => {
  if (a.byName.size === 0) return 0
  const shared = [...a.byName.keys()].filter((name) => b.byName.has(name)).length
  return shared / a.byName.size
}

/** Whether names lead to a member that may be written. */
function reaches(forms: Forms, form: Form, [name, ...rest]: readonly string[]): boolean {
  if (name === undefined) return true
  const member = form.byName.get(name)
  if (member === undefined || forms.isReadOnly(member.schema)) return false
  return rest.length === 0 || reaches(forms, forms.of(member.schema), rest)
}

const fallbacks = new WeakMap<readonly Form[], ReadonlyMap<string, unknown>>()

function defaultsIn(schemas: Schemas, requests: readonly Form[]): ReadonlyMap<string, unknown> {
  const known = fallbacks.get(requests)
  if (known !== undefined) return known
  const found = new Map<string, unknown>()
  for (const { byName } of requests)
    for (const [normalized, { schema }] of byName) {
      const shape = shapeOf(schemas, [schema])
      const fallback = shape.defaults[0] ?? toldDefault(schema, shape)
      if (fallback !== undefined) found.set(normalized, fallback)
    }
  fallbacks.set(requests, found)
  return found
}

const DEFAULT_SENTENCE =
  /\bdefaults?(?: value)?(?: to| is|:)\s+(?:`([^`\s]+)`|"([^"\s]+)"|'([^'\s]+)'|(true|false|\d+)\b)/i

/** The default that only the description of a member tells: ``Defaults to `UTC` ``. */
function toldDefault(schema: Schema, { types, values }: Shape): unknown {
  const parts = isObject(schema) ? [schema, ...[schema.allOf].flat().filter(isObject)] : []
  for (const { description } of parts) {
    const match = typeof description === 'string' ? DEFAULT_SENTENCE.exec(description) : null
    const text = match?.slice(1).find((one) => one !== undefined)
    if (text === undefined || types?.size !== 1) continue
    const value = coerce(types, text)
    if (value !== ABSENT && values?.includes(value) !== false) return value
  }
  return undefined
}

const readOnlyNames = new WeakMap<readonly Form[], ReadonlySet<string>>()

/** The normalised names that are read-only in all forms that have them, found once for an operation. */
function readOnlyIn(forms: Forms, requests: readonly Form[]): ReadonlySet<string> {
  const known = readOnlyNames.get(requests)
  if (known !== undefined) return known
  const writable = new Set<string>()
  const readOnly = new Set<string>()
  for (const { byName } of requests)
    for (const [name, { schema }] of byName) (forms.isReadOnly(schema) ? readOnly : writable).add(name)
  for (const name of writable) readOnly.delete(name)
  readOnlyNames.set(requests, readOnly)
  return readOnly
}
