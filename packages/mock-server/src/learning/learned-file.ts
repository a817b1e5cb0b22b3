// The learned file: what was found in recorded traffic, in a form that people read and that differs only where it does.

import { readData } from '../engine/document/tree.js'
import { isObject } from '../engine/json.js'
import type { Violation } from '../engine/request/violations.js'
import type { SeenThing } from '../state/lessons.js'

/** The version of this form. */
export const LEARNED_VERSION = 1

/** How a member differs from one answer to the next. Members that are not listed are the same in each. */
export type MemberLesson =
  /** It has the value of a member or parameter of the request: `body.name`, `path.id`, `query.q`. */
  | { readonly echoes: string }
  /** It is made of what was sent: `Todo {path.id} is gone`. */
  | { readonly says: string }
  /** It is computed from two numbers that were sent: `path.a + path.b`. */
  | { readonly computes: string }
  /** It is the time of the answer. */
  | { readonly moves: 'date-time' | 'seconds' | 'milliseconds' }
  /** It identifies what was made. */
  | { readonly is: 'id' }
  /** It is there in some answers alone. */
  | { readonly is: 'optional' }
  /** Nobody knows what it depends on. */
  | { readonly is: 'other' }

/** The value of a header field: the same in each answer, or made of what was sent and of the answer's body. */
export type HeaderLesson = string | { readonly says: string }

export interface AnswerLesson {
  readonly status: number
  /** In how many exchanges. */
  readonly seen: number
  /** What did not fit the document in those requests; `anonymous` for want of a credential. */
  readonly when?: readonly string[]
  /** The latest. */
  readonly body?: unknown
  /** By JSON pointer. */
  readonly members?: Readonly<Record<string, MemberLesson>>
  /** Names in lower case. */
  readonly headers?: Readonly<Record<string, HeaderLesson>>
}

/** A request that has the same answer whenever it is sent. */
export interface CallLesson {
  readonly path?: Readonly<Record<string, unknown>>
  readonly query?: Readonly<Record<string, unknown>>
  readonly body?: unknown
  readonly status: number
  readonly answer?: unknown
}

export interface OperationLesson {
  /** The status of its successes. */
  readonly success?: number
  /** The status for requests without a credential. */
  readonly anonymous?: number
  /** The status for requests that do not fit the document. */
  readonly invalid?: number
  /** The status where the thing that a request is about is not there; 404 where it is left out. */
  readonly missing?: number
  /** The status where the id that a client has chosen for a new thing is taken; 409 where it is left out. */
  readonly taken?: number
  readonly answers: readonly AnswerLesson[]
  readonly calls?: readonly CallLesson[]
}

/** What new ids look like: `#` stands for a number that counts on, and anything else is a regular expression. */
export type IdLesson = { readonly counts: string; readonly last: number } | { readonly like: string }

export interface Learned {
  readonly 'gosend-learned': typeof LEARNED_VERSION
  /** By operationId, or method and path. */
  readonly operations: Readonly<Record<string, OperationLesson>>
  /** By the path of the collection, as the document writes it. */
  readonly ids: Readonly<Record<string, IdLesson>>
  /** By the path of the collection, as it was asked for. */
  readonly things: Readonly<Record<string, readonly SeenThing[]>>
}

/** @throws TypeError when it is no learned file, or one of another version. */
export function checkLearned(value: unknown, name: string): Learned {
  const version = isObject(value) ? value['gosend-learned'] : undefined
  if (version === undefined)
    throw new TypeError(`learned: ${name} is no learned file; make one with: gosend-mock learn FILE.har`)
  if (version !== LEARNED_VERSION)
    throw new TypeError(
      `learned: ${name} has version ${String(version)}, and this program reads ${LEARNED_VERSION}; learn it anew`,
    )
  const { operations, ids, things } = value as Partial<Learned>
  for (const [part, given] of Object.entries({ operations, ids, things }))
    if (given !== undefined && !isObject(given))
      throw new TypeError(`learned: ${name} has no object of ${part} by their names`)
  return { 'gosend-learned': version, operations: operations ?? {}, ids: ids ?? {}, things: things ?? {} }
}

/** @throws DocumentError when the file cannot be read, and TypeError when it is no learned file. */
export const readLearned = (file: string): Learned => checkLearned(readData(file), file)

/** What a request without a credential is refused for. */
export const ANONYMOUS = 'anonymous'

/** A violation in a form that does not depend on the words of this mock. */
export const reasonOf = ({ in: place, location, keyword, member }: Violation): string =>
  [place, location, keyword, member].filter((part) => part !== undefined && part !== '').join(' ')

/** Where a learned file is looked for: beside its document. */
export const learnedFileOf = (document: string): string =>
  `${document.replace(/\.(ya?ml|json)$/i, '')}.learned.yaml`
