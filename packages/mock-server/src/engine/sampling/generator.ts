// Makes one value from the examples and constraints of a schema. It may be wrong: the sampler validates it.

import { isObject } from '../json.js'
import type { Schema } from '../schema/schema.js'
import type { Shape } from '../schema/shape.js'
import { isRecursive, resolveAlternatives, setDiscriminator } from './alternatives.js'
import type { Feedback } from './feedback.js'
import { type Generation, OMIT, type Position, randomAt } from './generation.js'
import { setKind } from './kinds.js'
import { makeObject } from './objects.js'
import { byName, type Random } from './plausible.js'
import { commonMultiple, isUnspecified, makeListed, makeNumber, makeString, typesInOrder } from './scalars.js'

const MAX_DEPTH = 24
/** Deeper than this, optional values are left out. */
const MAX_OPTIONAL_DEPTH = 12
/** A required value that repeats its schema more often than this has no end, or ends with null. */
const MAX_REPEATS = 3
const MAX_NODES = 2_000
const MAX_READS = 10_000
/** To read so many schemas takes as long as to make one value. */
const READS_PER_NODE = 20
const MAX_ITEMS = 1_000
const MAX_TRIES = 12

/** A value, and how many values it took to make it. */
export interface Generated {
  readonly value: unknown
  readonly nodes: number
}

export function generate(
  options: Omit<Generation, 'feedback' | 'nodes' | 'reads' | 'make'>,
  feedback: Feedback,
  schema: Schema,
  base: unknown,
): Generated {
  const { schemas, validation, seed, requiredOnly, usesExamples, keepsItems, isSuccess } = options
  const generation: Generation = {
    // Listed and not spread: a spread makes an object that V8 is slow to read, which costs a fifth of the time.
    schemas,
    validation,
    feedback,
    seed,
    requiredOnly,
    usesExamples,
    keepsItems,
    isSuccess,
    nodes: 0,
    reads: 0,
    make: (conjunction, position) => make(generation, conjunction, position, []),
  }
  const root = { path: '', depth: 0, links: new Map(), hint: base, isOptional: false, name: '' }
  const value = generation.make([schema], root)
  return { value, nodes: generation.nodes + generation.reads / READS_PER_NODE }
}

function make(
  generation: Generation,
  conjunction: readonly Schema[],
  position: Position,
  handled: readonly unknown[],
): unknown {
  const { feedback } = generation
  const { path, isOptional } = position
  const attempt = feedback.attemptAt(path)
  const { shape, chosen } = resolveAlternatives(generation, conjunction, position, attempt)
  if (isOptional && isBetterLeftOut(shape, position)) return OMIT
  generation.nodes += 1
  if (isSpent(generation) || isEndless(shape, position)) return isOptional ? OMIT : null
  // A thousand texts may be short or long, but not both many and long.
  generation.nodes += Math.min(shape.low.get('minLength') ?? 0, 100_000) / 1_000

  const hint = position.hint ?? (generation.usesExamples ? exampleOf(shape, attempt) : undefined)
  if (hint !== undefined && feedback.trusts(path)) return structuredClone(hint)
  const links = countLinks(position.links, shape.links)
  const here: Position = { ...position, links, hint: attempt > 2 ? undefined : hint }
  const value = makeByType(generation, shape, here, randomAt(generation, path, attempt), attempt)
  if (isObject(value)) {
    setKind(generation, shape, here, value)
    setDiscriminator(generation, value, chosen, path)
  }

  const condition = shape.conditions.find((candidate) => !handled.includes(candidate))
  if (condition === undefined) return value
  const implied = impliedBy(generation, condition, value)
  return make(generation, [...conjunction, ...implied], position, [...handled, condition])
}

const isSpent = ({ nodes, reads }: Generation): boolean => nodes > MAX_NODES || reads > MAX_READS

const isEndless = (shape: Shape, { links, depth }: Position): boolean =>
  depth > MAX_DEPTH || isRecursive(shape, links, MAX_REPEATS)

const isBetterLeftOut = (shape: Shape, { links, depth }: Position): boolean =>
  isRecursive(shape, links) || shape.impossible || depth > MAX_OPTIONAL_DEPTH

function countLinks(above: Position['links'], followed: readonly string[]): Position['links'] {
  if (followed.length === 0) return above
  const links = new Map(above)
  for (const link of followed) links.set(link, (links.get(link) ?? 0) + 1)
  return links
}

const exampleOf = ({ examples, defaults, values }: Shape, attempt: number): unknown =>
  examples[attempt % Math.max(1, examples.length)] ??
  defaults.find((value) => values === undefined || !isUnspecified(value))

/** The schemas that an `if` adds for a value. */
function impliedBy({ validation }: Generation, condition: Readonly<Record<string, unknown>>, value: unknown) {
  const holds = validation.ofSchema(condition.if as Schema)(value).length === 0
  const branch = condition[holds ? 'then' : 'else'] as Schema | undefined
  // The condition must still hold once its consequence is added.
  return [...(branch === undefined ? [] : [branch]), ...(holds ? [condition.if as Schema] : [])]
}

type Maker = (
  generation: Generation,
  shape: Shape,
  position: Position,
  random: Random,
  attempt: number,
) => unknown

const MAKERS: ReadonlyMap<string | undefined, Maker> = new Map<string, Maker>([
  ['object', makeObject],
  ['array', makeArray],
  ['string', makeText],
  ['integer', makeInteger],
  ['number', (_, shape, { name }, random, attempt) => makeNumber(shape, name, false, random, attempt)],
  ['boolean', (_generation, _shape, _position, _random, attempt) => attempt % 2 === 0],
  ['null', () => null],
])

