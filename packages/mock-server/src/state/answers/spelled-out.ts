// Things that one answer shows whole where the others name them by their ids: the options of a question, which its creation
// shows and a read of it names (pretalx), the tags of an article. What is shown are the things that are stored.

import { isObject, type JsonObject, normalizeName } from '../../engine/json.js'
import type { Schema } from '../../engine/schema/schema.js'
import type { StateAnswer } from '../answering.js'
import { singular } from '../conventions/names.js'
import type { EntityView } from '../forms/entity-views.js'
import type { Form } from '../forms/form.js'
import { valueAt, withValueAt } from '../forms/slots.js'
import type { ResourceType } from '../places/types.js'
import { calledSo, membersIn } from '../store/naming.js'
import type { Site, World } from '../world.js'
import { LISTING } from './fieldsets.js'

/** A member that shows things whole whose ids are all that is kept. */
interface Spelled {
  readonly name: string
  readonly type: ResourceType
  readonly form: Form
  /** The member of each that is its id. */
  readonly id: string
}

const spelled = new WeakMap<EntityView, readonly Spelled[]>()

/** An answer whose members show stored things as they are. */
export function withSpelledOut(world: World, site: Site, answer: StateAnswer): StateAnswer {
  const { template, place, role } = site
  if (answer === undefined || !('answer' in answer) || template.media === undefined) return answer
  const list = LISTING.has(role.kind) ? world.types.listView(template, place) : undefined
  const view = list?.item ?? world.types.entityView(template, place)
  const members = spelled.get(view) ?? spelledIn(world, site, view)
  spelled.set(view, members)
  if (members.length === 0) return answer
  const { body } = answer.answer
  const rows = list && valueAt(body, list.path)
  const one = (shown: unknown): unknown => spelledOut(world, site, members, view, shown)
  const whole =
    list !== undefined && Array.isArray(rows) ? withValueAt(body, list.path, rows.map(one)) : one(body)
  return { answer: { ...answer.answer, body: whole } }
}

function spelledIn(world: World, { factory, type: within }: Site, view: EntityView): readonly Spelled[] {
  const { forms } = world
  return [...view.form.byName].flatMap(([normalized, { name, schema }]): readonly Spelled[] => {
    const own = factory.view.form.byName.get(normalized)
    const form = entriesOf(world, schema)
    const kept = own && entriesOf(world, own.schema)
    if (kept === undefined || form.byName.size === 0 || kept.byName.size > 0 || kept.mayBeObject) return []
    const noun = forms.of(schema).isArray ? singular(normalized) : normalized
    const type = world.kinds().called(noun, form, within)
    const [idName = '', ...deeper] = (type && world.factoryOf(type).view.idPath) ?? []
    const id = form.byName.get(normalizeName(idName))?.name
    return type === undefined || id === undefined || deeper.length > 0 ? [] : [{ name, type, form, id }]
  })
}

/** The form of a value, or of the entries of a list. */
function entriesOf({ forms }: World, schema: Schema): Form {
  const form = forms.of(schema)
  return form.isArray ? forms.of(form.items) : form
}

function spelledOut(
  world: World,
  site: Site,
  members: readonly Spelled[],
  { path }: EntityView,
  shown: unknown,
): unknown {
  const thing = valueAt(shown, path)
  if (!isObject(thing)) return shown
  const changed = members.flatMap(({ name, type, form, id }) => {
    const whole = (entry: unknown): unknown => {
      const stored = isObject(entry) ? calledSo(world, site, type, String(entry[id])) : undefined
      return stored === undefined
        ? entry
        : { ...(entry as JsonObject), ...membersIn(world.forms, stored.item, form.byName) }
    }
    const now = thing[name]
    return Array.isArray(now) || isObject(now)
      ? [[name, Array.isArray(now) ? now.map(whole) : whole(now)] as const]
      : []
  })
  return changed.length === 0 ? shown : withValueAt(shown, path, { ...thing, ...Object.fromEntries(changed) })
}
