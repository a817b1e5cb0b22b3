// The members of a thing that show other things whole, and the names by which requests say which ones: what is made with
// `source_id` shows the `source` (Hookdeck, Lob, Lithic).

import { normalizeName } from '../../engine/json.js'
import { CONTENT_HOLDERS, HOLDERS, ID_ENDINGS } from '../conventions.js'
import type { Forms } from '../forms/forms.js'
import type { ResourceType } from '../places/types.js'
import type { EntityFactory, Item } from './entities.js'

/** A member that shows a thing of a type as the type itself is shown. */
export interface Reference {
  readonly name: string
  readonly type: ResourceType
  /** The normalised names by which a request says which thing is meant. */
  readonly names: ReadonlySet<string>
}

/** @param kinds the types of things by the schemas that they are read in. */
export function referencesIn(
  forms: Forms,
  factory: EntityFactory,
  kinds: ReadonlyMap<unknown, ResourceType>,
): readonly Reference[] {
  return [...factory.view.form.byName].flatMap(([normalized, { name, schema }]) => {
    const isPart = HOLDERS.has(normalized) || CONTENT_HOLDERS.has(normalized)
    const isWhole = [...(forms.types(schema) ?? ['any'])].every((one) => one === 'object' || one === 'null')
    const type = isPart || !isWhole ? undefined : kinds.get(forms.identity(schema))
    const names = new Set([normalized, ...ID_ENDINGS.map((ending) => normalized + ending)])
    return type === undefined || type === factory.type ? [] : [{ name, names, type }]
  })
}

/** The id of the thing that a payload means by a reference; undefined where it means none, or says more of it. */
export function namedBy(payload: Item, { names }: Reference): string | undefined {
  const sent = Object.entries(payload).filter(([name]) => names.has(normalizeName(name)))
  const [id] = sent.map(([, value]) => value)
  const isId = (typeof id === 'string' && id !== '') || typeof id === 'number'
  return sent.length === 1 && isId ? String(id) : undefined
}
