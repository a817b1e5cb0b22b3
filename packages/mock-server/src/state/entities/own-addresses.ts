// The addresses of things that things show themselves: the `url` of Django REST framework and GitHub, the `links.self` of
// JSON:API, the `@id` of JSON-LD. Where a document's example leads to a path of the document, each new thing has an address of its own.

import { isObject, type JsonObject, normalizeName } from '../../engine/json.js'
import { ADDRESS_HOLDERS, ADDRESS_MEMBERS } from '../conventions/names.js'
import type { Form } from '../forms/form.js'
import type { Forms } from '../forms/forms.js'
import { valueAt, withValueAt } from '../forms/slots.js'

/** What JSON-LD calls the address of a thing. */
const IRI = '@id'
const MAX_DEPTH = 3

const known = new WeakMap<Form, readonly (readonly string[])[]>()

/** The paths of members that may hold a thing's own address. */
function addressesIn(forms: Forms, form: Form): readonly (readonly string[])[] {
  const before = known.get(form)
  if (before !== undefined) return before
  const found = addressesBelow(forms, form, 1)
  known.set(form, found)
  return found
}

/** Whether a thing has members that may hold its own address. */
export const showsAddresses = (forms: Forms, form: Form): boolean => addressesIn(forms, form).length > 0

const addressesBelow = (forms: Forms, form: Form, depth: number): readonly (readonly string[])[] =>
  [...form.byName].flatMap(([normalized, { name, schema }]) => {
    if ((ADDRESS_MEMBERS.has(normalized) || name === IRI) && forms.types(schema)?.has('string') !== false)
      return [[name]]
    const isWithin = depth < MAX_DEPTH && ADDRESS_HOLDERS.has(normalizeName(name))
    return isWithin ? addressesBelow(forms, forms.of(schema), depth + 1).map((path) => [name, ...path]) : []
  })

/**
 * An item with its own address wherever the document's example shows one.
 *
 * @param template the path of such things. @param path that of this one. @param sent what a client said of it.
 */
export function withOwnAddress(
  forms: Forms,
  form: Form,
  item: JsonObject,
  { template, path, sent }: { readonly template: string; readonly path: string; readonly sent: JsonObject },
): JsonObject {
  let copy = item
  for (const at of addressesIn(forms, form)) {
    const shown = valueAt(copy, at)
    const isIri = at.at(-1) === IRI
    const given = valueAt(sent, at)
    if (typeof shown !== 'string' || (given !== undefined && !(isIri && !String(given).includes('/'))))
      continue
    const own = ownAddress(shown, template, path) ?? (isIri ? path : undefined)
    const changed = own === undefined ? undefined : withValueAt(copy, at, own)
    if (isObject(changed)) copy = changed
  }
  return copy
}

/** An example's address with a path of the same form in place of its own; undefined where it leads to something else. */
function ownAddress(shown: string, template: string, path: string): string | undefined {
  const [, origin, before = '', slash = ''] =
    /^(https?:\/\/[^/?#]+|)((?:\/[^/?#]+)*?)(\/?)$/.exec(shown) ?? []
  if (origin === undefined || before === '') return undefined
  const [segments, wanted] = [before.split('/'), template.split('/').filter(Boolean)]
  const tail = segments.slice(-wanted.length)
  const isAlike =
    segments.length > wanted.length &&
    wanted.every((segment, i) => segment.includes('{') || segment === tail[i])
  return isAlike ? origin + segments.slice(0, -wanted.length).join('/') + path + slash : undefined
}
