// Answers that are streams: which requests get one, and which events it sends. Events come from the document's examples
// in their order, or else from the schema, where each alternative of a union has its turn.

import type { MediaType, Operation } from '../document/operation.js'
import { isObject } from '../json.js'
import type { ApiRequest } from '../request/api-request.js'
import type { Preferences } from '../request/preferences.js'
import type { Sampler } from '../sampling/sampler.js'
import type { Schema } from '../schema/schema.js'
import type { Schemas } from '../schema/schemas.js'
import { type Shape, shapeOf } from '../schema/shape.js'
import type { SchemaError } from '../schema/validation.js'
import { EVENT_FIELDS, type Framing, framingOf, isEvent, streamType } from './framing.js'
import type { Responses, Template } from './responses.js'
import type { MockSource } from './sources.js'

/** What is sent, piece by piece. */
export interface EventStream {
  readonly chunks: readonly string[]
  /** Before each event. */
  readonly intervalMs: number
  readonly mediaType: string
  readonly source: MockSource
  readonly errors: readonly SchemaError[]
}

export interface Streams {
  /** The template of the stream that a request gets; undefined when it gets another answer. */
  choose(request: ApiRequest): Template | undefined
  /** @throws never. What does not fit its schema is in `errors`. */
  events(template: Template, preferences: Preferences): EventStream
}

const DEFAULT_EVENTS = 3
const MAX_EVENTS = 1_000
const MAX_INTERVAL_MS = 60_000
/** What many APIs send after the last event; a document that mentions it ends its streams with it. */
const DONE = '[DONE]'

interface StreamParts {
  readonly schemas: Schemas
  readonly sampler: Sampler
  readonly responses: Responses
  readonly seed: string
}

