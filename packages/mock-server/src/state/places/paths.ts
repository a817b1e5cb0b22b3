// Path templates as names: what makes two of them one path, and what their collections are called.

import { normalizeName, ofText } from '../../engine/json.js'
import { singular } from '../conventions/names.js'

/**
 * A path whose segments hold their keys in parentheses as one that has a segment for each: `/people('{id}')/trips` of OData is
 * `/people/{id}/trips`. What takes several values there is a function, or has no one id.
 */
export const segmented = (path: string): string => {
  const plain = path.includes('.{') ? path.replace(FORMAT, '') : path
  return plain.includes('(') ? plain.replace(/(?<=[^/()])\((?:\w+=)?'?(\{[^{}]+\})'?\)/g, '/$1') : plain
}

/** Whether the end of a path says in which format its answer is written. */
export const isFormatted = (path: string): boolean => FORMAT.test(path)

/** What a path ends with that says how its answer is written: `/issues/{id}.{format}` of Rails and Grape. */
const FORMAT = /\.\{(?:format|ext|extension)\}\/?$/i

/** Without parameter names, trailing slash, query and fragment: templates that differ in these mean the same path. */
export const bare = ofText((path) =>
  segmented(path)
    .replace(/[?#].*$/, '')
    .replace(/\/$/, '')
    .replace(/\{[^{}]*\}/g, '{}'),
)

/** The last word of a path that is no parameter: `teams` of `/teams/{org}`. */
export const lastWordOf = (path: string): string =>
  path.split('/').findLast((segment) => segment !== '' && !segment.includes('{')) ?? ''

interface Collected {
  /** The path template of a collection. */
  readonly collection: string
}

/** What a collection is called, as one of its items would be: `pet` of `/stores/{id}/pets`. */
export const nounOf = ({ collection }: Collected): string => nounAt(collection)

const nounAt = ofText((collection) => {
  return singular(normalizeName(lastWordOf(collection).replace(/\.[a-z]+$/i, '')))
})

/** What a place's items may be called: `version` and `file` of `/files/{id}/versions`, `apikey` and `key` of `/api_keys`. */
export const nounsOf = ({ collection }: Collected): readonly string[] => {
  const words = collection
    .split('/')
    .filter((segment) => segment !== '' && !segment.includes('{'))
    .reverse()
  const short = words[0]?.split(/[_-]/).at(-1) ?? ''
  return [...new Set([...words, short].map((word) => singular(normalizeName(word))))]
}

/** What a path ends with. */
export const lastSegment = (path: string): string =>
  path
    .replace(/[?#].*$/, '')
    .replace(/\/$/, '')
    .split('/')
    .at(-1) ?? ''
