// Where members stand in a value: paths to them, what is there, and a copy with something else there.

import { isObject, setMember } from '../../engine/json.js'
import type { Schema } from '../../engine/schema/schema.js'
import { CONTENT_HOLDERS, HOLDERS } from '../conventions/names.js'
import type { Form } from './form.js'
import type { Forms } from './forms.js'

/** Leads to the first entry of a list, among the members that lead to a thing. */
export const FIRST = '0'

/** The members of a thing that can say something of it as a whole: its own, and those of the parts that are about it. */
export interface Slot {
  readonly path: readonly string[]
  readonly normalized: string
  readonly schema: Schema
}

export function slotsIn(forms: Forms, form: Form): readonly Slot[] {
  const slots: Slot[] = []
  for (const [normalized, member] of form.byName) {
    slots.push({ path: [member.name], normalized, schema: member.schema })
    if (!HOLDERS.has(normalized) && !CONTENT_HOLDERS.has(normalized)) continue
    for (const [inner, own] of forms.of(member.schema).byName)
      slots.push({ path: [member.name, own.name], normalized: inner, schema: own.schema })
  }
  return slots
}

/** The value behind members of nested objects. */
export function valueAt(value: unknown, path: readonly string[]): unknown {
  return path.reduce<unknown>((at, name) => {
    if (Array.isArray(at) && name === FIRST) return at[0]
    return isObject(at) && Object.hasOwn(at, name) ? at[name] : undefined
  }, value)
}

/** A copy of a value with another one put behind its members. */
export function withValueAt(value: unknown, path: readonly string[], inner: unknown): unknown {
  const [name, ...rest] = path
  if (name === undefined) return inner
  if (name === FIRST && !isObject(value))
    return [withValueAt(Array.isArray(value) ? value[0] : undefined, rest, inner)]
  const copy = isObject(value) ? { ...value } : {}
  setMember(copy, name, withValueAt(copy[name], rest, inner))
  return copy
}

/** A copy of a value without what is behind these members. */
export function withoutValueAt(value: unknown, path: readonly string[]): unknown {
  const [name, ...rest] = path
  if (name !== undefined && Array.isArray(value)) {
    const index = Number(name)
    return rest.length === 0
      ? value.filter((_, i) => i !== index)
      : value.map((one, i) => (i === index ? withoutValueAt(one, rest) : one))
  }
  if (name === undefined || !isObject(value) || !Object.hasOwn(value, name)) return value
  const copy = { ...value }
  if (rest.length === 0) delete copy[name]
  else setMember(copy, name, withoutValueAt(copy[name], rest))
  return copy
}
