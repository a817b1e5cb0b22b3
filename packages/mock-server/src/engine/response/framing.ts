// How the media types of streams separate their events: server-sent events, JSON lines and JSON text sequences.

import { isObject } from '../json.js'
import { parseMediaType } from '../request/media-types.js'

/** One media type of streams. */
export interface Framing {
  /** The bytes of one event. */
  frame(event: unknown): string
  /** The pieces of a text that is framed already; undefined when it is not. */
  split(text: string): readonly string[] | undefined
  /** The texts of the events, each JSON; undefined for media types whose events are no JSON. */
  readonly texts?: (text: string) => readonly string[]
}

/** The members of a server-sent event that are fields of the stream (WHATWG HTML, section 9.2.6). */
export const EVENT_FIELDS: ReadonlySet<string> = new Set(['event', 'data', 'id', 'retry', 'comment'])

const eventStream: Framing = {
  frame(event) {
    const fields = isEvent(event) ? event : { data: event }
    const text = [...EVENT_FIELDS].flatMap((name) => {
      const value = fields[name]
      if (value === undefined || value === null) return []
      const field = name === 'comment' ? ': ' : `${name}: `
      return textOf(value)
        .split(/\r\n|\r|\n/)
        .map((line) => `${field}${line}\n`)
    })
    return `${text.join('')}\n`
  },
  split(text) {
    const trimmed = text.trim()
    if (!/^(?:(?:data|event|id|retry)\b ?(?::|$)|:)/m.test(trimmed.split('\n', 1)[0] ?? '')) return undefined
    return trimmed.split(/(?:\r\n|\r|\n){2,}/).map((event) => `${event}\n\n`)
  },
}

const jsonLines: Framing = {
  frame: (event) => `${JSON.stringify(event)}\n`,
  split(text) {
    const found = text.split(/\r?\n/).filter((line) => line.trim() !== '')
    return found.length > 0 && found.every(isJson) ? found.map((line) => `${line}\n`) : undefined
  },
  texts: (text) => text.split(/\r?\n/).filter((line) => line.trim() !== ''),
}

/** RFC 7464: each text follows a record separator. */
const jsonSequence: Framing = {
  frame: (event) => `\x1e${JSON.stringify(event)}\n`,
  split(text) {
    const found = text.split('\x1e').filter((part) => part.trim() !== '')
    return text.startsWith('\x1e') ? found.map((part) => `\x1e${part.trimEnd()}\n`) : undefined
  },
  texts: (text) => text.split('\x1e').filter((part) => part.trim() !== ''),
}

const FRAMINGS: Readonly<Record<string, Framing>> = {
  'text/event-stream': eventStream,
  'application/jsonl': jsonLines,
  'application/x-jsonlines': jsonLines,
  'application/json-lines': jsonLines,
  'application/x-ndjson': jsonLines,
  'application/ndjson': jsonLines,
  'application/json-seq': jsonSequence,
}

/** The framing of a media type; undefined when it is no stream. */
export function framingOf(type: string): Framing | undefined {
  const range = parseMediaType(type)
  if (range === undefined) return undefined
  if (Object.hasOwn(FRAMINGS, range.type)) return FRAMINGS[range.type]
  return range.type.endsWith('+json-seq') ? jsonSequence : undefined
}

/** Whether a value spells an event with its fields, and not what such an event carries. */
export const isEvent = (value: unknown): value is Readonly<Record<string, unknown>> =>
  isObject(value) &&
  (Object.hasOwn(value, 'data') || Object.hasOwn(value, 'event')) &&
  Object.keys(value).every((name) => EVENT_FIELDS.has(name))

const textOf = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value))

function isJson(text: string): boolean {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}
