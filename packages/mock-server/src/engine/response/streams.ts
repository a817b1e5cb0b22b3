// Answers that are streams: which requests get one, and what is sent piece by piece.

import type { MediaType, Operation } from '../document/operation.js'
import { isObject } from '../json.js'
import { isMultipart } from '../multipart/descriptions.js'
import type { MultipartWriter } from '../multipart/writing.js'
import type { ApiRequest } from '../request/api-request.js'
import type { Preferences } from '../request/preferences.js'
import type { Schemas } from '../schema/schemas.js'
import { shapeOf } from '../schema/shape.js'
import type { SchemaError } from '../schema/validation.js'
import { framingOf } from './framing.js'
import type { Responses, Template } from './responses.js'
import type { MockSource } from './sources.js'
import { type EventParts, eventsOf, isServerSent, MAX_EVENTS } from './stream-events.js'

/** What is sent, piece by piece. */
export interface EventStream {
  readonly chunks: readonly (string | Buffer)[]
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
  readonly multipart: MultipartWriter
}

export function createStreams(parts: StreamParts): Streams {
  const streamMedia = new WeakMap<Operation, readonly MediaType[]>()
  const known = new WeakMap<Template, Map<string, EventStream>>()

  /** The media types of an operation's successes that are streams: none, for nearly all operations. */
  const streamsOf = (operation: Operation): readonly MediaType[] => {
    let found = streamMedia.get(operation)
    if (found === undefined) {
      const successes = operation.responses().filter(({ status }) => /^2|^default$/.test(status))
      found = successes.flatMap(({ content }) => content.filter((media) => isStream(media)))
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
      return isStream(choice.template.media) ? choice.template : undefined
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

function createStream(parts: StreamParts, template: Template, exampleName: string | undefined): EventStream {
  const { media, operation } = template
  if (media === undefined) throw new TypeError('the template is no stream')
  const settings = operation.extension('x-mock-stream')
  const count = numberOf(settings, 'count', MAX_EVENTS)
  const intervalMs = numberOf(settings, 'intervalMs', MAX_INTERVAL_MS) ?? 0
  const { mediaType, frame, split, end } = piecesOf(parts, template, media)

  const chosen = media.examples.filter(({ name }) => exampleName === undefined || name === exampleName)
  const values = chosen.map(({ value }) => value)
  const [text] = values
  const written = typeof text === 'string' ? split(text) : undefined
  if (written !== undefined)
    return { intervalMs, ...written, chunks: written.chunks.slice(0, count), source: 'example', errors: [] }
  const examples = values.flatMap((value) => (Array.isArray(value) ? value : [value]))
  const events = eventsOf(parts, template, examples, count)
  const last = isServerSent(template) && mentionsDone(template, parts.schemas) ? [frame(DONE, 0)] : []
  return {
    ...{ intervalMs, mediaType },
    chunks: [...events.map(({ event }, index) => frame(event, index)), ...last, ...end],
    source: examples.length > 0 ? 'example' : 'generated',
    errors: events.flatMap(({ errors }) => errors),
  }
}

/** How the events of a media type become what is sent. */
interface Pieces {
  readonly mediaType: string
  frame(event: unknown, index: number): string | Buffer
  /** The pieces of a text that is a stream already; undefined when it is none. */
  split(text: string): Pick<EventStream, 'chunks' | 'mediaType'> | undefined
  /** What follows the last event. */
  readonly end: readonly string[]
}

function piecesOf({ multipart, schemas }: StreamParts, { schema }: Template, media: MediaType): Pieces {
  const framing = framingOf(media.type)
  if (framing !== undefined) {
    const mediaType = media.type
    const split = (text: string) => {
      const chunks = framing.split(text)
      return chunks && { chunks, mediaType }
    }
    return { mediaType, frame: (event) => framing.frame(event), split, end: [] }
  }
  const list = { type: 'array', items: schemas.convert(media.itemSchema ?? true, 'response') }
  const { type, part, end } = multipart.items(list, media)
  const split = (text: string) => {
    if (!text.startsWith('--')) return undefined
    const written = multipart.write(text, schema, media)
    return { chunks: [written.bytes], mediaType: written.type }
  }
  return { mediaType: type, frame: part, split, end: [end] }
}

/** Parts are a stream where they are described one by one. */
const isStream = ({ type, itemSchema }: MediaType): boolean =>
  framingOf(type) !== undefined || (itemSchema !== undefined && isMultipart(type))

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
