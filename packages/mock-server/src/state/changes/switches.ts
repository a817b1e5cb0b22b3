// Paths that are nothing but a switch, which POST or PUT turns on, DELETE off, and GET tells of: the `transfer_lock` of a domain
// (DNSimple), the vulnerability alerts of a repository (GitHub), the lock of a stack (Pulumi).

import type { Operation } from '../../engine/document/operation.js'
import { grouped } from '../../engine/json.js'
import type { ApiRequest } from '../../engine/request/api-request.js'
import { answered, notFound, type StateAnswer } from '../answering.js'
import { ON_FLAGS } from '../conventions/life.js'
import { withValueAt } from '../forms/slots.js'
import type { Place } from '../places/place.js'
import { idNamed, placesNamed } from '../store/belongings.js'
import { findEntity, isGone } from '../store/entity-store.js'
import { besideOf } from '../store/kept-beside.js'
import { collectionOn, idOn, scopeOf, type World } from '../world.js'

interface Switch {
  /** Where its answers say whether it is on. */
  readonly flag: Path
  /** The thing that it is of. */
  readonly of: { readonly place: Place; idOf(request: ApiRequest): string } | undefined
}

type Path = readonly string[]

/** What says only whether something is on may say since when. */
const MAX_MEMBERS = 4

const switches = new WeakMap<readonly Operation[], ReadonlyMap<Operation, Switch>>()

/** Turns a switch, or tells of it; undefined where a request is about none. */
export function switched(world: World, request: ApiRequest): StateAnswer {
  const known = switches.get(world.operations) ?? switchesIn(world)
  switches.set(world.operations, known)
  const { operation, path } = request
  const own = known.get(operation)
  if (own === undefined) return undefined
  const scope = scopeOf(request)
  const { items, renderer, types } = world
  const thing = own.of && thingAt(world, own.of, request)
  if (thing?.isGone === true) return notFound({ request })
  const name = besideOf('switch', thing === undefined ? path : `${thing.path}${wordsOf(operation)}`)
  if (operation.method !== 'GET') items.replace(scope, name, '', String(operation.method !== 'DELETE'))
  const isOn = items.find(scope, name, '')?.body === 'true'
  const template = types.template(operation, operation.method === 'POST', request.headers.accept)
  if (template === undefined) return undefined
  if (template.media === undefined) return answered(world, { template }, {})
  const body = renderer.part(template, withValueAt({}, own.flag, isOn))
  return body === undefined ? undefined : answered(world, { template }, { body })
}

/** What stands in a path behind the thing that it is about: `/lock`. */
const wordsOf = ({ path }: Operation): string => path.slice(path.lastIndexOf('}') + 1)

/** The path of the thing that a switch is of, by the id that it is kept under, and whether it was removed. */
function thingAt(
  world: World,
  { place, idOf }: NonNullable<Switch['of']>,
  request: ApiRequest,
): { readonly path: string; readonly isGone: boolean } {
  const collection = collectionOn(world, place, request)
  const id = idOf(request)
  const found = findEntity(world, collection, id)
  const kept =
    found === undefined ? { name: collection.name, id } : { name: found.collection, id: found.entity.id }
  return {
    path: `${kept.name}/${encodeURIComponent(kept.id)}`,
    isGone: found === undefined && isGone(world, collection, id),
  }
}

/** The operations of all switches; the answer of one method tells for all of a path. */
function switchesIn(world: World): ReadonlyMap<Operation, Switch> {
  const found = new Map<Operation, Switch>()
  const byPath = grouped(world.operations.map((operation) => [operation.path, operation]))
  for (const own of byPath.values()) {
    const on = own.find(({ method }) => method === 'POST' || method === 'PUT')
    const isPair = on !== undefined && own.some(({ method }) => method === 'DELETE')
    if (!isPair || on.path.endsWith('}') || on.body() !== undefined) continue
    const [flag] = own.flatMap((operation) => {
      const path = flagOf(world, operation)
      return path === undefined ? [] : [path]
    })
    if (flag === undefined) continue
    const of = thingOf(world, own)
    for (const operation of own) found.set(operation, { flag, of })
  }
  return found
}

/** The thing that operations of one path are about. */
function thingOf(world: World, operations: readonly Operation[]): Switch['of'] {
  const roles = operations.flatMap((operation) => world.types.roleOf(operation) ?? [])
  const acting = roles.find(({ kind, place }) => kind === 'action' && place.param !== undefined)
  const above = roles.find(({ place }) => place.parent?.param !== undefined)
  const direct = acting?.place ?? above?.place.parent
  if (direct !== undefined) return { place: direct, idOf: (request) => idOn(direct, request) }
  const [named] = roles.flatMap(({ place }) => placesNamed(world, place))
  return named && { place: named, idOf: (request) => idNamed(named, request) }
}

/** Where an answer says whether something is on: in itself, or in the one object in it. */
function flagOf({ forms, types }: World, operation: Operation): Path | undefined {
  const template = types.template(operation)
  if (template?.media === undefined) return undefined
  const { byName } = forms.of(template.schema)
  const [only, ...others] = byName.values()
  const inner = only !== undefined && others.length === 0 ? forms.of(only.schema).byName : undefined
  // What shows a thing says more of it.
  if ([byName, inner].some((own) => own !== undefined && (own.size > MAX_MEMBERS || own.has('id'))))
    return undefined
  const isFlag = (schema: Parameters<typeof forms.types>[0]) => forms.types(schema)?.has('boolean') === true
  for (const name of ON_FLAGS) {
    const [outer, within] = [byName.get(name), inner?.get(name)]
    if (outer !== undefined && isFlag(outer.schema)) return [outer.name]
    if (only !== undefined && within !== undefined && isFlag(within.schema)) return [only.name, within.name]
  }
  return undefined
}
