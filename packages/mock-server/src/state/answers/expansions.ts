// Things that an answer shows in full where it would else name them by their ids, because the request asks for that: `expand`
// (Stripe, Atlassian), `populate` (Strapi).

import { isObject, type JsonObject, member as memberOf, normalizeName } from '../../engine/json.js'
import type { ApiRequest } from '../../engine/request/api-request.js'
import type { StateAnswer } from '../answering.js'
import { EXPANDING } from '../conventions/lists.js'
import type { EntityView } from '../forms/entity-views.js'
import type { Member } from '../forms/form.js'
import { valueAt, withValueAt } from '../forms/slots.js'
import { calledSo } from '../store/naming.js'
import type { Site, World } from '../world.js'
import { LISTING } from './fieldsets.js'

const MAX_NAMES = 20
const NOTHING: ReadonlySet<string> = new Set()

/** An answer that shows in full what its request asks for. */
export function withExpansions(world: World, site: Site, answer: StateAnswer): StateAnswer {
  const names = namesIn(site.request)
  if (names.size === 0 || answer === undefined || !('answer' in answer)) return answer
  const { template, place, role } = site
  const { body } = answer.answer
  const list = LISTING.has(role.kind) ? world.types.listView(template, place) : undefined
  const rows = list && valueAt(body, list.path)
  const expanded =
    list !== undefined && Array.isArray(rows)
      ? withValueAt(
          body,
          list.path,
          rows.map((row) => expandedIn(world, site, list.item, row, names)),
        )
      : expandedIn(world, site, world.types.entityView(template, place), body, names)
  return { answer: { ...answer.answer, body: expanded } }
}

/** The normalised names of the members that a request wants to see in full: `data.customer` is the `customer` of each of a list. */
function namesIn({ parameters: { query }, body }: ApiRequest): ReadonlySet<string> {
  const isAsked = EXPANDING.some((name) => name in query || (isObject(body) && name in body))
  if (!isAsked) return NOTHING
  const asked = EXPANDING.flatMap((name) => [memberOf(query, name), memberOf(body, name)]).flatMap(valuesOf)
  const words = asked.flatMap((one) => (typeof one === 'string' ? one.split(/[\s,]+/) : []))
  const names = words.slice(0, MAX_NAMES).map((word) => normalizeName(word.replace(/^data\.|\[\*\]$/g, '')))
  return new Set(names.filter((name) => name !== ''))
}

/** `expand[0]=customer` may be read as an object. */
const valuesOf = (value: unknown): readonly unknown[] =>
  isObject(value) ? Object.values(value) : [value].flat()

function expandedIn(
  world: World,
  site: Site,
  { path, schema }: EntityView,
  shown: unknown,
  names: ReadonlySet<string>,
): unknown {
  const thing = valueAt(shown, path)
  if (!isObject(thing)) return shown
  const { byName } = world.forms.of(schema, thing)
  const changed = Object.entries(thing).flatMap(([name, id]) => {
    const member = names.has(normalizeName(name)) ? byName.get(normalizeName(name)) : undefined
    const full = member && (fullOf(world, site, name, id) ?? withFull(world, site, member.schema, id))
    return member !== undefined && full !== undefined && fits(world, member.schema, full)
      ? [[name, full] as const]
      : []
  })
  return changed.length === 0 ? shown : withValueAt(shown, path, { ...thing, ...Object.fromEntries(changed) })
}

/** The stored thing that a member names by its id. */
function fullOf(world: World, site: Site, name: string, id: unknown): JsonObject | undefined {
  const type = world.kinds().named(normalizeName(name), site.type)
  const isId = typeof id === 'string' || typeof id === 'number'
  return type === undefined || !isId ? undefined : calledSo(world, site, type, String(id))?.item
}

/** What names things by their ids, with each thing in the member that has room for it: `{ typeId, id, obj }` (commercetools). */
function withFull(world: World, site: Site, schema: Member['schema'], value: unknown): unknown {
  const { isArray, items } = world.forms.of(schema)
  if (Array.isArray(value)) {
    const all = isArray ? value.map((one) => withFull(world, site, items, one)) : []
    return all.length > 0 && all.every((one) => one !== undefined) ? all : undefined
  }
  if (!isObject(value) || typeof value.id !== 'string') return undefined
  const kinds = world.kinds()
  const rooms = [...world.forms.of(schema, value).byName.values()].flatMap((member) => {
    const type = kinds.shownAs(member.schema, site.type)
    return type === undefined ? [] : [{ name: member.name, type }]
  })
  const [room, ...others] = rooms
  const thing = room && others.length === 0 ? calledSo(world, site, room.type, value.id) : undefined
  return room === undefined || thing === undefined ? undefined : { ...value, [room.name]: thing.item }
}

const fits = (
  { validation }: World,
  schema: Parameters<World['validation']['ofSchema']>[0],
  value: unknown,
): boolean => validation.ofSchema(schema)(value).length === 0
