// How an answer shows several things: which of its lists holds them.

import { normalizeName } from '../../engine/json.js'
import { FAILURES } from '../../engine/sampling/sampler.js'
import type { Schema } from '../../engine/schema/schema.js'
import { ENVELOPES } from '../conventions/names.js'
import { type EntityView, entityIn, type IdNames, isListName, membersOf, objectsIn } from './entity-views.js'
import type { Form } from './form.js'
import type { Forms } from './forms.js'

export interface ListView {
  /** Members to follow from the body to the list. */
  readonly path: readonly string[]
  /** How an entry of the list shows the thing. */
  readonly item: EntityView
  readonly itemSchema: Schema
  /** Whether entries are ids and not objects. */
  readonly idsOnly: boolean
}

export function listView(
  forms: Forms,
  path: readonly string[],
  itemSchema: Schema,
  ids: IdNames,
  noun: string,
): ListView {
  const item = entityIn(forms, itemSchema, ids, noun)
  const types = forms.types(itemSchema)
  const idsOnly =
    item.form.byName.size === 0 && (types?.has('string') === true || types?.has('integer') === true)
  return { path, itemSchema, idsOnly, item }
}

/** Whether an array lists things: what a thing has several of, such as its tags, stands beside its id. */
const isListIn = (forms: Forms, owner: Form, normalized: string, array: Form, noun: string): boolean =>
  array.isArray &&
  forms.of(array.items).shape.values === undefined &&
  (!owner.byName.has('id') || isListName(normalized, noun))

/** Where an answer may be one thing or a list of them, the list is what it lists. */
const listAmong = (forms: Forms, schema: Schema): Schema | undefined =>
  forms.alternatives(schema).find((one) => one !== schema && forms.of(one).isArray)

export function listIn(forms: Forms, schema: Schema, ids: IdNames, noun: string): ListView | undefined {
  const root = forms.of(schema)
  if (root.isArray) return listView(forms, [], root.items, ids, noun)
  const many = listAmong(forms, schema)
  if (many !== undefined) return listView(forms, [], forms.of(many).items, ids, noun)
  const candidates: { readonly view: ListView; readonly score: number }[] = []
  for (const { path, form } of objectsIn(forms, schema)) {
    for (const [normalized, member] of membersOf(form)) {
      const array = forms.of(member.schema)
      if (!isListIn(forms, form, normalized, array, noun)) continue
      const view = listView(forms, [...path, member.name], array.items, ids, noun)
      candidates.push({ view, score: likelihoodOf(view, normalized, noun) })
    }
  }
  const [best] = candidates.sort((a, b) => b.score - a.score)
  return best?.view
}

/** How likely a list is the one that an answer is about. */
function likelihoodOf({ path, item }: ListView, normalized: string, noun: string): number {
  const around = path
    .slice(0, -1)
    .map(normalizeName)
    .filter((name) => !ENVELOPES.has(name) && name !== 'embedded')
  return (
    (item.idPath === undefined ? 0 : 4) +
    (item.form.byName.size > 0 ? 2 : 0) +
    (isListName(normalized, noun) ? 3 : 0) -
    (FAILURES.has(normalized) ? 10 : 0) -
    around.length
  )
}

export function hasList(forms: Forms, schema: Schema, noun: string): boolean {
  if (forms.of(schema).isArray || listAmong(forms, schema) !== undefined) return true
  for (const { form } of objectsIn(forms, schema)) {
    for (const [normalized, member] of membersOf(form))
      if (isListIn(forms, form, normalized, forms.of(member.schema), noun)) return true
  }
  return false
}
