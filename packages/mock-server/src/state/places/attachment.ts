// What an operation is found to be about though its path is none of a collection or of an item.

import type { Operation } from '../../engine/document/operation.js'
import type { Template } from '../../engine/response/responses.js'
import type { Schema } from '../../engine/schema/schema.js'
import type { EntityView, IdNames } from '../forms/entity-views.js'
import type { ListView } from '../forms/list-views.js'
import type { Place, RoleKind } from './place.js'
import type { PlaceClasses } from './place-classes.js'
import type { Roles } from './places.js'

/** Whether the document leaves one reading, or the mock chose this one. */
export type Basis = 'declared' | 'guessed'

export interface Attachment {
  readonly kind: RoleKind
  readonly place: Place
  /** The places that stand for the things that the operation shows. */
  readonly of: readonly Place[]
  readonly because: string
  readonly basis: Basis
}

export interface AttachmentParts {
  readonly operations: readonly Operation[]
  /** What is hinted is taken out of these. */
  readonly roles: Roles
  readonly places: readonly Place[]
  readonly classes: PlaceClasses
  template(operation: Operation, isCreation: boolean): Template | undefined
  view(template: Template, ids: IdNames): EntityView
  list(template: Template, ids: IdNames): ListView | undefined
  /** The schemas of an answer's members. */
  members(template: Template): readonly Schema[]
  /** What a request may say: names, normalised. */
  requestNames(operation: Operation): ReadonlyMap<string, unknown>
}

export type PlaceOf = (operation: Operation, param?: string) => Place

/** The path parameter that a path ends with. */
export const trailingOf = ({ path }: Operation): string | undefined => /\{([^{}/]+)\}[^/]*$/.exec(path)?.[1]
