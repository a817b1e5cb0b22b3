// Keywords with more schemas than are compiled at once: a loop over those that the value asks for, each compiled when a
// value first gets there.

import type { Ajv2020, ValidateFunction } from 'ajv/dist/2020.js'
import type { DataValidateFunction } from 'ajv/dist/types/index.js'
import { escapeSegment, isObject, type JsonObject, member } from '../json.js'
import { MAX_ERRORS, markerOf, type SchemaError, TooManyErrors } from './alternatives.js'
import type { ChoiceTag } from './choice.js'
import type { KeywordOptions } from './compiler-options.js'
import type { Schema } from './schema.js'
import { WIDE, type Wide } from './units.js'

export type Context = NonNullable<Parameters<DataValidateFunction>[1]>

/** Of how many more parts it is told in full what is wrong: that takes the compiled schema. */
interface Telling {
  left: number
}

/** One of many schemas that a value is held against. */
interface Part {
  fits(value: unknown, context: Context): boolean
  errors(value: unknown, context: Context, telling: Telling): readonly SchemaError[]
  /** The faults that show without compiling: none says nothing. */
  outlined(value: unknown, context: Context): readonly SchemaError[]
}

/** The parts of keywords with more schemas than are compiled at once. */
interface WideParts {
  readonly properties: ReadonlyMap<string, Part>
  readonly dependents: ReadonlyMap<string, Part>
  readonly patterns: readonly (readonly [RegExp, Part])[]
  /** For the members that have neither a name nor a pattern of their own. */
  readonly additional: Part['errors'] | undefined
  readonly prefix: readonly Part[]
  readonly all: readonly Part[]
  readonly any: readonly Part[]
  readonly one: readonly Part[]
  readonly choice: Part['errors'] | undefined
}

function widePartsOf(wide: Wide, options: KeywordOptions): WideParts {
  const { regExp } = options
  const partOf = (schema: Schema): Part => createPart(schema, options)
  const choiceAmong = (
    schemas: readonly Schema[],
    { property, names, fallback, named }: ChoiceTag,
  ): Part['errors'] => {
    const parts = schemas.map(partOf)
    // The first that has a name is meant, as among few.
    const byName = new Map<unknown, number>(names.map((name, i) => [name, i] as const).reverse())
    const nameOf = partOf(named)
    return (value, context, telling) => {
      const chosen = parts[byName.get(member(isObject(value) ? value : {}, property)) ?? fallback ?? -1]
      if (chosen !== undefined) return chosen.errors(value, context, telling)
      return parts.some((part) => part.fits(value, context)) ? [] : nameOf.errors(value, context, telling)
    }
  }
  const mapOf = (map: JsonObject = {}): ReadonlyMap<string, Part> =>
    new Map(Object.entries(map).map(([name, schema]) => [name, partOf(schema as Schema)]))
  const listOf = (schemas: readonly Schema[] = []): readonly Part[] => schemas.map(partOf)
  return {
    properties: mapOf(wide.properties),
    dependents: mapOf(wide.dependentSchemas),
    patterns: Object.entries(wide.patternProperties ?? {}).map(([pattern, schema]) => [
      regExp(pattern),
      partOf(schema as Schema),
    ]),
    additional: additionalOf(wide.additionalProperties, partOf),
    prefix: listOf(wide.prefixItems),
    all: listOf(wide.allOf),
    any: listOf(wide.anyOf),
    one: listOf(wide.oneOf),
    choice: wide.choice && choiceAmong(wide.choice.alternatives, wide.choice.tag),
  }
}

function createPart(schema: Schema, { compile, budget, outline, judge }: KeywordOptions): Part {
  let compiled: ValidateFunction | undefined
  const compiledErrors = (value: unknown, context: Context): readonly SchemaError[] => {
    budget.spend(2)
    compiled ??= compile(schema)
    return compiled(value, context) === true ? [] : (compiled.errors ?? [])
  }
  const outlined: Part['outlined'] = (value, context) => {
    if (!isObject(schema)) return []
    const faults = outline(schema)(value, context.instancePath)
    budget.spend(1 + faults.length)
    return faults
  }
  return {
    outlined,
    fits: (value, context) =>
      judge(schema, value) ??
      (outlined(value, context).length === 0 && compiledErrors(value, context).length === 0),
    errors(value, context, telling) {
      const verdict = judge(schema, value)
      if (verdict === true) return []
      if (verdict === false && telling.left <= 0) return [untold(context)]
      const errors = compiledErrors(value, context)
      if (errors.length > 0) telling.left -= 1
      return errors
    },
  }
}

const untold = ({ instancePath }: Context): SchemaError => ({
  ...{ keyword: 'schema', message: 'must fit its schema', params: {}, instancePath, schemaPath: '#' },
})

/** What is wrong with other parts is told in a word each. */
const MAX_EXPLAINED = 16

export function addWide(ajv: Ajv2020, options: KeywordOptions): void {
  ajv.addKeyword({
    keyword: WIDE,
    schemaType: 'number',
    errors: 'full',
    compile(number: number) {
      const parts = widePartsOf(options.units.wide(number), options)
      const { isBrief } = options
      const marked = markerOf(isBrief)
      const validate: DataValidateFunction = (value, context) => {
        const telling = { left: isBrief ? 0 : MAX_EXPLAINED }
        const errors = marked(collect(wideErrors(parts, value, context as Context, telling), isBrief))
        validate.errors = errors
        return errors.length === 0
      }
      return validate
    },
  })
}

