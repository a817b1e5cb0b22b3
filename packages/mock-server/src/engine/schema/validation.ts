// Validates values against the document's schemas with Ajv, compiling a schema when the first value needs it.

import { createRequire } from 'node:module'
import type { Ajv2020, ErrorObject, ValidateFunction } from 'ajv/dist/2020.js'
import type { DataValidateFunction } from 'ajv/dist/types/index.js'
import { isObject, lazy } from '../json.js'
import { addChoice } from './choice.js'
import { addEquality } from './equality.js'
import { compilePattern, patternProblem } from './patterns.js'
import type { Schema } from './schema.js'
import { LINK, linkOf, type Mode, type Schemas } from './schemas.js'

/** Ajv's error, as the sampler reads it. */
export type SchemaError = ErrorObject

/** Gives the faults of a value; none when it fits. */
export type Validator = (value: unknown) => readonly SchemaError[]

export interface Validation {
  /** The validator of a schema node of the document. */
  of(node: unknown, mode: Mode): Validator
  /** The validator of an already converted schema. */
  ofSchema(schema: Schema): Validator
  /** Loads what the first value will need, for when there is time to spare. */
  load(): void
}

const require = createRequire(import.meta.url)

// Alternatives that lead back to each other multiply: what takes longer than this is not told any more, and a schema
// that once took as long gets less the next time, since an answer is held against several, and more than once.
const MAX_STEPS = 50_000
const MAX_MS = 100
const MAX_MS_ONCE_EXHAUSTED = 10
class Exhausted extends RangeError {}

interface Budget {
  left: number
  /** By `performance.now()`. */
  until: number
}

const NONE: readonly SchemaError[] = []

/** @param onUnusable called with the reason when a schema cannot be compiled; everything fits it then. */
export function createValidation(schemas: Schemas, onUnusable: (reason: string) => void): Validation {
  // Loaded with the first value, because it takes longer to load than the rest of the start.
  const budget: Budget = { left: MAX_STEPS, until: 0 }
  const ajv = lazy(() => createAjv((link) => compiledLink(link), budget, onUnusable))

  const links = new Map<string, ValidateFunction>()
  const compiledLink = (link: string): ValidateFunction => {
    const known = links.get(link)
    if (known !== undefined) return known
    const compiled = compile(schemas.target(link))
    links.set(link, compiled)
    return compiled
  }
  const registered = new Set<string>()
  const compile = (schema: Schema): ValidateFunction => {
    try {
      if (schemas.usesReferences) register(schema)
      return ajv().compile(schema)
    } catch (error) {
      onUnusable(error instanceof Error ? error.message : String(error))
      return ajv().compile(true)
    }
  }
  /** Adds everything a schema can reach, for `$ref`s are resolved when a schema is compiled. */
  const register = (schema: Schema): void => {
    const stack: unknown[] = [schema]
    for (let node = stack.pop(); node !== undefined; node = stack.pop()) {
      if (node === null || typeof node !== 'object') continue
      const link = isObject(node) ? linkOf(node) : undefined
      if (link !== undefined && !registered.has(link)) {
        registered.add(link)
        const target = schemas.target(link)
        ajv().addSchema(target === true ? {} : target === false ? { not: {} } : target, link)
        stack.push(target)
      }
      for (const child of Object.values(node))
        if (child !== null && typeof child === 'object') stack.push(child)
    }
  }

  const validators = new Map<Schema, Validator>()
  const ofSchema = (schema: Schema): Validator => {
    if (schema === true) return () => NONE
    const known = validators.get(schema)
    if (known !== undefined) return known
    let compiled: ValidateFunction | undefined
    let isEndless = false
    let maxMs = MAX_MS
    const validator: Validator = (value) => {
      if (isEndless) return NONE
      compiled ??= compile(schema)
      budget.left = MAX_STEPS
      budget.until = performance.now() + maxMs
      try {
        return compiled(value) === true ? NONE : (compiled.errors ?? NONE)
      } catch (error) {
        // A schema that includes itself never comes to an end; it says nothing either, and is not asked again.
        if (!(error instanceof RangeError)) throw error
        if (error instanceof Exhausted) maxMs = MAX_MS_ONCE_EXHAUSTED
        else isEndless = true
        return NONE
      }
    }
    validators.set(schema, validator)
    return validator
  }
  return {
    ofSchema,
    of: (node, mode) => ofSchema(schemas.convert(node, mode)),
    load: () => void ajv(),
  }
}

/**
 * @param follow compiles what a link leads to.
 * @param budget how many links the value at hand may still lead through, and until when.
 * @param onProblem told of patterns that cannot be tested.
 */
function createAjv(
  follow: (link: string) => ValidateFunction,
  budget: Budget,
  onProblem: (reason: string) => void,
): Ajv2020 {
  const library = require('ajv/dist/2020.js') as typeof import('ajv/dist/2020.js')
  const addFormats = require('ajv-formats') as (ajv: Ajv2020) => void
  // What is being held against the schema behind each link at this moment, the outermost first.
  const stacks = new Map<string, { readonly value: unknown; readonly path: string }[]>()
  const stackOf = (link: string) => {
    const stack = stacks.get(link) ?? []
    stacks.set(link, stack)
    return stack
  }
  const ajv = new library.Ajv2020({
    strict: false,
    allErrors: true,
    logger: false,
    validateSchema: false,
    addUsedSchema: false,
    inlineRefs: false,
    ownProperties: true,
    code: {
      // Most schemas are used a few times: V8 makes of plain code what Ajv would, and only where it is worth it.
      optimize: false,
      regExp: Object.assign((pattern: string) => asRegExp(pattern, onProblem), { code: 'new RegExp' }),
    },
  })
  addFormats(ajv)
  addChoice(ajv, library)
  addEquality(ajv)
  // Bytes are checked where bodies are decoded; JSON documents put any text there.
  for (const format of ['binary', 'byte', 'password']) ajv.addFormat(format, true)
  ajv.addKeyword({
    keyword: LINK,
    schemaType: 'string',
    errors: 'full',
    compile(link: string) {
      let target: ValidateFunction | undefined
      const stack = stackOf(link)
      const validate: DataValidateFunction = (value, context) => {
        const path = context?.instancePath ?? ''
        // Within the same schema the same value has nothing more to say; asking again would never end.
        if (stack.some((at) => at.value === value && at.path === path)) {
          validate.errors = []
          return true
        }
        budget.left -= 1
        const isTimeToLook = budget.left % 64 === 0
        if (budget.left < 0 || (isTimeToLook && performance.now() > budget.until)) throw new Exhausted()
        target ??= follow(link)
        stack.push({ value, path })
        try {
          const fits = target(value, context) as boolean
          validate.errors = target.errors ?? []
          return fits
        } finally {
          stack.pop()
        }
      }
      return validate
    },
  })
  return ajv
}

/** Ajv asks for a RegExp; it tests with it, and tells one from another by its text. */
const asRegExp = (pattern: string, onProblem: (reason: string) => void): RegExp => {
  const problem = patternProblem(pattern)
  if (problem !== undefined)
    onProblem(`the pattern ${JSON.stringify(pattern.slice(0, 80))} ${problem}; it is not tested`)
  const { test } = compilePattern(pattern)
  return { test, toString: () => pattern } as RegExp
}
