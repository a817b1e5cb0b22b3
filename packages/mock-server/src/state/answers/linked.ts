// Lists that are asked for by what only a third thing tells: the users of an organization, which their memberships name.

import { normalizeName } from '../../engine/json.js'
import { JOINING_NAMES } from '../conventions/names.js'
import type { Item } from '../entities/entity.js'
import type { Row } from '../entities/row-views.js'
import { nounOf } from '../places/paths.js'
import { concretePath } from '../places/place.js'
import type { ResourceType } from '../places/types.js'
import { type Filter, memberValues } from '../queries/filters.js'
import { entityOf, membershipsIn } from '../store/entity-store.js'
import type { Site, World } from '../world.js'

const links = new WeakMap<ResourceType, Map<string, ResourceType | undefined>>()

/** The one type whose things name both a thing of a type and the one that a filter is about. */
function linkOf({ types, factoryOf }: World, type: ResourceType, name: string): ResourceType | undefined {
  const known = links.get(type) ?? new Map<string, ResourceType | undefined>()
  links.set(type, known)
  if (known.has(name)) return known.get(name)
  const noun = nounOf(type.home)
  const other = name.replace(/id$/, '')
  const isNamed = (own: string): boolean =>
    JOINING_NAMES.test(own) || (own !== noun && own !== other && (own.includes(noun) || own.includes(other)))
  const found = types.all().filter((one) => {
    if (one === type || !isNamed(nounOf(one.home))) return false
    const { byName } = factoryOf(one).view.form
    return byName.has(name) && byName.has(`${noun}id`)
  })
  known.set(name, found.length === 1 ? found[0] : undefined)
  return known.get(name)
}

/** Those of a list's rows that what a filter names has joined, as far as anything has joined any: items by their tags. */
function joinedRows(
  world: World,
  { place, scope, request }: Site,
  rows: readonly { readonly row: Row }[],
  { name, values }: { readonly name: string; readonly values: readonly unknown[] },
): ReadonlySet<string> | undefined {
  const noun = name.replace(/id$/, '')
  const below = world.types.listsBelow(place).find((role) => nounOf(role.place) === noun)?.place.collection
  if (below === undefined) return undefined
  const { operation, parameters } = request
  const [, rest = ''] = below.split(/\{[^{}]+\}(?=[^{}]*$)/)
  const base = concretePath(place.collection, operation, parameters.path)
  const wanted = values.map(String)
  const memberships = rows.map(({ row: { id } }) => ({
    id,
    members: membershipsIn(world, scope, `${base}/${encodeURIComponent(id)}${rest}`),
  }))
  if (memberships.every(({ members }) => members.size === 0)) return undefined
  const isJoined = (members: ReadonlyMap<string, boolean>) => wanted.some((one) => members.get(one) === true)
  return new Set(memberships.filter(({ members }) => isJoined(members)).map(({ id }) => id))
}

/** Those of a list's rows that a third thing joins to what a filter names, as far as anything joins any. */
export function linkedRows(
  world: World,
  site: Site,
  rows: readonly { readonly row: Row; readonly item: Item }[],
  filter: Filter,
): ReadonlySet<string> | undefined {
  const { type, scope } = site
  const { path, comparison, values } = filter
  const [name = ''] = path
  const isUnsaid = rows.every(({ item }) => memberValues(item, path) === undefined)
  if (path.length > 1 || comparison !== 'is' || !/^[a-z]{3,}id$/.test(name) || !isUnsaid) return undefined
  const link = linkOf(world, type, name)
  if (link === undefined) return joinedRows(world, site, rows, { name, values })
  const { items } = world
  const stored = link.isShared ? items.ofTypes(scope, [link.name]) : items.list(scope, link.home.collection)
  if (stored.length === 0) return undefined
  const own = `${nounOf(type.home)}id`
  const wanted = new Set(values.map(String))
  return new Set(
    stored.flatMap((row) => {
      const { item } = entityOf(row)
      const named = new Map(Object.entries(item).map(([key, value]) => [normalizeName(key), String(value)]))
      return wanted.has(named.get(name) ?? '') ? [named.get(own) ?? ''] : []
    }),
  )
}
