// Schemas as they are compiled: cut into units small enough that none takes long, each compiled when a value first
// gets there, and with the steps written into them that they cost.

import { isObject, type JsonObject, setMember } from '../json.js'
import { CHOICE, type ChoiceTag, TAG } from './choice.js'
import { LINK, type Schema } from './schema.js'

/** The keyword that says how many steps its schema costs. */
export const STEPS = 'x-steps'
/** The keyword that stands for a schema which is a unit of its own, by its number. */
export const INNER = 'x-inner'
/** The keyword for what a schema has too much of to be compiled at once, by its number. */
export const WIDE = 'x-wide'

/** The keyword in place of those about what is unevaluated, by the number of their schema. */
export const UNEVALUATED = 'x-unevaluated'

/** Keywords of one schema whose parts are compiled one by one. */
export interface Wide {
  readonly properties?: JsonObject
  readonly patternProperties?: JsonObject
  readonly additionalProperties?: Schema
  readonly dependentSchemas?: JsonObject
  readonly prefixItems?: readonly Schema[]
  readonly allOf?: readonly Schema[]
  readonly anyOf?: readonly Schema[]
  readonly oneOf?: readonly Schema[]
  readonly choice?: { readonly alternatives: readonly Schema[]; readonly tag: ChoiceTag }
}

export interface Units {
  /** A schema with its inner ones cut out where they are many. */
  unitOf(schema: Schema): Schema
  inner(number: number): Schema
  wide(number: number): Wide
  /** The schema, with all that stands beside its keywords about what is unevaluated. */
  unevaluated(number: number): JsonObject
}

/** Compiling takes a quarter of a millisecond for each. */
const MAX_NODES = 150
const MAX_WIDTH = 64

/** Keywords that go through all members of an object, or items of a list, before they can say anything. */
const LOOPS = [
  ...['patternProperties', 'additionalProperties', 'unevaluatedProperties', 'propertyNames'],
  ...['uniqueItems', 'unevaluatedItems'],
]
/** So many that the time is looked at before each of them. */
const STEPS_PER_LOOP = 1_000

const MAPS = ['properties', 'patternProperties', 'dependentSchemas'] as const
const LISTS = ['prefixItems', 'allOf', 'anyOf', 'oneOf'] as const
const SINGLE = [
  ...['items', 'additionalProperties', 'propertyNames', 'contains', 'not', 'if', 'then', 'else'],
] as const

export function createUnits(): Units {
  const inners: Schema[] = []
  const wides: Wide[] = []
  const unevaluated: JsonObject[] = []
  const innersOf = new Map<object, Schema>()

  const innerOf = (schema: JsonObject): Schema => {
    const known = innersOf.get(schema) ?? { [INNER]: inners.push(schema) - 1 }
    innersOf.set(schema, known)
    return known
  }

  const addWide = (wide: Wide): number => wides.push(wide) - 1
  const addUnevaluated = (schema: JsonObject): number => unevaluated.push(schema) - 1

  const unitOf = (root: Schema): Schema => {
    let room = MAX_NODES
    const part = (schema: unknown): unknown => {
      if (!isObject(schema) || Object.hasOwn(schema, LINK)) return schema
      const width = widthOf(schema)
      if (width > 0 && room < width) return innerOf(schema)
      room -= 1 + width
      return copy(schema, width, cut)
    }
    const cut: Cut = { addWide, addUnevaluated, part }
    if (!isObject(root) || Object.hasOwn(root, LINK)) return root
    const width = widthOf(root)
    room -= 1 + width
    return copy(root, width, cut)
  }

  return {
    unitOf,
    inner: (number) => inners[number] ?? true,
    wide: (number) => wides[number] ?? {},
    unevaluated: (number) => unevaluated[number] ?? {},
  }
}

type Draft = Record<string, unknown>

/** How the parts of a schema become parts of its unit. */
interface Cut {
  addWide(wide: Wide): number
  addUnevaluated(schema: JsonObject): number
  /** A part of the unit, or the keyword that stands for a unit of its own. */
  part(schema: unknown): unknown
}

function copy(schema: JsonObject, width: number, cut: Cut): JsonObject {
  const unit: Draft = { ...schema }
  const wide: Draft = {}
  copyMaps(schema, unit, wide, cut)
  copyLists(schema, unit, wide, cut)
  for (const key of SINGLE) if (isObject(unit[key])) unit[key] = cut.part(schema[key])
  copyChoice(schema, unit, wide, cut)
  if (Object.keys(wide).length > 0) unit[WIDE] = cut.addWide(wide)
  const isClosed = UNEVALUATED_KEYWORDS.some((key) => schema[key] !== undefined)
  for (const key of UNEVALUATED_KEYWORDS) delete unit[key]
  if (isClosed) unit[UNEVALUATED] = cut.addUnevaluated(schema)
  if (width > 0) unit[STEPS] = 1 + width + (hasLoop(schema) ? STEPS_PER_LOOP : 0)
  return unit
}

const UNEVALUATED_KEYWORDS = ['unevaluatedProperties', 'unevaluatedItems'] as const

const hasLoop = (schema: JsonObject): boolean => LOOPS.some((key) => schema[key] !== undefined)

/** The keywords of members, which decide together what is an additional one. */
const MEMBERS = ['properties', 'patternProperties', 'additionalProperties'] as const

function copyMaps(schema: JsonObject, unit: Draft, wide: Draft, { part }: Cut): void {
  const hasMany = (key: string) => isObject(schema[key]) && Object.keys(schema[key]).length > MAX_WIDTH
  const many = [...(MEMBERS.some(hasMany) ? MEMBERS : []), ...['dependentSchemas'].filter(hasMany)]
  for (const key of many) {
    if (schema[key] !== undefined) wide[key] = schema[key]
    delete unit[key]
  }
  for (const key of MAPS) {
    const map = unit[key]
    if (isObject(map)) unit[key] = mapped(map, part)
  }
}

function copyLists(schema: JsonObject, unit: Draft, wide: Draft, { part }: Cut): void {
  for (const key of LISTS) {
    const list = schema[key]
    if (!Array.isArray(list)) continue
    const isWide = list.length > MAX_WIDTH
    if (isWide) wide[key] = list
    if (!isWide) unit[key] = list.map(part)
    // The length of a wide tuple still says which items are additional.
    else if (key === 'prefixItems') unit[key] = list.map(() => true)
    else delete unit[key]
  }
}

function copyChoice(schema: JsonObject, unit: Draft, wide: Draft, { part }: Cut): void {
  const { [CHOICE]: alternatives, [TAG]: tag } = schema
  if (!Array.isArray(alternatives)) return
  if (alternatives.length <= MAX_WIDTH) unit[CHOICE] = alternatives.map(part)
  else {
    wide.choice = { alternatives, tag }
    delete unit[CHOICE]
    delete unit[TAG]
  }
}

function mapped(schemas: JsonObject, part: (schema: unknown) => unknown): object {
  const map = {}
  for (const [name, schema] of Object.entries(schemas)) setMember(map, name, part(schema))
  return map
}

/** How many schemas and names a schema directly has; none for one that is nothing but a bound or a type. */
function widthOf(schema: JsonObject): number {
  let width = 0
  for (const key of MAPS) if (isObject(schema[key])) width += Object.keys(schema[key]).length
  for (const key of [...LISTS, CHOICE, 'required'])
    if (Array.isArray(schema[key])) width += schema[key].length
  for (const key of SINGLE) if (schema[key] !== undefined) width++
  return width
}
