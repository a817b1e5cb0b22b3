// What a list of actions in a body does to a thing: `{ actions: [{ action: 'setKey', key: 'a' }] }`, `{ requests: [{ setKey:
// { key: 'a' } }] }`, `{ instructions: [{ kind: 'updateName', value: 'a' }] }`, and to the lists of the thing: `{ action:
// 'addLocation', location }`, `{ action: 'changeItemQuantity', itemId, quantity }`.

import { isObject, type JsonObject, normalizeName, setMember } from '../../engine/json.js'
import { ACTION_LISTS, ADDING_WORDS, REMOVING_WORDS, SETTING_ACTION } from '../conventions/actions.js'
import { singular, wordsOf } from '../conventions/names.js'
import type { Form } from '../forms/form.js'
import type { Forms } from '../forms/forms.js'
import { equals } from '../patches.js'

interface Action {
  readonly called: string
  readonly said: JsonObject
}

/** An action on a list: what it does, to which list, and to which of its entries. */
interface ListAction {
  readonly verb: string
  /** The thing's own name of the list. */
  readonly name: string
  /** What it says an entry is. */
  readonly entries: readonly unknown[]
  /** What it says that tells one entry from the others: `{ id: '7' }` for `itemId: '7'`. */
  readonly ids: JsonObject
}

/** More than any API takes at once, and few enough to look at each. */
const MAX_ACTIONS = 1_000

const CHANGING: ReadonlySet<string> = new Set(['change', 'set', 'update'])

/** What an entry says which action it is by. */
const NAMES = ['action', 'kind']

const listName = (body: JsonObject): string | undefined =>
  Object.keys(body).find((own) => ACTION_LISTS.has(normalizeName(own)) && Array.isArray(body[own]))

function actionsIn(form: Form, body: JsonObject): readonly Action[] | undefined {
  const name = listName(body)
  const list = name === undefined ? undefined : body[name]
  if (name === undefined || !Array.isArray(list) || form.byName.has(normalizeName(name))) return undefined
  return list
    .slice(0, MAX_ACTIONS)
    .filter(isObject)
    .flatMap((entry): readonly Action[] => {
      const own = NAMES.find((name) => typeof entry[name] === 'string')
      if (own === undefined)
        return Object.entries(entry).flatMap(([called, said]) => (isObject(said) ? [{ called, said }] : []))
      const { [own]: _, ...said } = entry
      return [{ called: String(entry[own]), said }]
    })
}

/** What the actions of a body set, and what stands beside them; undefined where a body lists none. */
export function setByActions(forms: Forms, form: Form, body: JsonObject): JsonObject | undefined {
  const actions = actionsIn(form, body)
  if (actions === undefined) return undefined
  const { [listName(body) ?? '']: _, ...beside } = body
  const known = actions.flatMap((action) =>
    SETTING_ACTION.test(action.called) && !isAboutEntry(forms, form, action) ? setIn(form, action) : [],
  )
  return { ...beside, ...Object.fromEntries(known) }
}

/** What the actions of a body set as a whole, so that nothing is left of what was there: `{ action: 'changeName', name: { en } }`. */
export function setAnew(forms: Forms, form: Form, body: unknown): JsonObject | undefined {
  const actions = isObject(body) ? actionsIn(form, body) : undefined
  if (actions === undefined) return undefined
  const known = actions.flatMap((action) => {
    const [verb = '', ...words] = wordsOf(action.called)
    const meant = CHANGING.has(verb) ? form.byName.get(words.join('')) : undefined
    if (meant === undefined || isAboutEntry(forms, form, action)) return []
    return setIn(form, action).filter(([name]) => name === meant.name)
  })
  return known.length === 0 ? undefined : Object.fromEntries(known)
}

function setIn(form: Form, { called, said }: Action): readonly (readonly [string, unknown])[] {
  const [, ...words] = wordsOf(called)
  const meant = form.byName.get(words.join(''))
  const isValue = meant !== undefined && 'value' in said && !form.byName.has('value')
  const named = isValue ? { ...said, [meant.name]: said.value } : said
  return Object.entries(named).flatMap(([own, value]) => {
    const member = form.byName.get(normalizeName(own))
    return member === undefined ? [] : [[member.name, value] as const]
  })
}

/** Whether an action says which entry of a list it changes, so that what it says is not said of the thing. */
const isAboutEntry = (forms: Forms, form: Form, { called, said }: Action): boolean =>
  listsNamed(forms, form, called).some(({ noun, items }) => Object.keys(idsIn(items, noun, said)).length > 0)

