// Reads the schema of an error, and the document's examples of it, into a shape that knows which member says what.

import { STATUS_CODES } from 'node:http'
import { isObject, type JsonObject, member, setMember } from '../json.js'
import type { Schema } from '../schema/schema.js'
import type { Schemas } from '../schema/schemas.js'
import { impliedTypes, type Shape, shapeOf } from '../schema/shape.js'
import {
  isEnvelope,
  isList,
  isOuterEnvelope,
  type Meaning,
  type MemberRole,
  meaningOf,
} from './error-members.js'
import { isCode, kindOfWord } from './error-words.js'

/** A single value. */
export interface ErrorLeaf {
  readonly kind: 'leaf'
  readonly schema: Schema
  readonly meaning: Meaning | undefined
  /** Undefined when it may be anything. */
  readonly types: ReadonlySet<string> | undefined
  readonly values: readonly unknown[] | undefined
  readonly maxLength: number | undefined
  /** Whether more than its type and values must be checked. */
  readonly isConstrained: boolean
  /** What the document's examples have here, those of the answer first. */
  readonly seen: readonly unknown[]
  /** The name of the schema around it. */
  readonly within: string
}

export interface ErrorMember {
  readonly name: string
  readonly required: boolean
  readonly nullable: boolean
  readonly node: ErrorNode
}

export interface ErrorObject {
  readonly kind: 'object'
  readonly members: readonly ErrorMember[]
  /** The members that every example of exactly this error shows; undefined when there are none. */
  readonly shown: ReadonlySet<string> | undefined
  /** Whether a member says for people what is wrong, whatever else there is. */
  readonly hasText: boolean
  /** Whether a member says where in the request something is wrong. */
  readonly hasPlace: boolean
  /** The member that says it where `hasText` is false. */
  readonly lead: string | undefined
  /** 2 for a member that is where errors are, 1 for one that may be around them, 0 for any other. */
  readonly envelope: 0 | 1 | 2
}

/** One entry for each thing that is wrong. */
export interface ErrorList {
  readonly kind: 'list'
  readonly items: ErrorNode
  readonly maxItems: number
  readonly isKnown: boolean
  /** Of a list of names: how it names the member at fault. */
  readonly meaning: Meaning | undefined
}

/** An object whose members are called as the request's are. */
export interface ErrorMap {
  readonly kind: 'map'
  readonly values: ErrorNode
  readonly isKnown: boolean
}

export interface ErrorChoice {
  readonly kind: 'choice'
  readonly options: readonly ErrorNode[]
}

export type ErrorNode = ErrorLeaf | ErrorObject | ErrorList | ErrorMap | ErrorChoice

export interface Examples {
  readonly values: readonly unknown[]
  /** Whether they are of exactly this error, and not of errors in general. */
  readonly areSpecific: boolean
}

