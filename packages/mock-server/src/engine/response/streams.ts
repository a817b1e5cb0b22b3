// Answers that are streams: which requests get one, and what is sent piece by piece.

import type { MediaType, Operation } from '../document/operation.js'
import { isObject } from '../json.js'
import type { ApiRequest } from '../request/api-request.js'
import type { Preferences } from '../request/preferences.js'
import type { Schemas } from '../schema/schemas.js'
import { shapeOf } from '../schema/shape.js'
import type { SchemaError } from '../schema/validation.js'
import { type Framing, framingOf, streamType } from './framing.js'
import type { Responses, Template } from './responses.js'
import type { MockSource } from './sources.js'
import { type EventParts, eventsOf, isServerSent, MAX_EVENTS } from './stream-events.js'

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

const MAX_KEPT = 16
const MAX_INTERVAL_MS = 60_000
/** What many APIs send after the last event; a document that mentions it ends its streams with it. */
const DONE = '[DONE]'

interface StreamParts extends EventParts {
  readonly responses: Responses
}

export function createStreams(parts: StreamParts): Streams {
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
      const choice = parts.responses.choose(operation, isAskedFor ? first.type : headers.accept, preferences)
      if (!choice.ok || choice.template.media === undefined) return undefined
      return framingFor(choice.template.media) === undefined ? undefined : choice.template
    },

    events(template, preferences) {
      const streams = known.get(template) ?? new Map<string, EventStream>()
      known.set(template, streams)
      const name = preferences.example ?? ''
      let stream = streams.get(name)
      if (stream === undefined) {
        stream = createStream(parts, template, preferences.example)
        if (streams.size < MAX_KEPT) streams.set(name, stream)
      }
      return preferences.delayMs > 0 ? { ...stream, intervalMs: preferences.delayMs } : stream
    },
  }
}

function createStream(parts: EventParts, template: Template, exampleName: string | undefined): EventStream {
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
    const chunks = [...written.slice(0, count), ...endOf(framing)]
    return { ...shared, chunks, source: 'example', errors: [] }
  }
  const examples = values.flatMap((value) => (Array.isArray(value) ? value : [value]))
  const events = eventsOf(parts, template, examples, count)
  const last = isServerSent(template) && mentionsDone(template, parts.schemas) ? [framing.frame(DONE)] : []
  return {
    ...shared,
    chunks: [...events.map(({ event }) => framing.frame(event)), ...last, ...endOf(framing)],
    source: examples.length > 0 ? 'example' : 'generated',
    errors: events.flatMap(({ errors }) => errors),
  }
}

const framingFor = ({ type, itemSchema }: MediaType): Framing | undefined =>
  framingOf(type, itemSchema !== undefined)

const endOf = ({ end }: Framing): readonly string[] => (end === '' ? [] : [end])

/** Many APIs let a member or parameter of this name decide, whatever `Accept` says. */
const wantsStream = (holder: unknown): boolean => isObject(holder) && holder.stream === true

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
