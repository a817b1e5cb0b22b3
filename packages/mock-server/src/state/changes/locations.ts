// Where a new thing is, as the answer that tells of it says: its `Location`.

import type { Operation } from '../../engine/document/operation.js'
import type { Entity } from '../entities/entity.js'
import { bare, isFormatted } from '../places/paths.js'
import type { Site } from '../world.js'

// Clients give up on long header sections.
const MAX_LOCATION = 2_048

/** The headers of an answer that tells of a new thing. */
export function headersOf(site: Site, { id }: Entity): Readonly<Record<string, string>> {
  const { place } = site
  const location = place.param === undefined || place.isCalled === true ? '' : locationOf(site, id)
  return location !== '' && location.length <= MAX_LOCATION ? { location } : {}
}

/** A path that ends in a key in parentheses, as those of OData do. */
const KEYED = /\(((?:\w+=)?'?)\{[^{}]+\}('?)\)$/

/** How the path of a new thing is written. */
interface Addressing {
  readonly extension: string
  /** Whether the path of the request ends in what stands for its format. */
  readonly isFormatted: boolean
  /** What stands around a key in parentheses. */
  readonly before: string | undefined
  readonly after: string | undefined
}

const addressings = new WeakMap<Operation, Addressing | 'none'>()

function addressingOf(site: Site): Addressing | 'none' {
  const { operation } = site.request
  const known = addressings.get(operation)
  if (known !== undefined) return known
  const addressing = findAddressing(site)
  addressings.set(operation, addressing)
  return addressing
}

function findAddressing({ place, request: { operation } }: Site): Addressing | 'none' {
  // A path that says what is done is no path of things.
  if (place.create === operation && bare(operation.path) !== bare(place.collection)) return 'none'
  const [, before, after] = KEYED.exec(place.read?.path ?? '') ?? []
  const extension = /\.[A-Za-z]+$/.exec(place.collection)?.[0] ?? ''
  return { extension, isFormatted: isFormatted(operation.path), before, after }
}

/** The path of a created thing, in the form that it was created with. */
function locationOf(site: Site, id: string): string {
  const { path: own } = site.request
  const addressing = addressingOf(site)
  if (addressing === 'none') return ''
  const { before, after } = addressing
  const path = own.endsWith('/') ? own.slice(0, -1) : own
  const extension = addressing.isFormatted ? path.slice(path.lastIndexOf('.')) : addressing.extension
  const base = extension !== '' && path.endsWith(extension) ? path.slice(0, -extension.length) : path
  if (before !== undefined) return `${base}(${before}${encodeURIComponent(id)}${after})`
  return `${base}/${encodeURIComponent(id)}${extension}`
}