const MAX_DEPTH = 8
const MAX_OPTIONS = 24
const MAX_NODES = 800

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
  { values, areSpecific }: Examples,
): ErrorNode {
  let nodes = 0

  const read = (conjunction: readonly Schema[], at: At, decided: readonly unknown[] = []): ErrorNode => {
    const shape = shapeOf(schemas, conjunction)
    // A schema that leads back to itself is followed once more, as the errors of nested members are.
    const isEndless = shape.links.some((link) => at.links.filter((one) => one === link).length > 1)
    if (++nodes > MAX_NODES || at.depth > MAX_DEPTH || isEndless) return { kind: 'choice', options: [] }
    const links = [...at.links, ...shape.links]
    const within = shape.links.length > 0 ? (schemas.nameOf(shape.links[0] ?? '') ?? at.within) : at.within
    const open = shape.alternatives.find(({ options }) => !decided.includes(options))
    if (open !== undefined) {
      const options = open.options
        .slice(0, MAX_OPTIONS)
        .filter((option) => !isOnlyNull(schemas, option))
        .map((option) => read([...conjunction, option], at, [...decided, open.options]))
      return options.length === 1 && options[0] !== undefined ? options[0] : { kind: 'choice', options }
    }
    return concrete(conjunction, shape, { ...at, links, within })
  }

  const concrete = (conjunction: readonly Schema[], shape: Shape, at: At): ErrorNode => {
    const types = shape.types ?? impliedTypes(shape)
    const [sample] = at.examples
    // Nothing is described: the examples are all that there is.
    if (types === undefined && shape.values === undefined && sample !== undefined && at.depth < MAX_DEPTH) {
      const inferred = schemaOfExample(sample)
      return read([inferred], { ...at, depth: at.depth + 1 })
    }
    const kinds: ErrorNode[] = []
    if (types?.has('object')) kinds.push(objectOf(shape, at))
    if (types?.has('array')) kinds.push(listOf(shape, at))
    const isScalar = types === undefined || [...types].some((type) => SCALARS.has(type))
    if (isScalar)
      kinds.push(
        leafOf(conjunction.length === 1 ? (conjunction[0] ?? true) : { allOf: [...conjunction] }, shape, at),
      )
    const [first] = kinds
    return kinds.length === 1 && first !== undefined ? first : { kind: 'choice', options: kinds }
  }

  const objectOf = (shape: Shape, at: At): ErrorNode => {
    const samples = at.examples.filter(isObject)
    const isClosed = shape.nameRules.some(({ others }) => others === false)
    const isKnown = isList(at.name)
    if (isMap(schemas, shape, isKnown) && (isKnown || samples.length === 0)) {
      const rule = shape.nameRules.flatMap(({ patterns, others }) => [
        ...patterns.map(([, value]) => value),
        others,
      ])
      const [declared] = [...shape.properties.values()].flat()
      const examples = samples.flatMap((sample) => Object.values(sample))
      const described =
        rule.find(isObject) ?? declared ?? (examples.length > 0 ? schemaOfExample(examples[0]) : true)
      const meaning: Meaning = { role: 'text' }
      const inside: At = { ...at, name: '', level: 'entry', examples, depth: at.depth + 1, meaning }
      return { kind: 'map', values: read([described], inside), isKnown }
    }
    const described = new Map<string, readonly Schema[]>(shape.properties)
    if (!isClosed)
      for (const sample of samples)
        for (const [name, value] of Object.entries(sample))
          if (!described.has(name)) described.set(name, [schemaOfExample(value)])
    const isProblem = described.has('type') && described.has('title')
    const members = [...described].map(([name, parts]): Draft => {
      const own = samples.flatMap((sample) => (Object.hasOwn(sample, name) ? [member(sample, name)] : []))
      const meaning: Meaning | undefined =
        isProblem && name === 'type' && at.level === 'top' ? { role: 'problemType' } : undefined
      const inside: At = { ...at, name, examples: own, depth: at.depth + 1, meaning }
      return {
        name,
        required: shape.required.has(name) || (shape.properties.size === 0 && !isClosed),
        nullable: allowsNull(schemas, parts),
        node: read(parts, inside),
      }
    })
    const [first, ...others] = areSpecific ? samples : []
    const inAll =
      first && Object.keys(first).filter((name) => others.every((one) => Object.hasOwn(one, name)))
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
      shown: inAll && new Set(inAll),
      hasText: members.some(({ node }) => saysText(node)),
      hasPlace: members.some(({ node }) => saysPlace(node)),
      lead: leads[0]?.name,
      envelope: isEnvelope(at.name) ? 2 : isOuterEnvelope(at.name) ? 1 : 0,
    }
  }

  const listOf = (shape: Shape, at: At): ErrorNode => {
    const own = shape.prefixItems[0]
    const isInMap = at.meaning?.role === 'text'
    const items = shape.items.length > 0 ? shape.items : own === undefined ? [true] : [own]
    const named = meaningOf(at.name, 'entry')
    const meaning =
      named?.role === 'field' && at.name.toLowerCase() === 'path' ? { role: 'segments' as const } : named
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
      items: read(items as Schema[], inside),
      maxItems: shape.high.get('maxItems') ?? Number.POSITIVE_INFINITY,
      isKnown: isList(at.name) || at.depth === 0 || isInMap,
      meaning,
    }
  }

  const leafOf = (own: Schema, shape: Shape, at: At): ErrorLeaf => {
    const types = shape.types ?? impliedTypes(shape)
    const seen = [...at.examples, ...shape.examples, ...shape.defaults]
    return {
      kind: 'leaf',
      schema: own,
      meaning: at.meaning ?? meaningOfLeaf(at, types, shape.values, seen),
      types,
      values: shape.values,
      maxLength: shape.high.get('maxLength'),
      isConstrained:
        shape.patterns.length > 0 ||
        shape.format !== undefined ||
        shape.low.size + shape.high.size + shape.not.length + shape.conditions.length > 0,
      seen,
      within: at.within,
    }
  }

  return read([schema], {
    ...{ name: '', level: 'top', examples: values, links: [], depth: 0, within: '' },
    meaning: undefined,
  })
}

