// What the keywords of our own need of those who compile schemas.

import type { ValidateFunction } from 'ajv/dist/2020.js'
import type { Budget } from '../budget.js'
import type { JsonObject } from '../json.js'
import type { Outline } from './outline.js'
import type { Patterns } from './patterns.js'
import type { Schema } from './schema.js'
import type { Units } from './units.js'
import type { Judge } from './verdicts.js'

export interface CompilerOptions {
  readonly units: Units
  readonly patterns: Patterns
  readonly budget: Budget
  /** True ends at the first error, false collects them. */
  readonly isBrief: boolean
  /** The schema behind a link. */
  readonly target: (link: string) => Schema
  /** What a schema shows of a value without being compiled. */
  readonly outline: (schema: JsonObject) => Outline
  readonly judge: Judge
  readonly compile: (schema: Schema) => ValidateFunction
  /** Told of patterns that cannot be tested. */
  readonly onProblem: (reason: string) => void
}

/** The same, with patterns as Ajv asks for them. */
export interface KeywordOptions extends CompilerOptions {
  readonly regExp: (pattern: string) => RegExp
}
