// Requests that make things.

import type { Operation } from '../../engine/document/operation.js'
import { isEmpty, isObject } from '../../engine/json.js'
import { answered, notFound, type StateAnswer } from '../answering.js'
import type { Item } from '../entities/entity.js'
import { noteChange } from '../entities/entity-changes.js'
import type { ListView } from '../forms/list-views.js'
import { FIRST, valueAt } from '../forms/slots.js'
import { noteBirth } from '../store/entity-store.js'
import { isBelowNothing, isMadeByName, seedCollection } from '../store/existence.js'
import { addEntity, atHome } from '../store/making.js'
import { joinNamed } from '../store/memberships.js'
import { rowOf, type Site, type World } from '../world.js'
import { recordMade } from './action-records.js'
import { addChosen, answerOfExisting } from './already-there.js'
import { withBorn } from './born-with.js'
import { noteCount } from './counts.js'
import { noteWork } from './finishing.js'
import { firstMembers } from './firsts.js'
import { headersOf } from './locations.js'
import { copiedFrom } from './made-from.js'
import { noteBelow, withParts } from './parts.js'
import { prefixedId } from './prefixed.js'
import { queriedMembers } from './queried.js'
import { noteEmbedded } from './related.js'
import { carriesMany, createMany } from './several.js'

export function create(world: World, site: Site): StateAnswer {
  const { request, place, scope } = site
  const { operation } = request
  if (isBelowNothing(world, site)) return notFound(site)
  if (carriesMany(world, site)) return createMany(world, site)
  if (!isMadeByName(place)) seedCollection(world, site)
  const joined = joinNamed(world, site) ?? recordMade(world, site)
  if (joined !== undefined) return joined
  const source = copiedFrom(world, site)
  const payload = { ...source, ...payloadIn(world, site) }
  const existing = source === undefined ? answerOfExisting(world, site, payload) : undefined
  if (existing !== undefined) return existing
  const chosen = idFor(world, site, payload)
  const making = { payload, operation, request, known: knownOf(world, site) }
  const own = atHome(site, payload)
  const added = chosen === undefined ? addEntity(world, own, making) : addChosen(world, own, making, chosen)
  if (added === undefined)
    return { refusal: { status: 409, isTaken: true, message: `${String(chosen)} exists already` } }
  noteBirth(world, site, added)
  noteWork(world, own, added)
  const entity = withBorn(world, own, withParts(world, own, added), payload)
  noteBelow(world, site, entity.id, entity)
  noteEmbedded(world, site, entity, entity)
  noteCount(world, site, 1)
  noteChange(world.changes, site, { kind: 'create', entity, before: undefined })
  world.files.keep(request, { scope, collection: own.name, id: entity.id })
  const sent = allSent(request.body, payload)
  const row = rowOf(site, entity)
  const listed = listingView(world, site)
  const body =
    listed === undefined
      ? world.renderer.entity(site, row, sent)
      : world.renderer.several(site, listed, [row])
  return answered(world, site, { body, headers: headersOf(site, entity) })
}

/** The id that a request gives a new thing, whole or as a beginning. */
const idFor = (world: World, site: Site, payload: Item): string | number | undefined =>
  site.factory.chosenId(payload, site.request.operation) ?? prefixedId(world, site, payload)

/** A body with what it says of the thing under the names that answers have for it. */
const allSent = (body: unknown, payload: Item): Item =>
  isObject(body) && body !== payload ? { ...body, ...payload } : payload

function payloadIn(world: World, site: Site): Item {
  const [kind, queried] = [kindNamed(world, site), queriedMembers(site)]
  const sent = site.factory.payload(site.request.body)
  const beside = { ...kind, ...queried, ...firstMembers(world, site) }
  return isEmpty(beside) ? sent : { ...beside, ...sent }
}

const kindsNamed = new WeakMap<Operation, Item>()

/** The kind of thing that the last word of a path says is made: `/documents/text` beside `/documents/url` (ElevenLabs). */
function kindNamed({ forms }: World, { factory, request: { operation } }: Site): Item {
  const known = kindsNamed.get(operation)
  if (known !== undefined) return known
  const word = operation.path.split('/').at(-1) ?? ''
  const options = forms.alternatives(factory.view.schema)
  const named = ['type', 'kind'].flatMap((name) =>
    options.flatMap((option) => {
      const member = forms.of(option).byName.get(name)
      const values = member && forms.of(member.schema).shape.values
      return member !== undefined && values?.includes(word) === true ? [member.name] : []
    }),
  )
  const [name, ...others] = named
  const isOne = options.length > 1 && name !== undefined && others.length === 0
  const kind: Item = isOne ? { [name]: word } : {}
  kindsNamed.set(operation, kind)
  return kind
}

/** How an answer shows new things that is nothing but a list of them, though a request may carry only one: Knock, PostgREST. */
function listingView({ types }: World, { template, place }: Site): ListView | undefined {
  if (template.media === undefined) return undefined
  const { form, path } = types.entityView(template, place)
  const view = form.mayBeObject || path.includes(FIRST) ? undefined : types.listView(template, place)
  return view?.path.length === 0 && !view.idsOnly ? view : undefined
}

/** What the API says of a new thing, where its answers were seen. */
function knownOf(world: World, { template, place, request }: Site): Item | undefined {
  if (world.lessons === undefined) return undefined
  const answer = template.media && world.lessons.born(request, world.clock.now())
  const known = template.media && valueAt(answer, world.types.entityView(template, place).path)
  return isObject(known) ? known : undefined
}
