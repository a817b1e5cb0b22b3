// The state of one attempt to make a value, and a position in that value.

import { hashText } from '../json.js'
import type { Schema } from '../schema/schema.js'
import type { Schemas } from '../schema/schemas.js'
import type { Validation } from '../schema/validation.js'
import type { Feedback } from './feedback.js'
import { createRandom, type Random } from './plausible.js'

/** Stands for a value that is left out. */
export const OMIT = Symbol('left out')

export interface Generation {
  readonly schemas: Schemas
  readonly validation: Validation
  readonly feedback: Feedback
  readonly seed: number
  /** Adds only required properties, and as few items as allowed. */
  readonly requiredOnly: boolean
  /** Whether the examples inside schemas are used. */
  readonly usesExamples: boolean
  /** Whether a list in the base keeps all its items. */
  readonly keepsItems: boolean
  /** Leaves out optional members that report errors. */
  readonly isSuccess: boolean
  /** How many values have been made. */
  nodes: number
  /** How many schemas have been read to make them: a value of many alternatives costs many. */
  reads: number
  /** Makes a value for a conjunction, that is, schemas that all apply. */
  make(conjunction: readonly Schema[], position: Position): unknown
}

export interface Position {
  /** JSON pointer. */
  readonly path: string
  readonly depth: number
  /** Links between here and the root, with how often each was followed. */
  readonly links: ReadonlyMap<string, number>
  /** The value to start from: a part of the base or of an example further up. */
  readonly hint: unknown
  /** Whether the value may be left out. */
  readonly isOptional: boolean
  /** The nearest property name, normalized. */
  readonly name: string
}

export const randomAt = (generation: Generation, path: string, attempt: number): Random =>
  createRandom(hashText(path, generation.seed + attempt * 7919))
