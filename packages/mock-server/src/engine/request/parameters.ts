// Reads path, query, header and cookie parameters the way their `style`, `explode` and `content` say, into the types
// that their schemas ask for, and validates them.

import { isDeepStrictEqual } from 'node:util'
import type { Operation, Parameter } from '../document/operation.js'
import { isObject, setMember } from '../json.js'
import { nearest } from '../schema/alternatives.js'
import type { Schema } from '../schema/schema.js'
import type { Schemas } from '../schema/schemas.js'
import { flattened, possibleTypes } from '../schema/shape.js'
import type { SchemaError, Validation, Validator } from '../schema/validation.js'
import { createCoercion, INVALID, parseJson } from './coercion.js'
import { isJsonType } from './media-types.js'
import { MAX_BRACKET_DEPTH, MAX_PAIRS, type Pair, parseCookies, parsePairs } from './pairs.js'
import type { ParameterValues } from './parameter-values.js'
import { examplesOf } from './shown.js'
import { candidatesOf, type RawParameters, type Wanted } from './styles.js'
import { type Violation, violationOf } from './violations.js'

export type { RawParameters } from './styles.js'

export interface DecodedParameters {
  readonly values: ParameterValues
  /** The query parameters that nobody sent, and that have their defaults. */
  readonly assumed: ReadonlySet<string>
  readonly violations: readonly Violation[]
}

export interface ParameterDecoder {
  decode(operation: Operation, raw: RawParameters): DecodedParameters
}

// OpenAPI reserves these: they are described elsewhere in the document.
const RESERVED_HEADERS = new Set(['accept', 'content-type', 'authorization'])

interface Plan extends Wanted {
  readonly schema: Schema
  readonly validator: Validator
  readonly fallback: unknown
}

export function createParameterDecoder(schemas: Schemas, validation: Validation): ParameterDecoder {
  const plans = new WeakMap<Operation, readonly Plan[]>()
  const coercion = createCoercion(schemas, validation)
  const planOf = (parameter: Parameter, others: ReadonlySet<string>): Plan => {
    const schema = schemas.convert(parameter.schema ?? {}, 'request')
    const shape = flattened(schemas, schema)
    const types = possibleTypes(schemas, schema)
    return {
      parameter,
      schema,
      shape,
      types,
      validator: validation.ofSchema(schema),
      fallback: shape.defaults[0],
      others,
    }
  }

  const read = ({ parameter, schema, validator }: Plan, sent: unknown): Reading => {
    if (sent === '' && parameter.allowEmptyValue) return { sent, value: sent, errors: [] }
    const value = isJsonText(parameter) ? parseContent(sent) : coercion(sent, schema)
    const errors = value === INVALID ? [] : validator(value)
    return { sent, value, errors: errors.length > 0 && isShown(parameter, value) ? [] : errors }
  }

  const isShown = (parameter: Parameter, value: unknown): boolean =>
    examplesOf(schemas, parameter).some((example) => isDeepStrictEqual(example, value))

  /** Of several ways to read what was sent, the first that is valid, or else the first. */
  const readBest = (plan: Plan, candidates: readonly unknown[]): Reading | undefined => {
    const [first, ...others] = candidates
    if (first === undefined) return undefined
    const own = read(plan, first)
    if (own.errors.length === 0) return own
    return others.map((other) => read(plan, other)).find(({ errors }) => errors.length === 0) ?? own
  }

  const plansOf = (operation: Operation): readonly Plan[] => {
    const known = plans.get(operation)
    if (known !== undefined) return known
    const parameters = operation.parameters()
    const names = new Set(parameters.map(({ name }) => name))
    const made = parameters
      .filter(({ name, in: place }) => place !== 'header' || !RESERVED_HEADERS.has(name.toLowerCase()))
      .map((parameter) => planOf(parameter, names))
    plans.set(operation, made)
    return made
  }

  return {
    decode(operation, raw) {
      const decoded: Draft = {
        values: { path: {}, query: {}, header: {}, cookie: {} },
        assumed: new Set(),
        violations: [],
      }
      const pairs = parsePairs(raw.query)
      if (pairs === undefined) {
        const message = `has more than ${MAX_PAIRS} parameters`
        decoded.violations.push({ in: 'query', location: '', message })
        return decoded
      }
      const deep = pairs.find(isTooDeep)
      if (deep !== undefined)
        decoded.violations.push({ in: 'query', location: deep[0].slice(0, 40), message: 'nests too deeply' })
      const sent = { raw, pairs, cookies: parseCookies(raw.headers.cookie) }
      for (const plan of plansOf(operation)) {
        const candidates = candidatesOf(plan, sent)
        const read = readBest(plan, candidates.length > 0 ? candidates : nothingOf(plan))
        if (read === undefined || isUnset(plan, read)) addMissing(decoded, plan)
        else add(decoded, plan, read)
      }
      return decoded
    },
  }
}

interface Draft {
  readonly values: Record<Parameter['in'], Record<string, unknown>>
  readonly assumed: Set<string>
  readonly violations: Violation[]
}

const isTooDeep = ([name]: Pair): boolean =>
  name.split('[', MAX_BRACKET_DEPTH + 2).length > MAX_BRACKET_DEPTH + 1

/** A parameter that was not sent has its default. */
function addMissing({ values, assumed, violations }: Draft, { parameter, fallback }: Plan): void {
  const { name, in: place, required } = parameter
  if (required) violations.push({ in: place, location: name, message: 'is required', keyword: 'required' })
  else if (fallback !== undefined) {
    setMember(values[place], name, fallback)
    if (place === 'query') assumed.add(name)
  }
}

function add({ values, violations }: Draft, { parameter }: Plan, { sent, value, errors }: Reading): void {
  const { name, in: place, isWholeQuery } = parameter
  if (value === INVALID) {
    violations.push({ in: place, location: name, message: 'is not valid JSON' })
    return
  }
  // Members of the whole query are found by their own names, as any of its parameters.
  const members = isWholeQuery && isObject(value) ? Object.entries(value) : [[name, value] as const]
  for (const [own, child] of members) setMember(values[place], own, child)
  for (const error of nearest(errors))
    violations.push({ ...violationOf(place, isWholeQuery ? '' : name, error), sent })
}

/** Content of one parameter is JSON, whatever its media type is called. */
const isJsonText = ({ contentType, isWholeQuery }: Parameter): boolean =>
  contentType !== undefined && (!isWholeQuery || isJsonType(contentType))

/** A parameter as it was sent, and what it is taken for. */
interface Reading {
  readonly sent: unknown
  readonly value: unknown
  readonly errors: readonly SchemaError[]
}

/** `?limit=` is how forms and some clients send a number that nobody entered. */
const isUnset = ({ parameter, types }: Plan, { sent, errors }: Reading): boolean =>
  errors.length > 0 && !parameter.required && types?.has('string') === false && [sent].flat().join('') === ''

/** An object whose members are parameters by themselves is there when none of them is, only empty. */
function nothingOf({ parameter, types }: Plan): readonly unknown[] {
  const isSpread = parameter.in === 'query' && parameter.style === 'form' && parameter.explode
  const isObjectOnly = types?.size === 1 && types.has('object')
  return isSpread && isObjectOnly && parameter.required && parameter.contentType === undefined ? [{}] : []
}

const parseContent = (sent: unknown): unknown => (typeof sent === 'string' ? parseJson(sent) : sent)
