// What is known of a request that failed, and how well a value tells it.

import { segmentsOf } from '../json.js'
import type { Violation } from '../request/violations.js'
import type { ErrorLeaf } from './error-shapes.js'
import type { ErrorKind } from './error-words.js'

/** What went wrong, as far as anyone knows. */
export interface ErrorFacts {
  readonly kind: ErrorKind
  readonly status: number
  /** For people, violations included. */
  readonly message: string
  readonly code: string | undefined
  readonly details: object | undefined
  readonly violations: readonly Violation[]
  readonly retryAfterSeconds: number | undefined
  /** Of the request. */
  readonly path: string | undefined
  /** Whether the document's own words for this status are as good as `message`. */
  readonly isCommonplace: boolean
  /** Whether the shape's examples are of exactly this status. */
  readonly isSpecific: boolean
  /** Whether the shape is the operation's own. */
  readonly isOwn: boolean
  /** A word of the shape, for the manner of others. */
  readonly model: string | undefined
}

/** A value, and how well it says what went wrong: more is better. */
export interface Filled {
  readonly value: unknown
  readonly points: number
  /** Whether the document has no such value. */
  readonly isInvented?: boolean
  /** Whether who refused the request said so. */
  readonly isGiven?: boolean
}

/** What a part of an error is filled with. */
export interface FillContext {
  /** Whether a value fits the schema of a leaf. */
  readonly fits: (leaf: ErrorLeaf, value: unknown) => boolean
  readonly facts: ErrorFacts
  /** Of an entry: what it is about, if it is about a member. */
  readonly violation: Violation | undefined
  readonly isEntry: boolean
  /** Whether a text must say where as well. */
  readonly isAlone?: boolean
  /** Whether a text around it says what is wrong. */
  readonly isTold?: boolean
  /** Whether that text is in an object further out. */
  readonly isToldAbove?: boolean
}

/** What values count that tell something. */
export const POINTS = { text: 10, field: 4, word: 2, strangeWord: -6 } as const

/** Where a violation is: the names and positions that lead to the member. */
export function namesOf({ in: place, location, member }: Violation): readonly string[] {
  const names = place === 'body' ? segmentsOf(location) : location.split('/').filter(Boolean)
  return member === undefined ? names : [...names, member]
}
