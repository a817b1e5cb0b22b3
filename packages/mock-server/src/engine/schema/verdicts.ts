// What can be told of a value without compiling the schema that it is held against. Of many members or alternatives each
// is asked once and then hardly ever again, and to compile one takes as long as to read a hundred.

import type { Budget } from '../budget.js'
import { isObject, type JsonObject, member } from '../json.js'
import { lengthFaults } from './lengths.js'
import { isOfType, isPlain } from './outline.js'
import type { Patterns } from './patterns.js'
import { LINK, type Schema } from './schema.js'

/** Whether a value fits; undefined where only the compiled schema can tell. */
export type Verdict = boolean | undefined

export type Judge = (schema: Schema, value: unknown) => Verdict

/** What a keyword says of a value. */
type KeywordJudge = (own: unknown, value: unknown, beside: JsonObject) => Verdict

export interface JudgeParts {
  readonly budget: Budget
  readonly target: (link: string) => Schema
  readonly patterns: Patterns
}

/** Schemas that are read for one verdict: alternatives within alternatives have no end. */
const MAX_STEPS = 400
/** To look up so many names, compare so many values or test so many patterns takes as long as to read one schema. */
const [NAMES_PER_STEP, VALUES_PER_STEP, TESTS_PER_STEP] = [8, 32, 4]

/** Says whether there is room for more. */
type Spend = (steps: number) => boolean

/** Keywords that no value fails by. */
const SILENT = new Set([
  ...['title', 'description', 'default', 'examples', 'deprecated', 'readOnly', 'writeOnly', 'xml'],
  ...['discriminator', 'contentMediaType', 'contentEncoding'],
])

export function createJudge({ budget, target, patterns }: JudgeParts): Judge {
  let left = 0
  const spend: Spend = (steps) => {
    left -= steps
    return left >= 0
  }
  const judge: Judge = (schema, value) => {
    if (typeof schema === 'boolean') return schema
    if (!spend(1)) return undefined
    return all(Object.keys(schema), (key) =>
      SILENT.has(key) ? true : keywords.get(key)?.(schema[key], value, schema),
    )
  }
  const matches = (pattern: string, text: string): Verdict => {
    if (!spend(1 / TESTS_PER_STEP)) return undefined
    const { problem, test } = patterns.compiled(pattern)
    budget.spend(1 + text.length / 4)
    return problem === undefined ? test(text) : undefined
  }
  const keywords: ReadonlyMap<string, KeywordJudge> = new Map<string, KeywordJudge>([
    [LINK, (link, value) => judge(target(link as string), value)],
    ['pattern', (pattern, value) => typeof value !== 'string' || matches(pattern as string, value)],
    ...valueJudges(budget, spend),
    ...memberJudges(judge, matches, spend),
    ...choiceJudges(judge),
  ])
  return (schema, value) => {
    left = MAX_STEPS
    const verdict = judge(schema, value)
    budget.spend(MAX_STEPS - left)
    return verdict
  }
}

/** Whether all say yes. One that says no is enough, whatever others do not know. */
function all<Part>(parts: Iterable<Part>, verdictOf: (part: Part) => Verdict): Verdict {
  let verdict: Verdict = true
  for (const part of parts) {
    const own = verdictOf(part)
    if (own === false) return false
    if (own === undefined) verdict = undefined
  }
  return verdict
}

type Judges = readonly (readonly [keyword: string, KeywordJudge])[]

