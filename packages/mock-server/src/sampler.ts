// Values that fit a schema: built from examples and constraints, validated, and repaired where the document's
// examples and constraints contradict each other. The same seed gives the same value.

import { escapeSegment, hashText, isObject, normalizeName, setMember } from './json.js'
import { compilePattern, textMatching } from './patterns.js'
import { byFormat, byName, createRandom, type Random } from './plausible.js'
import type { Schema, Schemas } from './schemas.js'
import { type Alternatives, impliedTypes, type Shape, shapeOf } from './shape.js'
import type { SchemaError, Validation } from './validation.js'

export interface SampleOptions {
  /** What the value is a sample of; the same seed and schema give the same value. */
  readonly seed: string
  /** A value to start from, usually an example of the document. */
  readonly base?: unknown
  /** False ignores the examples inside schemas. Default true. */
  readonly examples?: boolean
  /** How a new `base` differs: only required properties are added to it. */
  readonly lean?: boolean
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
          const generator = createGenerator({ schemas, validation, repairs, ...options, lean, examples })
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

/** What has been found wrong at which JSON pointer, and what to do differently there. */
interface Repairs {
  /** Whether an example at this pointer can still be used as it is. */
  trusts(path: string): boolean
  /** How often something else must be tried here. */
  turnsAt(path: string): number
  omits(path: string): boolean
  demands(path: string): boolean
  learn(errors: readonly SchemaError[]): void
}

function createRepairs(): Repairs {
  const distrusted = new Set<string>()
  const blemished = new Set<string>()
  const turns = new Map<string, number>()
  const omitted = new Set<string>()
  const demanded = new Set<string>()

  const turn = (path: string) => {
    if (distrusted.has(path)) turns.set(path, (turns.get(path) ?? 0) + 1)
    distrusted.add(path)
    for (let at = path; !blemished.has(at); at = at.slice(0, at.lastIndexOf('/'))) {
      blemished.add(at)
      if (at === '') break
    }
    // What cannot be made right may still be left out.
    if ((turns.get(path) ?? 0) > 6) omitted.add(path)
  }
  const touch = (path: string, set: Set<string>) => {
    set.add(path)
    distrusted.add(path)
    for (let at = path; at !== ''; at = at.slice(0, at.lastIndexOf('/'))) blemished.add(at)
    blemished.add('')
  }
  return {
    trusts: (path) => !blemished.has(path),
    turnsAt: (path) => turns.get(path) ?? 0,
    omits: (path) => omitted.has(path) && !demanded.has(path),
    demands: (path) => demanded.has(path),
    learn(errors) {
      // The errors inside an alternative say only why that one did not fit.
      const choices = new Set(
        errors
          .filter(({ keyword }) => keyword === 'oneOf' || keyword === 'anyOf')
          .map((error) => error.instancePath),
      )
      const isInside = (path: string) =>
        [...choices].some((choice) => path === choice || path.startsWith(`${choice}/`))
      for (const error of errors) {
        const { keyword, instancePath: path, params } = error
        const extra = params.additionalProperty ?? params.unevaluatedProperty
        const missing = params.missingProperty
        if (choices.has(path) && (keyword === 'oneOf' || keyword === 'anyOf')) turn(path)
        else if (isInside(path)) continue
        else if (typeof extra === 'string') touch(`${path}/${escapeSegment(extra)}`, omitted)
        else if (typeof missing === 'string') touch(`${path}/${escapeSegment(missing)}`, demanded)
        else if (keyword === 'false schema') touch(path, omitted)
        else turn(path)
      }
    },
  }
}

const OMIT = Symbol('left out')

interface GeneratorOptions extends SampleOptions {
  readonly schemas: Schemas
  readonly validation: Validation
  readonly repairs: Repairs
  readonly lean: boolean
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
    const fits = own === undefined || validation.ofSchema({ allOf: own })(chosen).length === 0
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
        return makeString(shape, at, random, turns)
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
    const wanted = lean ? least : Math.max(hints.length > 0 ? hints.length : usual, tuple)
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

function fitsType(types: ReadonlySet<string>, value: unknown): boolean {
  if (Array.isArray(value)) return types.has('array')
  return types.has(typeof value) || (typeof value === 'number' && types.has('integer'))
}

const TYPE_ORDER = ['object', 'array', 'string', 'integer', 'number', 'boolean', 'null']

function typesInOrder(shape: Shape): readonly string[] {
  const types = shape.types ?? impliedTypes(shape)
  if (types === undefined) return ['any']
  const named = TYPE_ORDER.filter((type) => types.has(type) && !(type === 'integer' && types.has('number')))
  const implied = shape.types === undefined ? undefined : impliedTypes(shape)
  return named.sort((a, b) => Number(implied?.has(b) ?? false) - Number(implied?.has(a) ?? false))
}

/** One of the listed values: the first that is not null, another one with every turn. */
function makeValue(shape: Shape, values: readonly unknown[], turns: number): unknown {
  const fitting = values.filter(
    (value) => shape.types === undefined || value === null || fitsType(shape.types, value),
  )
  const usable = fitting.length > 0 ? fitting : values
  const ordered = [...usable.filter((value) => value !== null), ...usable.filter((value) => value === null)]
  return structuredClone(ordered[turns % ordered.length])
}

function makeString(shape: Shape, { name }: At, random: Random, turns: number): string {
  const minLength = Math.min(shape.low.get('minLength') ?? 0, 100_000)
  const maxLength = Math.min(shape.high.get('maxLength') ?? 100_000, 100_000)
  const fits = (text: string) =>
    text.length >= minLength &&
    text.length <= maxLength &&
    shape.patterns.every((pattern) => compilePattern(pattern).test(text))
  const format = shape.format === undefined ? undefined : byFormat.get(shape.format)
  const natural = format === undefined ? byName(name, random) : format(random)
  if (turns < 3 && fits(natural)) return natural
  for (let tries = 0; tries < 12 && shape.patterns.length > 0; tries++) {
    const pattern = shape.patterns[(turns + tries) % shape.patterns.length] ?? ''
    const text = textMatching(pattern, random, { minLength, maxLength })
    if (text !== undefined && fits(text)) return text
  }
  if (shape.patterns.length > 0)
    return textMatching(shape.patterns[0] ?? '', random, { minLength, maxLength }) ?? natural
  if (format !== undefined && turns < 3 && natural.length <= maxLength) return natural.padEnd(minLength, '0')
  return natural.slice(0, maxLength).padEnd(minLength, 'abcdefghij')
}

function makeNumber(shape: Shape, name: string, whole: boolean, random: Random, turns: number): number {
  const step =
    shape.multiples.length > 0 ? shape.multiples.reduce((a, b) => (a % b === 0 ? a : a * b)) : whole ? 1 : 0
  const floor = shape.low.get('minimum')
  const above = shape.low.get('exclusiveMinimum')
  const ceiling = shape.high.get('maximum')
  const below = shape.high.get('exclusiveMaximum')
  const low = Math.max(floor ?? Number.NEGATIVE_INFINITY, above ?? Number.NEGATIVE_INFINITY)
  const high = Math.min(ceiling ?? Number.POSITIVE_INFINITY, below ?? Number.POSITIVE_INFINITY)
  const natural = /lat/.test(name) ? 38.7 : /lo?ng/.test(name) ? -9.1 : Math.ceil(random() * 100)
  const start = Number.isFinite(low) ? low : Number.isFinite(high) ? Math.min(high, 100) - 99 : 1
  let value =
    natural >= low && natural <= high
      ? natural
      : start + Math.floor(random() * Math.min(100, Math.max(0, Number.isFinite(high) ? high - start : 100)))
  if (step > 0) {
    value = Math.ceil(value / step) * step
    if (value > high) value = Math.floor(high / step) * step
    if (value === above || value < low) value += step
    if (value === below || value > high) value -= step
    // 0.1 * 3 is not a multiple of 0.1.
    const decimals = (String(step).split('.')[1] ?? '').length
    return Number((value + step * (turns % 3 === 2 ? 1 : 0)).toFixed(decimals))
  }
  if (value <= (above ?? Number.NEGATIVE_INFINITY)) value = Number.isFinite(high) ? (low + high) / 2 : low + 1
  if (value >= (below ?? Number.POSITIVE_INFINITY)) value = Number.isFinite(low) ? (low + high) / 2 : high - 1
  return Math.min(Math.max(value, low), high)
}
