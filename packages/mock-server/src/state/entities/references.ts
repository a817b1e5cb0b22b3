// The members of a thing that show other things, whole or in part, and the names by which requests say which ones: what is
// made with `source_id` shows the `source` (Hookdeck, Lob, Lithic), and what is made with `plan_code` a part of the `plan`
// (Recurly).

import { isObject, normalizeName } from '../../engine/json.js'
import type { Schema } from '../../engine/schema/schema.js'
import { CONTENT_HOLDERS, HOLDERS, ID_ENDINGS } from '../conventions.js'
import type { Form } from '../forms/form.js'
import type { Forms } from '../forms/forms.js'
import type { ResourceType } from '../places/types.js'
import type { EntityFactory, Item } from './entities.js'
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

/** The types of things by how they are shown. */
export interface Kinds {
  /** Whose things are read in a schema. */
  shownAs(schema: Schema): ResourceType | undefined
  /** What is called so, where its things have all the members of a form. */
  called(noun: string, form: Form): ResourceType | undefined
}

export function referencesIn(forms: Forms, factory: EntityFactory, kinds: Kinds): readonly Reference[] {
  return [...factory.view.form.byName].flatMap(([normalized, { name, schema }]) => {
    const isPart = HOLDERS.has(normalized) || CONTENT_HOLDERS.has(normalized)
    const isWhole = [...(forms.types(schema) ?? ['any'])].every((one) => one === 'object' || one === 'null')
    if (isPart || !isWhole) return []
    const form = forms.of(schema)
    const whole = kinds.shownAs(schema)
    const type = whole ?? kinds.called(normalized, form)
    if (type === undefined || type === factory.type) return []
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
