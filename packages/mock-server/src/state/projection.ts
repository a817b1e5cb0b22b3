// An entity seen through the schema of one answer: every member that was sent or completed stands where the schema has
// room for it, in the type that is wanted there; what must be there and is not is made once for each entity and name.

import { isNested, isObject, member as memberOf, normalizeName, setMember } from '../engine/json.js'
import type { Sampler } from '../engine/sampling/sampler.js'
import type { Schema } from '../engine/schema/schema.js'
import type { Validation } from '../engine/schema/validation.js'
import { ID_ENDINGS, LIST_NAMES, singular } from './conventions.js'
import { type Form, fitsTypes, type Member } from './form.js'
import type { Forms } from './forms.js'

/** No room: the value cannot stand here in any type. */
export const ABSENT = Symbol('absent')

export interface ProjectionOptions {
  /** The same values are made for the same seed. */
  readonly seed: string
  /** What is shown where nothing was stored; without it, only what must be there is made. */
  readonly base?: unknown
  /** Normalised names that are never shown. */
  readonly hidden?: ReadonlySet<string>
  /** Names that no schema of the thing describes: they are shown where a schema forbids no others. */
  readonly undescribed?: ReadonlySet<string>
}

export interface Projection {
  /** A value in the form of a schema, or ABSENT. It fits the schema, unless the schema contradicts itself or the value. */
  of(schema: Schema, value: unknown, options: ProjectionOptions): unknown
  /** The same without a look whether all of it is valid. */
  raw(schema: Schema, value: unknown, options: ProjectionOptions): unknown
  /** A value that fits a schema, made for a seed. */
  sample(schema: Schema, seed: string): unknown
}

const MAX_DEPTH = 32
const NOTHING: ReadonlySet<string> = new Set()
/** How many differing samples one schema gives; more would only cost time. */
const VARIANTS = 4
/** How many values are made for one thing: a schema that no finite value fits would ask for ever more. */
const MAX_MADE = 20_000

/** A sample, and how many values are in it. */
interface Made {
  readonly value: unknown
  readonly size: number
}

