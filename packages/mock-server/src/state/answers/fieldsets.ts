// The members of things that a request asks for, without the others: `fields` and `fields[articles]` (JSON:API, "Sparse
// Fieldsets"; Google), `$select` (OData).

import type { Operation } from '../../engine/document/operation.js'
import { isObject, type JsonObject, member as memberOf, normalizeName } from '../../engine/json.js'
import type { ApiRequest } from '../../engine/request/api-request.js'
import type { StateAnswer } from '../answering.js'
import { FIELDSET } from '../conventions/lists.js'
import { CONTENT_HOLDERS } from '../conventions/names.js'
import type { EntityView } from '../forms/entity-views.js'
import type { Form } from '../forms/form.js'
import { valueAt, withValueAt } from '../forms/slots.js'
import type { RoleKind } from '../places/place.js'
import type { Site, World } from '../world.js'

/** Roles whose answers show several things. */
export const LISTING: ReadonlySet<RoleKind> = new Set(['list', 'search'])
const SHOWING: ReadonlySet<RoleKind> = new Set(['read', 'lookup', ...LISTING])
/** Names that a request gives. */
interface Fieldset {
  /** The type of the things that they are meant for. */
  readonly type: string | undefined
  /** Normalised. */
  readonly names: ReadonlySet<string>
}

/** An answer that shows of each thing what its request asks for, and what the document says must be there. */
export function withFieldset(world: World, site: Site, answer: StateAnswer): StateAnswer {
  const sets = SHOWING.has(site.role.kind) ? fieldsetsOf(site.request) : []
  if (sets.length === 0 || answer === undefined || !('answer' in answer)) return answer
  const { template, place } = site
  const { body } = answer.answer
  const list = LISTING.has(site.role.kind) ? world.types.listView(template, place) : undefined
  const rows = list && valueAt(body, list.path)
  if (list !== undefined && Array.isArray(rows)) {
    const shown = rows.map((row) => narrowedIn(world, list.item, row, sets))
    return { answer: { ...answer.answer, body: withValueAt(body, list.path, shown) } }
  }
  const shown = narrowedIn(world, world.types.entityView(template, place), body, sets)
  return { answer: { ...answer.answer, body: shown } }
}

const described = new WeakMap<Operation, readonly (readonly [name: string, type: string | undefined])[]>()

function fieldsetsOf({ operation, parameters }: ApiRequest): readonly Fieldset[] {
  const names =
    described.get(operation) ??
    operation.parameters().flatMap(({ in: place, name }) => {
      const match = place === 'query' ? FIELDSET.exec(name) : null
      return match === null ? [] : [[name, match[1]] as const]
    })
  described.set(operation, names)
  return names.flatMap(([name, type]) => {
    const sent = memberOf(parameters.query, name)
    const words = [sent].flat().flatMap((one) => (typeof one === 'string' ? one.split(/[\s,]+/) : []))
    const wanted = words.filter((word) => /^[\w.-]+$/.test(word))
    return wanted.length === 0 || wanted.length < words.length
      ? []
      : [{ type, names: new Set(wanted.map(firstOf)) }]
  })
}

/** A part of a member is shown with the whole of it. */
const firstOf = (path: string): string => normalizeName(path.split('.')[0] ?? path)

function narrowedIn(
  { forms }: World,
  { path, schema }: EntityView,
  shown: unknown,
  sets: readonly Fieldset[],
): unknown {
  const thing = valueAt(shown, path)
  if (!isObject(thing)) return shown
  const names = sets
    .filter(({ type }) => type === undefined || isOfType(thing, type))
    .flatMap((set) => [...set.names])
  const narrowed = narrowedThing(forms.of(schema, thing), new Set(names), thing)
  if (narrowed !== undefined) return withValueAt(shown, path, narrowed)
  for (const [name, value] of Object.entries(thing)) {
    if (!CONTENT_HOLDERS.has(normalizeName(name)) || !isObject(value)) continue
    const member = forms.of(schema, thing).byName.get(normalizeName(name))
    const inner = narrowedThing(forms.of(member?.schema ?? true, value), new Set(names), value)
    if (inner !== undefined) return withValueAt(shown, [...path, name], inner)
  }
  return shown
}

const isOfType = ({ type: own }: JsonObject, type: string): boolean =>
  typeof own !== 'string' || normalizeName(own) === normalizeName(type)

/** Undefined where a thing has no member of these names: then they mean something else. */
function narrowedThing(
  { shape: { required } }: Form,
  names: ReadonlySet<string>,
  thing: JsonObject,
): JsonObject | undefined {
  const members = Object.entries(thing)
  if (!members.some(([name]) => names.has(normalizeName(name)))) return undefined
  return Object.fromEntries(members.filter(([name]) => names.has(normalizeName(name)) || required.has(name)))
}
