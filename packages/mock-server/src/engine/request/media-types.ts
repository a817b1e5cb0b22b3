// Media types and `Accept` (RFC 9110, sections 8.3 and 12.5.1): parsing, matching, choosing.

import type { MediaType } from '../document/operation.js'

export interface MediaRange {
  /** In lower case, without parameters. */
  readonly type: string
  readonly parameters: ReadonlyMap<string, string>
}

const parsed = new Map<string, MediaRange | undefined>()
const MAX_PARSED = 500

export function parseMediaType(text: string): MediaRange | undefined {
  if (parsed.has(text)) return parsed.get(text)
  const range = parse(text)
  // Clients choose these texts: their number must not grow without end.
  if (parsed.size < MAX_PARSED && text.length < 200) parsed.set(text, range)
  return range
}

function parse(text: string): MediaRange | undefined {
  const [type = '', ...rest] = text.split(';')
  const trimmed = type.trim().toLowerCase()
  if (trimmed === '') return undefined
  const parameters = rest.flatMap((part): [string, string][] => {
    const equals = part.indexOf('=')
    if (equals < 0) return []
    return [
      [
        part.slice(0, equals).trim().toLowerCase(),
        part
          .slice(equals + 1)
          .trim()
          .replace(/^"(.*)"$/, '$1'),
      ],
    ]
  })
  return { type: trimmed, parameters: new Map(parameters) }
}

export const bareType = (type: string): string => parseMediaType(type)?.type ?? ''

/** 3 for the same type, 2 for `type/*`, 1 for everything, 0 for no match; either side may be the range. */
function closeness(a: string, b: string): number {
  if (a === b) return 3
  for (const [range, type] of [
    [a, b],
    [b, a],
  ] as const) {
    if (range.endsWith('/*') && range !== '*/*' && type.startsWith(range.slice(0, -1))) return 2
  }
  return a === '*/*' || b === '*/*' ? 1 : 0
}

export const isJsonType = (type: string): boolean => /[/+]json$/.test(bareType(type))

export const isXmlType = (type: string): boolean => /[/+]xml$/.test(bareType(type))

/** Whether a body of this type is a value that a schema describes, and not just text or bytes. */
export const isStructuredType = (type: string): boolean => /json/i.test(type) || isXmlType(type)

/** By how much the parameters of two types, such as a version, speak for or against a match. Always below 1. */
function agreement(wanted: ReadonlyMap<string, string>, described: ReadonlyMap<string, string>): number {
  let points = 0
  for (const [name, value] of described) {
    const asked = name === 'charset' ? undefined : wanted.get(name)
    if (asked !== undefined) points += asked.toLowerCase() === value.toLowerCase() ? 1 : -1
  }
  return points / (described.size + 1)
}

/** Every described media type that fits a sent one, the closest first. */
function ranked<T extends { readonly type: string }>(content: readonly T[], sent: MediaRange) {
  return content
    .map((media) => {
      const own = parseMediaType(media.type)
      const score = own === undefined ? 0 : closeness(own.type, sent.type)
      return {
        media,
        score: score === 0 || own === undefined ? 0 : score + agreement(sent.parameters, own.parameters),
      }
    })
    .filter(({ score }) => score > 0)
    .sort((a, b) => b.score - a.score)
}

/** The described media type that a sent one belongs to, the closest first. */
export function bestMatch<T extends { readonly type: string }>(
  content: readonly T[],
  sent: MediaRange,
): T | undefined {
  const known = matched.get(content)
  const same = known?.get(sent)
  if (same !== undefined) return same.media as T | undefined
  const media = closest(content, sent)
  const found: WeakMap<MediaRange, { readonly media: unknown }> = known ?? new WeakMap()
  matched.set(content, found.set(sent, { media }))
  return media
}

const matched = new WeakMap<object, WeakMap<MediaRange, { readonly media: unknown }>>()

function closest<T extends { readonly type: string }>(
  content: readonly T[],
  sent: MediaRange,
): T | undefined {
  const [best] = ranked(content, sent)
  if (best !== undefined) return best.media
  // Many documents say `application/json` where their servers take any JSON, or `application/xml` for any XML.
  const isAlike = [isJsonType, isXmlType].find((isOf) => isOf(sent.type))
  return isAlike && content.find(({ type }) => isAlike(type))
}

/** The described media type for a client that names none: JSON where there is some. */
export const preferredType = (content: readonly MediaType[]): MediaType | undefined =>
  content.find(({ type }) => bareType(type) === 'application/json') ??
  content.find(({ type }) => isJsonType(type)) ??
  content[0]

/**
 * The described media type that an `Accept` header likes best, JSON where it likes several equally; undefined when it
 * names none of them.
 */
export function negotiate(content: readonly MediaType[], accept: string | undefined): MediaType | undefined {
  if (accept === undefined && content.length < 2) return content[0]
  const known = negotiated.get(content) ?? new Map<string | undefined, MediaType | undefined>()
  if (known.has(accept)) return known.get(accept)
  const media = choose(content, accept)
  if (known.size < MAX_NEGOTIATED) negotiated.set(content, known.set(accept, media))
  return media
}

const negotiated = new WeakMap<readonly MediaType[], Map<string | undefined, MediaType | undefined>>()
const MAX_NEGOTIATED = 20
// Browsers name a dozen.
const MAX_RANGES = 64

function choose(content: readonly MediaType[], accept: string | undefined): MediaType | undefined {
  const preferred = preferredType(content)
  if (accept === undefined || accept.trim() === '' || preferred === undefined) return preferred
  const ranges = accept.split(',', MAX_RANGES).flatMap((part) => parseMediaType(part) ?? [])
  let best: { readonly media: MediaType; readonly rank: number } | undefined
  for (const media of [preferred, ...content]) {
    const rank = rankOf(media, ranges)
    if (rank > (best?.rank ?? 0)) best = { media, rank }
  }
  return best?.media
}

/** How much a client likes a media type; 0 for one that it does not take. */
function rankOf(media: MediaType, ranges: readonly MediaRange[]): number {
  const own = parseMediaType(media.type)
  let closest: { readonly range: MediaRange; readonly score: number } | undefined
  for (const range of ranges) {
    const [match] = ranked([media], range)
    if (match !== undefined && match.score > (closest?.score ?? 0)) closest = { range, score: match.score }
  }
  if (closest === undefined || own === undefined) return 0
  const quality = Number(closest.range.parameters.get('q') ?? 1)
  // Of types that are liked equally, the one with the parameters that were asked for.
  return quality > 0 ? quality + agreement(closest.range.parameters, own.parameters) / 1_000 : 0
}
