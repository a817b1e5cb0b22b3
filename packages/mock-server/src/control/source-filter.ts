// Hides credentials in the text of a body as it was sent, in whatever format that is, whole or cut off.

import { decodeText } from '../engine/request/pairs.js'
import { REDACTED, type SecretFilter } from './secrets.js'

/** A name and what separates it from its value: `"token": `, `token=`, `token: `. */
const NAME = /(?<![\w.[\]%-])([\w.[\]%-]{1,200})["']?\s{0,20}[:=]\s{0,20}/g
/** The name of a part of a form, the rest of its header, and the empty line before its value. */
const PART = /\bname="([^"\r\n]{0,200})"[^\r\n]{0,1000}(?:\r?\n[^\r\n]{1,1000}){0,20}?\r?\n\r?\n/g
const PART_END = /\r?\n--/g
/** A start tag. */
const TAG = /<(?:[\w.-]{1,100}:)?([\w.-]{1,200})(?:\s[^<>]{0,1000})?>/g
const TAG_END = /</g
/** What a value ends with, by what it begins with. One that nests is hidden with all that follows it. */
const ENDS: Readonly<Record<string, RegExp>> = {
  '"': /(?<!\\)(?:\\\\)*"/g,
  "'": /'/g,
  '{': /$/g,
  '[': /$/g,
}
const UNQUOTED_END = /[\s,;&<>}\]]/g

/** Where a text holds a credential. */
interface Span {
  readonly from: number
  readonly to: number
}

/**
 * @param isSecret whether what has this name is a credential.
 * @param filter hides known credentials, whatever their names.
 */
export function createSourceFilter(isSecret: (name: string) => boolean, filter: SecretFilter) {
  /** Where values are whose names say that they are credentials. */
  const spansOf = (
    text: string,
    names: RegExp,
    endOf: (text: string, from: number) => number,
  ): readonly Span[] =>
    [...text.matchAll(names)]
      .filter(([, name = '']) => isSecret(decodeText(name)))
      .map((match) => {
        const from = match.index + match[0].length
        return { from, to: endOf(text, from) }
      })

  /** JSON without credentials; undefined for what is no JSON. */
  const ofJson = (text: string): string | undefined => {
    try {
      const value: unknown = JSON.parse(text)
      let isHidden = false
      const hiding = JSON.stringify(value, (name, member: unknown) => {
        if (name === '' || !isSecret(name)) return member
        isHidden = true
        return REDACTED
      })
      return isHidden ? hiding : text
    } catch {
      return undefined
    }
  }

  return (text: string, mediaType: string): string => {
    const json = /[/+]json\b/i.test(mediaType) ? ofJson(text) : undefined
    if (json !== undefined) return filter(json)
    const spans = /^multipart\//i.test(mediaType)
      ? spansOf(text, PART, until(PART_END))
      : [...spansOf(text, NAME, endOfValue), ...spansOf(text, TAG, until(TAG_END))]
    return filter(without(text, spans))
  }
}

const until =
  (end: RegExp) =>
  (text: string, from: number): number => {
    end.lastIndex = from
    return end.exec(text)?.index ?? text.length
  }

function endOfValue(text: string, from: number): number {
  const end = ENDS[text[from] ?? '']
  return end === undefined ? until(UNQUOTED_END)(text, from) : until(end)(text, from + 1)
}

function without(text: string, spans: readonly Span[]): string {
  let shown = ''
  let at = 0
  for (const { from, to } of [...spans].sort((a, b) => a.from - b.from)) {
    if (from < at) continue
    // A quotation mark stays, so that what follows reads as it did.
    const start = /["']/.test(text[from] ?? '') ? from + 1 : from
    shown += text.slice(at, start) + REDACTED
    at = to
  }
  return shown + text.slice(at)
}
