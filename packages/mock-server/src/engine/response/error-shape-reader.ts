// Reads the schema of an error, and the document's examples of it, into the shape of the error.

import { isObject, type JsonObject, member, setMember } from '../json.js'
import type { Schema } from '../schema/schema.js'
import type { Schemas } from '../schema/schemas.js'
import { impliedTypes, type Shape, shapeOf } from '../schema/shape.js'
import { type DraftMember, meaningOfScalar, settle } from './error-meanings.js'
import { isEnvelope, isList, isOuterEnvelope, type Meaning, meaningOf } from './error-members.js'
import { type ErrorLeaf, type ErrorNode, leadRank, saysPlace, saysText } from './error-shapes.js'

export interface Examples {
  readonly values: readonly unknown[]
  /** Whether they are of exactly this error, and not of errors in general. */
  readonly areSpecific: boolean
}

const MAX_DEPTH = 8
const MAX_OPTIONS = 24
const MAX_NODES = 800

/** One reading of a schema. */
interface Reading {
  readonly schemas: Schemas
  readonly areSpecific: boolean
  nodes: number
}

/** Where in a schema the reading is. */
interface At {
  readonly name: string
  readonly level: 'top' | 'entry'
  readonly examples: readonly unknown[]
  readonly links: readonly string[]
  readonly depth: number
  readonly within: string
  /** For values whose place says what they mean. */
  readonly meaning?: Meaning | undefined
}

export function readErrorShape(
  schemas: Schemas,
  schema: Schema,
  { values: examples, areSpecific }: Examples,
): ErrorNode {
  const top: At = { name: '', level: 'top', examples, links: [], depth: 0, within: '' }
  return read({ schemas, areSpecific, nodes: 0 }, [schema], top)
}

/** @param decided the alternatives that one option has been taken of. */
function read(
  reading: Reading,
  conjunction: readonly Schema[],
  at: At,
  decided: readonly unknown[] = [],
): ErrorNode {
  const { schemas } = reading
  const shape = shapeOf(schemas, conjunction)
  // A schema that leads back to itself is followed once more, as the errors of nested members are.
  const isEndless = shape.links.some((link) => at.links.filter((one) => one === link).length > 1)
  if (++reading.nodes > MAX_NODES || at.depth > MAX_DEPTH || isEndless) return oneOf([])
  const open = shape.alternatives.find(({ options }) => !decided.includes(options))
  if (open !== undefined)
    return oneOf(
      open.options
        .slice(0, MAX_OPTIONS)
        .filter((option) => !isOnlyNull(schemas, option))
        .map((option) => read(reading, [...conjunction, option], at, [...decided, open.options])),
    )
  const links = [...at.links, ...shape.links]
  const within = shape.links.length > 0 ? (schemas.nameOf(shape.links[0] ?? '') ?? at.within) : at.within
  return readConcrete(reading, conjunction, shape, { ...at, links, within })
}

/** One node for several that it may be. */
function oneOf(options: readonly ErrorNode[]): ErrorNode {
  const [only] = options
  return options.length === 1 && only !== undefined ? only : { kind: 'choice', options }
}

function readConcrete(reading: Reading, conjunction: readonly Schema[], shape: Shape, at: At): ErrorNode {
  const types = shape.types ?? impliedTypes(shape)
  const [sample] = at.examples
  // Nothing is described: the examples are all that there is.
  if (types === undefined && shape.values === undefined && sample !== undefined && at.depth < MAX_DEPTH)
    return read(reading, [schemaOfExample(sample)], { ...at, depth: at.depth + 1 })
  const kinds: ErrorNode[] = []
  if (types?.has('object')) kinds.push(readObject(reading, shape, at))
  if (types?.has('array')) kinds.push(readList(reading, shape, at))
  if (types === undefined || [...types].some((type) => SCALARS.has(type))) {
    const [only] = conjunction
    const schema = conjunction.length === 1 ? (only ?? true) : { allOf: [...conjunction] }
    kinds.push(leafOf(schema, types, shape, at))
  }
  return oneOf(kinds)
}

const SCALARS = new Set(['string', 'integer', 'number', 'boolean'])

function readObject(reading: Reading, shape: Shape, at: At): ErrorNode {
  const samples = at.examples.filter(isObject)
  const isKnown = isList(at.name)
  if (isMap(reading.schemas, shape, isKnown) && (isKnown || samples.length === 0))
    return readMap(reading, shape, at, samples)
  const members = readMembers(reading, shape, at, samples)
  settle(members)
  const leads = members
    .flatMap(({ name, node }) => {
      const rank = leadRank(node)
      return rank === undefined ? [] : [{ name, rank }]
    })
    .sort((a, b) => a.rank - b.rank)
  return {
    kind: 'object',
    members,
    shown: reading.areSpecific ? namesInAll(samples) : undefined,
    hasText: members.some(({ node }) => saysText(node)),
    hasPlace: members.some(({ node }) => saysPlace(node)),
    lead: leads[0]?.name,
    envelope: isEnvelope(at.name) ? 2 : isOuterEnvelope(at.name) ? 1 : 0,
  }
}