export function createProjection(forms: Forms, sampler: Sampler, validation: Validation): Projection {
  const samples = new Map<unknown, Map<string, Made>>()

  const made = (schema: Schema, seed: string): Made => {
    const key = forms.identity(schema)
    const known = samples.get(key) ?? new Map<string, Made>()
    samples.set(key, known)
    const same = known.get(seed)
    if (same !== undefined) return same
    const variant = known.size < VARIANTS ? undefined : [...known.values()][seed.length % known.size]
    if (variant !== undefined) return variant
    const { value } = sampler.sample(schema, { seed, isSuccess: true })
    const fresh = { value, size: sizeOf(value) }
    known.set(seed, fresh)
    return fresh
  }

  const sample: Projection['sample'] = (schema, seed) => structuredClone(made(schema, seed).value)

  /** What has to be there and is not, while there is room for it; null once there is none. */
  const missing = (schema: Schema, { seed, room }: At, name: string): unknown => {
    const { value, size } = made(schema, `${seed}/${name}`)
    room.left -= size
    return room.left < 0 ? null : structuredClone(value)
  }

  interface At extends ProjectionOptions {
    readonly depth: number
    /** The nearest member's name. */
    readonly name: string
    /** How many values may still be made for what is missing. */
    readonly room: { left: number }
  }

  const fit = (schema: Schema, value: unknown, at: At): unknown => {
    if (schema === false || at.depth > MAX_DEPTH) return ABSENT
    if (schema === true) return value
    const types = forms.types(schema)
    if (value === null) return types === undefined || types.has('null') ? null : ABSENT
    const form = forms.of(schema, value)
    if (Array.isArray(value)) return fitArray(form, value, at)
    if (isObject(value)) return fitObject(form, value, at)
    const fitted = fitScalar(schema, form, value, at)
    if (fitted !== ABSENT) return fitted
    for (const option of forms.alternatives(schema)) {
      const own = option === schema ? ABSENT : fitScalar(option, forms.of(option), value, at)
      if (own !== ABSENT) return own
    }
    return ABSENT
  }

  const fitArray = (form: Form, value: readonly unknown[], at: At): unknown => {
    const { types } = form.shape
    if (form.isArray) {
      const rows = value.map((item) => fit(form.items, item, { ...at, base: undefined, depth: at.depth + 1 }))
      return rows.filter((row) => row !== ABSENT)
    }
    if (types === undefined && form.byName.size === 0) return value
    if (form.mayBeObject) {
      // A list that answers show as a page of it.
      for (const [name, member] of form.byName) {
        if (!LIST_NAMES.has(name) || !forms.of(member.schema).isArray) continue
        return complete(form, { [member.name]: value }, at)
      }
      return ABSENT
    }
    const isText = types?.has('string') === true && value.every((one) => typeof one === 'string')
    return isText ? value.join(',') : ABSENT
  }

  const fitObject = (form: Form, value: Readonly<Record<string, unknown>>, at: At): unknown => {
    if (form.mayBeObject) return complete(form, value, at)
    if (form.isArray) {
      const row = fit(form.items, value, { ...at, base: undefined, depth: at.depth + 1 })
      return row === ABSENT ? ABSENT : [row]
    }
    // A reference that was sent as an object stands as its id.
    const id = idIn(value)
    return id !== undefined && form.shape.types !== undefined && fitsTypes(form.shape.types, id) ? id : ABSENT
  }

  const fitScalar = (schema: Schema, form: Form, value: unknown, at: At): unknown => {
    const { types } = form.shape
    if (types === undefined && !form.isArray && form.byName.size === 0) return value
    const coerced = types === undefined ? ABSENT : coerce(types, value, form.shape.format)
    if (coerced !== ABSENT) return coerced
    if (form.isArray) {
      if (typeof value === 'string' && value === '') return []
      const row = fit(form.items, value, { ...at, base: undefined, depth: at.depth + 1 })
      return row === ABSENT ? ABSENT : [row]
    }
    if (!form.mayBeObject || form.byName.size === 0) return ABSENT
    const inner = memberForScalar(forms, form, value, at.name)
    if (inner === undefined) return ABSENT
    const own = fit(inner.schema, value, { ...at, base: undefined, name: inner.name, depth: at.depth + 1 })
    if (own === ABSENT) return ABSENT
    const made = complete(form, { [inner.name]: own }, { ...at, base: undefined })
    return validation.ofSchema(schema)(made).length === 0 ? made : ABSENT
  }

  /** An object with what was stored, and what has to be there. */
  const complete = (
    form: Form,
    value: Readonly<Record<string, unknown>>,
    at: At,
  ): Record<string, unknown> => {
    const hidden = at.hidden ?? NOTHING
    const base = isObject(at.base) ? at.base : {}
    const result: Record<string, unknown> = {}
    const used = new Set<string>()
    const sources = namesOf(value)
    for (const [normalized, { name, schema }] of form.byName) {
      if (hidden.has(normalized) || isWriteOnly(schema)) {
        used.add(normalized)
        continue
      }
      const isRequired = form.shape.required.has(name)
      const source = Object.hasOwn(value, name)
        ? name
        : (sources.get(normalized) ?? alias(sources, normalized, form))
      const below = { ...at, name, base: memberOf(base, name), depth: at.depth + 1, seed: at.seed }
      const own = source === undefined ? ABSENT : fit(schema, value[source], below)
      if (source !== undefined) used.add(normalizeName(source))
      if (own !== ABSENT) setMember(result, name, own)
      else if (Object.hasOwn(base, name)) setMember(result, name, structuredClone(base[name]))
      else if (isRequired) setMember(result, name, missing(schema, at, name))
    }
    for (const [name, own] of Object.entries(value)) {
      const normalized = normalizeName(name)
      if (used.has(normalized) || hidden.has(normalized) || form.byName.has(normalized)) continue
      const isOpen = at.depth === 0 && at.undescribed?.has(name) === true && form.shape.nameRules.length === 0
      const schema = forms.room(form, name) ?? (isOpen ? true : undefined)
      const fitted =
        schema === undefined
          ? ABSENT
          : fit(schema, own, { ...at, name, base: undefined, depth: at.depth + 1 })
      if (fitted !== ABSENT) setMember(result, name, fitted)
    }
    for (const name of form.shape.required) {
      if (Object.hasOwn(result, name) || hidden.has(normalizeName(name))) continue
      // What must be there need not be described.
      setMember(
        result,
        name,
        Object.hasOwn(base, name) ? base[name] : missing(forms.room(form, name) ?? true, at, name),
      )
    }
    return result
  }

  const raw: Projection['raw'] = (schema, value, options) =>
    fit(schema, value, { ...options, depth: 0, name: '', room: { left: MAX_MADE } })

  return {
    raw,
    sample,
    of(schema, value, options) {
      const fitted = raw(schema, value, options)
      if (fitted === ABSENT) return ABSENT
      if (validation.ofSchema(schema)(fitted).length === 0) return fitted
      const repaired = sampler.sample(schema, { seed: options.seed, base: fitted, requiredOnly: true })
      return repaired.errors.length === 0 ? repaired.value : fitted
    },
  }
}

