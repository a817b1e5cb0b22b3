// What a sampler learns from the faults of its attempts: where to trust examples no longer, what to try another way,
// what to leave out and what to add.

import { escapeSegment } from '../json.js'
import type { SchemaError } from '../schema/validation.js'

/** What has been found wrong at which JSON pointer, and what to do differently there. */
export interface Repairs {
  /** Whether an example at this pointer can still be used as it is. */
  trusts(path: string): boolean
  /** How often something else must be tried here. */
  turnsAt(path: string): number
  omits(path: string): boolean
  demands(path: string): boolean
  learn(errors: readonly SchemaError[]): void
}

export function createRepairs(): Repairs {
  const distrusted = new Set<string>()
  const blemished = new Set<string>()
  const turns = new Map<string, number>()
  const omitted = new Set<string>()
  const demanded = new Set<string>()

  const turn = (path: string) => {
    if (distrusted.has(path)) turns.set(path, (turns.get(path) ?? 0) + 1)
    distrusted.add(path)
    for (let at = path; !blemished.has(at); at = at.slice(0, at.lastIndexOf('/'))) {
      blemished.add(at)
      if (at === '') break
    }
    // What cannot be made right may still be left out.
    if ((turns.get(path) ?? 0) > 6) omitted.add(path)
  }
  const touch = (path: string, set: Set<string>) => {
    set.add(path)
    distrusted.add(path)
    for (let at = path; at !== ''; at = at.slice(0, at.lastIndexOf('/'))) blemished.add(at)
    blemished.add('')
  }
  return {
    trusts: (path) => !blemished.has(path),
    turnsAt: (path) => turns.get(path) ?? 0,
    omits: (path) => omitted.has(path) && !demanded.has(path),
    demands: (path) => demanded.has(path),
    learn(errors) {
      // The errors inside an alternative say only why that one did not fit.
      const choices = new Set(
        errors
          .filter(({ keyword }) => keyword === 'oneOf' || keyword === 'anyOf')
          .map((error) => error.instancePath),
      )
      const isInside = (path: string) =>
        [...choices].some((choice) => path === choice || path.startsWith(`${choice}/`))
      for (const error of errors) {
        const { keyword, instancePath: path, params } = error
        const extra = params.additionalProperty ?? params.unevaluatedProperty
        const missing = params.missingProperty
        if (choices.has(path) && (keyword === 'oneOf' || keyword === 'anyOf')) turn(path)
        else if (isInside(path)) continue
        else if (typeof extra === 'string') touch(`${path}/${escapeSegment(extra)}`, omitted)
        else if (typeof missing === 'string') touch(`${path}/${escapeSegment(missing)}`, demanded)
        else if (keyword === 'false schema') touch(path, omitted)
        else turn(path)
      }
    },
  }
}
