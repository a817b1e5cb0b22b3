// Makes objects: the required properties, those worth showing, and as many as the bounds ask for.

import { escapeSegment, isObject, normalizeName, setMember } from '../json.js'
import { isMarked } from '../schema/access.js'
import type { Schema } from '../schema/schema.js'
import { type Shape, shapeOf } from '../schema/shape.js'
import { type Generation, OMIT, type Position } from './generation.js'
import { textMatching } from './pattern-text.js'
import { byName, type Random } from './plausible.js'

/** Up to this depth and this number of values, optional properties are added as well. */
const MAX_RICH_DEPTH = 6
const MAX_RICH_NODES = 400
/** Of more members than this only some show what an object is like. */
const [MAX_DESCRIBED, SHOWN_OF_MANY] = [200, 100]
/** More properties are not made, whatever `minProperties` asks for. */
const MAX_FILLED = 200

/** To test so many patterns takes as long as to read one schema. */
const TESTS_PER_READ = 10

/** Names of members that report errors. */
export const FAILURES = new Set(['error', 'errors'])

/** An object under construction. */
interface Draft {
  readonly generation: Generation
  readonly shape: Shape
  readonly position: Position
  readonly value: Record<string, unknown>
  readonly hints: Readonly<Record<string, unknown>>
  readonly isRich: boolean
}

export function makeObject(
  generation: Generation,
  shape: Shape,
  position: Position,
  random: Random,
): Record<string, unknown> {
  const isRich =
    !generation.requiredOnly && position.depth < MAX_RICH_DEPTH && generation.nodes < MAX_RICH_NODES
  const hints = isObject(position.hint) ? position.hint : {}
  const draft: Draft = { generation, shape, position, value: {}, hints, isRich }
  addDescribed(draft)
  for (const name of shape.required) addMissing(draft, name, false)
  addDependent(draft)
  for (const name of Object.keys(hints)) if (!shape.properties.has(name)) addMissing(draft, name, true)
  fillUp(draft, random)
  return draft.value
}

const pathOf = ({ position }: Draft, name: string): string => `${position.path}/${escapeSegment(name)}`

function addMember(draft: Draft, name: string, isOptional: boolean): void {
  const { generation, shape, position, hints, value } = draft
  const path = pathOf(draft, name)
  if (generation.feedback.mustDrop(path)) return
  const conjunction = schemasOf(generation, shape, name)
  if (conjunction.includes(false)) return
  const hint = Object.hasOwn(hints, name) ? hints[name] : undefined
  const depth = position.depth + 1
  const child = { ...position, path, depth, hint, isOptional, name: normalizeName(name) }
  const made = generation.make(conjunction, child)
  if (made !== OMIT) setMember(value, name, made)
}

function addMissing(draft: Draft, name: string, isOptional: boolean): void {
  if (!Object.hasOwn(draft.value, name)) addMember(draft, name, isOptional)
}

/** Adds the properties that the schema describes, as far as they are required or wanted. */
function addDescribed(draft: Draft): void {
  const { shape, generation } = draft
  const forbidden = forbiddenBy(shape)
  let room = shape.properties.size > MAX_DESCRIBED ? SHOWN_OF_MANY : MAX_DESCRIBED
  for (const [name, conjunction] of shape.properties) {
    const isRequired = shape.required.has(name) || generation.feedback.mustHave(pathOf(draft, name))
    const isGiven = Object.hasOwn(draft.hints, name)
    if (!isRequired && !isGiven && (room <= 0 || !isWanted(draft, name, conjunction, forbidden))) continue
    room -= 1
    addMember(draft, name, !isRequired)
  }
}

/** Names that a `not: { required: … }` forbids together: leaving out the first of them is enough. */
const forbiddenBy = (shape: Shape): ReadonlySet<unknown> =>
  new Set(
    shape.not.flatMap((schema) =>
      isObject(schema) && Array.isArray(schema.required) ? schema.required.slice(0, 1) : [],
    ),
  )

/** Whether an optional property is added that nothing gives a value for. */
function isWanted(
  { generation, position, isRich }: Draft,
  name: string,
  conjunction: readonly Schema[],
  forbidden: ReadonlySet<unknown>,
): boolean {
  if (!isRich || forbidden.has(name)) return false
  if (generation.isSuccess && position.path === '' && FAILURES.has(normalizeName(name))) return false
  const { schemas } = generation
  return !conjunction.some(
    (schema) => (isObject(schema) && schema.deprecated === true) || isMarked(schemas, schema, 'writeOnly'),
  )
}

/** Adds what `dependentRequired` asks for. */
function addDependent(draft: Draft): void {
  for (const dependencies of draft.shape.dependencies) {
    for (const [name, needed] of Object.entries(dependencies)) {
      if (!Object.hasOwn(draft.value, name) || !Array.isArray(needed)) continue
      for (const need of needed) addMissing(draft, String(need), false)
    }
  }
}

/** Adds what `minProperties` asks for, and one entry to a map that would otherwise be empty. */
function fillUp(draft: Draft, random: Random): void {
  const { shape, value, isRich } = draft
  const fewest = Math.max(shape.low.get('minProperties') ?? 0, isRich && isMap(shape) ? 1 : 0)
  const least = Math.min(fewest, MAX_FILLED)
  const most = shape.high.get('maxProperties') ?? Number.POSITIVE_INFINITY
  const isFull = () => Object.keys(value).length >= Math.min(least, most)
  for (const name of shape.properties.keys()) {
    if (isFull()) break
    addMissing(draft, name, false)
  }
  const newName = isFull() ? undefined : namesOf(draft, random)
  for (let i = 0; newName !== undefined && !isFull() && i < least + 20; i++)
    addMissing(draft, newName(i), false)
  if (Object.keys(value).length <= most) return
  const optional = Object.keys(value).filter((name) => !shape.required.has(name))
  while (Object.keys(value).length > most && optional.length > 0) delete value[optional.pop() ?? '']
}

const isMap = ({ properties, nameRules }: Shape): boolean =>
  properties.size === 0 && nameRules.some(({ others, patterns }) => isObject(others) || patterns.length > 0)

/** Makes names for entries of a map, as its patterns and `propertyNames` allow: of many patterns one after the other. */
function namesOf({ generation: { schemas }, shape }: Draft, random: Random): (index: number) => string {
  const rule = shape.nameSchemas.length > 0 ? shapeOf(schemas, shape.nameSchemas) : undefined
  const { values } = rule ?? {}
  if (values !== undefined) return (index) => String(values[index % values.length])
  const allowed = rule?.patterns.slice(0, 1) ?? []
  const patterns =
    allowed.length > 0
      ? allowed
      : shape.nameRules.flatMap((one) =>
          one.patterns.flatMap(([source, value]) => (value === false ? [] : source)),
        )
  return (index) => {
    const pattern = patterns[index % patterns.length]
    const text = pattern === undefined ? undefined : textMatching(pattern, random)
    return text ?? `${byName('key', random)}${index === 0 ? '' : index}`
  }
}

/** All schemas that apply to a property: its own, and what every level says of names that it does not list. */
function schemasOf(generation: Generation, shape: Shape, name: string): readonly Schema[] {
  const { compiled } = generation.schemas.patterns
  const found = [...(shape.properties.get(name) ?? [])]
  for (const { names, patterns, others } of shape.nameRules) {
    generation.reads += patterns.length / TESTS_PER_READ
    const matching = patterns.filter(([pattern]) => compiled(pattern).test(name)).map(([, schema]) => schema)
    found.push(...matching)
    if (matching.length === 0 && !names.has(name) && others !== true) found.push(others)
  }
  return found
}
