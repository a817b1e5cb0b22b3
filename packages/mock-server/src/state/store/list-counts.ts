// How many things a thing lists itself, in a member beside the list: the `assetCount` of an album with its `assets`.

import { singular } from '../conventions/names.js'
import type { Entity, EntityFactory, Item } from '../entities/entity.js'
import type { Forms } from '../forms/forms.js'
import { nounOf } from '../places/paths.js'
import type { ResourceType, Types } from '../places/types.js'
import type { World } from '../world.js'

/** What a count of things of this noun may be called. */
export const countNames = (noun: string): ReadonlySet<string> =>
  new Set([
    ...['', 'nb', 'num', 'numberof', 'total'].map((before) => `${before}${noun}s`),
    ...['count', 'scount', 'total', 'stotal'].map((after) => `${noun}${after}`),
  ])

interface Counted {
  readonly count: string
  readonly list: string
}

const counted = new WeakMap<EntityFactory, readonly Counted[]>()

/** An entity whose counts of its own lists say how long these are. */
export function withListCounts(world: World, type: ResourceType, entity: Entity): Entity {
  const factory = world.factoryOf(type)
  const pairs = counted.get(factory) ?? countedIn(world.forms, world.types, factory)
  counted.set(factory, pairs)
  if (pairs.length === 0) return entity
  const item = agreeing(pairs, entity.item)
  const whole = entity.whole && agreeing(pairs, entity.whole)
  return item === entity.item && whole === entity.whole ? entity : { ...entity, item, whole }
}

function agreeing(pairs: readonly Counted[], item: Item): Item {
  let copy = item
  for (const { count, list } of pairs) {
    const [said, listed] = [item[count], item[list]]
    const isOther = typeof said === 'number' && Array.isArray(listed) && listed.length !== said
    if (isOther) copy = { ...copy, [count]: (listed as readonly unknown[]).length }
  }
  return copy
}

/** The counts of a type, each with its list. What is kept below a thing is counted there. */
function countedIn(forms: Forms, types: Types, { slots, type }: EntityFactory): readonly Counted[] {
  const own = slots.filter(({ path }) => path.length === 1)
  const below = new Set(
    type.places.flatMap((place) => types.listsBelow(place).map((role) => nounOf(role.place))),
  )
  return own.flatMap(({ path: [list = ''], normalized, schema }) => {
    const noun = singular(normalized)
    if (!forms.of(schema).isArray || noun === normalized || below.has(noun)) return []
    const names = countNames(noun)
    const counts = own.filter(
      (slot) => names.has(slot.normalized) && forms.types(slot.schema)?.has('integer') === true,
    )
    return counts.map(({ path: [count = ''] }) => ({ count, list }))
  })
}