export function createStreams({ schemas, sampler, responses, seed }: StreamParts): Streams {
  const streamMedia = new WeakMap<Operation, readonly MediaType[]>()
  const known = new WeakMap<Template, Map<string, EventStream>>()

  /** The media types of an operation's successes that are streams: none, for nearly all operations. */
  const streamsOf = (operation: Operation): readonly MediaType[] => {
    let found = streamMedia.get(operation)
    if (found === undefined) {
      const successes = operation.responses().filter(({ status }) => /^2|^default$/.test(status))
      found = successes.flatMap(({ content }) => content.filter((media) => framingFor(media) !== undefined))
      streamMedia.set(operation, found)
    }
    return found
  }

  return {
    choose({ operation, headers, parameters, body, preferences }) {
      const [first] = streamsOf(operation)
      if (first === undefined) return undefined
      const isAskedFor = wantsStream(body) || wantsStream(parameters.query)
      const choice = responses.choose(operation, isAskedFor ? first.type : headers.accept, preferences)
      if (!choice.ok || choice.template.media === undefined) return undefined
      return framingFor(choice.template.media) === undefined ? undefined : choice.template
    },

    events(template, preferences) {
      const streams = known.get(template) ?? new Map<string, EventStream>()
      known.set(template, streams)
      const name = preferences.example ?? ''
      let stream = streams.get(name)
      if (stream === undefined) {
        stream = createStream(template, preferences.example)
        if (streams.size < MAX_KEPT) streams.set(name, stream)
      }
      return preferences.delayMs > 0 ? { ...stream, intervalMs: preferences.delayMs } : stream
    },
  }

  function createStream(template: Template, exampleName: string | undefined): EventStream {
    const { media, operation } = template
    const framing = media && framingFor(media)
    if (media === undefined || framing === undefined) throw new TypeError('the template is no stream')
    const settings = operation.extension('x-mock-stream')
    const count = numberOf(settings, 'count', MAX_EVENTS)
    const intervalMs = numberOf(settings, 'intervalMs', MAX_INTERVAL_MS) ?? 0
    const shared = { intervalMs, mediaType: streamType(media.type) }

    const chosen = media.examples.filter(({ name }) => exampleName === undefined || name === exampleName)
    const values = chosen.map(({ value }) => value)
    const [text] = values
    const written = typeof text === 'string' ? framing.split(text) : undefined
    if (written !== undefined) {
      const chunks = written.slice(0, count)
      return { ...shared, chunks: [...chunks, ...endOf(framing)], source: 'example', errors: [] }
    }
    const examples = values.flatMap((value) => (Array.isArray(value) ? value : [value]))
    const events = eventsOf(template, examples, count)
    const chunks = [...events.map(({ event }) => framing.frame(event)), ...terminatorOf(template, framing)]
    const errors = events.flatMap(({ errors }) => errors)
    const source = examples.length > 0 ? 'example' : 'generated'
    return { ...shared, chunks: [...chunks, ...endOf(framing)], source, errors }
  }

  function eventsOf(template: Template, examples: readonly unknown[], count: number | undefined): Event[] {
    const { media, operation, status } = template
    const item = itemOf(template)
    const options = examples.length > 0 ? [] : inOrder(optionsOf(shapeOf(schemas, [item])))
    const number = count ?? (examples.length > 0 ? examples.length : Math.max(options.length, DEFAULT_EVENTS))
    const isServerSent = media?.type.startsWith('text/event-stream') === true
    return Array.from({ length: Math.min(number, MAX_EVENTS) }, (_, index): Event => {
      const seeded = { seed: `${seed}/${operation.id}/${status}/${index}`, isSuccess: true }
      const option = options[index % Math.max(options.length, 1)]
      // What fits one alternative is completed by what stands beside the union.
      const base =
        option === undefined ? examples[index % examples.length] : sampler.sample(option, seeded).value
      const { value, errors } = sampler.sample(item, base === undefined ? seeded : { ...seeded, base })
      return { event: isServerSent ? serverSent(value, item, option, index) : value, errors }
    })
  }

  /** Events that open something come first, those that close it last, and those that tell of a failure not at all. */
  function inOrder(options: readonly Schema[]): readonly Schema[] {
    const named = options.map((option) => ({ option, ...phaseOf(nameOf(shapeOf(schemas, [option]))) }))
    const successful = named.filter(({ phase }) => phase !== 'failure')
    if (successful.length === 0) return options
    const at = ({ phase, depth }: (typeof named)[number]) =>
      phase === 'opening' ? depth - MAX_DEPTH : phase === 'closing' ? MAX_DEPTH - depth : 0
    return successful.sort((one, other) => at(one) - at(other)).map(({ option }) => option)
  }

  /** The one value of the member that tells an alternative from the others. */
  function nameOf(shape: Shape): string | undefined {
    for (const property of KIND_MEMBERS) {
      const conjunction = shape.properties.get(property)
      const values = conjunction && shapeOf(schemas, conjunction).values
      if (values?.length === 1 && typeof values[0] === 'string') return values[0]
    }
    return undefined
  }

  /** A value of the schema as the fields of an event: it may be them already, or what their `data` carries. */
  function serverSent(value: unknown, item: Schema, option: Schema | undefined, index: number): unknown {
    const shape = shapeOf(schemas, [option ?? item])
    if (isEnvelope(shape) && isEvent(value)) {
      const content = contentOf(shape.properties.get('data') ?? [])
      if (content === undefined || isJsonText(value.data)) return value
      return { ...value, data: sampler.sample(content, { seed: `${seed}/data/${index}` }).value }
    }
    const kind = option === undefined ? undefined : nameOf(shape)
    return kind === undefined ? { data: value } : { event: kind, data: value }
  }

  /** The schema of one event. */
  function itemOf({ media, schema }: Template): Schema {
    if (media?.itemSchema !== undefined) return schemas.convert(media.itemSchema, 'response')
    const { items, types } = shapeOf(schemas, [schema])
    const isList = types?.has('array') === true && items.length > 0
    return isList ? (items.length === 1 ? (items[0] as Schema) : { allOf: items }) : schema
  }

  /** The alternatives of a union, those within alternatives included. */
  function optionsOf(shape: Shape, depth = 0): readonly Schema[] {
    const [union] = shape.alternatives
    if (union === undefined || depth > MAX_UNIONS) return []
    return union.options
      .flatMap((option) => {
        const inner = optionsOf(shapeOf(schemas, [option]), depth + 1)
        return inner.length > 0 ? inner : [option]
      })
      .slice(0, MAX_OPTIONS)
  }

  function terminatorOf(template: Template, framing: Framing): readonly string[] {
    const isServerSent = template.media?.type.startsWith('text/event-stream') === true
    return isServerSent && mentionsDone(template, schemas) ? [framing.frame(DONE)] : []
  }
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

interface Event {
  readonly event: unknown
  readonly errors: readonly SchemaError[]
}

const MAX_KEPT = 16
const MAX_UNIONS = 4
const MAX_OPTIONS = 200

const framingFor = ({ type, itemSchema }: MediaType): Framing | undefined =>
  framingOf(type, itemSchema !== undefined)

const endOf = ({ end }: Framing): readonly string[] => (end === '' ? [] : [end])

/** Many APIs let a member or parameter of this name decide, whatever `Accept` says. */
const wantsStream = (holder: unknown): boolean => isObject(holder) && holder.stream === true

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

function numberOf(settings: unknown, name: string, most: number): number | undefined {
  const value = isObject(settings) ? settings[name] : undefined
  return typeof value === 'number' && Number.isInteger(value) && value >= 0
    ? Math.min(value, most)
    : undefined
}

/** Whether the operation, its answer, or the description of the member that asks for a stream tells of the end. */
function mentionsDone({ operation, response }: Template, schemas: Schemas): boolean {
  if (operation.text().includes(DONE) || response?.description.includes(DONE) === true) return true
  return (operation.body()?.content ?? []).some(({ schema }) => {
    const { properties } = shapeOf(schemas, [schemas.convert(schema ?? true, 'request')])
    return JSON.stringify(properties.get('stream') ?? []).includes(DONE)
  })
}
