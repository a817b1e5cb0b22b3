// What the sampler learns from validation errors: which examples to ignore, where to try another alternative, and
// which members to add or to leave out. Everything is kept by JSON pointer.

import { escapeSegment } from '../json.js'
import type { SchemaError } from '../schema/validation.js'

export interface Feedback {
  /** Whether the example at this pointer can be used unchanged. */
  trusts(path: string): boolean
  /** How many attempts have failed here; each attempt makes another choice. */
  attemptAt(path: string): number
  mustDrop(path: string): boolean
  mustHave(path: string): boolean
  learn(errors: readonly SchemaError[]): void
  /** Leaves out what the errors are about, and what cannot be without it. */
  giveUp(errors: readonly SchemaError[]): void
}

/** After so many failed attempts a value is left out instead. */
const MAX_ATTEMPTS = 6

const above = (path: string): string => path.slice(0, path.lastIndexOf('/'))

const isChoice = ({ keyword }: SchemaError): boolean => keyword === 'oneOf' || keyword === 'anyOf'

/** Errors without those inside an alternative, which only say why that one did not fit. */
function outermost(errors: readonly SchemaError[]): readonly SchemaError[] {
  const choices = [...new Set(errors.filter(isChoice).map(({ instancePath }) => instancePath))]
  const isInChoice = (path: string) =>
    choices.some((choice) => path === choice || path.startsWith(`${choice}/`))
  return errors.filter((error) => isChoice(error) || !isInChoice(error.instancePath))
}

export function createFeedback(): Feedback {
  const failed = new Set<string>()
  /** Failed pointers and all pointers above them. */
  const distrusted = new Set<string>()
  const attempts = new Map<string, number>()
  const dropped = new Set<string>()
  const added = new Set<string>()

  const distrust = (path: string): void => {
    failed.add(path)
    for (let at = path; !distrusted.has(at); at = above(at)) {
      distrusted.add(at)
      if (at === '') break
    }
  }
  const retry = (path: string): void => {
    if (failed.has(path)) attempts.set(path, (attempts.get(path) ?? 0) + 1)
    distrust(path)
    if ((attempts.get(path) ?? 0) > MAX_ATTEMPTS) dropped.add(path)
  }
  const change = (path: string, changes: Set<string>): void => {
    changes.add(path)
    distrust(path)
  }
  const learnFrom = ({ keyword, instancePath: path, params }: SchemaError): void => {
    const extra = params.additionalProperty ?? params.unevaluatedProperty
    const missing = params.missingProperty
    if (typeof extra === 'string') change(`${path}/${escapeSegment(extra)}`, dropped)
    else if (typeof missing === 'string') change(`${path}/${escapeSegment(missing)}`, added)
    else if (keyword === 'false schema') change(path, dropped)
    else retry(path)
  }
  return {
    trusts: (path) => !distrusted.has(path),
    attemptAt: (path) => attempts.get(path) ?? 0,
    mustDrop: (path) => dropped.has(path) && !added.has(path),
    mustHave: (path) => added.has(path),
    giveUp(errors) {
      for (const { instancePath } of outermost(errors)) {
        let at = instancePath
        while (at !== '' && dropped.has(at)) at = above(at)
        change(at, dropped)
      }
    },
    learn(errors) {
      for (const error of outermost(errors)) {
        if (isChoice(error)) retry(error.instancePath)
        else learnFrom(error)
      }
    },
  }
}
