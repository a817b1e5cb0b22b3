// Operations of one method and one path that only the request's media type or its values tell apart: documents write
// them with a query or a fragment in their path, such as `/?Action=CreateUser` or `/orders#POST-form`, or with other names
// of the same parameters, such as `/boards/{id}/images` and `/boards/{board_id}/images`.

import { type Operation, queryParameters } from '../document/operation.js'
import { bestMatch, parseMediaType } from './media-types.js'

/** One of several operations that a request may mean. */
export interface Rival {
  readonly operation: Operation
  readonly params: Readonly<Record<string, string>>
}

/** The values that a path's own query and fragment spell out, such as `Action=CreateUser`. */
export interface SpelledPairs {
  readonly query: readonly string[]
  readonly fragment: readonly string[]
}

export function spelledPairs(path: string): SpelledPairs {
  const [beforeFragment = '', fragment = ''] = path.split('#')
  const query = beforeFragment.split('?')[1] ?? ''
  // A part with a parameter in it takes any value.
  const pairs = (text: string) => text.split('&').filter((pair) => pair !== '' && !pair.includes('{'))
  return { query: pairs(query), fragment: pairs(fragment).filter((pair) => pair.includes('=')) }
}

/** Whether it takes the body to decide, because a form may hold the values that the paths spell out. */
export const needsForm = (rivals: readonly Rival[], contentType: string | undefined): boolean =>
  parseMediaType(contentType ?? '')?.type === 'application/x-www-form-urlencoded' &&
  rivals.some(({ operation }) => allPairs(operation).length > 0)

/** What a request says that may tell rivals apart. */
export interface Telling {
  readonly query: string
  /** The body of a form: pairs as they are sent. */
  readonly form: string
  readonly contentType: string | undefined
  /** The operation that the path alone leads to. */
  readonly usual: Operation | undefined
}

/**
 * The operation that a request means: the one whose values it sends, or else the first that takes its media type.
 *
 * @returns undefined when the request says nothing that speaks for one of them.
 */
export function pickRival(rivals: readonly Rival[], sent: Telling): Rival | undefined {
  if (!rivals.some(({ operation }) => /[?#]/.test(operation.path))) return pickTwin(rivals, sent)
  const pairs = new Set(`${sent.query}&${sent.form}`.split('&', MAX_PAIRS).map((pair) => pair.trim()))
  const spelled = rivals.filter(({ operation }) => {
    const own = allPairs(operation)
    return own.length > 0 && own.every((pair) => pairs.has(pair))
  })
  const [first, ...others] = spelled.sort(
    (a, b) => allPairs(b.operation).length - allPairs(a.operation).length,
  )
  const range = parseMediaType(sent.contentType ?? '')
  const takesBody = ({ operation }: Rival): boolean =>
    range === undefined
      ? operation.body() === undefined
      : bestMatch(operation.body()?.content ?? [], range) !== undefined
  if (first !== undefined) return others.length === 0 ? first : (spelled.find(takesBody) ?? first)
  return rivals.filter(({ operation }) => spelledPairs(operation.path).query.length === 0).find(takesBody)
}

/** Of operations that stand at the very same path, the one that asks for the most of what is sent and takes the body. */
function pickTwin(rivals: readonly Rival[], { query, contentType = '', usual }: Telling): Rival | undefined {
  const names = new Set(new URLSearchParams(query).keys())
  const asked = rivals.map((rival) => ({ rival, required: requiredOf(rival) }))
  const open = asked.filter(({ required }) => required.every((name) => names.has(name)))
  const most = Math.max(...open.map(({ required }) => required.length))
  const range = parseMediaType(contentType)
  const meant = open
    .filter(({ required }) => required.length === most)
    .map(({ rival }) => rival)
    .filter(
      ({ operation }) =>
        range === undefined || bestMatch(operation.body()?.content ?? [], range) !== undefined,
    )
  return meant.find(({ operation }) => operation === usual) ?? meant[0]
}

const requiredOf = ({ operation }: Rival): readonly string[] =>
  queryParameters(operation).flatMap(({ name, required }) => (required ? [name] : []))

const MAX_PAIRS = 1_000

function allPairs({ path }: Operation): readonly string[] {
  const { query, fragment } = spelledPairs(path)
  return [...query, ...fragment]
}
