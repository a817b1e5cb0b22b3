// Values that fit a schema: built from examples and constraints, validated, and repaired where the document's
// examples and constraints contradict each other. The same seed gives the same value.

import { escapeSegment, hashText, isObject, normalizeName, setMember } from '../json.js'
import { compilePattern } from '../schema/patterns.js'
import type { Schema } from '../schema/schema.js'
import type { Schemas } from '../schema/schemas.js'
import { type Alternatives, type Shape, shapeOf } from '../schema/shape.js'
import type { SchemaError, Validation } from '../schema/validation.js'
import { textMatching } from './pattern-text.js'
import { byName, createRandom, type Random } from './plausible.js'
import { createRepairs, type Repairs } from './repairs.js'
import { fitsType, makeNumber, makeString, makeValue, typesInOrder } from './scalars.js'

export interface SampleOptions {
  /** What the value is a sample of; the same seed and schema give the same value. */
  readonly seed: string
  /** A value to start from, usually an example of the document. */
  readonly base?: unknown
  /** False ignores the examples inside schemas. Default true. */
  readonly examples?: boolean
  /** How a new `base` differs: only required properties are added to it. */
  readonly lean?: boolean
  /** Leaves out what would tell of errors, where it may be left out. */
  readonly isSuccess?: boolean
}

export interface Sample {
  readonly value: unknown
  /** What is still wrong with it; empty unless the schema contradicts itself. */
  readonly errors: readonly SchemaError[]
}

export interface Sampler {
  sample(schema: Schema, options: SampleOptions): Sample
}

const MAX_ROUNDS = 24
const MAX_DEPTH = 24
const MAX_NODES = 2_000
const RICH_NODES = 400
const DEADLINE_MS = 40
/** Members that tell of errors. */
export const FAILURES = new Set(['error', 'errors'])

export function createSampler(schemas: Schemas, validation: Validation): Sampler {
  return {
    sample(schema, options) {
      const validate = validation.ofSchema(schema)
      if (options.base !== undefined) {
        const errors = validate(options.base)
        if (errors.length === 0) return { value: options.base, errors }
      }
      const deadline = performance.now() + DEADLINE_MS
      let best: Sample | undefined
      for (const lean of options.lean ? [true] : [false, true]) {
        const repairs = createRepairs()
        // Where a full sample did not work out, its examples are what is in the way.
        const examples = options.examples !== false && lean === (options.lean ?? false)
        for (let round = 0; round < MAX_ROUNDS; round++) {
          const keepsItems = options.lean === true
          const parts = { schemas, validation, repairs, ...options, lean, examples, keepsItems }
          const generator = createGenerator(parts)
          const made = generator(schema)
          const value = made === OMIT ? null : made
          const errors = validate(value)
          if (best === undefined || errors.length < best.errors.length) best = { value, errors: [...errors] }
          if (errors.length === 0) return best
          if (performance.now() > deadline && (round > 0 || lean)) break
          repairs.learn(errors)
        }
      }
      return best ?? { value: null, errors: [] }
    },
  }
}

const OMIT = Symbol('left out')

interface GeneratorOptions extends SampleOptions {
  readonly schemas: Schemas
  readonly validation: Validation
  readonly repairs: Repairs
  readonly lean: boolean
  /** Whether a list in a base keeps all its entries. */
  readonly keepsItems: boolean
}

interface At {
  readonly path: string
  readonly depth: number
  /** Links between here and the root, with how often each was followed. */
  readonly links: ReadonlyMap<string, number>
  /** Part of an example that a value further up was started from. */
  readonly hint: unknown
  /** Whether the value may be left out when it would only repeat what is above it. */
  readonly optional: boolean
  /** The nearest property name. */
  readonly name: string
}

