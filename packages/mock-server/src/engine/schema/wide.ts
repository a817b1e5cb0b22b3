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

/** Holds a value against one of many schemas. */
type Part = (value: unknown, context: Context) => readonly SchemaError[]

/** The parts of keywords with more schemas than are compiled at once. */
interface WideParts {
  readonly properties: ReadonlyMap<string, Part>
  readonly dependents: ReadonlyMap<string, Part>
  readonly patterns: readonly (readonly [RegExp, Part])[]
  /** For the members that have neither a name nor a pattern of their own. */
  readonly additional: Part | undefined
  readonly prefix: readonly Part[]
  readonly all: readonly Part[]
  readonly any: readonly Part[]
  readonly one: readonly Part[]
  readonly choice: Part | undefined
}

function widePartsOf(wide: Wide, options: KeywordOptions): WideParts {
  const { compile, budget, outline, regExp } = options
  const partOf = (schema: Schema): Part => {
    let compiled: ValidateFunction | undefined
    return (value, context) => {
      budget.spend(2)
      if (schema === true) return []
      compiled ??= compile(schema)
      return compiled(value, context) === true ? [] : (compiled.errors ?? [])
    }
  }
  /** One of many alternatives: held against a value only where its outline shows no fault. */
  const alternativeOf = (schema: Schema): Part => {
    const part = partOf(schema)
    if (!isObject(schema)) return part
    return (value, context) => {
      const faults = outline(schema)(value, context.instancePath)
      budget.spend(1 + faults.length)
      return faults.length > 0 ? faults : part(value, context)
    }
  }
  const choiceAmong = (schemas: readonly Schema[], { property, names, fallback, named }: ChoiceTag): Part => {
    const parts = schemas.map(partOf)
    // The first that has a name is meant, as among few.
    const byName = new Map<unknown, number>(names.map((name, i) => [name, i] as const).reverse())
    const [others, nameOf] = [schemas.map(alternativeOf), partOf(named)]
    return (value, context) => {
      const chosen = parts[byName.get(member(isObject(value) ? value : {}, property)) ?? fallback ?? -1]
      if (chosen !== undefined) return chosen(value, context)
      return others.some((part) => part(value, context).length === 0) ? [] : nameOf(value, context)
    }
  }
  const mapOf = (map: JsonObject = {}): ReadonlyMap<string, Part> =>
    new Map(Object.entries(map).map(([name, schema]) => [name, partOf(schema as Schema)]))
  const listOf = (schemas: readonly Schema[] = [], of = partOf): readonly Part[] => schemas.map(of)
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
    any: listOf(wide.anyOf, alternativeOf),
    one: listOf(wide.oneOf, alternativeOf),
    choice: wide.choice && choiceAmong(wide.choice.alternatives, wide.choice.tag),
  }
}

export function addWide(ajv: Ajv2020, options: KeywordOptions): void {
  ajv.addKeyword({
    keyword: WIDE,
    schemaType: 'number',
    errors: 'full',
    compile(number: number) {
      const parts = widePartsOf(options.units.wide(number), options)
      const marked = markerOf(options.isBrief)
      const validate: DataValidateFunction = (value, context) => {
        const errors = marked(collect(wideErrors(parts, value, context as Context), options.isBrief))
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

function* wideErrors(parts: WideParts, value: unknown, context: Context): Generator<readonly SchemaError[]> {
  const { all, any, one, choice } = parts
  if (isObject(value)) yield* memberErrors(parts, value, context)
  if (Array.isArray(value)) yield* itemErrors(parts, value, context)
  for (const part of all) yield part(value, context)
  if (any.length > 0) yield anyOf(any, value, context)
  if (one.length > 0) yield oneOf(one, value, context)
  if (choice !== undefined) yield choice(value, context)
}

function* memberErrors(
  { properties, patterns, dependents, additional }: WideParts,
  value: JsonObject,
  context: Context,
): Generator<readonly SchemaError[]> {
  for (const name of Object.keys(value)) {
    const at = below(context, value, name)
    const own = properties.get(name)
    const matching = patterns.flatMap(([pattern, part]) => (pattern.test(name) ? [part] : []))
    const parts = own === undefined ? matching : [own, ...matching]
    for (const part of parts) yield part(value[name], at)
    if (parts.length === 0) yield additional?.(value[name], at) ?? []
    yield dependents.get(name)?.(value, context) ?? []
  }
}

function additionalOf(schema: Schema | undefined, partOf: (schema: Schema) => Part): Part | undefined {
  if (schema !== false) return schema === undefined ? undefined : partOf(schema)
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
): Generator<readonly SchemaError[]> {
  for (const [i, part] of prefix.slice(0, value.length).entries())
    yield part(value[i], below(context, value, i))
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

function anyOf(parts: readonly Part[], value: unknown, context: Context): readonly SchemaError[] {
  const errors: SchemaError[] = []
  for (const [i, part] of parts.entries()) {
    const found = part(value, context)
    if (found.length === 0) return []
    if (errors.length < MAX_ERRORS) errors.push(...found.map(within('anyOf', i)))
  }
  return [...errors, choiceError('anyOf', 'must match a schema in anyOf', {}, context)]
}

function oneOf(parts: readonly Part[], value: unknown, context: Context): readonly SchemaError[] {
  const errors: SchemaError[] = []
  const passing: number[] = []
  for (const [i, part] of parts.entries()) {
    const found = part(value, context)
    if (found.length === 0) passing.push(i)
    else if (errors.length < MAX_ERRORS) errors.push(...found.map(within('oneOf', i)))
    if (passing.length > 1) break
  }
  if (passing.length === 1) return []
  const passingSchemas = passing.length === 0 ? null : passing
  const message = 'must match exactly one schema in oneOf'
  return [...(passing.length === 0 ? errors : []), choiceError('oneOf', message, { passingSchemas }, context)]
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
