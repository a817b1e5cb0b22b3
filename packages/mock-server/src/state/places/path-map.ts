// What is known of a document's paths while they are read, and how operations are given their roles.

import type { Operation } from '../../engine/document/operation.js'
import type { BodyFacts } from './body-facts.js'
import { bare } from './paths.js'
import type { Place, Role, RoleKind } from './place.js'

export type Methods = ReadonlyMap<string, Operation>

export const ITEM = /^(.*)\/\{([^{}/]+)\}(\.[A-Za-z]+)?$/

/** What is known of a document's paths while they are read. */
export interface Reading {
  readonly facts: BodyFacts
  /** The methods of each path. */
  readonly paths: ReadonlyMap<string, Methods>
  /** The paths of collections. */
  readonly stems: ReadonlySet<string>
  readonly byOperation: Map<Operation, Role>
  readonly byItem: Map<string, Place>
}

export const NONE: Methods = new Map()

export function give(
  { byOperation }: Reading,
  place: Place,
  kind: RoleKind,
  operation: Operation | undefined,
  because: string,
): void {
  if (operation !== undefined && !byOperation.has(operation))
    byOperation.set(operation, { kind, place, because })
}

export function parentIn({ byItem }: Reading, path: string): Place | undefined {
  const segments = bare(path).split('/')
  for (let length = segments.length; length > 1; length--) {
    const found = byItem.get(segments.slice(0, length).join('/'))
    if (found !== undefined) return found
  }
  return undefined
}

export const methodsOf = ({ paths }: Reading, collection: string): Methods =>
  (collection === '' ? undefined : paths.get(bare(collection))) ?? NONE

/** Where an item has items of its own and another method changes it, or nothing reads it, POST makes one of those. */
export const makesBelow = ({ stems, paths }: Reading, path: string, own: Methods): boolean => {
  if (!stems.has(bare(path))) return false
  const isReadBelow = paths.get(`${bare(path)}/{}`)?.has('GET') === true
  return own.has('PUT') || own.has('PATCH') || (!own.has('GET') && isReadBelow)
}

/** A PUT on a collection replaces it by a list, or makes the one thing that it carries. */
export function givePut(
  reading: Reading,
  place: Place,
  operation: Operation | undefined,
  where: string,
): void {
  if (operation === undefined) return
  const { facts } = reading
  const isAll =
    facts.takesList(operation) || (place.list !== undefined && facts.takesNames(operation, place.list))
  give(reading, place, isAll ? 'replace-all' : 'create', operation, `PUT on ${where}`)
}

/** A PATCH on a collection that takes a list of objects changes the things that they name: Airtable, Webflow, Directus. */
export function giveListedChange(
  reading: Reading,
  place: Place,
  operation: Operation | undefined,
  where: string,
): void {
  if (operation !== undefined && place.create !== undefined && reading.facts.takesThings(operation))
    give(reading, place, 'merge-many', operation, `PATCH with a list on ${where}`)
}

/** Whether a request says which things are meant: by a list of their ids, or of objects that have them. */
const namesThings = (facts: BodyFacts, operation: Operation): boolean =>
  facts.takesIds(operation) || facts.takesThings(operation)

/**
 * A DELETE on a collection that takes a list of ids removes the things that have them: Spotify, SendGrid, Weaviate, PandaDoc.
 * So does one that takes a list of objects with ids: DocuSign, Contentstack.
 */
export function giveListedRemoval(
  reading: Reading,
  place: Place,
  operation: Operation | undefined,
  where: string,
): void {
  if (operation !== undefined && place.create !== undefined && namesThings(reading.facts, operation))
    give(reading, place, 'remove-many', operation, `DELETE with a list on ${where}`)
}

/** A DELETE on a collection that is listed removes what its query tells of, or all: Gotify, Keycloak, listmonk, Kafka UI. */
export function giveClearing(
  reading: Reading,
  place: Place,
  operation: Operation | undefined,
  where: string,
): void {
  if (place.list !== undefined && operation?.body() === undefined)
    give(reading, place, 'remove-all', operation, `DELETE on ${where}`)
}
