// A thing as it is kept, and what can be done with the things of one type.

import type { Operation } from '../../engine/document/operation.js'
import { isObject, type JsonObject, member as memberOf, setMember } from '../../engine/json.js'
import type { EntityView } from '../forms/entity-views.js'
import type { Slot } from '../forms/slots.js'
import type { ResourceType } from '../places/types.js'
import type { Mark } from './id-members.js'
import type { Identifiers } from './identifiers.js'
import type { Relation } from './relations.js'

export type Item = JsonObject

/** An entity with the id that it is stored under. */
export interface Entity {
  readonly id: string
  /** In the form that its type is read in. */
  readonly item: Item
  /** Everything that was sent, on top of the item, where the item has no room for all of it. */
  readonly whole: Item | undefined
}

/** A file that came with a request. */
export interface SentFile {
  /** The field of a form that held it; empty for a body that is nothing but the file. */
  readonly field: string
  readonly name: string | undefined
  readonly type: string | undefined
  readonly size: number
}

export interface Birth {
  readonly operation: Operation | undefined
  readonly relations: readonly Relation[]
  readonly now: number
  readonly file?: SentFile | undefined
  /** What the API says of such a thing, as its answers were seen: all that there is besides what was sent. */
  readonly known?: Item | undefined
}

export type Change =
  | { readonly ok: true; readonly entity: Entity }
  | { readonly ok: false; readonly message: string }

export interface EntityFactory {
  readonly type: ResourceType
  /** How an entity is read. */
  readonly view: EntityView
  readonly identifiers: Identifiers
  /** Members that may identify an entity, by their paths, beside the one that it is stored under. */
  readonly further: readonly (readonly string[])[]
  /** The member that an id names by a prefix which the document tells of; undefined where it has none. */
  prefixed(id: string): Mark | undefined
  /** Names that are never shown. */
  readonly hidden: ReadonlySet<string>
  readonly slots: readonly Slot[]
  /** The part of a request body that describes an entity, in the entity's own nesting. */
  payload(body: unknown): Item
  /** The id that a client chose, if the API lets it. */
  chosenId(payload: Item, operation: Operation): string | number | undefined
  create(payload: Item, id: unknown, birth: Birth): Entity
  merge(
    entity: Entity,
    payload: Item,
    operation: Operation | undefined,
    isMergePatch: boolean,
    now: number,
  ): Entity
  patch(entity: Entity, operations: readonly Item[], now: number): Change
  replace(entity: Entity, payload: Item, operation: Operation, now: number): Entity
  act(entity: Entity, payload: Item, verb: string, operation: Operation, now: number): Entity
  /** Whether entities have a status for what an action of this name leaves behind: `cancelled` for `cancel`. */
  canBe(verb: string): boolean
  /** An entity whose server's own work is done; undefined where none is at hand. */
  finished(entity: Entity, now: number): Entity | undefined
  /** When an entity changed last, in milliseconds since the epoch; undefined where it does not say. */
  changedAt(entity: Entity): number | undefined
  /** What is known of an entity: its item, and what was sent beyond that. */
  full(entity: Entity): Item
  /** An entity without the maps that a payload sends: names that clients choose are all that was sent, or nothing. */
  unmapped(entity: Entity, payload: Item): Entity
  /** What another thing like an entity is made with: all that does not tell the two apart. */
  likeness(entity: Entity): Item
  /** Whether an item was just held against the schema that entities are read in, and fits it. */
  isKnownToFit(item: Item): boolean
  /** The names of members that an item shows and no schema of it describes. */
  undescribed(entity: Entity, operation?: Operation): ReadonlySet<string>
}

/** What is known of an entity: its item, and what was sent beyond that. */
export const full = ({ item, whole }: Entity): Item =>
  whole === undefined ? item : { ...whole, ...item, ...deeper(whole, item) }

/** Members of objects in both, those of the item winning. */
function deeper(whole: Item, item: Item): Item {
  const result: Record<string, unknown> = {}
  for (const [name, value] of Object.entries(item)) {
    const sent = memberOf(whole, name)
    if (isObject(value) && isObject(sent))
      setMember(result, name, { ...sent, ...value, ...deeper(sent, value) })
    else if (sent !== undefined && typeof sent !== typeof value) setMember(result, name, sent)
  }
  return result
}
