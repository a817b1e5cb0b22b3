// Collections of nothing but names, which a PUT gives anew as a whole: the topics of a repository (GitHub, Gitea), the
// domains of an allowlist (Resend, Clerk).

import { isObject } from '../../engine/json.js'
import { answered, notFound, type StateAnswer, tooMany } from '../answering.js'
import { noteChange } from '../entities/entity-changes.js'
import { entityOf, keepEntity } from '../store/entity-store.js'
import { isOrphan } from '../store/existence.js'
import { makeEntity } from '../store/making.js'
import { rowOf, type Site, type World } from '../world.js'

/** Makes a collection of names what a request lists; undefined where its things say more of themselves than a name. */
export function replaceNames(world: World, site: Site): StateAnswer {
  const { request, scope, name, place, template } = site
  const listing = place.list && world.types.template(place.list)
  const names = listing && world.types.listView(listing, place)?.idsOnly ? namesIn(request.body) : undefined
  if (names === undefined) return undefined
  const refused = isOrphan(world, site, place.parent) ? notFound(site) : tooMany(names)
  if (refused !== undefined) return refused
  world.seeded.add(scope, name)
  world.items.claimSeeding(scope, name)
  for (const row of world.items.list(scope, name)) {
    if (names.includes(row.id)) continue
    const entity = entityOf(row)
    world.items.remove(scope, name, row.id)
    noteChange(world.changes, site, { kind: 'delete', entity, before: entity })
  }
  const rows = names.map((id) => {
    const stored = world.items.find(scope, name, id)
    if (stored !== undefined) return rowOf(site, entityOf(stored))
    const entity = { ...makeEntity(world, site, { payload: {}, operation: request.operation, id }), id }
    keepEntity(world, site, { kind: 'insert', name, entity })
    noteChange(world.changes, site, { kind: 'create', entity, before: undefined })
    return rowOf(site, entity)
  })
  if (template.media === undefined) return answered(world, site, {})
  const view = world.types.listView(template, place)
  return view && answered(world, site, { body: world.renderer.several(site, view, rows) })
}

/** The distinct names that a body lists, by itself or in its only member. */
function namesIn(body: unknown): readonly string[] | undefined {
  const [list, ...others] = isObject(body) ? Object.values(body) : [body]
  const isList = others.length === 0 && Array.isArray(list)
  return isList && list.every((one) => typeof one === 'string' || typeof one === 'number')
    ? [...new Set(list.map(String))]
    : undefined
}
