// What the bodies of an operation tell that its path does not.

import type { Operation } from '../../engine/document/operation.js'

/** What bodies tell of an operation. */
export interface BodyFacts {
  /** Whether there is a list of things in its success. */
  hasList(operation: Operation): boolean
  /** Whether there are objects right in its success, and no list of the like of them. */
  showsOne(operation: Operation): boolean
  /** Whether the document says nothing of what a read of it answers. */
  isUndescribed(operation: Operation): boolean
  /** Whether its success is nothing but a list. */
  isList(operation: Operation): boolean
  /** Whether its success, or the one thing in its envelope, has a number of this normalised name. */
  isShownAs(operation: Operation, name: string): boolean
  /** Whether the successes of two operations have one schema. */
  isShownAlike(one: Operation, other: Operation): boolean
  /** Whether the successes of two operations are lists of the same things. */
  listAlike(one: Operation, other: Operation): boolean
  /** Whether the successes of two operations have members of the same names. */
  isOfOneForm(one: Operation, other: Operation): boolean
  /** Whether its request may say something by this normalised name. */
  takes(operation: Operation, name: string): boolean
  /** Whether its request is nothing but a list. */
  takesList(operation: Operation): boolean
  /** Whether a body is nothing but the list of names that a list is answered with, both under the same name. */
  takesNames(operation: Operation, list: Operation): boolean
  /** Whether its request has a list of objects: by itself, or as one of its members. */
  takesThings(operation: Operation): boolean
  /** Whether its request names several things by a list of their ids. @param names the normalised names of such lists. */
  takesIds(operation: Operation, names?: ReadonlySet<string>): boolean
}
