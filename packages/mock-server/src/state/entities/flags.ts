// Flags that actions set and take back: `star` and `unstar`, `enable` and `disable`, `toggle`; and the counts of who did so.

import { type JsonObject, normalizeName } from '../../engine/json.js'
import { MARKING, SWITCHES, TOGGLED_FLAGS, TOGGLING, UNDONE } from '../conventions/actions.js'
import { EXCLUSIVE_FLAGS } from '../conventions/life.js'
import { type Slot, valueAt, withValueAt } from '../forms/slots.js'
import { isPast, isPresent } from './statuses.js'

/** What an action does, without the word that says that it marks a thing so. */
export const wordOf = (verb: string): string => normalizeName(verb).replace(MARKING, '')

/** What an action takes back: `pause` for `unpause`, what conventions/actions.ts says for `resume`. */
export const undoneBy = (verb: string): readonly string[] =>
  /^un(?=[a-z]{3})/.test(verb) ? [verb.replace(/^un/, '')] : (UNDONE.get(verb) ?? [])

const flagOf = (normalized: string): string => normalized.replace(/^is/, '')

/** Whether a flag says that an action was done to a thing, so that a new one does not have it. What is there to be used is enabled. */
export function raises(verb: string, { path, normalized }: Slot, verbs: readonly string[]): boolean {
  const flag = flagOf(normalized)
  if (path.length > 1 || SWITCHES.has(verb)) return false
  if (EXCLUSIVE_FLAGS.has(flag) && wordOf(verb) === flag) return true
  return isPast(flag, verb) || isPresent(flag, verb) || (flag === verb && verbs.includes(`un${verb}`))
}

/** The flag that an action leaves on one thing alone: `is_default` after `set_as_default`; undefined for any other action. */
export const exclusiveFlag = (verb: string, slots: readonly Slot[]): string | undefined => {
  const word = wordOf(verb)
  const slot = slots.find(({ path, normalized }) => path.length === 1 && flagOf(normalized) === word)
  return EXCLUSIVE_FLAGS.has(word) ? slot?.path[0] : undefined
}

export const isToggle = (word: string): boolean => TOGGLING.test(word)

/** With the flag turned round that the word of a toggle names, or else the one that says whether a thing is in use. */
export function turned(
  booleans: readonly Slot[],
  toggle: string,
  entity: unknown,
  sent: JsonObject,
): unknown {
  const word = toggle.replace(TOGGLING, '')
  const named = (flag: string) => booleans.find((slot) => flagOf(slot.normalized) === flag)
  const slot =
    word === ''
      ? TOGGLED_FLAGS.map(named).find((one) => one !== undefined)
      : booleans.find(({ normalized }) => flagOf(normalized) === word || isPast(flagOf(normalized), word))
  const now = slot && valueAt(entity, slot.path)
  const isTold = slot !== undefined && valueAt(sent, slot.path) !== undefined
  return slot !== undefined && typeof now === 'boolean' && !isTold
    ? withValueAt(entity, slot.path, !now)
    : entity
}

/** Whether a count says how many have done something: `stars`, `likesCount`, `followers`. */
const isCountOf = (normalized: string, verb: string): boolean =>
  [verb, `${verb}s`, `${verb.replace(/e$/, '')}ers`].includes(
    normalized.replace(/count$|^(?:num|nb|total)/g, ''),
  )

/** Whether a word is the noun of what a flag says: the `auto_renewal` of a domain that is to `auto_renew` (DNSimple, GoDaddy). */
const isNounOf = (noun: string, flag: string): boolean =>
  flag.length > 4 && noun.startsWith(flag) && /^(?:al|ing|ment|ation)$/.test(noun.slice(flag.length))

/** What an action of this name makes of a flag; undefined where it has nothing to do with it. @param undone what it takes back. */
function switched(flag: string, verb: string, undone: readonly string[]): boolean | undefined {
  const known = SWITCHES.get(verb)?.get(flag)
  if (known !== undefined) return known
  const isBack = (word: string): boolean =>
    undone.some(
      (done) => word === done || isPast(word, done) || isPresent(word, done) || isNounOf(done, word),
    )
  const isDone = flag === verb || isPast(flag, verb) || isPresent(flag, verb) || isNounOf(verb, flag)
  if (isBack(flag) || isDone) return !isBack(flag)
  const [, positive] = /^(?:un|not)(.+)$/.exec(flag) ?? []
  return positive !== undefined && (isPast(positive, verb) || isBack(positive)) ? isBack(positive) : undefined
}

/** A thing with its flags as an action leaves them, and with the counts of those that it has changed. */
export function switchedBy(
  verb: string,
  booleans: readonly Slot[],
  counts: readonly Slot[],
  entity: unknown,
): unknown {
  const undone = undoneBy(verb)
  let copy = entity
  for (const { normalized, path } of booleans) {
    const value = switched(flagOf(normalized), verb, undone)
    if (value === undefined) continue
    if (valueAt(copy, path) === !value) copy = counted(copy, counts, verb, value)
    copy = withValueAt(copy, path, value)
  }
  return copy
}

/** With how many have done what an action does, or takes back: the `likes_count` of what is liked. */
const counted = (entity: unknown, counts: readonly Slot[], verb: string, isOn: boolean): unknown =>
  counts
    .filter(({ normalized }) => isCountOf(normalized, verb.replace(/^un(?=[a-z]{3})/, '')))
    .reduce((at, { path }) => {
      const before = valueAt(at, path)
      return typeof before === 'number' ? withValueAt(at, path, Math.max(0, before + (isOn ? 1 : -1))) : at
    }, entity)
