// The things above one of its own kind, from the top down: the `ancestors` of a category with a `parent` (commercetools) and of
// a page with a `parentId` (Confluence).

import { isObject, normalizeName } from '../../engine/json.js'
import { ANCESTORS, PARENTS } from '../conventions/names.js'
import type { Entity, Item } from '../entities/entity.js'
import type { Member } from '../forms/form.js'
import type { World } from '../world.js'
import { type Beside, calledSo, membersIn } from './naming.js'

/** A thing with what is above it, as far as a payload says or leaves out which one is its parent. */
export function withAncestors(world: World, beside: Beside, entity: Entity, payload: Item): Entity {
  const { byName } = beside.factory.view.form
  const list = ANCESTORS.flatMap((name) => byName.get(name) ?? [])[0]
  const parents = PARENTS.flatMap((name) => byName.get(name) ?? [])
  if (list === undefined || parents.length === 0 || payload[list.name] !== undefined) return entity
  if (!world.forms.of(list.schema).isArray) return entity
  const above = ancestorsOf(world, beside, entity, { list, parents })
  if (above === undefined) return entity
  const told = { [list.name]: above }
  return { ...entity, item: { ...entity.item, ...told }, whole: entity.whole && { ...entity.whole, ...told } }
}

/** The same for a change, which moves a thing where it says what its parent is. */
export const moved = (world: World, beside: Beside, entity: Entity, payload: Item): Entity =>
  Object.keys(payload).some((name) => PARENTS.includes(normalizeName(name)))
    ? withAncestors(world, beside, entity, payload)
    : entity

interface Line {
  readonly list: Member
  readonly parents: readonly Member[]
}

/** The entries for all that is above a thing; undefined where its parent is not known. */
function ancestorsOf(
  world: World,
  beside: Beside,
  { item, whole }: Entity,
  { list, parents }: Line,
): readonly unknown[] | undefined {
  const full = { ...item, ...whole }
  const named = parents.map(({ name }) => full[name]).find((one) => one !== undefined && one !== null)
  if (named === undefined) return []
  const id = isObject(named) ? named.id : named
  const parent = isId(id) ? calledSo(world, beside, beside.factory.type, String(id)) : undefined
  if (parent === undefined) return undefined
  const before = parent.item[list.name]
  const entry = world.forms.of(world.forms.of(list.schema).items)
  const members = isObject(named) ? membersIn(world.forms, named, entry.byName) : {}
  const shown = entry.mayBeObject ? { ...membersIn(world.forms, parent.item, entry.byName), ...members } : id
  return [...(Array.isArray(before) ? before : []), shown]
}

const isId = (value: unknown): boolean => typeof value === 'string' || typeof value === 'number'
