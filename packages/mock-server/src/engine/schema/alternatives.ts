// Which faults of a value are worth telling where it fits none of several alternatives: those of the alternative that it
// comes nearest to. Nobody who sends a card wants to hear what bank accounts must have.

import type { ErrorObject } from 'ajv/dist/2020.js'

/** Ajv's error, as the sampler reads it. */
export interface SchemaError extends ErrorObject {
  /** Whether it only tells why a value is not what it was not meant to be. */
  isFar?: boolean
}

/** More errors than anybody reads. Whether the value fits at all is not known: it may be one alternative that has them. */
export class TooManyErrors extends Error {
  override readonly name = 'TooManyErrors'
  readonly errors: readonly SchemaError[]
  constructor(errors: readonly Partial<SchemaError>[]) {
    super()
    this.errors = errors.filter(isWhole)
  }
}

export const MAX_ERRORS = 1_000

/** Ajv counts some errors before it says in them what is wrong where. */
const isWhole = (error: Partial<SchemaError>): error is SchemaError => error.instancePath !== undefined

/** The faults to tell people of. */
export const nearest = (errors: readonly SchemaError[]): readonly SchemaError[] =>
  errors.filter(({ isFar }) => isFar !== true)

/** Choices whose alternatives were compared: in an outer schema, what led there has hidden which fault is whose. */
const weighed = new WeakSet<SchemaError>()

/**
 * Marks the faults of alternatives that another one is nearer than, and those that follow from no alternative fitting.
 *
 * @param errors of one compiled schema, whose `schemaPath`s lead from its root.
 */
export function markFar(errors: readonly SchemaError[]): void {
  const choices = errors.filter(isChoice)
  // Inner choices come before those around them.
  for (const choice of choices) {
    if (weighed.has(choice)) continue
    weighed.add(choice)
    markFarFrom(choice, errors)
  }
  const consequences = errors.filter(({ keyword }) => keyword.startsWith('unevaluated'))
  for (const error of consequences)
    if (choices.some((choice) => isConsequence(error, choice))) error.isFar = true
}

/**
 * Marks the faults of one compiled schema, before Ajv gives all of them the path of the keyword that led there. Where
 * nobody reads the faults, one says as much as all of them.
 */
export const markerOf =
  (isBrief: boolean) =>
  (errors: SchemaError[] | null | undefined): SchemaError[] => {
    if (isBrief) return errors?.slice(0, 1) ?? []
    if (errors) markFar(errors)
    return errors ?? []
  }

const isChoice = ({ keyword }: SchemaError): boolean => keyword === 'anyOf' || keyword === 'oneOf'

function markFarFrom(choice: SchemaError, errors: readonly SchemaError[]): void {
  const alternatives = faultsByAlternative(choice, errors).map((faults) => ({
    faults,
    distance: distanceOf(choice, faults),
  }))
  // Where two alternatives fit, that is one too many, and why the others do not is no fault.
  const nearestOne = choice.params.passingSchemas ? 0 : Math.min(...alternatives.map((one) => one.distance))
  const far = alternatives.filter(({ distance }) => distance > nearestOne).flatMap(({ faults }) => faults)
  for (const error of far) error.isFar = true
}

function faultsByAlternative(
  { schemaPath, instancePath }: SchemaError,
  errors: readonly SchemaError[],
): readonly (readonly SchemaError[])[] {
  const own = new Map<string, SchemaError[]>()
  for (const error of errors) {
    if (!isWithin(error.schemaPath, schemaPath) || !isAtOrWithin(error.instancePath, instancePath)) continue
    const index = error.schemaPath.slice(schemaPath.length + 1).split('/', 1)[0] ?? ''
    const known = own.get(index)
    if (known === undefined) own.set(index, [error])
    else known.push(error)
  }
  return [...own.values()]
}

const isWithin = (path: string, outer: string): boolean => path.startsWith(`${outer}/`)
const isAtOrWithin = (path: string, outer: string): boolean => path === outer || isWithin(path, outer)

/** How far a value is from an alternative: first by its kind, then by the members that name what it is, then by its faults. */
function distanceOf({ instancePath }: SchemaError, all: readonly SchemaError[]): number {
  const faults = nearest(all).filter((fault) => !isChoice(fault))
  const isOfOtherKind = faults.some((one) => one.keyword === 'type' && one.instancePath === instancePath)
  const tags = faults.filter(
    ({ keyword, instancePath: path }) =>
      (keyword === 'const' || keyword === 'enum') && path.lastIndexOf('/') === instancePath.length,
  )
  return (isOfOtherKind ? 1e12 : 0) + tags.length * 1e6 + faults.length
}

/** A member that no alternative could take, since none fits, is not one too many. */
const isConsequence = ({ schemaPath, instancePath }: SchemaError, choice: SchemaError): boolean =>
  instancePath === choice.instancePath &&
  isWithin(choice.schemaPath, schemaPath.slice(0, schemaPath.lastIndexOf('/')))
