// The example or sample of a body: which of the document's examples it is, or what is generated.

import type { MediaType } from '../document/operation.js'
import { isObject, member } from '../json.js'
import { isStructuredType, isXmlType } from '../request/media-types.js'
import type { Sample, SampleOptions, Sampler } from '../sampling/sampler.js'
import type { Schema } from '../schema/schema.js'
import type { Schemas } from '../schema/schemas.js'
import { shapeOf } from '../schema/shape.js'
import type { SchemaError, Validation } from '../schema/validation.js'
import type { MockSource } from './sources.js'

/** A sample, and why none of the document's examples could be it. */
export interface DocumentedSample extends Sample {
  readonly contradictions?: readonly SchemaError[]
  readonly source: MockSource
}

export interface BodySamplesOptions {
  readonly schemas: Schemas
  readonly validation: Validation
  readonly sampler: Sampler
}

/** What a sample is made of. */
export interface SampledBody {
  readonly media: MediaType
  readonly schema: Schema
  /** The example that somebody prefers. */
  readonly example: string | undefined
}

const MAX_KEPT = 64

export interface BodySamples {
  /** The same for the same example. */
  documented(body: SampledBody, options: SampleOptions): DocumentedSample
  generated(schema: Schema, options: SampleOptions): DocumentedSample
}

export function createBodySamples(parts: BodySamplesOptions): BodySamples {
  const samples = new Map<MediaType, Map<string, DocumentedSample>>()
  return {
    documented(body, options) {
      const known = samples.get(body.media) ?? new Map<string, DocumentedSample>()
      samples.set(body.media, known)
      const name = body.example ?? ''
      let sample = known.get(name)
      if (sample === undefined) {
        sample = documentedSample(parts, body, options)
        if (known.size < MAX_KEPT) known.set(name, sample)
      }
      return sample
    },
    generated: (schema, options) => ({
      ...parts.sampler.sample(schema, { ...options, examples: false }),
      source: 'generated',
    }),
  }
}

function documentedSample(
  { schemas, validation, sampler }: BodySamplesOptions,
  { media, schema, example }: SampledBody,
  options: SampleOptions,
): DocumentedSample {
  const preferred = media.examples.filter(({ name }) => example !== undefined && name === example)
  const candidates = [...preferred, ...media.examples]
  const [first] = candidates
  const isValue = isStructuredType(media.type) || media.type.startsWith('*/*')
  if (first !== undefined && (!isValue || isWritten(media, first.value)))
    return { value: first.value, errors: [], source: 'example' }
  const validate = validation.ofSchema(schema)
  const valid = candidates.find(({ value }) => validate(value).length === 0)
  const base = valid ?? first
  const sample = sampler.sample(schema, { ...options, base: base?.value })
  const contradictions = valid === undefined && base !== undefined ? [...validate(base.value)] : []
  const isExample = base !== undefined || shapeOf(schemas, [schema]).examples.length > 0
  return { ...sample, contradictions, source: isExample ? 'example' : 'generated' }
}

/** Whether a value is the XML itself, as examples often spell it. */
export const isWritten = ({ type }: MediaType, value: unknown): boolean =>
  isXmlType(type) && (Buffer.isBuffer(value) || (typeof value === 'string' && /^\s*</.test(value)))

/** What a document shows by examples and has no schema for, as tools write it that record answers. */
export function shownAlone(media: MediaType | undefined): readonly unknown[] | undefined {
  const values = media?.examples.map(({ value }) => value) ?? []
  const isJson = media !== undefined && isStructuredType(media.type) && !isXmlType(media.type)
  const isAlone = isJson && values.length > 0 && values.every((value) => saysNoMore(media.schema, value))
  return isAlone ? values : undefined
}

/** Whether a schema has no more to say of a value than whether it is an object or a list. */
function saysNoMore(schema: unknown, value: unknown): boolean {
  if (schema === undefined) return true
  const says = isObject(schema) ? Object.keys(schema) : ['$ref']
  const type = Array.isArray(value) ? 'array' : typeof value
  return (
    says.every((name) => ['type', 'title', 'description'].includes(name)) && member(schema, 'type') === type
  )
}