/** How many values are in one, itself included. */
function sizeOf(value: unknown): number {
  let count = 0
  const open = [value]
  while (open.length > 0) {
    const next = open.pop()
    count += 1
    if (isNested(next)) for (const inner of Object.values(next)) open.push(inner)
  }
  return count
}

const isWriteOnly = (schema: Schema): boolean =>
  isObject(schema) &&
  (schema.writeOnly === true ||
    (Array.isArray(schema.allOf) &&
      (schema.allOf as Schema[]).some((part) => isObject(part) && part.writeOnly === true)))

/** The members of a value by their normalised names. */
function namesOf(value: object): ReadonlyMap<string, string> {
  return new Map(Object.keys(value).map((name) => [normalizeName(name), name]))
}

/** A list is often sent in the singular and shown in the plural, or the other way round. */
function alias(sources: ReadonlyMap<string, string>, normalized: string, form: Form): string | undefined {
  const one = singular(normalized)
  if (one !== normalized) return form.byName.has(one) ? undefined : sources.get(one)
  for (const many of [`${normalized}s`, `${normalized}es`, normalized.replace(/y$/, 'ies')]) {
    const source = sources.get(many)
    if (source !== undefined && !form.byName.has(many)) return source
  }
  // A reference by id stands in the member of what it refers to, and the reverse.
  for (const ending of ID_ENDINGS) {
    const longer = sources.get(normalized + ending)
    if (longer !== undefined && !form.byName.has(normalized + ending)) return longer
    if (!normalized.endsWith(ending) || normalized.length <= ending.length + 1) continue
    const shorter = normalized.slice(0, -ending.length)
    if (sources.has(shorter) && !form.byName.has(shorter)) return sources.get(shorter)
  }
  return undefined
}

/** The id of an object, by the names that everyone knows. */
export function idIn(value: Readonly<Record<string, unknown>>): string | number | undefined {
  for (const wanted of [...ID_ENDINGS, 'name', 'key', 'value']) {
    for (const [name, own] of Object.entries(value)) {
      if (normalizeName(name) === wanted && (typeof own === 'string' || typeof own === 'number')) return own
    }
  }
  return undefined
}

/** Where a single value stands in an object that answers show in its place: as its id, its name, or its only text. */
function memberForScalar(forms: Forms, form: Form, value: unknown, name: string): Member | undefined {
  const one = singular(normalizeName(name))
  const wanted = [
    ...['value', 'text', 'content', one].filter((each) => each !== ''),
    ...ID_ENDINGS,
    'name',
    'key',
    'login',
    'slug',
    'code',
    'email',
  ]
  const accepts = ({ schema }: Member): boolean => {
    const types = forms.types(schema)
    return types === undefined || coerce(types, value, undefined) !== ABSENT || types.has('object')
  }
  const isWord = typeof value === 'string' && !/^[\w-]+$/.test(value)
  const ordered = isWord ? wanted : [...ID_ENDINGS, ...wanted]
  for (const each of ordered) {
    const member = form.byName.get(each)
    if (member !== undefined && accepts(member)) return member
  }
  return undefined
}

/** A scalar in one of the types that a place wants. */
export function coerce(types: ReadonlySet<string>, value: unknown, format: string | undefined): unknown {
  if (fitsTypes(types, value)) {
    return typeof value === 'number' && format === 'date-time' ? value : value
  }
  if (typeof value === 'number' || typeof value === 'bigint' || typeof value === 'boolean')
    return types.has('string') ? String(value) : ABSENT
  if (typeof value !== 'string') return ABSENT
  if (types.has('number') || types.has('integer')) {
    const number = value.trim() === '' ? Number.NaN : Number(value)
    if (Number.isFinite(number) && String(number) === value.trim())
      return fitsTypes(types, number) ? number : ABSENT
    const instant = /^\d{4}-\d{2}-\d{2}T/.test(value) ? Date.parse(value) : Number.NaN
    if (Number.isFinite(instant)) return Math.floor(instant / 1000)
  }
  if (types.has('boolean') && (value === 'true' || value === 'false')) return value === 'true'
  return ABSENT
}
