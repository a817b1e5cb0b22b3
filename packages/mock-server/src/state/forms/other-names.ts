// Values under other names than a form has for them.

import { type JsonObject, normalizeName } from '../../engine/json.js'
import { ID_ENDINGS, singular } from '../conventions/names.js'
import { ABSENT, coerce } from './coercion.js'
import type { Form, Member } from './form.js'
import type { Forms } from './forms.js'

export interface OtherNames {
  readonly sourceOf: (normalized: string) => string | undefined
  /** The names, normalised, that are done with. */
  readonly done: Set<string>
}

/** Whether all names of a value are those of members, as the form writes them: then none stands for another. */
export function hasOwnNames(value: JsonObject, { byName }: Form): boolean {
  for (const name in value) if (byName.get(normalizeName(name))?.name !== name) return false
  return true
}

/** Finds the name that a value has for a member of a form. */
export function sourcesIn(value: object, form: Form): (normalized: string) => string | undefined {
  const sources = new Map(Object.keys(value).map((name) => [normalizeName(name), name]))
  // A name that is a member's own stands for no other.
  const mayStandForOthers = [...sources.keys()].some((name) => !form.byName.has(name))
  return (normalized) => (mayStandForOthers ? alias(sources, normalized, form) : sources.get(normalized))
}

/** The name under which a member was stored. A list is often sent in the singular and shown in the plural, or the reverse. */
function alias(sources: ReadonlyMap<string, string>, normalized: string, form: Form): string | undefined {
  const same = sources.get(normalized)
  if (same !== undefined) return same
  const one = singular(normalized)
  if (one !== normalized) return form.byName.has(one) ? undefined : sources.get(one)
  for (const other of otherNames(normalized)) {
    const source = form.byName.has(other) ? undefined : sources.get(other)
    if (source !== undefined) return source
  }
  return undefined
}

function* otherNames(normalized: string): Generator<string> {
  yield* [`${normalized}s`, `${normalized}es`, normalized.replace(/y$/, 'ies')]
  // A reference by id stands in the member of what it refers to, and the reverse.
  for (const ending of ID_ENDINGS) {
    yield normalized + ending
    if (normalized.endsWith(ending) && normalized.length > ending.length + 1)
      yield normalized.slice(0, -ending.length)
  }
}

/** The id of an object, by the names that everyone knows. */
export function idIn(value: JsonObject): string | number | undefined {
  for (const wanted of [...ID_ENDINGS, 'name', 'key', 'value']) {
    for (const [name, own] of Object.entries(value)) {
      if (normalizeName(name) === wanted && (typeof own === 'string' || typeof own === 'number')) return own
    }
  }
  return undefined
}

/** Where a single value stands in an object that answers show in its place: as its id, its name, or its only text. */
export function memberForScalar(forms: Forms, form: Form, value: unknown, name: string): Member | undefined {
  const one = singular(normalizeName(name))
  const wanted = [
    ...['value', 'text', 'content', one].filter((each) => each !== ''),
    ...ID_ENDINGS,
    'name',
    'key',
    'login',
    'slug',
    'code',
    'email',
  ]
  const accepts = ({ schema }: Member): boolean => {
    const types = forms.types(schema)
    return types === undefined || coerce(types, value) !== ABSENT || types.has('object')
  }
  const isWord = typeof value === 'string' && !/^[\w-]+$/.test(value)
  const ordered = isWord ? wanted : [...ID_ENDINGS, ...wanted]
  for (const each of ordered) {
    const member = form.byName.get(each)
    if (member !== undefined && accepts(member)) return member
  }
  return undefined
}
