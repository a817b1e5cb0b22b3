// Makes and changes the stored form of a resource's items: what the client sent, on top of what a server would add
// (ids, times, fixed values), valid by the schema that items are read back with.

import type { Operation, Parameter } from '../engine/document/operation.js'
import { entriesOf, hashText, isObject, member, normalizeName, setMember } from '../engine/json.js'
import { byName, createRandom, uuidOf } from '../engine/sampling/plausible.js'
import type { Sampler } from '../engine/sampling/sampler.js'
import type { Schema } from '../engine/schema/schema.js'
import type { Schemas } from '../engine/schema/schemas.js'
import { possibleTypes, shapeOf } from '../engine/schema/shape.js'
import type { Validation } from '../engine/schema/validation.js'
import { idNames, type Resource, sureIdNames } from './resources.js'
import { timesIn } from './times.js'
import { FIRST, type ItemView, type Views } from './views.js'

export type Item = Readonly<Record<string, unknown>>

/** What can be done with the items of one resource. */
export interface ItemMaker {
  /** How an item is read back. */
  readonly view: ItemView
  /** The part of a request body that describes the item. */
  unwrap(body: unknown): Item
  /** The id that a client chose, if the API lets it. */
  chosenId(body: Item, operation: Operation): string | number | undefined
  /** Whether the document uses an id as an example of its parameter: such an item exists from the start. */
  isExample(id: unknown): boolean
  /** Whether an id fits every parameter and body that holds it. */
  isId(id: unknown): id is string | number
  /** Members that may name an item beside the one that paths name it by. */
  readonly furtherNames: readonly string[]
  /** A new id, another one for every number. */
  newId(number: number): string | number
  make(body: Item, operation: Operation | undefined, id: unknown, values: Item, now: number): Item
  merge(item: Item, body: Item, now: number): Item
  replace(item: Item, body: Item, operation: Operation, now: number): Item
}

export interface MakerParts {
  readonly schemas: Schemas
  readonly validation: Validation
  readonly sampler: Sampler
  readonly views: Views
  readonly seed: string
}

/** How many differing samples new items are made from; more would only cost time. */
const VARIANTS = 8

