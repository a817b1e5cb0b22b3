// Examples that differ by language (RFC 9110, sections 12.5.4 and 8.5): those whose names are language tags.

import type { MediaType } from '../document/operation.js'
import { lazy } from '../json.js'

/** A language tag as documents name examples: `en`, `pt-BR`, `zh-Hant`, `de_CH`. */
const TAG = /^[a-z]{2,3}(?:[-_][a-z]{4})?(?:[-_](?:[a-z]{2}|\d{3}))?$/i
const MAX_RANGES = 32

const languages = new WeakMap<MediaType, ReadonlyMap<string, string> | undefined>()
const names = lazy(() => new Intl.DisplayNames(['en'], { type: 'language', fallback: 'none' }))

/** The names of the examples by their tags in lower case; undefined where they do not differ by language. */
function languagesOf(media: MediaType): ReadonlyMap<string, string> | undefined {
  if (languages.has(media)) return languages.get(media)
  const tagged = media.examples.flatMap(({ name }): [string, string][] =>
    isTag(name) ? [[name.replaceAll('_', '-').toLowerCase(), name]] : [],
  )
  const found = tagged.length > 1 && tagged.length === media.examples.length ? new Map(tagged) : undefined
  languages.set(media, found)
  return found
}

function isTag(name: string | undefined): name is string {
  if (name === undefined || !TAG.test(name)) return false
  try {
    return names().of(name.replaceAll('_', '-').split('-')[0] ?? '') !== undefined
  } catch {
    return false
  }
}

export interface SpokenExample {
  /** As examples are named. */
  readonly name: string
  /** As `Content-Language` has it. */
  readonly language: string
}

/**
 * The example in the language that a client likes best, by lookup (RFC 4647, section 3.4); the first one where it likes
 * none of them. Undefined where the examples do not differ by language.
 */
export function exampleIn(media: MediaType, acceptLanguage: string | undefined): SpokenExample | undefined {
  const known = languagesOf(media)
  if (known === undefined) return undefined
  const shown = (name: string): SpokenExample => ({ name, language: name.replaceAll('_', '-') })
  for (const range of rangesOf(acceptLanguage ?? '')) {
    for (let tag = range; tag !== ''; tag = tag.replace(/-?[^-]*$/, '')) {
      const name = known.get(tag) ?? [...known].find(([one]) => one.startsWith(`${tag}-`))?.[1]
      if (name !== undefined) return shown(name)
    }
  }
  const [first = ''] = known.values()
  return shown(first)
}

/** Language ranges in lower case, the best first. */
function rangesOf(field: string): readonly string[] {
  return field
    .split(',', MAX_RANGES)
    .map((one) => {
      const [range = '', weight = ''] = one
        .trim()
        .toLowerCase()
        .split(/\s*;\s*q=/)
      return { range, weight: weight === '' ? 1 : Number(weight) || 0 }
    })
    .filter(({ range, weight }) => weight > 0 && range !== '*' && range.length < 64)
    .sort((a, b) => b.weight - a.weight)
    .map(({ range }) => range)
}
