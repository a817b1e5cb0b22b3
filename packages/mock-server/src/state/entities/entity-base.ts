// What the API itself says of a new entity: a sample of it, less what its client could have said and did not.

import type { Operation } from '../../engine/document/operation.js'
import {
  hashText,
  isObject,
  type JsonObject,
  member as memberOf,
  normalizeName,
  setMember,
} from '../../engine/json.js'
import type { Schema } from '../../engine/schema/schema.js'
import { shapeOf } from '../../engine/schema/shape.js'
import { STATUS_MEMBER } from '../conventions/life.js'
import type { Form } from '../forms/form.js'
import type { Forms } from '../forms/forms.js'
import type { Projection } from '../forms/projection.js'
import { repaired } from '../forms/repairs.js'
import type { IdentifierParts } from './identifiers.js'
import type { RequestMembers } from './request-members.js'

export interface EntityBase {
  /** @param sent what a client said of the entity. @param text names the entity: the same text, the same values. */
  of(sent: JsonObject, operation: Operation | undefined, text: string): JsonObject
  /** A copy that the schema accepts: what does not fit is made anew, the rest stays. */
  fitting(item: JsonObject, text: string): JsonObject
  /** Whether an item is the one that was held against the schema last, and fits it. */
  isKnownToFit(item: JsonObject): boolean
}

export interface EntityBaseOptions {
  readonly schema: Schema
  /** Names the kind of entity: other kinds get other values. */
  readonly kind: string
  readonly requests: RequestMembers
  /** Whether clients fill a list or a map of an entity once it is made. */
  isFilledLater(path: readonly string[]): boolean
  /** Whether requests tell which words a member of this name may be. */
  hasWords(normalized: string): boolean
}

/** How many differing samples new entities are made from; more would only cost time. */
const VARIANTS = 8

export function createEntityBase(
  parts: IdentifierParts,
  forms: Forms,
  projection: Projection,
  options: EntityBaseOptions,
): EntityBase {
  const { schema, requests, isFilledLater, hasWords } = options
  const validate = parts.validation.ofSchema(schema)
  const samples = createSamples(parts, forms, projection, options)
  let latest: JsonObject | undefined
  const surroundings = { forms, requests, isFilledLater, hasWords, defaults: createDefaults(parts.schemas) }
  return {
    of(sent, operation, text) {
      const form = forms.of(schema, sent)
      const said = { sent, form, operation, path: [] }
      const base = without(surroundings, samples.of(form, text), said)
      addDefaults(surroundings, base, said)
      return base
    },

    isKnownToFit: (item) => item === latest,

    fitting(item, text) {
      if (samples.isHopeless()) return item
      if (validate(item).length === 0) {
        latest = item
        return item
      }
      const value = repaired(item, {
        errorsOf: validate,
        remake: () => parts.sampler.sample(schema, { seed: text, base: item, requiredOnly: true }),
      })
      return isObject(value) ? value : item
    },
  }
}

interface Samples {
  of(form: Form, text: string): JsonObject
  /** Whether a schema contradicts itself: then every repair fails, and takes its time. */
  isHopeless(): boolean
}

function createSamples(
  { sampler, seed }: IdentifierParts,
  forms: Forms,
  projection: Projection,
  { schema, kind }: EntityBaseOptions,
): Samples {
  /** Each form has its own, by their variants. */
  const ofForms = new Map<string, Map<number, JsonObject>>()
  const isOneForm = forms.alternatives(schema).length === 1
  let isHopeless = false

  const whole = (name: string): JsonObject => {
    const { value, errors } = sampler.sample(schema, { seed: name })
    isHopeless ||= errors.length > 0
    return isObject(value) ? value : {}
  }

  /** One of several alternatives, member by member. */
  const membersOf = (form: Form, name: string): JsonObject => {
    const made: Record<string, unknown> = {}
    for (const { name: own, schema: inner } of form.byName.values())
      setMember(made, own, projection.sample(inner, `${name}/${own}`))
    return made
  }

  return {
    isHopeless: () => isHopeless,
    of(form, text) {
      const variant = hashText(text) % VARIANTS
      const key = form.schema === schema ? '' : [...form.byName.keys()].join()
      const samples = ofForms.get(key) ?? new Map<number, JsonObject>()
      const known = samples.get(variant)
      if (known !== undefined) return known
      const name = `${seed}/${kind}/${variant}`
      const item = form.schema === schema || isOneForm ? whole(name) : membersOf(form, name)
      ofForms.set(key, samples.set(variant, item))
      return item
    },
  }
}

