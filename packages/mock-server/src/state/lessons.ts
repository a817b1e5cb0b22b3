// What is known of things from traffic that was recorded: their ids, what a new one has, and which there are.

import type { Operation } from '../engine/document/operation.js'
import type { ApiRequest } from '../engine/request/api-request.js'

/** A thing that was seen, with the id that it is asked for by. */
export interface SeenThing {
  readonly id: string | number
  readonly thing: Readonly<Record<string, unknown>>
}

export interface ThingLessons {
  /**
   * An id as the API gives them; undefined where none was seen.
   *
   * @param collection the path of the collection, as the document writes it.
   * @param number another one for every new thing, from 1.
   */
  newId(collection: string, number: number): string | number | undefined
  /** What the API answers to a creation, without what differs each time; undefined where no answer was seen. */
  born(request: ApiRequest, now: number): unknown
  /** A thing as it was seen in a collection. */
  seen(collection: string, id: string): SeenThing['thing'] | undefined
  /** Whether the API said of a thing that an operation asked for that it was not there. */
  misses(operation: Operation | undefined): boolean
  /** Whether the API refused to make a thing whose id was taken. */
  minds(operation: Operation): boolean
}
