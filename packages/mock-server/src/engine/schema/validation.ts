// Validates values against the document's schemas with Ajv, compiling a schema when the first value needs it.

import type { ValidateFunction } from 'ajv/dist/2020.js'
import { type Budget, Exhausted } from '../budget.js'
import { isObject, type JsonObject, lazy } from '../json.js'
import { type Compiler, createCompiler } from './ajv.js'
import { markFar, type SchemaError, TooManyErrors } from './alternatives.js'
import type { Schema } from './schema.js'
import type { Mode, Schemas } from './schemas.js'
import { createUnits } from './units.js'
import { createJudge, type Judge, type Verdict } from './verdicts.js'

export type { SchemaError } from './alternatives.js'

/** Gives the faults of a value, the first thousand of them; none when it fits. */
export type Validator = (value: unknown) => readonly SchemaError[]

export interface Validation {
  /** The validator of a schema node of the document. */
  of(node: unknown, mode: Mode): Validator
  /** The validator of an already converted schema. */
  ofSchema(schema: Schema): Validator
  /** Whether a value fits several schemas. */
  fitsAll(value: unknown, schemas: readonly Schema[]): boolean
}

const NONE: readonly SchemaError[] = []

/**
 * @param budget of the request at hand: what it has no time to check fits.
 * @param onUnusable called with the reason when a schema cannot be compiled; everything fits it then.
 */
export function createValidation(
  schemas: Schemas,
  budget: Budget,
  onUnusable: (reason: string) => void,
): Validation {
  // Loaded with the first value, because it takes longer to load than the rest of the start.
  const judge = createJudge({ budget, target: schemas.target, patterns: schemas.patterns })
  const parts = { schemas, budget, judge }
  const thorough = lazy(() => createChecker({ ...parts, isBrief: false, onUnusable }))
  const brief = lazy(() => createChecker({ ...parts, isBrief: true, onUnusable: () => {} }))
  let isReported = false

  const check = (schema: Schema, value: unknown): readonly SchemaError[] => {
    try {
      return thorough().errorsOf(schema, value)
    } catch (error) {
      if (!(error instanceof TooManyErrors)) throw error
      // It is known what is wrong with some part, but not yet whether another alternative fits.
      const found = brief().errorsOf(schema, value)
      return found.length === 0 ? NONE : error.errors
    }
  }

  /** A validator that accepts what it cannot check. */
  const tolerant = (schema: JsonObject): Validator => {
    let isEndless = false
    const accept = (error: unknown): readonly SchemaError[] => {
      if (error instanceof Exhausted) {
        if (!isReported) onUnusable('it takes too long to check some values, which are accepted')
        isReported = true
        return NONE
      }
      // A schema that includes itself never comes to an end. It says nothing either, and is not used again.
      if (!(error instanceof RangeError)) throw error
      isEndless = true
      return NONE
    }
    return (value) => {
      if (isEndless) return NONE
      budget.enter()
      try {
        return check(schema, value)
      } catch (error) {
        return accept(error)
      } finally {
        budget.leave()
      }
    }
  }

  const validators = new WeakMap<object, Validator>()
  const ofSchema = (schema: Schema): Validator => {
    if (schema === true) return () => NONE
    if (schema === false) return (value) => check(schema, value)
    const known = validators.get(schema)
    if (known !== undefined) return known
    const validator = tolerant(schema)
    validators.set(schema, validator)
    return validator
  }
  /** Most values need no compiled schema to be told apart. */
  const judged = (schema: Schema, value: unknown): Verdict => {
    budget.enter()
    try {
      return judge(schema, value)
    } catch (error) {
      if (error instanceof Exhausted) return undefined
      throw error
    } finally {
      budget.leave()
    }
  }
  return {
    ofSchema,
    of: (node, mode) => ofSchema(schemas.convert(node, mode)),
    fitsAll: (value, all) =>
      all.every((schema) => judged(schema, value) ?? ofSchema(schema)(value).length === 0),
  }
}

interface Checker {
  /** @throws Exhausted, TooManyErrors, and RangeError for a schema that never ends. */
  errorsOf(schema: Schema, value: unknown): readonly SchemaError[]
}

interface CheckerParts {
  readonly schemas: Schemas
  readonly budget: Budget
  readonly judge: Judge
  readonly isBrief: boolean
  readonly onUnusable: (reason: string) => void
}

function createChecker({ schemas, budget, judge, isBrief, onUnusable }: CheckerParts): Checker {
  const units = createUnits()
  const compiler: () => Compiler = lazy(() =>
    createCompiler({
      ...{ units, budget, judge, isBrief, compile, target: schemas.target },
      ...{ patterns: schemas.patterns, outline: schemas.outline },
      onProblem: onUnusable,
    }),
  )
  const compiled = new WeakMap<object, ValidateFunction>()

  function compile(schema: Schema): ValidateFunction {
    const key = isObject(schema) ? schema : schema ? ANYTHING : NOTHING
    const known = compiled.get(key)
    if (known !== undefined) return known
    const made = budget.compile(() => compileUnit(schema))
    compiled.set(key, made)
    return made
  }
  function compileUnit(schema: Schema): ValidateFunction {
    try {
      return compiler().compile(units.unitOf(schema))
    } catch (error) {
      onUnusable(error instanceof Error ? error.message : String(error))
      return compiler().compile(true)
    }
  }
  return {
    errorsOf(schema, value) {
      try {
        const validate = compile(schema)
        if (validate(value) === true) return NONE
        const errors: readonly SchemaError[] = validate.errors ?? NONE
        if (!isBrief) markFar(errors)
        return errors
      } finally {
        compiler().forget()
      }
    },
  }
}

const [ANYTHING, NOTHING] = [{}, {}]