/** A payload with the lists that the actions of a body change, as they are afterwards. @param before the thing as it is. */
export function withActedLists(
  forms: Forms,
  form: Form,
  before: JsonObject,
  { body, payload }: { readonly body: unknown; readonly payload: JsonObject },
): JsonObject {
  const changed: Record<string, unknown> = { ...payload }
  for (const { called, said } of isObject(body) ? (actionsIn(form, body) ?? []) : []) {
    const action = listActionIn(forms, form, { called, said })
    if (action === undefined) continue
    const now = changed[action.name] ?? before[action.name]
    setMember(changed, action.name, changedList(action, Array.isArray(now) ? now : []))
  }
  return changed
}

/** The lists of a thing that an action may be called after, the longest name first, and what it says behind that. */
function listsNamed(forms: Forms, form: Form, called: string) {
  const [, ...words] = wordsOf(called)
  return words.flatMap((_, index) => {
    const end = words.length - index
    const noun = singular(words.slice(0, end).join(''))
    const list = [...form.byName].find(([own]) => singular(own) === noun)?.[1]
    const own = list && forms.of(list.schema)
    if (list === undefined || own?.isArray !== true) return []
    return [{ name: list.name, noun, items: forms.of(own.items), rest: words.slice(end).join('') }]
  })
}

function listActionIn(forms: Forms, form: Form, { called, said }: Action): ListAction | undefined {
  const [verb = ''] = wordsOf(called)
  const [list] = listsNamed(forms, form, called)
  if (list === undefined || !(ADDING_WORDS.has(verb) || REMOVING_WORDS.has(verb) || CHANGING.has(verb)))
    return undefined
  const { name, noun, items, rest } = list
  // What says more than the list's name is about something else, unless that is a member of the entries.
  if (rest !== '' && !(CHANGING.has(verb) && items.byName.has(rest))) return undefined
  const ids = idsIn(items, noun, said)
  if (CHANGING.has(verb) && Object.keys(ids).length === 0) return undefined
  return { verb, name, entries: entriesIn(list, said), ids }
}

const IDS = ['id', 'key']

/** What names an entry: `itemId` and `itemKey`, or its `id`. */
function idsIn({ byName }: Form, noun: string, said: JsonObject): JsonObject {
  const found = Object.entries(said).flatMap(([name, value]) => {
    const normalized = normalizeName(name)
    const id = IDS.find((own) => normalized === `${noun}${own}`) ?? (normalized === 'id' ? 'id' : undefined)
    const member = id && byName.get(id)
    return member ? [[member.name, value] as const] : []
  })
  return Object.fromEntries(found)
}

/** What an action says entries are: in a member that is called like the list or an entry of it, or itself. */
function entriesIn(
  { name, noun, items: { byName } }: { readonly name: string; readonly noun: string; readonly items: Form },
  said: JsonObject,
): readonly unknown[] {
  for (const [own, value] of Object.entries(said)) {
    const normalized = normalizeName(own)
    const isMany = normalized === normalizeName(name) || (normalized === 'values' && !byName.has('values'))
    if (isMany && Array.isArray(value)) return value
    if (normalized === noun || (normalized === 'value' && !byName.has('value'))) return [value]
  }
  const known = Object.entries(said).filter(([own]) => byName.has(normalizeName(own)))
  return known.length === 0 ? [] : [Object.fromEntries(known)]
}

function changedList({ verb, entries, ids }: ListAction, before: readonly unknown[]): readonly unknown[] {
  if (ADDING_WORDS.has(verb)) {
    const added = entries.map((one) => (isObject(one) ? { ...ids, ...one } : one))
    return [...before, ...added.filter((one) => !before.some((own) => equals(own, one)))]
  }
  const meant = Object.keys(ids).length > 0 ? [ids] : entries
  const isMeant = (own: unknown): boolean => meant.some((one) => says(own, one))
  if (REMOVING_WORDS.has(verb)) return before.filter((own) => !isMeant(own))
  const [entry] = entries
  return before.map((own) => (isObject(own) && isObject(entry) && isMeant(own) ? { ...own, ...entry } : own))
}

/** Whether an entry says all that is said of it. */
const says = (own: unknown, said: unknown): boolean =>
  isObject(own) && isObject(said)
    ? Object.entries(said).every(([name, value]) => equals(own[name], value))
    : equals(own, said)