/** @param ids the path parameters that hold ids of the items. */
export function createItemMaker(
  parts: MakerParts,
  resource: Resource,
  [view, ...shownBy]: readonly [ItemView, ...ItemView[]],
  ids: readonly Parameter[],
): ItemMaker {
  const { schemas, validation, sampler, views, seed } = parts
  const { schema, shape, idName } = view
  const validate = validation.ofSchema(schema)
  const variants: (Item | undefined)[] = []
  const writable = new WeakMap<Operation, ReadonlySet<string>>()
  const idSchemas = ids.map(({ schema: own }) => schemas.convert(own ?? {}, 'request'))
  const examples = new Set(ids.flatMap((parameter) => examplesOf(schemas, parameter)).map(String))
  const idSchema = idSchemaOf(schemas, idSchemas, [view, ...shownBy])
  const shownIds = [view, ...shownBy].flatMap((one) =>
    one.idName === undefined ? [] : [schemaOfProperty(one, one.idName)],
  )
  const typed = (schema: Schema): TypedId => ({
    types: possibleTypes(schemas, schema),
    fits: (id) => validation.ofSchema(schema)(id).length === 0,
  })
  const parameters = idSchemas.map(typed)
  const places = [...parameters, ...shownIds.map(typed)]
  const isNumeric = places.some(
    ({ types }) =>
      types !== undefined && !types.has('string') && (types.has('integer') || types.has('number')),
  )
  const fitsAll = (id: unknown, among: readonly TypedId[]): boolean =>
    among.every(({ types, fits }) => fits(typedId(id, types)))
  const { low, format } = shapeOf(schemas, [idSchema])
  const least = Math.max(low.get('minimum') ?? 1, (low.get('exclusiveMinimum') ?? 0) + 1, 1)
  const isId = (id: unknown): id is string | number =>
    (typeof id === 'number' || typeof id === 'string') && id !== '' && fitsAll(id, places)
  const example = shapeOf(schemas, [idSchema]).examples.find(
    (one) => typeof one === 'string' && one.length > 3,
  )
  const group = hashText(resource.collection)
  const isUuid = format === 'uuid' || UUID.test(String(example))
  /** How new ids may look, the likeliest first. */
  const idWriters: readonly ((number: number) => string | number)[] = [
    ...(isNumeric ? [(number: number) => least + number - 1] : []),
    ...(isUuid
      ? [(number: number) => uuidOf(createRandom(hashText(seed, group + number)), group, number)]
      : []),
    ...(example === undefined ? [] : [(number: number) => mimic(example, number)]),
    seedId,
  ]
  const furtherId = furtherIdOf(view)
  const sureNames = sureIdNames(resource)
  const furtherNames = [...shape.properties.keys()].filter(
    (name) => name !== idName && sureNames.includes(normalizeName(name)),
  )
  const wantedNames = [idNames(resource)[0] ?? '', ...(idName === undefined ? [] : [normalizeName(idName)])]
  const fallbacks = [...shape.properties].flatMap(([name, own]) => {
    const [fallback] = shapeOf(schemas, own).defaults
    return fallback === undefined || fallback === null ? [] : [[name, fallback] as const]
  })
  const names = new Map([...shape.properties.keys()].map((name) => [normalizeName(name), name]))
  const times = timesIn(parts, view)

  // Whether a schema contradicts itself: then every repair fails, and takes its time.
  let isHopeless = false
  let areIdsHopeless = false
  const sampleOf = (text: string): Item => {
    const index = hashText(text) % VARIANTS
    let item = variants[index]
    if (item === undefined) {
      const { value, errors } = sampler.sample(schema, { seed: `${seed}/${resource.collection}/${index}` })
      isHopeless ||= errors.length > 0
      item = isObject(value) ? value : {}
      variants[index] = item
    }
    return item
  }

  /** The normalised names that an operation's body may set. */
  const writableBy = (operation: Operation): ReadonlySet<string> => {
    const known = writable.get(operation)
    if (known !== undefined) return known
    const found = new Set<string>()
    for (const media of operation.body()?.content ?? []) {
      const stack = [views.settle(schemas.convert(media.schema ?? true, 'request'))]
      for (let depth = 0; depth < 3; depth++) {
        for (const inner of stack.splice(0)) {
          for (const [name, own] of inner.properties) {
            if (own.some((one) => isObject(one) && one.readOnly === true)) continue
            found.add(normalizeName(name))
            const [first = true] = own
            if (!names.has(normalizeName(name))) stack.push(views.settle(first))
          }
        }
      }
    }
    writable.set(operation, found)
    return found
  }

  /** A copy that the schema accepts: what does not fit is made anew, the rest stays. */
  const fitting = (item: Record<string, unknown>, text: string): Item => {
    if (isHopeless || validate(item).length === 0) return item
    const { value, errors } = sampler.sample(schema, { seed: text, base: item, lean: true })
    return isObject(value) && errors.length === 0 ? value : item
  }

  const touch = (item: Record<string, unknown>, kind: 'created' | 'updated', now: number) => {
    for (const time of times)
      if (kind === 'created' || time.kind === 'updated') setMember(item, time.name, time.write(now))
  }

  /** Only what the schema has a name for; a schema without properties takes everything. */
  const known = (body: Item): Item => {
    if (shape.properties.size === 0) return body
    const kept: Record<string, unknown> = {}
    for (const [name, value] of Object.entries(body)) {
      const own =
        Object.hasOwn(body, name) && shape.properties.has(name) ? name : names.get(normalizeName(name))
      if (own !== undefined) setMember(kept, own, value)
    }
    return kept
  }

  return {
    view,
    isId,
    isExample: (id) => examples.has(String(id)),
    furtherNames,

    unwrap(sent) {
      const body: unknown = Array.isArray(sent) ? sent[0] : sent
      if (!isObject(body)) return {}
      const score = (value: Item) =>
        Object.keys(value).filter((name) => names.has(normalizeName(name))).length
      let best: Item = body
      for (let at: Item = body, depth = 0; depth < 3; depth++) {
        const inner = envelopeIn(
          at,
          view.path.findLast((name) => name !== FIRST),
        )
        if (inner === undefined) break
        if (score(inner) > score(best)) best = inner
        at = inner
      }
      return best
    },

    chosenId(body, operation) {
      const allowed = writableBy(operation)
      for (const name of wantedNames) {
        const key = Object.keys(body).find((candidate) => normalizeName(candidate) === name)
        const value = key === undefined ? undefined : body[key]
        if (!allowed.has(name) || (typeof value !== 'string' && typeof value !== 'number') || value === '')
          continue
        if (fitsAll(value, parameters)) return value
      }
      return undefined
    },

    newId(number) {
      for (const write of idWriters) {
        const id = write(number)
        if (isId(id)) return id
      }
      const text = seedId(number)
      if (areIdsHopeless) return text
      const options = { seed: `${seed}/${resource.collection}/id/${number}`, examples: false }
      const { value, errors } = sampler.sample(idSchema, options)
      areIdsHopeless = errors.length > 0
      return typeof value === 'string' || typeof value === 'number' ? value : text
    },

    make(body, operation, id, values, now) {
      const text = String(id)
      const sample = sampleOf(text)
      const settable = operation === undefined ? new Set<string>() : writableBy(operation)
      const item: Record<string, unknown> = {}
      for (const [name, value] of Object.entries(sample)) {
        // What a client could have set and did not is absent; what only a server sets is there.
        if (shape.required.has(name) || !settable.has(normalizeName(name))) setMember(item, name, value)
      }
      for (const [name, fallback] of fallbacks)
        if (settable.has(normalizeName(name))) setMember(item, name, fallback)
      const merged = views.overlay(schema, item, known(body))
      for (const [name, value] of Object.entries(known(body)))
        if (!Object.hasOwn(merged, name)) setMember(merged, name, value)
      for (const [name, value] of Object.entries(values)) {
        const own = names.get(normalizeName(name))
        if (own !== undefined && own !== idName && !settable.has(normalizeName(name)))
          setMember(merged, own, value)
      }
      touch(merged, 'created', now)
      // Paths spell numbers as text.
      if (idName !== undefined)
        setMember(merged, idName, typedId(id, possibleTypes(schemas, schemaOfProperty(view, idName))))
      const further = furtherId?.of(id)
      if (furtherId !== undefined && further !== undefined && !settable.has(normalizeName(furtherId.name)))
        setMember(merged, furtherId.name, further)
      return withId(fitting(merged, text), id)
    },

    merge(item, body, now) {
      const changed: Record<string, unknown> = { ...item }
      for (const [name, value] of Object.entries(known(body)))
        setMember(changed, name, mergePatch(changed[name], value))
      touch(changed, 'updated', now)
      return withId(fitting(changed, 'merge'), idName === undefined ? undefined : item[idName])
    },

    replace(item, body, operation, now) {
      const settable = writableBy(operation)
      const changed: Record<string, unknown> = {}
      for (const [name, value] of Object.entries(item)) {
        if (!settable.has(normalizeName(name)) || shape.required.has(name)) setMember(changed, name, value)
      }
      for (const [name, value] of Object.entries(known(body))) setMember(changed, name, value)
      touch(changed, 'updated', now)
      return withId(fitting(changed, 'replace'), idName === undefined ? undefined : item[idName])
    },
  }

  /** An `id` beside the member that paths name items by, as an issue has one beside its number: another for each item. */
  function furtherIdOf({ shape: { properties } }: ItemView) {
    const name = [...properties.keys()].find((candidate) => normalizeName(candidate) === 'id')
    if (idName === undefined || name === undefined || name === idName) return undefined
    const { types, fits } = typed(schemaOfProperty(view, name))
    return {
      name,
      of: (id: unknown) => [typedId(id, types), hashText(String(id)) % 1_000_000].find(fits),
    }
  }

  function withId(item: Item, id: unknown): Item {
    if (idName === undefined || id === undefined || item[idName] === id) return item
    const copy = { ...item, [idName]: typedId(id, possibleTypes(schemas, schemaOfProperty(view, idName))) }
    return validate(copy).length <= validate(item).length ? copy : item
  }
}

