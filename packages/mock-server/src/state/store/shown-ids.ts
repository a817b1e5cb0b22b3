// Ids that answers have shown of things that nobody has made. Whoever reads one finds what was shown with it.

import { LRUCache } from 'lru-cache'
import { isObject, type JsonObject } from '../../engine/json.js'
import { ID_ENDINGS, wordsOf } from '../conventions/names.js'

export interface ShownIds {
  /** Remembers the ids in the body of an answer that is about nothing stored. */
  note(scope: string, body: unknown): void
  /** What an answer has shown under an id: the name that it had there, and the object that it stood in. */
  of(scope: string, id: string): ShownId | undefined
  clear(): void
}

interface ShownId {
  readonly name: string
  readonly object: JsonObject
}

const MAX_IDS = 2_000
/** Characters, about: of what is longer the id alone is remembered. */
const MAX_LENGTH = 4_000
const MAX_DEPTH = 6
const MAX_OBJECTS = 100
/** Shorter ids are numbers, which many things have. */
const MIN_LENGTH = 8

const isIdName = (name: string): boolean =>
  (ID_ENDINGS as readonly string[]).includes(wordsOf(name).at(-1) ?? '')

/** Looks at no more of a value than may be remembered. */
function isShort(value: unknown): boolean {
  let left = MAX_LENGTH
  const take = (one: unknown): void => {
    left -= typeof one === 'string' ? one.length : 4
    if (left < 0 || one === null || typeof one !== 'object') return
    for (const [name, inner] of Object.entries(one)) {
      left -= name.length
      if (left < 0) return
      take(inner)
    }
  }
  take(value)
  return left >= 0
}

export function createShownIds(): ShownIds {
  const ids = new LRUCache<string, ShownId>({ max: MAX_IDS })
  // Samples are the same objects each time.
  let seen = new WeakMap<object, Set<string>>()
  let left = 0

  const noteIn = (scope: string, value: unknown, depth: number): void => {
    if (depth > MAX_DEPTH) return
    if (Array.isArray(value)) for (const item of value) noteIn(scope, item, depth + 1)
    else if (isObject(value) && left-- > 0) noteObject(scope, value, depth)
  }
  const noteObject = (scope: string, value: JsonObject, depth: number): void => {
    for (const [name, inner] of Object.entries(value)) {
      if (typeof inner !== 'string') noteIn(scope, inner, depth + 1)
      else if (inner.length >= MIN_LENGTH && inner.length < MAX_LENGTH && isIdName(name))
        remember(`${scope} ${inner}`, { name, object: isShort(value) ? value : { [name]: inner } })
    }
  }
  /** The object that says most of a thing is the thing. */
  const remember = (key: string, shown: ShownId): void => {
    const known = ids.get(key)
    const size = ({ object }: ShownId) => Object.keys(object).length
    if (known === undefined || size(known) < size(shown)) ids.set(key, shown)
  }
  return {
    note(scope, body) {
      if (!isObject(body)) return
      const scopes = seen.get(body) ?? new Set()
      if (scopes.has(scope)) return
      seen.set(body, scopes.add(scope))
      left = MAX_OBJECTS
      noteIn(scope, body, 0)
    },
    of: (scope, id) => ids.get(`${scope} ${id}`),
    clear() {
      ids.clear()
      seen = new WeakMap()
    },
  }
}
