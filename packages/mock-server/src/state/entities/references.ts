// The members of a thing that show other things, whole or in part, and the names by which requests say which ones: what is
// made with `source_id` shows the `source` (Hookdeck, Lob, Lithic), and what is made with `plan_code` a part of the `plan`
// (Recurly).

import { isObject, normalizeName } from '../../engine/json.js'
import { CONTENT_HOLDERS, HOLDERS, ID_ENDINGS } from '../conventions.js'
import type { Forms } from '../forms/forms.js'
import type { ResourceType } from '../places/types.js'
import type { EntityFactory, Item } from './entities.js'
import type { Kinds } from './kinds.js'
import { IDENTITIES, isIdentity } from './relations.js'

/** A member that shows a thing of a type. */
export interface Reference {
  readonly name: string
  readonly type: ResourceType
  /** The normalised names by which a request says by its id which thing is meant. */
  readonly names: ReadonlySet<string>
  /** The same by another member of that thing. */
  readonly marks: ReadonlySet<string>
  /** The normalised names of what is shown of the thing; undefined where it is shown as its type is. */
  readonly only: ReadonlySet<string> | undefined
}

/** Two members that tell of one thing: its id, and its name. */
export interface NamePair {
  readonly id: string
  readonly name: string
  readonly type: ResourceType
}

/** The members by which a thing tells of another both by its id and by its name: `datasetId` and `datasetName` (Langfuse). */
export function namePairsIn(
  { view: { form }, type: within }: EntityFactory,
  kinds: Kinds,
): readonly NamePair[] {
  return [...form.byName].flatMap(([normalized, { name: id }]) => {
    const [, noun = ''] = /^([a-z]{3,})id$/.exec(normalized) ?? []
    const name = form.byName.get(`${noun}name`)?.name
    const type = name === undefined ? undefined : kinds.named(noun, within)
    return name === undefined || type === undefined ? [] : [{ id, name, type }]
  })
}

export function referencesIn(forms: Forms, factory: EntityFactory, kinds: Kinds): readonly Reference[] {
  return [...factory.view.form.byName].flatMap(([normalized, { name, schema }]) => {
    const isPart = HOLDERS.has(normalized) || CONTENT_HOLDERS.has(normalized)
    const isWhole = [...(forms.types(schema) ?? ['any'])].every((one) => one === 'object' || one === 'null')
    if (isPart || !isWhole) return []
    const form = forms.of(schema)
    const whole = kinds.shownAs(schema, factory.type)
    const type = whole ?? kinds.called(normalized, form, factory.type)
    // A thing that showed another of its type whole would show that one's as well.
    if (type === undefined || (type === factory.type && whole !== undefined)) return []
    return {
      ...{ name, type },
      names: new Set([normalized, ...ID_ENDINGS.map((ending) => normalized + ending)]),
      marks: new Set([...IDENTITIES].map((ending) => normalized + ending)),
      only: whole === undefined ? new Set(form.byName.keys()) : undefined,
    }
  })
}

/** What a payload calls the thing by that it means by a reference; undefined where it means none, or says more of it. */
export function namedBy(payload: Item, { names, marks }: Reference): string | undefined {
  const sent = Object.entries(payload).map(([name, value]) => [normalizeName(name), onlyIn(value)] as const)
  const byId = sent.filter(([name]) => names.has(name))
  const meant = byId.length > 0 ? byId : sent.filter(([name]) => marks.has(name))
  const [id, ...others] = new Set(meant.map(([, value]) => value))
  const isId = (typeof id === 'string' && id !== '') || typeof id === 'number'
  return others.length === 0 && isId ? String(id) : undefined
}

/** What an object calls a thing by that says nothing else of it: `{ code: 'ann' }`. */
function onlyIn(value: unknown): unknown {
  if (!isObject(value)) return value
  const [[name = '', only] = [], ...others] = Object.entries(value)
  return others.length === 0 && isIdentity(name) ? only : value
}