const schemaOfProperty = (view: ItemView, name: string): Schema => ({
  allOf: view.shape.properties.get(name) ?? [],
})

/** A place that shows an id: in which types, and whether it accepts one. */
interface TypedId {
  readonly types: ReadonlySet<string> | undefined
  fits(id: unknown): boolean
}

/** An id in one of the types that a place wants. */
export function typedId(id: unknown, types: ReadonlySet<string> | undefined): unknown {
  if (types === undefined) return id
  if (typeof id === 'number') return types.has('integer') || types.has('number') ? id : String(id)
  const number = id === '' ? Number.NaN : Number(id)
  const isNumber = types.has('number')
    ? Number.isFinite(number)
    : types.has('integer') && Number.isInteger(number)
  return !types.has('string') && isNumber ? number : id
}

function examplesOf(schemas: Schemas, { raw, schema }: Parameter): readonly unknown[] {
  const named = entriesOf(raw, 'examples').map(([, example]) => member(example, 'value'))
  const { examples, defaults } = shapeOf(schemas, [schemas.convert(schema ?? {}, 'request')])
  return [raw.example, ...named, ...examples, ...defaults].filter(
    (value) => value !== undefined && value !== null,
  )
}

/** What an id must fit: every path parameter that holds it, and every body that shows it, as far as they agree. */
function idSchemaOf(schemas: Schemas, parameters: readonly Schema[], views: readonly ItemView[]): Schema {
  let parts: Schema[] = []
  const shown = views.flatMap((view) =>
    view.idName === undefined ? [] : (view.shape.properties.get(view.idName) ?? []),
  )
  for (const part of [...parameters, ...shown]) {
    const joint = [...parts, part]
    if (!parts.includes(part) && !shapeOf(schemas, joint).impossible) parts = joint
  }
  const shape = shapeOf(schemas, parts)
  return shape.types === undefined && shape.values === undefined
    ? { type: 'string', allOf: parts }
    : { allOf: parts }
}

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[1-8][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/i

/** Text of the same form as an example: digits stay digits, letters letters, and a prefix such as `cus_` itself. */
function mimic(example: unknown, number: number): string {
  const text = String(example)
  const random = createRandom(hashText(text, number))
  const prefix = /^[A-Za-z]+[_-]/.exec(text)?.[0] ?? ''
  const letters = /^[0-9a-f-]+$/i.test(text.slice(prefix.length)) ? 'abcdef' : 'abcdefghijklmnopqrstuvwxyz'
  const pick = (from: string) => from.charAt(Math.floor(random() * from.length))
  const isUuid = UUID.test(text)
  return [...text]
    .map((letter, i) => {
      // The version and variant of a UUID are no digits of its number.
      if (i < prefix.length || (isUuid && (i === 14 || i === 19))) return letter
      if (/[0-9]/.test(letter)) return pick(i === prefix.length ? '123456789' : '0123456789')
      if (/[a-z]/.test(letter)) return pick(letters)
      return /[A-Z]/.test(letter) ? pick(letters).toUpperCase() : letter
    })
    .join('')
}

/** Like `amber3f9a2c41`: short, plausible and never the same. */
function seedId(number: number): string {
  const random = createRandom(hashText('id', number))
  return byName('id', random) + number.toString(36)
}

/**
 * The object inside an envelope: its only member, or one of a name that says so, as answers show it, or the first of a
 * list there. Other nested objects are data.
 */
function envelopeIn(body: Item, shownAs: string | undefined): Item | undefined {
  const entries = Object.entries(body)
  const named = entries.find(([name]) => name === shownAs || name === 'data' || name === 'attributes')
  const only = entries.length === 1 ? entries[0] : undefined
  const content = (named ?? only)?.[1]
  const inner: unknown = Array.isArray(content) ? content[0] : content
  return isObject(inner) ? inner : undefined
}

/** JSON merge patch (RFC 7396) of one member, except that a null stays: the schema says whether it may. */
function mergePatch(target: unknown, patch: unknown): unknown {
  if (!isObject(target) || !isObject(patch)) return patch
  const merged: Record<string, unknown> = { ...target }
  for (const [name, value] of Object.entries(patch)) setMember(merged, name, mergePatch(merged[name], value))
  return merged
}
