// Values that fit a schema. The sampler makes a value, validates it, and tries again with what the errors say until
// the value is valid or enough was tried. The same seed and schema give the same value, on a busy machine as well: what
// is tried is counted, not timed.

import { hashText } from '../json.js'
import type { Schema } from '../schema/schema.js'
import type { Schemas } from '../schema/schemas.js'
import type { SchemaError, Validation, Validator } from '../schema/validation.js'
import { createFeedback, type Feedback } from './feedback.js'
import { OMIT } from './generation.js'
import { type Generated, generate } from './generator.js'

export { FAILURES } from './objects.js'

export interface SampleOptions {
  /** What the value is a sample of. */
  readonly seed: string
  /** A value to start from, usually an example of the document. */
  readonly base?: unknown
  /** False ignores the examples inside schemas. Default true. */
  readonly examples?: boolean
  /** Adds only required properties to `base`. */
  readonly requiredOnly?: boolean
  /** Leaves out optional members that report errors. */
  readonly isSuccess?: boolean
}

export interface Sample {
  readonly value: unknown
  /** What is still wrong with the value; empty unless the schema contradicts itself. */
  readonly errors: readonly SchemaError[]
}

export interface Sampler {
  sample(schema: Schema, options: SampleOptions): Sample
  /** What a sample begins with: its examples are the document's, and nothing is held against the schema. */
  draft(schema: Schema, seed: string): unknown
}

const MAX_ROUNDS = 24
/** How many values are made for one sample, those of failed attempts included: some tens of milliseconds. */
const MAX_WORK = 2_000
/** Validating again costs about as much as making so many values; reading an error costs one more. */
const ROUND_WORK = 100
/** How often more is left out of a sample that cannot be made whole. */
const MAX_PRUNINGS = 8

export function createSampler(schemas: Schemas, validation: Validation): Sampler {
  /** Large schemas of which only what they demand can be made. */
  const lean = new WeakSet<Exclude<Schema, boolean>>()
  const isLean = (schema: Schema) => typeof schema === 'object' && lean.has(schema)
  return {
    sample(schema, options) {
      const { seed, base, examples = true, requiredOnly = false, isSuccess = false } = options
      const validate = validation.ofSchema(schema)
      if (base !== undefined && validate(base).length === 0) return { value: base, errors: [] }
      let work = 0
      const making = (isBare: boolean) => {
        const parts = {
          schemas,
          validation,
          seed: hashText(seed),
          requiredOnly: isBare,
          // If a full sample failed, its examples may be the reason.
          usesExamples: examples && isBare === requiredOnly,
          keepsItems: requiredOnly,
          isSuccess,
        }
        return (feedback: Feedback) => generate(parts, feedback, schema, base)
      }
      const sampleWith = (isBare: boolean): Sample => {
        const isOver = (round: number, cost: number) => {
          work += cost
          return work > MAX_WORK && (round > 0 || isBare)
        }
        return firstValid(making(isBare), validate, isOver)
      }
      if (requiredOnly || isLean(schema)) return sampleWith(true)
      const first = sampleWith(false)
      if (first.errors.length === 0) return first
      const pruned = prunedFrom(first.errors, making(false), validate)
      if (pruned !== undefined) return pruned
      if (typeof schema === 'object' && work > MAX_WORK) lean.add(schema)
      const second = sampleWith(true)
      return second.errors.length < first.errors.length ? second : first
    },
    draft(schema, seed) {
      const parts = {
        ...{ schemas, validation, seed: hashText(seed), usesExamples: true },
        ...{ requiredOnly: false, keepsItems: false, isSuccess: false },
      }
      const { value } = generate(parts, NO_FEEDBACK, schema, undefined)
      return value === OMIT ? undefined : value
    },
  }
}

/** A valid value without what cannot be made; undefined where more would have to go than is tried. */
function prunedFrom(
  given: readonly SchemaError[],
  make: (feedback: Feedback) => Generated,
  validate: Validator,
): Sample | undefined {
  const feedback = createFeedback()
  let errors = given
  let work = 0
  for (let i = 0; i < MAX_PRUNINGS && work < MAX_WORK; i++) {
    feedback.giveUp(errors)
    const { value, nodes } = make(feedback)
    errors = value === OMIT ? given : [...validate(value)]
    if (errors.length === 0) return { value, errors }
    work += nodes + errors.length + ROUND_WORK
  }
  return undefined
}

/** Most samples are valid at once, and need no feedback of their own. */
const NO_FEEDBACK = createFeedback()

/** The first valid value, or the one with the fewest errors. */
function firstValid(
  make: (feedback: Feedback) => Generated,
  validate: Validator,
  isOver: (round: number, cost: number) => boolean,
): Sample {
  let feedback = NO_FEEDBACK
  let best: Sample | undefined
  for (let round = 0; round < MAX_ROUNDS; round++) {
    const { value: made, nodes } = make(feedback)
    const value = made === OMIT ? null : made
    const errors = validate(value)
    if (best === undefined || errors.length < best.errors.length) best = { value, errors: [...errors] }
    if (errors.length === 0 || isOver(round, nodes + errors.length + ROUND_WORK)) break
    if (feedback === NO_FEEDBACK) feedback = createFeedback()
    feedback.learn(errors)
  }
  return best ?? { value: null, errors: [] }
}
