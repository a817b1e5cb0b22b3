// The example or sample of a body: which of the document's examples it is, or what is generated.

import type { MediaType, Operation } from '../document/operation.js'
import { isObject, member, normalizeName } from '../json.js'
import { isStructuredType, isXmlType } from '../request/media-types.js'
import type { Sample, Sampler } from '../sampling/sampler.js'
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

/** What samples are made with. */
export interface SampleParts {
  readonly schemas: Schemas
  readonly validation: Validation
  readonly sampler: Sampler
  readonly seed: string
}

/** What a sample is made for. */
export interface SampledBody {
  readonly operation: Pick<Operation, 'id'>
  readonly status: number
  readonly schema: Schema
}

const MAX_KEPT = 64

export interface BodySamples {
  /** The same for the same example. @param example the one that somebody prefers. */
  documented(media: MediaType, body: SampledBody, example: string | undefined): DocumentedSample
  /** Another one each time. */
  generated(body: SampledBody): DocumentedSample
}

export function createBodySamples(parts: SampleParts): BodySamples {
  const { sampler, seed } = parts
  const samples = new Map<MediaType, Map<string, DocumentedSample>>()
  let turn = 0
  return {
    documented(media, body, example) {
      const known = samples.get(media) ?? new Map<string, DocumentedSample>()
      samples.set(media, known)
      const name = example ?? ''
      let sample = known.get(name)
      if (sample === undefined) {
        sample = documentedSample(parts, media, body, example)
        if (known.size < MAX_KEPT) known.set(name, sample)
      }
      return sample
    },
    generated({ schema, status }) {
      const options = { seed: `${seed}/${turn++}`, examples: false, isSuccess: status < 400 }
      return { ...withStatusCode(sampler.sample(schema, options), status), source: 'generated' }
    },
  }
}

function documentedSample(
  { schemas, validation, sampler, seed }: SampleParts,
  media: MediaType,
  { operation, status, schema }: SampledBody,
  example: string | undefined,
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
  const options = { seed: `${seed}/${operation.id}/${status}`, isSuccess: status < 400, base: base?.value }
  const sample = sampler.sample(schema, options)
  const contradictions = valid === undefined && base !== undefined ? [...validate(base.value)] : []
  const isExample = base !== undefined || shapeOf(schemas, [schema]).examples.length > 0
  return isExample
    ? { ...sample, contradictions, source: 'example' }
    : { ...withStatusCode(sample, status), contradictions, source: 'generated' }
}

/** A body that repeats the status of its answer: Stytch, Courier. */
function withStatusCode(sample: Sample, status: number): Sample {
  const { value } = sample
  const name = isObject(value) ? Object.keys(value).find((one) => isStatusCode(one, value[one])) : undefined
  return name === undefined || !isObject(value) ? sample : { ...sample, value: { ...value, [name]: status } }
}

const isStatusCode = (name: string, value: unknown): boolean =>
  typeof value === 'number' && STATUS_CODES.has(normalizeName(name))

const STATUS_CODES: ReadonlySet<string> = new Set(['statuscode', 'httpstatus', 'httpstatuscode', 'httpcode'])

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