function readMembers(
  reading: Reading,
  shape: Shape,
  at: At,
  samples: readonly JsonObject[],
): readonly DraftMember[] {
  const isClosed = shape.nameRules.some(({ others }) => others === false)
  const described = new Map<string, readonly Schema[]>(shape.properties)
  for (const [name, value] of isClosed ? [] : samples.flatMap((sample) => Object.entries(sample)))
    if (!described.has(name)) described.set(name, [schemaOfExample(value)])
  const isProblem = described.has('type') && described.has('title') && at.level === 'top'
  return [...described].map(([name, parts]) => {
    const examples = samples.flatMap((one) => (Object.hasOwn(one, name) ? [member(one, name)] : []))
    const meaning: Meaning | undefined = isProblem && name === 'type' ? { role: 'problemType' } : undefined
    return {
      name,
      required: shape.required.has(name) || (shape.properties.size === 0 && !isClosed),
      nullable: allowsNull(reading.schemas, parts),
      node: read(reading, parts, { ...at, name, examples, depth: at.depth + 1, meaning }),
    }
  })
}

function namesInAll([first, ...others]: readonly JsonObject[]): ReadonlySet<string> | undefined {
  const isInOthers = (name: string): boolean => others.every((one) => Object.hasOwn(one, name))
  return first && new Set(Object.keys(first).filter(isInOthers))
}

function readMap(reading: Reading, shape: Shape, at: At, samples: readonly JsonObject[]): ErrorNode {
  const rules = shape.nameRules.flatMap(({ patterns, others }) => [
    ...patterns.map(([, value]) => value),
    others,
  ])
  const [declared] = [...shape.properties.values()].flat()
  const examples = samples.flatMap((sample) => Object.values(sample))
  const described =
    rules.find(isObject) ?? declared ?? (examples.length > 0 ? schemaOfExample(examples[0]) : true)
  const meaning: Meaning = { role: 'text' }
  const inside: At = { ...at, name: '', level: 'entry', examples, depth: at.depth + 1, meaning }
  return { kind: 'map', values: read(reading, [described], inside), isKnown: isList(at.name) }
}

function readList(reading: Reading, shape: Shape, at: At): ErrorNode {
  const own = shape.prefixItems[0]
  const isInMap = at.meaning?.role === 'text'
  const items = shape.items.length > 0 ? shape.items : own === undefined ? [true] : [own]
  const named = meaningOf(at.name, 'entry')
  const isPath = named?.role === 'field' && at.name.toLowerCase() === 'path'
  const inside: At = {
    ...at,
    name: '',
    level: 'entry',
    examples: at.examples.filter(Array.isArray).flat(),
    depth: at.depth + 1,
    meaning: { role: isInMap ? 'text' : 'phrase' },
  }
  return {
    kind: 'list',
    items: read(reading, items, inside),
    maxItems: shape.high.get('maxItems') ?? Number.POSITIVE_INFINITY,
    isKnown: isList(at.name) || at.depth === 0 || isInMap,
    meaning: isPath ? { role: 'segments' } : named,
  }
}

function leafOf(schema: Schema, types: ErrorLeaf['types'], shape: Shape, at: At): ErrorLeaf {
  const { values, patterns, format, low, high, not, conditions } = shape
  const seen = [...at.examples, ...shape.examples, ...shape.defaults]
  return {
    kind: 'leaf',
    schema,
    meaning: at.meaning ?? meaningOfScalar({ ...at, types, values, seen }),
    types,
    values,
    maxLength: high.get('maxLength'),
    isConstrained:
      format !== undefined || patterns.length + low.size + high.size + not.length + conditions.length > 0,
    seen,
    within: at.within,
  }
}

const isOnlyNull = (schemas: Schemas, option: Schema): boolean => {
  const { types, values } = shapeOf(schemas, [option])
  return (types?.size === 1 && types.has('null')) || (values?.length === 1 && values[0] === null)
}

function allowsNull(schemas: Schemas, parts: readonly Schema[]): boolean {
  const shape = shapeOf(schemas, parts)
  if (shape.types !== undefined) return shape.types.has('null')
  return shape.alternatives.some(({ options }) => options.some((option) => isOnlyNull(schemas, option)))
}

/** Whether the members of an object are called as those of requests: by a rule for all names, or each a list of texts. */
function isMap(schemas: Schemas, shape: Shape, isKnown: boolean): boolean {
  if (shape.properties.size === 0) return true
  if (!isKnown) return false
  return [...shape.properties.values()].every((parts) => {
    const { types, items } = shapeOf(schemas, parts)
    return types?.has('array') === true && shapeOf(schemas, items).types?.has('string') === true
  })
}

/** What an example says about its schema. */
function schemaOfExample(value: unknown, depth = 0): JsonObject {
  if (value === null || depth > MAX_DEPTH) return {}
  if (Array.isArray(value))
    return { type: 'array', ...(value.length > 0 ? { items: schemaOfExample(value[0], depth + 1) } : {}) }
  if (!isObject(value)) return { type: Number.isInteger(value) ? 'integer' : typeof value }
  const properties = {}
  for (const [name, child] of Object.entries(value))
    setMember(properties, name, schemaOfExample(child, depth + 1))
  return { type: 'object', properties, required: Object.keys(value) }
}
