// Alternatives of a `oneOf` that overlap by nature: what one of them describes fits another as well, so that no request
// could ever be for it alone. Documents say `oneOf` there and mean `anyOf`.

import type { Schema } from '../schema/schema.js'
import type { Schemas } from '../schema/schemas.js'
import { shapeOf } from '../schema/shape.js'
import type { SchemaError, Validation } from '../schema/validation.js'
import type { Sampler } from './sampler.js'

export interface Overlaps {
  /** The faults of a value without the one that it fits several alternatives that overlap by nature. */
  without(errors: readonly SchemaError[], schema: Schema, value: unknown): readonly SchemaError[]
}

export function createOverlaps(schemas: Schemas, validation: Validation, sampler: Sampler): Overlaps {
  const samples = new WeakMap<object, unknown>()
  const sampleOf = (option: Schema): unknown => {
    if (typeof option === 'boolean') return {}
    if (!samples.has(option)) samples.set(option, sampler.sample(option, { seed: 'overlap' }).value)
    return samples.get(option)
  }
  /** Whether what an alternative describes fits another one, too. */
  const isShared = (option: Schema, others: readonly Schema[]): boolean =>
    others.some((other) => other !== option && validation.fitsAll(sampleOf(option), [other]))

  const areNatural = (schema: Schema, value: unknown): boolean =>
    shapeOf(schemas, [schema]).alternatives.every(({ options, discriminator }) => {
      const fitting = options.filter((option) => validation.fitsAll(value, [option]))
      if (fitting.length < 2) return true
      return discriminator === undefined && fitting.some((option) => isShared(option, fitting))
    })

  return {
    without(errors, schema, value) {
      const isOneTooMany = ({ keyword, params, instancePath }: SchemaError): boolean =>
        keyword === 'oneOf' && instancePath === '' && Array.isArray(params.passingSchemas)
      const others = errors.filter((error) => !isOneTooMany(error))
      return others.length < errors.length && areNatural(schema, value) ? others : errors
    },
  }
}
