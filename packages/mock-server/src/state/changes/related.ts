// What things say of each other by their ids: the thing that a path below another one is called after, and the lists that
// show what was made elsewhere.

import { normalizeName } from '../../engine/json.js'
import { isStructuredType } from '../../engine/request/media-types.js'
import { answered, type StateAnswer, showsOwn } from '../answering.js'
import { singular } from '../conventions/names.js'
import type { Entity, EntityFactory, Item } from '../entities/entity.js'
import { idsTold, type Reference } from '../entities/references.js'
import { valueAt } from '../forms/slots.js'
import type { ResourceType } from '../places/types.js'
import { type Found, keepEntity } from '../store/entity-store.js'
import { calledSo, foundSo, shownIn } from '../store/naming.js'
import type { Site, World } from '../world.js'

/** The word of a path below an item that says nothing else. */
const WORD_BELOW = /\}\/([^/{}]+)$/

/** The thing that a path below another one is called after, where that says which one it is: `/tags/{id}/tag-group`. */
export function relatedShown(world: World, site: Site, found: Found | undefined): StateAnswer {
  const { request, template, place, type: within, factory } = site
  const [, word = ''] = WORD_BELOW.exec(request.operation.path) ?? []
  const isJson = template.media !== undefined && isStructuredType(template.media.type)
  if (found === undefined || word === '' || !isJson) return undefined
  const view = world.types.entityView(template, place)
  const noun = singular(normalizeName(word))
  const type = world.kinds().named(noun, within) ?? world.kinds().shownAs(view.schema, within)
  if (type === undefined || !showsOwn(world, view, world.factoryOf(type))) return undefined
  const [id, ...others] = idsTold(factory.full(found.entity), noun)
  const thing = id === undefined || others.length > 0 ? undefined : calledSo(world, site, type, id)
  if (thing === undefined) return undefined
  const row = { id: thing.id, entity: thing, factory: world.factoryOf(type) }
  return answered(world, site, { body: world.renderer.entity(site, row) })
}

/** A list in which things of another type show those that name them by their id. */
interface Embedding {
  /** The member that names the thing that shows the list. */
  readonly member: string
  readonly type: ResourceType
  readonly reference: Reference
}

const embeddings = new WeakMap<EntityFactory, readonly Embedding[]>()

function embeddingsOf(world: World, { factory, type }: Site): readonly Embedding[] {
  const known = embeddings.get(factory)
  if (known !== undefined) return known
  const found = [...factory.view.form.byName].flatMap(([normalized, { name }]): readonly Embedding[] => {
    const [, noun = ''] = /^([a-z]{3,})id$/.exec(normalized) ?? []
    const owner = noun === '' ? undefined : world.kinds().named(noun, type)
    if (owner === undefined || owner === type) return []
    return world
      .referencesOf(world.factoryOf(owner))
      .filter((reference) => reference.isList && reference.type === type)
      .map((reference) => ({ member: name, type: owner, reference }))
  })
  embeddings.set(factory, found)
  return found
}

/**
 * Shows what was made, changed or removed in the lists of the things that it names: a new domain in the `domains` of the
 * organization that its `organization_id` is (WorkOS).
 *
 * @param now undefined for what was removed.
 */
export function noteEmbedded(world: World, site: Site, { id, item }: Entity, now: Entity | undefined): void {
  for (const { member, type, reference } of embeddingsOf(world, site)) {
    const owner = item[member]
    const found =
      typeof owner === 'string' || typeof owner === 'number'
        ? foundSo(world, site, type, String(owner))
        : undefined
    if (found === undefined) continue
    const { name } = reference
    const idPath = site.factory.view.idPath ?? ['id']
    const listOf = (whole: Item, shownAs: (entity: Entity) => Item): unknown[] => {
      const list = Array.isArray(whole[name]) ? whole[name] : []
      const at = list.findIndex((entry) => String(valueAt(entry, idPath)) === id)
      const shown = now && shownIn(world.forms, reference, undefined, [now], shownAs)
      return list.toSpliced(at < 0 ? list.length : at, at < 0 ? 0 : 1, ...(Array.isArray(shown) ? shown : []))
    }
    const { entity } = found
    const changed: Entity = {
      ...entity,
      item: { ...entity.item, [name]: listOf(entity.item, (one) => one.item) },
      whole: entity.whole && { ...entity.whole, [name]: listOf(entity.whole, site.factory.full) },
    }
    const { scope } = site
    keepEntity(
      world,
      { scope, type, relations: [] },
      { kind: 'replace', name: found.collection, entity: changed },
    )
  }
}
