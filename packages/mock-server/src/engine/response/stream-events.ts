// Makes the events of a stream: from the document's examples in their order, or else from the schema, where each
// alternative of a union has its turn.

import { isObject } from '../json.js'
import type { Sampler } from '../sampling/sampler.js'
import type { Schema } from '../schema/schema.js'
import type { Schemas } from '../schema/schemas.js'
import { type Shape, shapeOf } from '../schema/shape.js'
import type { SchemaError } from '../schema/validation.js'
import { EVENT_FIELDS, isEvent } from './framing.js'
import type { Template } from './responses.js'

const DEFAULT_EVENTS = 3
export const MAX_EVENTS = 1_000
const MAX_UNIONS = 4
const MAX_OPTIONS = 200

export interface EventParts {
  readonly schemas: Schemas
  readonly sampler: Sampler
  readonly seed: string
}

export interface Event {
  readonly event: unknown
  readonly errors: readonly SchemaError[]
}

export const isServerSent = ({ media }: Template): boolean =>
  media?.type.startsWith('text/event-stream') === true

/** @param count how many there shall be, where somebody says so. */
export function eventsOf(
  parts: EventParts,
  template: Template,
  examples: readonly unknown[],
  count: number | undefined,
): readonly Event[] {
  const { schemas, sampler, seed } = parts
  const { operation, status } = template
  const item = itemOf(schemas, template)
  const options = examples.length > 0 ? [] : inOrder(schemas, optionsOf(schemas, shapeOf(schemas, [item])))
  const number = count ?? (examples.length > 0 ? examples.length : Math.max(options.length, DEFAULT_EVENTS))
  return Array.from({ length: Math.min(number, MAX_EVENTS) }, (_, index): Event => {
    const seeded = { seed: `${seed}/${operation.id}/${status}/${index}`, isSuccess: true }
    const option = options[index % Math.max(options.length, 1)]
    // What fits one alternative is completed by what stands beside the union.
    const base =
      option === undefined ? examples[index % examples.length] : sampler.sample(option, seeded).value
    const { value, errors } = sampler.sample(item, base === undefined ? seeded : { ...seeded, base })
    const event = isServerSent(template) ? serverSent(parts, value, { item, option, index }) : value
    return { event, errors }
  })
}

/** The schema of one event. */
function itemOf(schemas: Schemas, { media, schema }: Template): Schema {
  if (media?.itemSchema !== undefined) return schemas.convert(media.itemSchema, 'response')
  const { items, types } = shapeOf(schemas, [schema])
  const [only] = items
  if (types?.has('array') !== true || only === undefined) return schema
  return items.length === 1 ? only : { allOf: items }
}

/** The alternatives of a union, those within alternatives included. */
function optionsOf(schemas: Schemas, { alternatives: [union] }: Shape, depth = 0): readonly Schema[] {
  if (union === undefined || depth > MAX_UNIONS) return []
  return union.options
    .flatMap((option) => {
      const inner = optionsOf(schemas, shapeOf(schemas, [option]), depth + 1)
      return inner.length > 0 ? inner : [option]
    })
    .slice(0, MAX_OPTIONS)
}

/** Events that open something come first, those that close it last, and those that tell of a failure not at all. */
function inOrder(schemas: Schemas, options: readonly Schema[]): readonly Schema[] {
  const named = options.map((option) => ({
    option,
    ...phaseOf(nameOf(schemas, shapeOf(schemas, [option]))),
  }))
  const successful = named.filter(({ phase }) => phase !== 'failure')
  if (successful.length === 0) return options
  const at = ({ phase, depth }: (typeof named)[number]) =>
    phase === 'opening' ? depth - MAX_DEPTH : phase === 'closing' ? MAX_DEPTH - depth : 0
  return successful.sort((one, other) => at(one) - at(other)).map(({ option }) => option)
}

/** The one value of the member that tells an alternative from the others. */
function nameOf(schemas: Schemas, { properties }: Shape): string | undefined {
  for (const property of KIND_MEMBERS) {
    const conjunction = properties.get(property)
    const values = conjunction && shapeOf(schemas, conjunction).values
    if (values?.length === 1 && typeof values[0] === 'string') return values[0]
  }
  return undefined
}

/** The members whose constant names an event. */
const KIND_MEMBERS = ['event', 'type']

type Phase = 'opening' | 'closing' | 'failure' | 'between'
/** The last word of an event's name. */
const PHASES: readonly (readonly [Phase, RegExp])[] = [
  ['opening', /(?:^|[^a-z])(?:created?|start(?:ed)?|begin|began|open(?:ed)?|queued|in_progress|added|init)$/],
  ['closing', /(?:^|[^a-z])(?:done|completed?|end(?:ed)?|stop(?:ped)?|finish(?:ed)?|close[d]?)$/],
  ['failure', /(?:^|[^a-z])(?:error|failed|failure|incomplete|cancell?ed|expired)$/],
]
const MAX_DEPTH = 100

/** What an event's name says of its place in a stream; `depth` counts its words, since what has fewer holds the others. */
function phaseOf(name: string | undefined): { readonly phase: Phase; readonly depth: number } {
  const text = name?.replace(/([a-z])([A-Z])/g, '$1_$2').toLowerCase() ?? ''
  const [phase = 'between'] = PHASES.find(([, pattern]) => pattern.test(text)) ?? []
  return { phase, depth: Math.min(text.split(/[^a-z]+/).length, MAX_DEPTH - 1) }
}

/** What an event is made of. */
interface Made {
  readonly item: Schema
  readonly option: Schema | undefined
  readonly index: number
}

/** A value of the schema as the fields of an event: it may be them already, or what their `data` carries. */
function serverSent({ schemas, sampler, seed }: EventParts, value: unknown, made: Made): unknown {
  const { item, option, index } = made
  const shape = shapeOf(schemas, [option ?? item])
  if (isEnvelope(shape) && isEvent(value)) {
    const content = contentOf(shape.properties.get('data') ?? [])
    if (content === undefined || isJsonText(value.data)) return value
    return { ...value, data: sampler.sample(content, { seed: `${seed}/data/${index}` }).value }
  }
  const kind = option === undefined ? undefined : nameOf(schemas, shape)
  return kind === undefined ? { data: value } : { event: kind, data: value }
}

const isEnvelope = ({ properties }: Shape): boolean =>
  properties.has('data') && [...properties.keys()].every((name) => EVENT_FIELDS.has(name))

const contentOf = (conjunction: readonly Schema[]): Schema | undefined =>
  conjunction.flatMap((schema) =>
    isObject(schema) && isObject(schema.contentSchema) ? [schema.contentSchema] : [],
  )[0]

function isJsonText(value: unknown): boolean {
  if (typeof value !== 'string') return false
  try {
    return typeof JSON.parse(value) === 'object'
  } catch {
    return false
  }
}