/** The `index` of an entry is where it stands: clients put parts together by it. */
function makeInteger(
  _: Generation,
  shape: Shape,
  { name, path }: Position,
  random: Random,
  attempt: number,
): unknown {
  const place = name === 'index' && attempt === 0 ? /\/(\d+)\/[^/]+$/.exec(path)?.[1] : undefined
  return place === undefined ? makeNumber(shape, name, true, random, attempt) : Number(place)
}

function makeText(...[generation, shape, position, random, attempt]: Parameters<Maker>): string {
  if (shape.contents.length === 0)
    return makeString(generation.schemas.patterns, shape, position.name, random, attempt)
  const content = generation.make(shape.contents, { ...position, hint: undefined, isOptional: false })
  return JSON.stringify(content === OMIT ? null : content)
}

const makeAny: Maker = (_, _shape, { hint, name }, random) =>
  (typeof hint === 'object' ? hint : undefined) ?? byName(name, random)

const makeByType: Maker = (generation, shape, position, random, attempt) => {
  if (shape.values !== undefined) return makeListed(shape, shape.values, attempt)
  const types = typesInOrder(shape)
  const maker = MAKERS.get(types[attempt % types.length]) ?? makeAny
  return maker(generation, shape, position, random, attempt)
}

function makeArray(generation: Generation, shape: Shape, position: Position): unknown[] {
  const hints = Array.isArray(position.hint) ? position.hint : []
  const least = leastItems(shape)
  const count = itemCount(generation, shape, position, hints.length)
  const value: unknown[] = []
  const seen = new Set<string>()
  for (let i = 0; i < count; i++) {
    const path = `${position.path}/${i}`
    const isOptional = i >= least
    const conjunction = schemasOfItem(shape, i)
    if (conjunction.includes(false) || (isOptional && generation.feedback.mustDrop(path))) break
    const child: Position = { ...position, path, depth: position.depth + 1, hint: hints[i], isOptional }
    const item = shape.uniqueItems
      ? makeDistinct(generation, conjunction, child, seen, i)
      : generation.make(conjunction, child)
    if (item === OMIT) break
    value.push(item)
  }
  return value
}

/** A list that must be longer than any that is made is made short: none of them would do, and a short one shows its form. */
function leastItems({ low }: Shape): number {
  const least = low.get('minItems') ?? 0
  return least > MAX_ITEMS ? 0 : least
}

function itemCount(generation: Generation, shape: Shape, { depth }: Position, hints: number): number {
  const least = leastItems(shape)
  const most = shape.high.get('maxItems') ?? Number.POSITIVE_INFINITY
  const tuple = shape.prefixItems.length
  const usual = shape.items.includes(false) ? tuple : depth < 2 ? 2 : 1
  // A base keeps its items: a list of errors without its items would say that there are no errors.
  const fewest = generation.keepsItems ? Math.max(least, hints) : least
  const wanted = generation.requiredOnly ? fewest : Math.max(hints > 0 ? hints : usual, tuple)
  return Math.min(Math.max(wanted, least), most)
}

function schemasOfItem({ prefixItems, items, contains }: Shape, index: number): readonly Schema[] {
  const prefix = prefixItems[index]
  return [...(prefix === undefined ? items : [prefix]), ...contains.slice(index, index + 1)]
}

/** An item that is not in the list yet, if some tries find one; an optional item is left out otherwise. */
function makeDistinct(
  generation: Generation,
  conjunction: readonly Schema[],
  position: Position,
  seen: Set<string>,
  index: number,
): unknown {
  let item = generation.make(conjunction, position)
  let shape: Shape | undefined
  for (let tries = 0; tries < MAX_TRIES && seen.has(JSON.stringify(item)); tries++) {
    // Without alternatives, each try reads the same.
    if (shape?.alternatives.length !== 0)
      ({ shape } = resolveAlternatives(generation, conjunction, position, tries))
    const random = randomAt(generation, position.path, 100 + tries)
    item = makeByType(generation, shape, { ...position, hint: undefined }, random, tries + index)
  }
  if (shape !== undefined && seen.has(JSON.stringify(item)))
    item = unseenLike(shape, item, index, seen) ?? item
  const text = JSON.stringify(item)
  if (position.isOptional && seen.has(text)) return OMIT
  seen.add(text)
  return item
}

/** A further value of the kind that a list has, where random ones repeat: a long list needs more than there are words. */
function unseenLike(shape: Shape, item: unknown, index: number, seen: ReadonlySet<string>): unknown {
  const isRuled = shape.values !== undefined || shape.not.length > 0
  if (!isRuled && typeof item === 'number') return unseenNumber(shape, item, seen)
  const text = `${item}-${index + 1}`
  return !isRuled && typeof item === 'string' && isFreeText(shape, text) ? text : undefined
}

const isFreeText = ({ patterns, format, contents, high }: Shape, text: string): boolean =>
  format === undefined &&
  patterns.length === 0 &&
  contents.length === 0 &&
  text.length <= (high.get('maxLength') ?? Number.POSITIVE_INFINITY)

function unseenNumber(
  { multiples, high }: Shape,
  item: number,
  seen: ReadonlySet<string>,
): number | undefined {
  const step = multiples.reduce(commonMultiple, 1)
  const most = high.get('maximum') ?? Number.POSITIVE_INFINITY
  const end = high.get('exclusiveMaximum') ?? Number.POSITIVE_INFINITY
  for (let i = 1; i <= MAX_ITEMS; i++) {
    const number = item + i * step
    if (number > most || number >= end) return undefined
    if (!seen.has(JSON.stringify(number))) return number
  }
  return undefined
}
