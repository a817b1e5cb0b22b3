// What a new thing says as the one above it does: an environment is the `organization`'s that its project is.

import { isObject } from '../../engine/json.js'
import type { Entity, Item } from '../entities/entity.js'
import { TOLD_BY } from '../entities/references.js'
import type { Relation } from '../entities/relations.js'
import { membersOfAny } from '../forms/entity-views.js'
import type { Member } from '../forms/form.js'
import { nounOf } from '../places/paths.js'
import type { Place } from '../places/place.js'
import type { World } from '../world.js'
import { type Beside, calledSo, membersIn } from './naming.js'

/** A member of a thing, and the member of the one above it that says the same. */
interface Inheritance {
  readonly own: Member
  readonly above: string
}

const known = new WeakMap<Place, readonly Inheritance[]>()

function inheritancesOf(world: World, { factory, place }: Beside, parent: Place): readonly Inheritance[] {
  const found = known.get(place) ?? findInheritances(world, factory, parent)
  known.set(place, found)
  return found
}

function findInheritances(world: World, factory: Beside['factory'], place: Place): readonly Inheritance[] {
  const { forms, types } = world
  const parent = world.factoryOf(types.typeOf(place))
  if (parent === factory) return []
  const noun = nounOf(place)
  const above = membersOfAny(forms, parent.view)
  return [...membersOfAny(forms, factory.view)].flatMap(([normalized, own]) => {
    // `organization_name` of an invitation to an organization (Qovery).
    const told = TOLD_BY.find((of) => normalized === noun + of)
    const its = above.get(told ?? normalized)
    const isOfThird = (third: string): boolean =>
      third !== '' && third !== noun && world.kinds().named(third, factory.type) !== undefined
    const named = /^([a-z]{3,})id$/.exec(normalized)?.[1] ?? (showsThing(world, own) ? normalized : '')
    return its !== undefined && (told !== undefined || isOfThird(named)) ? [{ own, above: its.name }] : []
  })
}

const showsThing = ({ forms }: World, { schema }: Member): boolean => {
  const form = forms.of(schema)
  return !form.isArray && form.byName.has('id')
}

/** A new thing that says what the one above it does, where a payload says nothing of that. */
export function withInherited(
  world: World,
  beside: Beside,
  entity: Entity,
  payload: Item,
  nearest: Relation | undefined,
): Entity {
  const { parent } = beside.place
  if (parent?.param === undefined || nearest === undefined) return entity
  const wanted = inheritancesOf(world, beside, parent).filter(({ own }) => payload[own.name] === undefined)
  const thing =
    wanted.length === 0 ? undefined : calledSo(world, beside, world.types.typeOf(parent), nearest.value)
  if (thing === undefined) return entity
  const { forms, validation } = world
  const told = wanted.flatMap(({ own, above }) => {
    const its = thing.item[above]
    const value = isObject(its) ? membersIn(forms, its, forms.of(own.schema).byName) : its
    const fits = value !== undefined && value !== null && validation.ofSchema(own.schema)(value).length === 0
    return fits ? [[own.name, value] as const] : []
  })
  const { item, whole } = entity
  const now = Object.fromEntries(told)
  return told.length === 0
    ? entity
    : { ...entity, item: { ...item, ...now }, whole: whole && { ...whole, ...now } }
}
