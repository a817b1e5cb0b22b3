// The history that a thing shows of itself: the entry of an event says what was sent with it, where the thing has no
// room for it.

import { isObject, normalizeName, setMember } from '../../engine/json.js'
import { HISTORIES } from '../conventions/life.js'
import { ABSENT } from '../forms/coercion.js'
import type { Form } from '../forms/form.js'
import type { Forms } from '../forms/forms.js'
import type { Projection } from '../forms/projection.js'

type Fields = Readonly<Record<string, unknown>>

interface HistoryParts {
  readonly forms: Forms
  readonly projection: Projection
}

/** A copy of a thing whose histories say in their last entry what was sent and stands nowhere else. */
export function withHistories(parts: HistoryParts, form: Form, thing: unknown, sent: Fields): unknown {
  const isLeft = (name: string): boolean => !form.byName.has(normalizeName(name))
  if (!isObject(thing) || !Object.keys(sent).some(isLeft)) return thing
  const left = Object.entries(sent).filter(([name]) => isLeft(name))
  const copy: Record<string, unknown> = { ...thing }
  for (const [normalized, { name, schema }] of form.byName) {
    const entries = HISTORIES.has(normalized) ? thing[name] : undefined
    const last: unknown = Array.isArray(entries) ? entries.at(-1) : undefined
    if (!Array.isArray(entries) || !isObject(last)) continue
    const told = entryWith(parts, parts.forms.of(parts.forms.of(schema).items, last), last, left)
    setMember(copy, name, [...entries.slice(0, -1), told])
  }
  return copy
}

function entryWith(
  { projection }: HistoryParts,
  { byName }: Form,
  entry: Fields,
  sent: readonly (readonly [string, unknown])[],
): Fields {
  const copy: Record<string, unknown> = { ...entry }
  for (const [name, value] of sent) {
    const member = byName.get(normalizeName(name))
    const fitted = member && projection.raw(member.schema, value, { seed: 'history' })
    if (member !== undefined && fitted !== ABSENT) setMember(copy, member.name, fitted)
  }
  return copy
}
