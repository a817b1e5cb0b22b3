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

const bare = (type: string): string => parseMediaType(type)?.type ?? ''

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

const isJsonType = (type: string): boolean => /[/+]json$/.test(bare(type))

/** The described media type that a sent one belongs to, the closest first. */
export function bestMatch(content: readonly MediaType[], sent: string): MediaType | undefined {
  const ranked = content
    .map((media) => ({ media, score: closeness(bare(media.type), sent) }))
    .filter(({ score }) => score > 0)
    .sort((a, b) => b.score - a.score)
  // Many documents say `application/json` where their servers take any JSON.
  return ranked[0]?.media ?? (isJsonType(sent) ? content.find(({ type }) => isJsonType(type)) : undefined)
}

/** The described media type that an `Accept` header likes best, JSON where it likes several equally. */
export function negotiate(content: readonly MediaType[], accept: string | undefined): MediaType | undefined {
  const preferred =
    content.find(({ type }) => bare(type) === 'application/json') ??
    content.find(({ type }) => isJsonType(type)) ??
    content[0]
  if (accept === undefined || accept.trim() === '' || content.length === 0) return preferred
  const ranges = accept.split(',').flatMap((part) => parseMediaType(part) ?? [])
  let best: { readonly media: MediaType; readonly quality: number } | undefined
  for (const media of preferred === undefined ? content : [preferred, ...content]) {
    const type = bare(media.type)
    const [closest] = ranges
      .map((range) => ({ range, score: closeness(range.type, type) }))
      .filter(({ score }) => score > 0)
      .sort((a, b) => b.score - a.score)
    const q = closest === undefined ? 0 : Number(closest.range.parameters.get('q') ?? 1)
    if (q > 0 && q > (best?.quality ?? 0)) best = { media, quality: q }
  }
  return best?.media
}