/** What is said of a value itself. */
function valueJudges(budget: Budget, spend: Spend): Judges {
  const faults = lengthFaults(budget)
  const isListed = (values: readonly unknown[], value: unknown): Verdict => {
    spend(values.length / VALUES_PER_STEP)
    if (isPlain(value)) return values.includes(value)
    return values.every(isPlain) ? false : undefined
  }
  const bound =
    <Size>(sizeOf: (value: unknown) => Size | undefined, isWithin: (size: Size, limit: number) => boolean) =>
    (limit: unknown, value: unknown): boolean => {
      const size = sizeOf(value)
      return size === undefined || isWithin(size, limit as number)
    }
  const most = (size: number, limit: number) => size <= limit
  const least = (size: number, limit: number) => size >= limit
  return [
    ['type', (types, value) => [types].flat().some((type) => isOfType(value, type))],
    ['enum', (values, value) => isListed(values as readonly unknown[], value)],
    ['const', (only, value) => isListed([only], value)],
    ['minimum', bound(numberIn, least)],
    ['maximum', bound(numberIn, most)],
    ['exclusiveMinimum', bound(numberIn, (size, limit) => size > limit)],
    ['exclusiveMaximum', bound(numberIn, (size, limit) => size < limit)],
    ['minItems', bound(itemsIn, least)],
    ['maxItems', bound(itemsIn, most)],
    ['minProperties', bound(membersIn, least)],
    ['maxProperties', bound(membersIn, most)],
    ['minLength', bound(textIn, (text, limit) => !faults.minLength(text, limit))],
    ['maxLength', bound(textIn, (text, limit) => !faults.maxLength(text, limit))],
  ]
}

const numberIn = (value: unknown) => (typeof value === 'number' ? value : undefined)
const itemsIn = (value: unknown) => (Array.isArray(value) ? value.length : undefined)
const membersIn = (value: unknown) => (isObject(value) ? Object.keys(value).length : undefined)
const textIn = (value: unknown) => (typeof value === 'string' ? value : undefined)

/** What is said of the members of an object and of the items of a list. */
function memberJudges(
  judge: Judge,
  matches: (pattern: string, text: string) => Verdict,
  spend: Spend,
): Judges {
  const namesIn = (of: unknown): readonly string[] => {
    const names = isObject(of) ? Object.keys(of) : []
    spend(names.length / NAMES_PER_STEP)
    return names
  }
  return [
    [
      'required',
      (names, value) =>
        !isObject(value) || (names as readonly string[]).every((name) => Object.hasOwn(value, name)),
    ],
    [
      'properties',
      (properties, value) =>
        !isObject(value) ||
        all(namesIn(properties), (name) => {
          // Ajv passes over this name.
          if (name === '__proto__') return undefined
          return !Object.hasOwn(value, name) || judge((properties as JsonObject)[name] as Schema, value[name])
        }),
    ],
    [
      'patternProperties',
      (patterns, value) =>
        all(namesIn(value), (name) =>
          all(namesIn(patterns), (pattern) => {
            const isMeant = matches(pattern, name)
            return isMeant === true
              ? judge(member(patterns, pattern) as Schema, member(value, name))
              : isMeant === false || undefined
          }),
        ),
    ],
    [
      'additionalProperties',
      (additional, value, { properties, patternProperties }) => {
        if (!isObject(value)) return true
        if (patternProperties !== undefined) return undefined
        const further = namesIn(value).filter((name) => member(properties, name) === undefined)
        return all(further, (name) => judge(additional as Schema, value[name]))
      },
    ],
    [
      'items',
      (items, value, { prefixItems }) => {
        if (!Array.isArray(value)) return true
        if (prefixItems !== undefined || !spend(value.length / VALUES_PER_STEP)) return undefined
        return all(value, (item) => judge(items as Schema, item))
      },
    ],
  ]
}

/** What is said by other schemas for the same value. */
function choiceJudges(judge: Judge): Judges {
  const fitting = (
    schemas: unknown,
    value: unknown,
    enough: number,
  ): readonly [fits: number, isOpen: boolean] => {
    let [fits, isOpen] = [0, false]
    for (const schema of schemas as readonly Schema[]) {
      const verdict = judge(schema, value)
      if (verdict === undefined) isOpen = true
      else if (verdict && ++fits >= enough) break
    }
    return [fits, isOpen]
  }
  return [
    ['allOf', (schemas, value) => all(schemas as readonly Schema[], (schema) => judge(schema, value))],
    [
      'anyOf',
      (schemas, value) => {
        const [fits, isOpen] = fitting(schemas, value, 1)
        return fits > 0 || (isOpen ? undefined : false)
      },
    ],
    [
      'oneOf',
      (schemas, value) => {
        const [fits, isOpen] = fitting(schemas, value, 2)
        if (fits > 1) return false
        return isOpen ? undefined : fits === 1
      },
    ],
  ]
}