interface Surroundings {
  readonly forms: Forms
  readonly requests: RequestMembers
  readonly isFilledLater: EntityBaseOptions['isFilledLater']
  readonly hasWords: EntityBaseOptions['hasWords']
  readonly defaults: Defaults
}

/** An object in the entity, and what a client said of it. */
interface Said {
  readonly sent: JsonObject
  readonly form: Form
  readonly operation: Operation | undefined
  readonly path: readonly string[]
}

/** A sample without what a client could have said and did not. */
function without(around: Surroundings, sample: JsonObject, said: Said): Record<string, unknown> {
  const { sent, form } = said
  const base: Record<string, unknown> = {}
  for (const name in sample) {
    const value = sample[name]
    const own = memberOf(sent, name)
    if (own === undefined) {
      const left = unsaid(around, said, name, value)
      if (left !== undefined) setMember(base, name, left)
    } else if (isObject(own) && isObject(value)) {
      const member = form.byName.get(normalizeName(name))
      if (member === undefined) continue
      const inner = {
        ...said,
        sent: own,
        form: around.forms.of(member.schema, own),
        path: [...said.path, name],
      }
      // What clients name themselves is what they have said of it.
      if (inner.form.byName.size > 0) setMember(base, name, without(around, value, inner))
    }
  }
  return base
}

/** What stands in a member that nobody said anything of; undefined where it may be left out. */
function unsaid(
  { defaults, forms, requests, isFilledLater, hasWords }: Surroundings,
  { form, operation, path }: Said,
  name: string,
  sample: unknown,
): unknown {
  const member = form.byName.get(normalizeName(name))
  const couldBeSent = operation !== undefined && requests.isSettable(operation, [...path, name])
  if (!couldBeSent) {
    const isEmpty = operation !== undefined && member !== undefined && isFilledLater([...path, name])
    return isEmpty ? emptied(forms, member.schema, sample) : sample
  }
  if (form.shape.required.has(name))
    return member === undefined ? sample : emptiest(forms, member.schema, sample)
  if (member === undefined) return undefined
  const isStatus = path.length === 0 && STATUS_MEMBER.test(normalizeName(name))
  // A server gives each thing a status, whether or not a client may.
  const isGiven =
    isStatus && (forms.of(member.schema).shape.values !== undefined || hasWords(normalizeName(name)))
  return defaults(form).get(member.name) ?? (isGiven ? sample : undefined)
}

/** What a member holds that must be there and that nobody gave a value. */
function emptiest(forms: Forms, schema: Schema, sample: unknown): unknown {
  const [fallback] = forms.of(schema).shape.defaults
  if (fallback !== undefined && fallback !== null) return fallback
  if (forms.types(schema)?.has('null') === true) return null
  return typeof sample === 'boolean' ? false : emptied(forms, schema, sample)
}

/** A list, or a map of names that clients choose, without what is in it, where it may be empty; all else as it is. */
function emptied(forms: Forms, schema: Schema, sample: unknown): unknown {
  const { shape, byName } = forms.of(schema)
  if (Array.isArray(sample) && (shape.low.get('minItems') ?? 0) === 0) return []
  if (isObject(sample) && byName.size === 0 && (shape.low.get('minProperties') ?? 0) === 0) return {}
  return sample
}

/** Adds what the document says that members are which could have been sent and were not. */
function addDefaults(
  { requests, defaults }: Surroundings,
  base: Record<string, unknown>,
  { sent, form, operation }: Said,
): void {
  for (const [name, fallback] of defaults(form)) {
    if (memberOf(sent, name) === undefined && requests.isSettable(operation, [name]))
      setMember(base, name, fallback)
  }
  // What a request says that nobody sent is nearer than what answers say.
  for (const [normalized, fallback] of requests.defaults(operation)) {
    const member = form.byName.get(normalized)
    if (member !== undefined && memberOf(sent, member.name) === undefined)
      setMember(base, member.name, fallback)
  }
}

type Defaults = (form: Form) => ReadonlyMap<string, unknown>

/** The defaults of a form's members, read once. */
function createDefaults(schemas: IdentifierParts['schemas']): Defaults {
  const known = new WeakMap<Form, ReturnType<Defaults>>()
  return (form) => {
    const before = known.get(form)
    if (before !== undefined) return before
    const found = new Map(
      [...form.byName.values()].flatMap(({ name, schema }) => {
        const fallback = defaultOf(schemas, schema)
        return fallback === undefined ? [] : [[name, fallback] as const]
      }),
    )
    known.set(form, found)
    return found
  }
}

function defaultOf(schemas: IdentifierParts['schemas'], schema: Schema): unknown {
  const [fallback] = shapeOf(schemas, [schema]).defaults
  return fallback ?? undefined
}
