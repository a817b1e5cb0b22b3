// Filters that are written as one text: as JSON (Directus, LoopBack, Strapi's and Parse's `where`), as functions (JSON:API
// filters of Klaviyo and of JsonApiDotNet), as comparisons joined by "and" (SCIM, OData, Google AIP-160, Okta), and as names
// with their values (`query:ann,role:admin|owner` of LaunchDarkly, `status:active` of Stripe's searches).

import { isObject, nestsAtMost, normalizeName } from '../../engine/json.js'

/** What a text compares, under a name as queries write it (`age[gt]`), with the value. */
export type Compared = readonly [name: string, value: unknown]

const FILTER_NAMES: ReadonlySet<string> = new Set(['filter', 'filters', 'where', 'odatafilter'])

/** Whether a parameter of this name holds a filter, and not a value to compare with. */
export const holdsFilter = (name: string): boolean => FILTER_NAMES.has(normalizeName(name))

const MAX_TEXT = 4_096
const MAX_DEPTH = 10

const SIGNS: Readonly<Record<string, string>> = {
  '=': 'eq',
  '==': 'eq',
  '!=': 'ne',
  '>': 'gt',
  '>=': 'ge',
  '<': 'lt',
  '<=': 'le',
  co: 'contains',
  sw: 'startswith',
}

/** What a filter of one text compares; undefined where it says more than that all of some comparisons are to hold. */
export function comparedIn(text: string): readonly Compared[] | undefined {
  if (text.length > MAX_TEXT) return undefined
  const parsed = parsedFilter(text)
  if (parsed !== undefined) return Object.entries(parsed)
  const clauses = clausesOf(text.trim())
  return (
    allIn(clauses, (clause) => {
      const compared = calledIn(clause) ?? statedIn(clause)
      return compared && [compared]
    }) ?? allIn(clauses, pairedIn)
  )
}

function allIn(
  clauses: readonly string[],
  read: (clause: string) => readonly Compared[] | undefined,
): readonly Compared[] | undefined {
  const compared = clauses.map(read)
  return compared.every((one) => one !== undefined) ? compared.flat() : undefined
}

function parsedFilter(text: string): Readonly<Record<string, unknown>> | undefined {
  if (!/^\s*\{/.test(text)) return undefined
  try {
    const parsed: unknown = JSON.parse(text)
    if (!isObject(parsed) || !nestsAtMost(parsed, MAX_DEPTH)) return undefined
    // LoopBack has it in a member of its own, beside the order and the length of a page.
    return isObject(parsed.where) ? parsed.where : parsed
  } catch {
    return undefined
  }
}

/** Quoted texts and what stands in brackets, joints, and single signs. */
const PIECES = /"[^"]*"|'[^']*'|\([^()]*\)|\[[^[\]]*\]|\s+and\s+|[\s\S]/gi
const JOINT = /^(?:,|\s+and\s+)$/i

/** The parts of a text that have to hold together: `a eq 1 and b eq 2`, `and(a(…),b(…))`. */
function clausesOf(text: string): readonly string[] {
  const inner = /^and\((.*)\)$/is.exec(text)?.[1] ?? text
  const clauses = ['']
  for (const [piece] of inner.matchAll(PIECES)) {
    if (JOINT.test(piece)) clauses.push('')
    else clauses.push((clauses.pop() ?? '') + piece)
  }
  return clauses
}

/** `equals(name,"Ann")`. */
function calledIn(clause: string): Compared | undefined {
  const [, name = '', member = '', value = ''] =
    /^\s*([A-Za-z-]+)\(\s*([\w.@-]+)\s*,\s*(.+?)\s*\)\s*$/s.exec(clause) ?? []
  return name === '' ? undefined : [`${member}[${name}]`, literalOf(value)]
}

/** `name eq "Ann"`, `age >= 7`. */
function statedIn(clause: string): Compared | undefined {
  const [, member = '', sign = '', value = ''] =
    /^\s*([\w.@/-]+)\s*(==|!=|>=|<=|=|>|<|(?<=\s)(?:eq|ne|gt|ge|lt|le|co|sw)(?=\s))\s*("[^"]*"|'[^']*'|[^\s()"']+)\s*$/i.exec(
      clause,
    ) ?? []
  if (member === '') return undefined
  const operator = SIGNS[sign.toLowerCase()] ?? sign.toLowerCase()
  return [`${member.replaceAll('/', '.')}[${operator}]`, literalOf(value)]
}

/** `role:admin|owner`, which is one of them; `tags:beta+web`, which has both. An address, or a time, is no such pair. */
function pairedIn(clause: string): readonly Compared[] | undefined {
  const [, member = '', value = ''] =
    /^\s*([A-Za-z][\w.-]*):\s*("[^"]*"|'[^']*'|[^\s:"'/][^\s:"']*)\s*$/.exec(clause) ?? []
  if (member === '') return undefined
  if (/^["']/.test(value)) return [[member, literalOf(value)]]
  return value.split('+').map((one) => [member, one.includes('|') ? one.split('|') : one] as const)
}

function literalOf(text: string): unknown {
  const quoted = /^(["'])(.*)\1$/s.exec(text)?.[2]
  if (quoted !== undefined) return quoted
  const list = /^\[(.*)\]$/s.exec(text)?.[1]
  return list === undefined ? text : list.split(',').map((one) => literalOf(one.trim()))
}
