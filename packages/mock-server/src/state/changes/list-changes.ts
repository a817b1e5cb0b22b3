// Members of a change that say what is added to a list of a thing, or taken out of it: `add_labels` and `remove_labels`
// (AgentMail), `tags_to_add` (ConvertKit).

import { normalizeName } from '../../engine/json.js'
import { ADDING_WORDS, REMOVING_WORDS } from '../conventions/actions.js'
import { wordsOf } from '../conventions/names.js'
import type { Item } from '../entities/entity.js'
import type { Form } from '../forms/form.js'
import type { Forms } from '../forms/forms.js'
import { equals } from '../patches.js'

interface ListChange {
  readonly verb: string
  /** The normalised name of the list. */
  readonly list: string
}

function listChangeIn(name: string): ListChange | undefined {
  const words = wordsOf(name)
  const [first = '', ...rest] = words
  const isLed = ADDING_WORDS.has(first) || REMOVING_WORDS.has(first)
  const [to, last = ''] = words.slice(-2)
  const isFollowed = words.length > 2 && to === 'to' && (ADDING_WORDS.has(last) || REMOVING_WORDS.has(last))
  if (isLed && rest.length > 0) return { verb: first, list: rest.join('') }
  return isFollowed ? { verb: last, list: words.slice(0, -2).join('') } : undefined
}

/** A payload with the lists that it changes as they are afterwards. @param before the thing as it is. */
export function withListChanges(forms: Forms, form: Form, before: Item, payload: Item): Item {
  let changed = payload
  for (const [name, value] of Object.entries(payload)) {
    const change =
      Array.isArray(value) && !form.byName.has(normalizeName(name)) ? listChangeIn(name) : undefined
    const member = change && (form.byName.get(change.list) ?? form.byName.get(`${change.list}s`))
    if (
      change === undefined ||
      member === undefined ||
      !forms.of(member.schema).isArray ||
      !Array.isArray(value)
    )
      continue
    const now = changed[member.name] ?? before[member.name]
    const list: readonly unknown[] = Array.isArray(now) ? now : []
    const { [name]: _, ...others } = changed
    const after = ADDING_WORDS.has(change.verb)
      ? [...list, ...value.filter((one) => !list.some((own) => equals(own, one)))]
      : list.filter((own) => !value.some((one) => equals(own, one)))
    changed = { ...others, [member.name]: after }
  }
  return changed
}