const SCALARS = new Set(['string', 'integer', 'number', 'boolean'])

const isOnlyNull = (schemas: Schemas, option: Schema): boolean => {
  const { types, values } = shapeOf(schemas, [option])
  return (types?.size === 1 && types.has('null')) || (values?.length === 1 && values[0] === null)
}

function allowsNull(schemas: Schemas, parts: readonly Schema[]): boolean {
  const shape = shapeOf(schemas, parts)
  if (shape.types !== undefined) return shape.types.has('null')
  return shape.alternatives.some(({ options }) => options.some((option) => isOnlyNull(schemas, option)))
}

interface Draft extends ErrorMember {
  node: ErrorNode
}

/** What members mean because of those beside them. */
function settle(members: readonly Draft[]): void {
  const [only] = members
  if (members.length === 1 && only?.node.kind === 'object') only.node = { ...only.node, envelope: 2 }
  const error = members.find(({ name }) => name === 'error')
  if (error?.node.kind === 'leaf' && members.some(({ name }) => name === 'error_description'))
    error.node = { ...error.node, meaning: { role: 'oauthCode' } }
  const isStatus = ({ node }: Draft): boolean => node.kind === 'leaf' && node.meaning?.role === 'status'
  const isNumeric = ({ node }: Draft): boolean => node.kind === 'leaf' && node.types?.has('integer') === true
  if (!members.some((one) => isStatus(one) && isNumeric(one))) return
  for (const one of members) {
    const { node } = one
    if (node.kind === 'leaf' && isStatus(one) && !isNumeric(one) && node.seen.length === 0 && !node.values)
      one.node = { ...node, meaning: one.required ? { role: 'outcome' } : undefined }
  }
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

const isCodeText = (value: unknown): value is string => typeof value === 'string' && isCode(value)
const isWordForPrograms = (text: string): boolean =>
  isCode(text) || (/^[A-Za-z]+$/.test(text) && !STATUS_NAMES.has(text) && kindOfWord(text) !== undefined)
const STATUS_NAMES: ReadonlySet<string> = new Set(Object.values(STATUS_CODES).map(String))

function meaningOfLeaf(
  { name, level }: At,
  types: ReadonlySet<string> | undefined,
  values: readonly unknown[] | undefined,
  seen: readonly unknown[],
): Meaning | undefined {
  const isText = types === undefined || types.has('string')
  const meaning = name === '' ? { role: 'text' as const } : meaningOf(name, level)
  const isFlag = types?.has('boolean') === true && !isText
  if (isFlag) {
    const role = meaning?.role
    if (role === 'maybeText' || role === 'isError') return { role: 'isError' }
    return role === 'isSuccess' || role === 'status' ? { role: 'isSuccess' } : undefined
  }
  const isNumber = types !== undefined && (types.has('integer') || types.has('number')) && !isText
  if (isNumber) {
    const role = meaning?.role
    return role === 'code' || role === 'status'
      ? { role: 'status' }
      : role === 'retryAfter'
        ? meaning
        : undefined
  }
  const texts = [...seen, ...(values ?? [])].filter((value): value is string => typeof value === 'string')
  const areCodes = texts.length > 0 && texts.every(isWordForPrograms)
  // Beside a text, such a name is often the code: `error` in RFC 6749, section 5.2.
  if (meaning?.role === 'maybeText' && areCodes) return { role: 'code' }
  if (meaning !== undefined) return meaning
  const isAboutErrors = areCodes && texts.some((text) => kindOfWord(text) !== undefined)
  return isAboutErrors ? { role: 'code' } : undefined
}

/** Whether a value says for people what is wrong, in words of its own. */
function saysText(node: ErrorNode): boolean {
  if (node.kind === 'choice') return node.options.some(saysText)
  return node.kind === 'leaf' && node.meaning?.role === 'text' && isFree(node)
}

function saysPlace(node: ErrorNode): boolean {
  if (node.kind === 'choice') return node.options.some(saysPlace)
  if (node.kind === 'object') return node.envelope > 0 && node.hasPlace
  if (node.kind === 'map') return false
  return PLACES.has(node.meaning?.role ?? 'text') && (node.kind === 'list' || isFree(node))
}

const PLACES: ReadonlySet<MemberRole> = new Set(['field', 'pointer', 'parameter', 'segments', 'location'])

function leadRank(node: ErrorNode): number | undefined {
  if (node.kind === 'choice') return node.options.map(leadRank).find((rank) => rank !== undefined)
  return node.kind === 'leaf' && node.meaning?.role === 'maybeText' && isFree(node)
    ? (node.meaning.rank ?? 9)
    : undefined
}

/** Whether any text will do. */
const isFree = ({ types, values }: ErrorLeaf): boolean =>
  values === undefined && (types === undefined || types.has('string'))

/** How well a shape can say what is wrong: 2 in words for people, 1 by a code or a status, 0 not at all. */
export function eloquenceOf(node: ErrorNode): 0 | 1 | 2 {
  switch (node.kind) {
    case 'choice':
      return max(node.options.map(eloquenceOf))
    case 'leaf': {
      const role = node.meaning?.role
      if (role === 'text' || role === 'maybeText' || role === 'phrase') return isFree(node) ? 2 : 1
      return role === 'code' || role === 'status' || role === 'family' || role === 'title' ? 1 : 0
    }
    case 'list':
      return node.isKnown ? eloquenceOf(node.items) : 0
    case 'map':
      return node.isKnown ? eloquenceOf(node.values) : 0
    case 'object':
      return max(
        node.members.map(({ node: inner }) =>
          inner.kind === 'object' && inner.envelope === 0 ? 0 : eloquenceOf(inner),
        ),
      )
  }
}

const max = (all: readonly (0 | 1 | 2)[]): 0 | 1 | 2 => (all.includes(2) ? 2 : all.includes(1) ? 1 : 0)

/** A word for programs that a shape names, such as `INVALID_REQUEST`. */
export function wordOf(node: ErrorNode): string | undefined {
  switch (node.kind) {
    case 'choice':
      return firstOf(node.options)
    case 'object':
      return firstOf(node.members.map((one) => one.node))
    case 'list':
      return wordOf(node.items)
    case 'map':
      return wordOf(node.values)
    case 'leaf': {
      const { meaning, values = [], seen } = node
      const isWord = meaning?.role === 'code' || meaning?.role === 'family'
      return isWord ? [...values, ...seen].find(isCodeText) : undefined
    }
  }
}

function firstOf(nodes: readonly ErrorNode[]): string | undefined {
  for (const node of nodes) {
    const found = wordOf(node)
    if (found !== undefined) return found
  }
  return undefined
}

/** What an example says about its schema. */
export function schemaOfExample(value: unknown, depth = 0): JsonObject {
  if (value === null || depth > MAX_DEPTH) return {}
  if (Array.isArray(value))
    return { type: 'array', ...(value.length > 0 ? { items: schemaOfExample(value[0], depth + 1) } : {}) }
  if (!isObject(value)) return { type: Number.isInteger(value) ? 'integer' : typeof value }
  const properties = {}
  for (const [name, child] of Object.entries(value))
    setMember(properties, name, schemaOfExample(child, depth + 1))
  return { type: 'object', properties, required: Object.keys(value) }
}
