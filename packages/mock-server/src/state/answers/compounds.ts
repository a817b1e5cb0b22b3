// Compound documents (JSON:API, section 7.3): the things that a request wants to see beside those that it asks for.

import type { Operation } from '../../engine/document/operation.js'
import { isObject, type JsonObject, member as memberOf, normalizeName } from '../../engine/json.js'
import type { StateAnswer } from '../answering.js'
import { singular } from '../conventions/names.js'
import type { Member } from '../forms/form.js'
import { valueAt } from '../forms/slots.js'
import { calledSo } from '../store/naming.js'
import type { Site, World } from '../world.js'
import { LISTING } from './fieldsets.js'

const MAX_INCLUDED = 1_000

/** An answer whose `included` has what the request's `include` names of the things in `data`, each once. */
export function withIncluded(world: World, site: Site, answer: StateAnswer): StateAnswer {
  const { request, template } = site
  if (!isAsked(request.operation) || answer === undefined || !('answer' in answer)) return answer
  const form = world.forms.of(template.schema)
  const member = form.byName.get('included')
  const { body } = answer.answer
  if (member === undefined || !isObject(body)) return answer
  const names = includedNames(memberOf(request.parameters.query, 'include'))
  const { [member.name]: _, ...rest } = body
  const isLeftOut = names.size === 0 && !form.shape.required.has(member.name)
  const shown = isLeftOut
    ? rest
    : { ...rest, [member.name]: includedIn(world, site, body, { names, member }) }
  return { answer: { ...answer.answer, body: shown } }
}

const asking = new WeakMap<Operation, boolean>()

function isAsked(operation: Operation): boolean {
  const known = asking.get(operation)
  if (known !== undefined) return known
  const is = operation.parameters().some(({ in: place, name }) => place === 'query' && name === 'include')
  asking.set(operation, is)
  return is
}

function includedIn(
  world: World,
  site: Site,
  body: JsonObject,
  { names, member }: { readonly names: ReadonlySet<string>; readonly member: Member },
): readonly JsonObject[] {
  const { template, place, role } = site
  const list = LISTING.has(role.kind) ? world.types.listView(template, place) : undefined
  const { path } = list ?? world.types.entityView(template, place)
  const fits = world.validation.ofSchema(world.forms.of(member.schema).items)
  const found = new Map<string, JsonObject>()
  for (const one of [valueAt(body, path)].flat())
    for (const link of linkedFrom(one, names)) {
      const thing = thingAt(world, site, link)
      if (thing !== undefined && fits(thing).length === 0) found.set(`${link.type} ${link.id}`, thing)
    }
  return [...found.values()].slice(0, MAX_INCLUDED)
}

const includedNames = (asked: unknown): ReadonlySet<string> =>
  new Set(
    [asked]
      .flat()
      .flatMap((one) => (typeof one === 'string' ? one.split(',') : []))
      .map((path) => normalizeName(path.split('.')[0] ?? ''))
      .filter((name) => name !== ''),
  )

interface Link {
  readonly type: string
  readonly id: string
}

/** What a resource links to in the relationships of these names. */
function linkedFrom(resource: unknown, names: ReadonlySet<string>): readonly Link[] {
  const relationships = isObject(resource) && isObject(resource.relationships) ? resource.relationships : {}
  return Object.entries(relationships).flatMap(([name, relationship]) =>
    names.has(normalizeName(name)) && isObject(relationship)
      ? [relationship.data].flat().flatMap((one) => (isObject(one) ? linkIn(one) : []))
      : [],
  )
}

const linkIn = ({ type, id }: JsonObject): readonly Link[] =>
  typeof type === 'string' && (typeof id === 'string' || typeof id === 'number')
    ? [{ type, id: String(id) }]
    : []

function thingAt(world: World, site: Site, { type, id }: Link): JsonObject | undefined {
  const kind = world.kinds().named(singular(normalizeName(type)), site.type)
  return kind && calledSo(world, site, kind, id)?.item
}
