// `unevaluatedProperties` and `unevaluatedItems` (JSON Schema 2020-12, sections 11.2 and 11.3): what no schema has looked at of
// those beside the keyword, and of those within them that the value fits. It is found out for the value at hand, so that
// schemas are compiled as small as any other.

import type { Ajv2020, ValidateFunction } from 'ajv/dist/2020.js'
import type { DataValidateFunction } from 'ajv/dist/types/index.js'
import { isObject, type JsonObject, member } from '../json.js'
import { markerOf, type SchemaError } from './alternatives.js'
import { CHOICE, type ChoiceTag, TAG } from './choice.js'
import type { KeywordOptions } from './compiler-options.js'
import { linkOf, type Schema } from './schema.js'
import { UNEVALUATED } from './units.js'
import { below, type Context } from './wide.js'

interface At {
  readonly value: JsonObject | readonly unknown[]
  readonly context: Context
}

interface Walk extends At {
  /** The names or indexes in the value that no schema has looked at yet. */
  readonly left: Set<string>
  readonly seen: Set<Schema>
}

export function addUnevaluated(ajv: Ajv2020, options: KeywordOptions): void {
  const { units, budget, compile } = options
  const marked = markerOf(options.isBrief)
  const pass = createWalk(options)
  ajv.addKeyword({
    keyword: UNEVALUATED,
    // After the keywords of both types, as people expect to read it.
    type: ['object', 'array'],
    schemaType: 'number',
    errors: 'full',
    compile(number: number) {
      const { unevaluatedProperties, unevaluatedItems, ...beside } = units.unevaluated(number)
      const validate: DataValidateFunction = (value, context) => {
        validate.errors = []
        const isList = Array.isArray(value)
        const schema = (isList ? unevaluatedItems : unevaluatedProperties) as Schema | undefined
        if (schema === undefined || schema === true) return true
        const left = new Set(Object.keys(value))
        budget.spend(left.size)
        const at = { value, context: context as Context }
        pass(beside, { ...at, left, seen: new Set() })
        const errors = schema === false ? faultsOf(at, left) : partErrors(compile(schema), at, left)
        validate.errors = marked(errors)
        return errors.length === 0
      }
      return validate
    },
  })
}

/** Takes from what is left of a value what a schema that it fits looks at. */
function createWalk({ compile, target, outline, regExp, judge, budget }: KeywordOptions) {
  const regExps = new Map<string, RegExp>()
  const patternOf = (pattern: string): RegExp => {
    const known = regExps.get(pattern) ?? regExp(pattern)
    regExps.set(pattern, known)
    return known
  }
  const fits = (schema: Schema, value: unknown, context: Context): boolean =>
    judge(schema, value) ??
    ((!isObject(schema) || outline(schema)(value, '').length === 0) &&
      compile(schema)(value, context) === true)

  const passMembers = (schema: JsonObject, value: JsonObject, left: Set<string>): void => {
    const { properties, patternProperties } = schema
    const patterns = isObject(patternProperties) ? Object.keys(patternProperties).map(patternOf) : []
    const isDescribed = (name: string) => isObject(properties) && Object.hasOwn(properties, name)
    for (const name of Object.keys(value))
      if (isDescribed(name) || patterns.some((pattern) => pattern.test(name))) left.delete(name)
    if (schema.additionalProperties !== undefined || schema.unevaluatedProperties !== undefined) left.clear()
  }
  const passItems = (schema: JsonObject, { value, left, context }: Walk): void => {
    const { prefixItems, contains } = schema
    if (schema.items !== undefined || schema.unevaluatedItems !== undefined) left.clear()
    if (Array.isArray(prefixItems)) for (const index of prefixItems.keys()) left.delete(String(index))
    if (contains === undefined) return
    for (const key of left) {
      const item = (value as JsonObject)[key]
      if (fits(contains as Schema, item, below(context, value, key))) left.delete(key)
    }
  }

  /** The schemas that hold for the same value. */
  const partsOf = (schema: JsonObject, { value, context }: Walk): readonly unknown[] => {
    const holds = (part: unknown) => fits(part as Schema, value, context)
    const link = linkOf(schema)
    return [
      ...(link === undefined ? [] : [target(link)]),
      ...listOf(schema.allOf),
      ...[...listOf(schema.anyOf), ...listOf(schema.oneOf)].filter(holds),
      ...choicesOf(schema, value, holds),
      ...branchesOf(schema, holds),
      ...dependentsOf(schema, value),
    ]
  }

  const pass = (schema: unknown, walk: Walk): void => {
    const { value, left, seen } = walk
    if (!isObject(schema) || left.size === 0 || seen.has(schema)) return
    seen.add(schema)
    budget.spend(1 + left.size)
    if (isObject(value)) passMembers(schema, value, left)
    else passItems(schema, walk)
    for (const part of partsOf(schema, walk)) pass(part, walk)
  }
  return pass
}

function branchesOf(schema: JsonObject, holds: (part: unknown) => boolean): readonly unknown[] {
  if (schema.if === undefined) return []
  return holds(schema.if) ? [schema.if, schema.then] : [schema.else]
}

const dependentsOf = ({ dependentSchemas }: JsonObject, value: object): readonly unknown[] =>
  isObject(dependentSchemas)
    ? Object.entries(dependentSchemas).flatMap(([name, part]) => (Object.hasOwn(value, name) ? [part] : []))
    : []

/** The alternative that a value names, else all that it fits. A value of no kind hears of that, and not of what is left of it. */
function choicesOf(
  { [CHOICE]: alternatives, [TAG]: tag }: JsonObject,
  value: unknown,
  holds: (part: unknown) => boolean,
): readonly unknown[] {
  if (!Array.isArray(alternatives)) return []
  const { property, names, fallback = -1, named: otherwise } = tag as ChoiceTag
  const named = names.indexOf(member(isObject(value) ? value : {}, property) as string)
  const chosen: unknown = alternatives[named < 0 ? fallback : named]
  if (chosen !== undefined) return [chosen]
  const fitting = alternatives.filter(holds)
  return fitting.length > 0 ? fitting : [otherwise]
}

const listOf = (list: unknown): readonly unknown[] => (Array.isArray(list) ? list : [])

const partErrors = (validate: ValidateFunction, { value, context }: At, left: Set<string>): SchemaError[] =>
  [...left].flatMap((key) =>
    validate((value as JsonObject)[key], below(context, value, key)) === true ? [] : (validate.errors ?? []),
  )

function faultsOf({ value, context: { instancePath } }: At, left: Set<string>): SchemaError[] {
  const fault = (keyword: string, params: Record<string, unknown>, message: string): SchemaError => ({
    ...{ keyword, params, message, instancePath, schemaPath: `#/${keyword}` },
  })
  if (!Array.isArray(value))
    return [...left].map((unevaluatedProperty) =>
      fault('unevaluatedProperties', { unevaluatedProperty }, 'must NOT have unevaluated properties'),
    )
  return [...left]
    .slice(0, 1)
    .map((index) =>
      fault('unevaluatedItems', { limit: Number(index) }, `must NOT have more than ${index} items`),
    )
}
