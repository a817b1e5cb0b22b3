// An entity seen through the schema of one answer: every member that was sent or completed stands where the schema has
// room for it, in the type that is wanted there; what must be there and is not is made once for each entity and name.

import {
  isNested,
  isObject,
  type JsonObject,
  member as memberOf,
  normalizeName,
  setMember,
} from '../../engine/json.js'
import type { Sampler } from '../../engine/sampling/sampler.js'
import type { Schema } from '../../engine/schema/schema.js'
import type { Validation } from '../../engine/schema/validation.js'
import { LIST_NAMES } from '../conventions/lists.js'
import { ABSENT, coerce } from './coercion.js'
import { type Form, fitsTypes, type Member } from './form.js'
import type { Forms } from './forms.js'
import { hasOwnNames, idIn, memberForScalar, type OtherNames, sourcesIn } from './other-names.js'

export interface ProjectionOptions {
  /** The same values are made for the same seed. */
  readonly seed: string
  /** What is shown where nothing was stored; without it, only what must be there is made. */
  readonly base?: unknown
  /** Normalised names that are never shown. */
  readonly hidden?: ReadonlySet<string> | undefined
  /** Names that no schema of the thing describes: they are shown where a schema forbids no others. */
  readonly undescribed?: ReadonlySet<string> | undefined
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

/** How many differing samples one schema gives; more would only cost time. */
const VARIANTS = 4

/** How many values are made for one thing: a schema that no finite value fits would ask for ever more. */
const MAX_MADE = 20_000

/**
 * How many alternatives and objects are tried in vain for the single values of one thing: a schema that is an alternative
 * of itself offers more at every level.
 */
const MAX_TRIES = 10_000

/** A copy of a value, which takes long where there is nothing to copy. */
const copyOf = (value: unknown): unknown => (isNested(value) ? structuredClone(value) : value)

/** A sample, and how many values are in it. */
interface Made {
  readonly value: unknown
  readonly size: number
}

interface Samples {
  of(schema: Schema, seed: string): Made
}

export function createProjection(forms: Forms, sampler: Sampler, validation: Validation): Projection {
  const samples = createSamples(forms, sampler)
  const fit = createFit({ forms, validation, samples })
  const raw: Projection['raw'] = (schema, value, options) =>
    fit(schema, value, {
      seed: options.seed,
      base: options.base,
      hidden: options.hidden,
      undescribed: options.undescribed,
      depth: 0,
      name: '',
      room: { left: MAX_MADE },
      tries: { left: MAX_TRIES },
    })

  return {
    raw,
    sample: (schema, seed) => copyOf(samples.of(schema, seed).value),
    of(schema, value, options) {
      const fitted = raw(schema, value, options)
      if (fitted === ABSENT) return ABSENT
      if (validation.ofSchema(schema)(fitted).length === 0) return fitted
      const repaired = sampler.sample(schema, { seed: options.seed, base: fitted, requiredOnly: true })
      return repaired.errors.length === 0 ? repaired.value : fitted
    },
  }
}

function createSamples(forms: Forms, sampler: Sampler): Samples {
  const samples = new Map<unknown, Map<string, Made>>()
  return {
    of(schema, seed) {
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
    },
  }
}

interface At extends ProjectionOptions {
  readonly depth: number
  /** The nearest member's name. */
  readonly name: string
  /** How many values may still be made for what is missing. */
  readonly room: { left: number }
  /** How many alternatives and objects may still be tried in vain for a single value. */
  readonly tries: { left: number }
}

/** Written out: one is made for each member, and to spread it takes longer than the rest. */
const below = ({ seed, hidden, undescribed, depth, room, tries }: At, name: string, base: unknown): At => ({
  seed,
  base,
  hidden,
  undescribed,
  depth: depth + 1,
  name,
  room,
  tries,
})

type Fit = (schema: Schema, value: unknown, at: At) => unknown

interface FitParts {
  readonly forms: Forms
  readonly validation: Validation
  readonly samples: Samples
}

function createFit(parts: FitParts): Fit {
  const { forms } = parts
  const complete = createCompletion(parts, (schema, value, at) => fit(schema, value, at))

  const fit: Fit = (schema, value, at) => {
    if (schema === false || at.depth > MAX_DEPTH) return ABSENT
    return schema === true ? value : fitDescribed(schema, value, at)
  }

  const fitDescribed: Fit = (schema, value, at) => {
    if (value === null) return forms.types(schema)?.has('null') === false ? ABSENT : null
    const form = forms.of(schema, value)
    if (Array.isArray(value)) return fitArray(form, value, at)
    if (isObject(value)) return fitObject(form, value, at)
    const fitted = fitScalar(schema, form, value, at)
    return fitted === ABSENT ? fitAlternative(schema, value, at) : fitted
  }

  const fitAlternative = (schema: Schema, value: unknown, at: At): unknown => {
    for (const option of forms.alternatives(schema)) {
      if (at.tries.left <= 0) return ABSENT
      const own = option === schema ? ABSENT : fitScalar(option, forms.of(option), value, at)
      if (own !== ABSENT) return own
      at.tries.left -= 1
    }
    return ABSENT
  }

  const fitRow = (form: Form, value: unknown, at: At): unknown =>
    fit(form.items, value, below(at, at.name, undefined))

  /** A list of one; ABSENT where the one has no room. */
  const fitOnly = (form: Form, value: unknown, at: At): unknown => {
    const row = fitRow(form, value, at)
    return row === ABSENT ? ABSENT : [row]
  }

  /** A single value where answers show a list: one of one, or what a text lists between commas. */
  const fitList = (form: Form, value: unknown, at: At): unknown => {
    if (value === '') return []
    const isListed = typeof value === 'string' && value.length <= MAX_LISTED && LISTED.test(value)
    return isListed ? fitArray(form, value.split(/\s*,\s*/), at) : fitOnly(form, value, at)
  }

  const fitArray = (form: Form, value: readonly unknown[], at: At): unknown => {
    const { types } = form.shape
    if (form.isArray) return value.map((item) => fitRow(form, item, at)).filter((row) => row !== ABSENT)
    if (types === undefined && form.byName.size === 0) return value
    if (form.mayBeObject) {
      // A list that answers show as a page of it.
      const page = [...form.byName].find(
        ([name, { schema }]) => LIST_NAMES.has(name) && forms.of(schema).isArray,
      )
      return page === undefined ? ABSENT : complete(form, { [page[1].name]: value }, at)
    }
    const isText = types?.has('string') === true && value.every((one) => typeof one === 'string')
    return isText ? value.join(',') : ABSENT
  }

  const fitObject = (form: Form, value: JsonObject, at: At): unknown => {
    if (form.mayBeObject) return complete(form, value, at)
    if (form.isArray) return fitOnly(form, value, at)
    // A reference that was sent as an object stands as its id.
    const id = idIn(value)
    return id !== undefined && form.shape.types !== undefined && fitsTypes(form.shape.types, id) ? id : ABSENT
  }

  const fitScalar = (schema: Schema, form: Form, value: unknown, at: At): unknown => {
    const { types } = form.shape
    if (types === undefined && !form.isArray && form.byName.size === 0) return value
    const coerced = types === undefined ? ABSENT : coerce(types, value)
    if (coerced !== ABSENT) return coerced
    if (form.isArray) return fitList(form, value, at)
    return form.mayBeObject && form.byName.size > 0 ? fitAsMember(schema, form, value, at) : ABSENT
  }

  /** A single value in an object that answers show in its place. */
  const fitAsMember = (schema: Schema, form: Form, value: unknown, at: At): unknown => {
    const inner = memberForScalar(forms, form, value, at.name)
    if (inner === undefined) return ABSENT
    const own = fit(inner.schema, value, below(at, inner.name, undefined))
    if (own === ABSENT) return ABSENT
    // Whatever shows a thing that is known by its id alone shows the same one.
    const made = complete(form, { [inner.name]: own }, { ...at, seed: String(value), base: undefined })
    return parts.validation.ofSchema(schema)(made).length === 0 ? made : ABSENT
  }

  return fit
}

/** Words between commas, as forms and documents of the older kind write a list: `shop, cart`. */
const MAX_LISTED = 10_000

const LISTED = /^[^\s,]+(\s*,\s*[^\s,]+)+$/

/** An object with what was stored, and what has to be there. */
type Completion = (form: Form, value: JsonObject, at: At) => Record<string, unknown>

function createCompletion({ forms, samples }: FitParts, fit: Fit): Completion {
  /** What has to be there and is not, while there is room for it; null once there is none. */
  const missing = (schema: Schema, { seed, room }: At, name: string): unknown => {
    const { value, size } = samples.of(schema, `${seed}/${name}`)
    room.left -= size
    return room.left < 0 ? null : copyOf(value)
  }

  /** Whether a single value is of a type that a schema asks for. */
  const isPlain = (schema: Schema, value: unknown): boolean => {
    if (schema === false || isNested(value) || value === null) return false
    const { types } = forms.of(schema, value).shape
    return types !== undefined && fitsTypes(types, value)
  }

  /** What stands in a member that the schema describes; ABSENT where nothing does. @param source its name in the value. */
  const describedMember = (
    { shape }: Form,
    { name, schema }: Member,
    {
      value,
      source,
      at,
    }: { readonly value: JsonObject; readonly source: string | undefined; readonly at: At },
  ): unknown => {
    const base = isObject(at.base) ? at.base : NO_MEMBERS
    if (source !== undefined) {
      const sent = value[source]
      // Most values stand as they are, and to say where they stand takes longer than to see that.
      if (at.depth < MAX_DEPTH && isPlain(schema, sent)) return sent
      const own = fit(schema, sent, below(at, name, memberOf(base, name)))
      if (own !== ABSENT) return own
    }
    if (Object.hasOwn(base, name)) return copyOf(base[name])
    return shape.required.has(name) ? missing(schema, at, name) : ABSENT
  }

  /** The members that the schema describes. @param others where a value has other names than these members. */
  const putDescribed = (
    result: Record<string, unknown>,
    form: Form,
    value: JsonObject,
    at: At,
    others: OtherNames | undefined,
  ): void => {
    for (const [normalized, member] of form.byName) {
      if (at.hidden?.has(normalized) === true || forms.isWriteOnly(member.schema)) {
        others?.done.add(normalized)
        continue
      }
      const source = Object.hasOwn(value, member.name) ? member.name : others?.sourceOf(normalized)
      if (source !== undefined) others?.done.add(normalizeName(source))
      const own = describedMember(form, member, { value, source, at })
      if (own !== ABSENT) setMember(result, member.name, own)
    }
  }

  /** What was stored under names that the schema does not describe and has room for. */
  const putFurther = (
    result: Record<string, unknown>,
    form: Form,
    value: JsonObject,
    at: At,
    done: ReadonlySet<string>,
  ): void => {
    for (const name in value) {
      const normalized = normalizeName(name)
      const own = value[name]
      if (done.has(normalized) || at.hidden?.has(normalized) === true || form.byName.has(normalized)) continue
      const isOpen = at.depth === 0 && at.undescribed?.has(name) === true && form.shape.nameRules.length === 0
      const schema = forms.room(form, name) ?? isOpen
      const fitted = fit(schema, own, below(at, name, undefined))
      if (fitted !== ABSENT) setMember(result, name, fitted)
    }
  }

  /** What must be there, which need not be described. */
  const putRequired = (result: Record<string, unknown>, form: Form, at: At): void => {
    const base = isObject(at.base) ? at.base : NO_MEMBERS
    for (const name of form.shape.required) {
      if (Object.hasOwn(result, name) || at.hidden?.has(normalizeName(name)) === true) continue
      const schema = forms.room(form, name) ?? true
      setMember(result, name, Object.hasOwn(base, name) ? base[name] : missing(schema, at, name))
    }
  }

  return (form, value, at) => {
    const result: Record<string, unknown> = {}
    const others = hasOwnNames(value, form)
      ? undefined
      : { sourceOf: sourcesIn(value, form), done: new Set<string>() }
    putDescribed(result, form, value, at, others)
    if (others !== undefined) putFurther(result, form, value, at, others.done)
    putRequired(result, form, at)
    return result
  }
}

const NO_MEMBERS: JsonObject = {}

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