function collect(found: Iterable<readonly SchemaError[]>, isBrief: boolean): SchemaError[] {
  const errors: SchemaError[] = []
  for (const some of found) {
    for (const error of some) errors.push(error)
    if (errors.length > 0 && isBrief) break
    if (errors.length > MAX_ERRORS) throw new TooManyErrors(errors)
  }
  return errors
}

function* wideErrors(
  parts: WideParts,
  value: unknown,
  context: Context,
  telling: Telling,
): Generator<readonly SchemaError[]> {
  const { all, any, one, choice } = parts
  if (isObject(value)) yield* memberErrors(parts, value, context, telling)
  if (Array.isArray(value)) yield* itemErrors(parts, value, context, telling)
  for (const part of all) yield part.errors(value, context, telling)
  if (any.length > 0) yield anyOf(any, value, context, telling)
  if (one.length > 0) yield oneOf(one, value, context, telling)
  if (choice !== undefined) yield choice(value, context, telling)
}

function* memberErrors(
  { properties, patterns, dependents, additional }: WideParts,
  value: JsonObject,
  context: Context,
  telling: Telling,
): Generator<readonly SchemaError[]> {
  for (const name of Object.keys(value)) {
    const at = below(context, value, name)
    const own = properties.get(name)
    const matching = patterns.flatMap(([pattern, part]) => (pattern.test(name) ? [part] : []))
    const parts = own === undefined ? matching : [own, ...matching]
    for (const part of parts) yield part.errors(value[name], at, telling)
    if (parts.length === 0) yield additional?.(value[name], at, telling) ?? []
    yield dependents.get(name)?.errors(value, context, telling) ?? []
  }
}

function additionalOf(
  schema: Schema | undefined,
  partOf: (schema: Schema) => Part,
): Part['errors'] | undefined {
  if (schema !== false) return schema === undefined ? undefined : partOf(schema).errors
  return (_value, { instancePath, parentDataProperty }) => {
    const message = 'must NOT have additional properties'
    const params = { additionalProperty: String(parentDataProperty) }
    const path = instancePath.slice(0, instancePath.lastIndexOf('/'))
    const keyword = 'additionalProperties'
    return [{ keyword, message, params, instancePath: path, schemaPath: `#/${keyword}` }]
  }
}

function* itemErrors(
  { prefix }: WideParts,
  value: unknown[],
  context: Context,
  telling: Telling,
): Generator<readonly SchemaError[]> {
  for (const [i, part] of prefix.slice(0, value.length).entries())
    yield part.errors(value[i], below(context, value, i), telling)
}

/** Where a member of a value stands. */
export const below = (
  context: Context,
  parentData: JsonObject | readonly unknown[],
  name: string | number,
): Context => ({
  ...context,
  instancePath: `${context.instancePath}/${escapeSegment(String(name))}`,
  parentData: parentData as Record<string, unknown> | unknown[],
  parentDataProperty: name,
})

function anyOf(
  parts: readonly Part[],
  value: unknown,
  context: Context,
  telling: Telling,
): readonly SchemaError[] {
  if (parts.some((part) => part.fits(value, context))) return []
  const errors = errorsOf(parts, 'anyOf', value, context, telling)
  return [...errors, choiceError('anyOf', 'must match a schema in anyOf', {}, context)]
}

function oneOf(
  parts: readonly Part[],
  value: unknown,
  context: Context,
  telling: Telling,
): readonly SchemaError[] {
  const passing: number[] = []
  for (const [i, part] of parts.entries()) {
    if (part.fits(value, context)) passing.push(i)
    if (passing.length > 1) break
  }
  if (passing.length === 1) return []
  const passingSchemas = passing.length === 0 ? null : passing
  const errors = passingSchemas === null ? errorsOf(parts, 'oneOf', value, context, telling) : []
  const message = 'must match exactly one schema in oneOf'
  return [...errors, choiceError('oneOf', message, { passingSchemas }, context)]
}

/** What is wrong with a value by alternatives of which it fits none: by those that can be told. */
function errorsOf(
  parts: readonly Part[],
  keyword: string,
  value: unknown,
  context: Context,
  telling: Telling,
): readonly SchemaError[] {
  const errors: SchemaError[] = []
  for (const [i, part] of parts.entries()) {
    if (errors.length >= MAX_ERRORS) break
    const outlined = part.outlined(value, context)
    const isTold = outlined.length > 0 || telling.left <= 0
    const found = isTold ? outlined : part.errors(value, context, telling)
    errors.push(...found.map(within(keyword, i)))
  }
  return errors
}

/** Says of which alternative it is a fault, for {@link markFar}. */
const within =
  (keyword: string, index: number) =>
  (fault: SchemaError): SchemaError => ({
    ...fault,
    schemaPath: `#/${keyword}/${index}${fault.schemaPath.slice(1)}`,
  })

const choiceError = (
  keyword: string,
  message: string,
  params: Record<string, unknown>,
  { instancePath }: Context,
): SchemaError => ({ keyword, message, params, instancePath, schemaPath: `#/${keyword}` })