function createGenerator(options: GeneratorOptions): (schema: Schema) => unknown {
  const { schemas, validation, repairs, lean } = options
  const seed = hashText(options.seed)
  const useExamples = options.examples !== false
  let nodes = 0

  const randomAt = (path: string, turns: number): Random => createRandom(hashText(path, seed + turns * 7919))

  const make = (conjunction: readonly Schema[], at: At, handled: readonly unknown[] = []): unknown => {
    const turns = repairs.turnsAt(at.path)
    const { shape, alternative } = choose(conjunction, at, turns)
    const recursive = shape.links.some((link) => (at.links.get(link) ?? 0) >= 1)
    if (at.optional && (recursive || shape.impossible || at.depth > 12)) return OMIT
    if (++nodes > MAX_NODES || at.depth > MAX_DEPTH) return at.optional ? OMIT : null
    // A thousand texts may be short or long, but not both many and long.
    nodes += Math.min(shape.low.get('minLength') ?? 0, 100_000) / 1_000
    const links = new Map(at.links)
    for (const link of shape.links) links.set(link, (links.get(link) ?? 0) + 1)

    const random = randomAt(at.path, turns)
    const fromSchema = useExamples
      ? (shape.examples[turns % Math.max(1, shape.examples.length)] ?? shape.defaults[0])
      : undefined
    const hint = at.hint ?? fromSchema
    if (hint !== undefined && repairs.trusts(at.path)) return structuredClone(hint)

    const here: At = { ...at, links, hint: turns > 2 ? undefined : hint }
    const value = makeShape(shape, here, random, turns)
    if (isObject(value)) markAlternative(value, alternative, here)
    const condition = shape.conditions.find((candidate) => !handled.includes(candidate))
    if (condition === undefined) return value
    const holds = validation.ofSchema(condition.if as Schema)(value).length === 0
    const branch = condition[holds ? 'then' : 'else'] as Schema | undefined
    const further = branch === undefined ? [] : [branch]
    // A condition that holds must go on holding once its consequence is added.
    const kept = holds ? [condition.if as Schema] : []
    return make([...conjunction, ...further, ...kept], at, [...handled, condition])
  }

  /** Decides every `oneOf` and `anyOf` of a conjunction, another way with every turn. */
  const choose = (conjunction: readonly Schema[], at: At, turns: number) => {
    const decided = new Set<readonly Schema[]>()
    let parts = [...conjunction]
    let left = turns
    let alternative: { readonly link: string; readonly of: Alternatives } | undefined
    let shape = shapeOf(schemas, parts)
    for (let i = 0; i < 24; i++) {
      const open = shape.alternatives.find(({ options: list }) => !decided.has(list))
      if (open === undefined) break
      decided.add(open.options)
      const ranked = rank(open.options, parts, at)
      const option = ranked[left % ranked.length] ?? true
      left = Math.floor(left / ranked.length)
      parts = [...parts, option]
      const before = shape.links.length
      shape = shapeOf(schemas, parts)
      const link = shape.links[before]
      if (open.discriminator !== undefined && link !== undefined) alternative = { link, of: open }
    }
    return { shape, alternative }
  }

  const rank = (list: readonly Schema[], parts: readonly Schema[], at: At): readonly Schema[] => {
    const scored = list.map((option, index) => {
      const own = shapeOf(schemas, [option])
      const joint = shapeOf(schemas, [...parts, option])
      const isNull = own.types?.size === 1 && own.types.has('null')
      const repeats = joint.links.some((link) => (at.links.get(link) ?? 0) >= 1)
      const misfit =
        at.hint !== undefined && at.hint !== null && own.types !== undefined && !fitsType(own.types, at.hint)
      const score = (joint.impossible ? 8 : 0) + (repeats ? 4 : 0) + (isNull ? 2 : 0) + (misfit ? 1 : 0)
      return { option, index, score }
    })
    const best = scored.filter(({ score }) => score < 8)
    const usable = best.length > 0 ? best : scored
    return usable.sort((a, b) => a.score - b.score || a.index - b.index).map(({ option }) => option)
  }

  const markAlternative = (
    value: Record<string, unknown>,
    alternative: { readonly link: string; readonly of: Alternatives } | undefined,
    at: At,
  ) => {
    const discriminator = alternative?.of.discriminator
    const property = discriminator?.property
    if (alternative === undefined || typeof property !== 'string' || repairs.turnsAt(at.path) % 2 === 1)
      return
    const values = discriminator?.values as Record<string, string>
    const chosen = Object.hasOwn(values, alternative.link)
      ? values[alternative.link]
      : schemas.nameOf(alternative.link)
    const own = shapeOf(schemas, [schemas.target(alternative.link)]).properties.get(property)
    const fits = own === undefined || validation.fitsAll(chosen, own)
    if (fits && repairs.trusts(`${at.path}/${escapeSegment(property)}`)) setMember(value, property, chosen)
  }

  const makeShape = (shape: Shape, at: At, random: Random, turns: number): unknown => {
    if (shape.values !== undefined) return makeValue(shape, shape.values, turns)
    const types = typesInOrder(shape)
    const type = types[turns % types.length]
    switch (type) {
      case 'object':
        return makeObject(shape, at, random)
      case 'array':
        return makeArray(shape, at)
      case 'string':
        return makeString(shape, at.name, random, turns)
      case 'integer':
      case 'number':
        return makeNumber(shape, at.name, type === 'integer', random, turns)
      case 'boolean':
        return turns % 2 === 0
      case 'null':
        return null
      default:
        return typeof at.hint === 'object' ? (at.hint ?? byName(at.name, random)) : byName(at.name, random)
    }
  }

  const makeObject = (shape: Shape, at: At, random: Random): unknown => {
    const value: Record<string, unknown> = {}
    const hints = isObject(at.hint) ? at.hint : {}
    const forbidden = new Set(
      shape.not.flatMap((schema) =>
        isObject(schema) && Array.isArray(schema.required) ? schema.required.slice(0, 1) : [],
      ),
    )
    const rich = !lean && at.depth < 6 && nodes < RICH_NODES
    const add = (name: string, optional: boolean): void => {
      const path = `${at.path}/${escapeSegment(name)}`
      if (repairs.omits(path)) return
      const conjunction = schemasOf(shape, name)
      if (conjunction.includes(false)) return
      const hint = Object.hasOwn(hints, name) ? hints[name] : undefined
      const child = make(conjunction, {
        ...at,
        path,
        depth: at.depth + 1,
        hint,
        optional,
        name: normalizeName(name),
      })
      if (child !== OMIT) setMember(value, name, child)
    }
    const isWanted = (name: string, conjunction: readonly Schema[]): boolean => {
      if (repairs.demands(`${at.path}/${escapeSegment(name)}`) || Object.hasOwn(hints, name)) return true
      if (!rich || forbidden.has(name)) return false
      if (options.isSuccess === true && at.path === '' && FAILURES.has(normalizeName(name))) return false
      return !conjunction.some(
        (schema) => isObject(schema) && (schema.deprecated === true || schema.writeOnly === true),
      )
    }
    for (const [name, conjunction] of shape.properties) {
      const required = shape.required.has(name)
      if (required || isWanted(name, conjunction))
        add(name, !required && !repairs.demands(`${at.path}/${escapeSegment(name)}`))
    }
    for (const name of shape.required) if (!Object.hasOwn(value, name)) add(name, false)
    for (const names of shape.dependencies) {
      for (const [name, needs] of Object.entries(names)) {
        if (!Object.hasOwn(value, name) || !Array.isArray(needs)) continue
        for (const need of needs) if (!Object.hasOwn(value, String(need))) add(String(need), false)
      }
    }
    for (const name of Object.keys(hints))
      if (!Object.hasOwn(value, name) && !shape.properties.has(name)) add(name, true)
    fillUp(shape, value, add, random, rich)
    return value
  }

  /** Adds what `minProperties` asks for, and one entry to a map that would otherwise be empty. */
  const fillUp = (
    shape: Shape,
    value: Record<string, unknown>,
    add: (name: string, optional: boolean) => void,
    random: Random,
    rich: boolean,
  ) => {
    const isMap =
      shape.properties.size === 0 &&
      shape.nameRules.some(({ others, patterns }) => isObject(others) || patterns.length > 0)
    const least = Math.min(Math.max(shape.low.get('minProperties') ?? 0, isMap && rich ? 1 : 0), 200)
    const most = shape.high.get('maxProperties') ?? Number.POSITIVE_INFINITY
    for (const name of shape.properties.keys()) {
      if (Object.keys(value).length >= Math.min(least, most)) break
      if (!Object.hasOwn(value, name)) add(name, false)
    }
    for (let i = 0; Object.keys(value).length < Math.min(least, most) && i < least + 20; i++)
      add(newName(shape, i, random), false)
    const optional = Object.keys(value).filter((name) => !shape.required.has(name))
    while (Object.keys(value).length > most && optional.length > 0) delete value[optional.pop() ?? '']
  }

  const newName = (shape: Shape, index: number, random: Random): string => {
    const rule = shape.nameSchemas.length > 0 ? shapeOf(schemas, shape.nameSchemas) : undefined
    if (rule?.values !== undefined) return String(rule.values[index % rule.values.length])
    const pattern =
      rule?.patterns[0] ?? shape.nameRules.flatMap(({ patterns }) => patterns.map(([source]) => source))[0]
    const text = pattern === undefined ? undefined : textMatching(pattern, random)
    if (text !== undefined && rule === undefined && compilePattern(pattern ?? '').test(text)) return text
    return text ?? `${byName('key', random)}${index === 0 ? '' : index}`
  }

  const makeArray = (shape: Shape, at: At): unknown[] => {
    const hints = Array.isArray(at.hint) ? at.hint : []
    const least = Math.min(shape.low.get('minItems') ?? 0, 1_000)
    const most = shape.high.get('maxItems') ?? Number.POSITIVE_INFINITY
    const tuple = shape.prefixItems.length
    const usual = shape.items.includes(false) ? tuple : at.depth < 2 ? 2 : 1
    // What is to be completed keeps its entries: a list of errors that is cut to none says that there is none.
    const fewest = options.keepsItems ? Math.max(least, hints.length) : least
    const wanted = lean ? fewest : Math.max(hints.length > 0 ? hints.length : usual, tuple)
    const count = Math.min(Math.max(wanted, least), most)
    const value: unknown[] = []
    const seen = new Set<string>()
    for (let i = 0; i < count; i++) {
      const path = `${at.path}/${i}`
      const prefix = shape.prefixItems[i]
      const contained = i < shape.contains.length ? [shape.contains[i] as Schema] : []
      const conjunction = [...(prefix === undefined ? shape.items : [prefix]), ...contained]
      if (conjunction.includes(false) || (repairs.omits(path) && i >= least)) break
      const child: At = { ...at, path, depth: at.depth + 1, hint: hints[i], optional: i >= least }
      let item = make(conjunction, child)
      for (let tries = 0; shape.uniqueItems && tries < 12 && seen.has(JSON.stringify(item)); tries++) {
        item = makeShape(
          choose(conjunction, child, tries).shape,
          { ...child, hint: undefined },
          randomAt(path, 100 + tries),
          tries + i,
        )
      }
      if (item === OMIT || (shape.uniqueItems && seen.has(JSON.stringify(item)) && i >= least)) break
      seen.add(JSON.stringify(item))
      value.push(item)
    }
    return value
  }

  return (schema) =>
    make([schema], { path: '', depth: 0, links: new Map(), hint: options.base, optional: false, name: '' })
}

/** All schemas that apply to a property: its own, and what every level says of names that it does not list. */
function schemasOf(shape: Shape, name: string): readonly Schema[] {
  const found = [...(shape.properties.get(name) ?? [])]
  for (const { names, patterns, others } of shape.nameRules) {
    const matching = patterns
      .filter(([pattern]) => compilePattern(pattern).test(name))
      .map(([, schema]) => schema)
    found.push(...matching)
    if (matching.length === 0 && !names.has(name) && others !== true) found.push(others)
  }
  return found
}
