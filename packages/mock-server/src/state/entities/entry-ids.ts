// Ids in the lists that a thing is made with: an entry that a client sends without an id gets one of its own, and says whose it
// is: the `id` and the `product_id` of each of the prices of a product.

import { hashText, isObject, type JsonObject, normalizeName } from '../../engine/json.js'
import type { Schema } from '../../engine/schema/schema.js'
import type { EntityView } from '../forms/entity-views.js'
import type { Form } from '../forms/form.js'
import type { Forms } from '../forms/forms.js'
import { createIdentifiers, type IdentifierParts, typedId } from './identifiers.js'

interface EntryIdParts {
  readonly forms: Forms
  readonly view: EntityView
  /** What the thing is called. */
  readonly noun: string
  readonly identifierParts: IdentifierParts
}

/** @param sent what a client said. @param thing the id of the thing, and a text that only it has. */
export function withEntryIds(
  { forms, view, noun, identifierParts }: EntryIdParts,
  made: unknown,
  sent: JsonObject,
  thing: { readonly id: unknown; readonly text: string },
): unknown {
  if (!isObject(made)) return made
  let copy = made
  for (const name in sent) {
    const [list, shown] = [sent[name], made[name]]
    if (!Array.isArray(list) || !Array.isArray(shown) || !list.every(isObject)) continue
    const member = forms.of(view.schema, made).byName.get(normalizeName(name))
    if (member === undefined || shown.length !== list.length) continue
    const { items } = forms.of(member.schema)
    const entries = shown.map((entry: unknown, index) => {
      if (!isObject(entry)) return entry
      const form = forms.of(items, entry)
      const own = missing(form, 'id', list[index])
      const whose = missing(form, `${noun}id`, list[index])
      const number = 1 + (hashText(`${thing.text} ${name}`) % 100_000) * 100 + index
      return {
        ...entry,
        ...(own && { [own.name]: drawn(identifierParts, name, own.schema, number) }),
        ...(whose && { [whose.name]: typedId(thing.id, forms.types(whose.schema)) }),
      }
    })
    copy = { ...copy, [name]: entries }
  }
  return copy
}

/** A member that an entry has to have, or only a server gives, and that a client did not send. */
function missing({ byName, shape }: Form, name: string, sent: unknown) {
  const member = byName.get(name)
  if (member === undefined || !isObject(sent) || sent[member.name] !== undefined) return undefined
  const isReadOnly = isObject(member.schema) && member.schema.readOnly === true
  return isReadOnly || shape.required.has(member.name) ? member : undefined
}

const drawers = new WeakMap<object, (number: number) => string | number>()

function drawn(parts: IdentifierParts, name: string, schema: Schema, number: number): string | number {
  const known = isObject(schema) ? drawers.get(schema) : undefined
  const draw = known ?? createIdentifiers(parts, name, [], [schema]).draw
  if (isObject(schema)) drawers.set(schema, draw)
  return draw(number)
}
