// Flags that follow from what they are about, where nobody can send them.

import { BY_ITSELF } from '../conventions/life.js'
import type { Forms } from '../forms/forms.js'
import { type Slot, valueAt, withValueAt } from '../forms/slots.js'

type Derive = (entity: unknown) => unknown

/** @param isGiven whether clients can send a member. */
export function derivedIn(forms: Forms, slots: readonly Slot[], isGiven: (slot: Slot) => boolean): Derive {
  const own = slots.filter(({ path }) => path.length === 1)
  const steps = flagsIn(forms, own, isGiven)
  return (entity) => steps.reduce((at, step) => step(at), entity)
}

/** Whether there is what a flag is about: a product with a `recurring_interval` `is_recurring` (Polar), Docusign's `hasErrors`. */
const flagsIn = (forms: Forms, slots: readonly Slot[], isGiven: (slot: Slot) => boolean): readonly Derive[] =>
  slots.flatMap((flag) => {
    const [, word = ''] = /^(?:is|has)([a-z]{5,})$/.exec(flag.normalized) ?? []
    const isFlag = word !== '' && !BY_ITSELF.test(word) && forms.types(flag.schema)?.has('boolean') === true
    if (!isFlag || isGiven(flag)) return []
    const about = slots.filter(
      ({ normalized, schema }) => normalized.startsWith(word) && !isNumber(forms, schema),
    )
    if (about.length === 0) return []
    return [
      (entity: unknown) =>
        valueAt(entity, flag.path) === undefined
          ? entity
          : withValueAt(
              entity,
              flag.path,
              about.some(({ path }) => isSomething(valueAt(entity, path))),
            ),
    ]
  })

const isNumber = (forms: Forms, schema: Slot['schema']): boolean => {
  const types = forms.types(schema)
  return types?.has('integer') === true || types?.has('number') === true || types?.has('boolean') === true
}

const isSomething = (value: unknown): boolean =>
  value !== undefined && value !== null && value !== '' && !(Array.isArray(value) && value.length === 0)
