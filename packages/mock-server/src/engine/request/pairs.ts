// The names and values that a query, a form or a cookie is made of, and the trees that names with brackets spell.

import { member, setMember } from '../json.js'

/** More pairs than this are refused unread. */
export const MAX_PAIRS = 1_000
export const MAX_BRACKET_DEPTH = 8

export type Pair = readonly [name: string, value: string, rawValue: string]

/** Undefined when there are more pairs than {@link MAX_PAIRS}. */
export function parsePairs(query: string): readonly Pair[] | undefined {
  if (query === '') return []
  // Counted before anything is split.
  let count = 1
  for (let at = query.indexOf('&'); at >= 0; at = query.indexOf('&', at + 1))
    if (++count > MAX_PAIRS) return undefined
  return query
    .split('&')
    .filter(Boolean)
    .map((pair) => {
      const equals = pair.indexOf('=')
      const raw = equals < 0 ? '' : pair.slice(equals + 1)
      return [decodeText(equals < 0 ? pair : pair.slice(0, equals)), decodeText(raw), raw] as const
    })
}

/** Percent-decoding that leaves alone what is not encoded properly. */
export function decodeText(text: string): string {
  const spaced = text.replaceAll('+', ' ')
  if (!spaced.includes('%')) return spaced
  try {
    return decodeURIComponent(spaced)
  } catch {
    return spaced
  }
}

export function parseCookies(header: string | readonly string[] | undefined): ReadonlyMap<string, string> {
  const cookies = new Map<string, string>()
  if (header === undefined) return cookies
  for (const pair of [header].flat().join(';').split(';')) {
    const equals = pair.indexOf('=')
    if (equals > 0) cookies.set(pair.slice(0, equals).trim(), decodeText(pair.slice(equals + 1).trim()))
  }
  return cookies
}

/**
 * Puts `a[b][0]=v` and `a[]=v` at their place in a tree; indexes make lists. Deeper nesting than eight levels stays
 * in the name.
 */
export function putBracketed(tree: object, key: string, value: unknown): void {
  const open = key.indexOf('[')
  const inner = open <= 0 || !key.endsWith(']') ? [] : key.slice(open + 1, -1).split('][')
  if (inner.length === 0 || inner.length > MAX_BRACKET_DEPTH) {
    put(tree, key, value)
    return
  }
  let at: Branch = tree as Record<string, unknown>
  let name = key.slice(0, open)
  for (const part of inner) {
    at = branchAt(at, name, INDEX.test(part))
    name = Array.isArray(at) ? String(indexIn(at, part)) : part
  }
  if (Array.isArray(at) && Number(name) < at.length) at.push(value)
  else put(at, name, value)
}

type Branch = Record<string, unknown> | unknown[]

/** What brackets hold when they stand for an item of a list. */
const INDEX = /^\d{0,4}$/

function branchAt(parent: Branch, name: string, isList: boolean): Branch {
  const known: unknown = Object.hasOwn(parent, name) ? (parent as Record<string, unknown>)[name] : undefined
  if (known !== null && typeof known === 'object') return known as Branch
  const branch = isList ? [] : {}
  setMember(parent, name, branch)
  return branch
}

/** Items have no gaps between them: an index beyond the end, or none, is that of the next item. */
const indexIn = (list: readonly unknown[], part: string): number =>
  part === '' ? list.length : Math.min(Number(part), list.length)

/** Names that are repeated make a list. */
function put(target: object, name: string, value: unknown): void {
  const known = member(target, name)
  if (!Array.isArray(known)) setMember(target, name, known === undefined ? value : [known, value].flat())
  else if (Array.isArray(value)) for (const item of value) known.push(item)
  else known.push(value)
}
