// The members of a thing that show other things, whole or in part, and the names by which requests say which ones: what is
// made with `source_id` shows the `source` (Hookdeck, Lob, Lithic), and what is made with `plan_code` a part of the `plan`
// (Recurly).

import { grouped, isObject, normalizeName } from '../../engine/json.js'
import { CONTENT_HOLDERS, HOLDERS, ID_ENDINGS, singular, wordsOf } from '../conventions/names.js'
import { membersOfAny } from '../forms/entity-views.js'
import type { Form, Member } from '../forms/form.js'
import type { Forms } from '../forms/forms.js'
import type { ResourceType } from '../places/types.js'
import type { EntityFactory, Item } from './entity.js'
import type { Kinds } from './kinds.js'
import { IDENTITIES, isIdentity } from './relations.js'

/** A member that shows a thing of a type, or a list of them. */
export interface Reference {
  readonly name: string
  readonly type: ResourceType
  readonly isList: boolean
  /** The normalised names by which a request says by its id which thing is meant. */
  readonly names: ReadonlySet<string>
  /** The same by another member of that thing. */
  readonly marks: ReadonlySet<string>
  /** What is shown of the thing, by normalised names; undefined where it is shown as its type is. */
  readonly only: ReadonlyMap<string, Member> | undefined
}

/** Two members that tell of one thing: its id, and its name, key or slug, or another id of it. */
export interface NamePair {
  /** What both are called after. */
  readonly noun: string
  readonly id: string
  readonly name: string
  /** The member of that thing which the first one repeats; undefined where that is its id. */
  readonly idOf?: string | undefined
  /** The member of that thing which the second one repeats. */
  readonly of: string
  readonly type: ResourceType
}

/** What things are told by beside their ids. */
export const TOLD_BY = ['name', 'key', 'slug', 'code', 'handle'] as const

/** The members by which a thing tells of another twice: `datasetId` and `datasetName` (Langfuse), `featureId` and `featureKey` (OpenMeter). */
export function namePairsIn(
  { view, type: within }: EntityFactory,
  kinds: Kinds,
  forms: Forms,
  formOf: (type: ResourceType) => Form,
): readonly NamePair[] {
  const members = membersOfAny(forms, view)
  const named = [...members].flatMap(([normalized, { name: id }]) => {
    const [, noun = ''] = /^([a-z]{3,})id$/.exec(normalized) ?? []
    const type = noun === '' ? undefined : kinds.named(noun, within)
    return TOLD_BY.flatMap((of) => {
      const name = members.get(noun + of)?.name
      return name === undefined || type === undefined ? [] : [{ noun, id, name, of, type }]
    })
  })
  return [...named, ...idPairsIn([...members.values()], (noun) => kinds.named(noun, within), formOf)]
}

/** The members that tell of one thing by two ids of it: `lago_customer_id` and `external_customer_id` of what has both (Lago, Xero). */
function idPairsIn(
  members: readonly Member[],
  named: (noun: string) => ResourceType | undefined,
  formOf: (type: ResourceType) => Form,
): readonly NamePair[] {
  const ids = members.flatMap(({ name }) => {
    const [first = '', ...rest] = wordsOf(name)
    const [noun, last = ''] = [rest.slice(0, -1).join(''), rest.at(-1)]
    const isOfThing = noun !== '' && (ID_ENDINGS as readonly string[]).includes(last)
    return isOfThing ? [[noun, { name, own: first + last }] as const] : []
  })
  return [...grouped(ids)].flatMap(([noun, own]) => {
    const type = own.length > 1 ? named(noun) : undefined
    const byName = type && formOf(type).byName
    const known = own.flatMap(({ name, own: mark }) => {
      const of = byName?.get(mark)?.name
      return of === undefined ? [] : [{ name, of }]
    })
    const [first, ...others] = known
    if (type === undefined || first === undefined) return []
    return others.map(({ name, of }) => ({ noun, id: first.name, idOf: first.of, name, of, type }))
  })
}

export const referencesIn = (forms: Forms, factory: EntityFactory, kinds: Kinds): readonly Reference[] =>
  [...membersOfAny(forms, factory.view)].flatMap(([normalized, member]) =>
    referenceIn(forms, factory, kinds, normalized, member),
  )

function referenceIn(
  forms: Forms,
  { type: within }: EntityFactory,
  kinds: Kinds,
  normalized: string,
  { name, schema: own }: Member,
): readonly Reference[] {
  const types = [...(forms.types(own) ?? [])].filter((one) => one !== 'null').join()
  const isList = types === 'array'
  const isPart = HOLDERS.has(normalized) || CONTENT_HOLDERS.has(normalized)
  if (isPart || !(isList || types === 'object')) return []
  const [noun, plural] = isList ? [singular(normalized), 's'] : [normalized, '']
  const schema = isList ? forms.of(own).items : own
  const form = forms.of(schema)
  const whole = form.mayBeObject ? kinds.shownAs(schema, within) : undefined
  const called = whole ?? kinds.called(noun, form, within)
  // What has another name than its kind shows what kinds of things do: a `from` the address of a check (Lob).
  const possible = called === undefined ? kinds.shownLike(form, within) : [called]
  return (
    possible
      // A thing that showed another of its type whole would show that one's as well.
      .filter((type) => type !== within || whole === undefined)
      .map((type) => ({
        ...{ name, type, isList },
        names: new Set([normalized, ...ID_ENDINGS.map((ending) => noun + ending + plural)]),
        marks: new Set([...IDENTITIES].map((ending) => noun + ending + plural)),
        only: whole === undefined ? form.byName : undefined,
      }))
  )
}

/** What a payload calls the things by that it means by a reference; undefined where it means none, or says more of them. */
export function namedBy(payload: Item, { names, marks, isList }: Reference): readonly string[] | undefined {
  const sent = Object.entries(payload).map(([name, value]) => [normalizeName(name), value] as const)
  const byId = sent.filter(([name]) => names.has(name))
  const meant = (byId.length > 0 ? byId : sent.filter(([name]) => marks.has(name))).map(([, value]) =>
    idsIn(isList ? value : [value], names),
  )
  const [ids, ...others] = meant
  const isOne = isList ? others.length === 0 : new Set(meant.map((one) => one?.[0])).size === 1
  return isOne ? ids : undefined
}

/** The ids that are all of a list. */
function idsIn(value: unknown, names: ReadonlySet<string>): readonly string[] | undefined {
  if (!Array.isArray(value)) return undefined
  const ids = value.map((one) => onlyIn(one, names))
  return ids.every(isId) ? ids.map(String) : undefined
}

const isId = (value: unknown): boolean =>
  (typeof value === 'string' && value !== '') || typeof value === 'number'

/** What an object calls a thing by that says nothing else of it: `{ code: 'ann' }`, `{ customer_id: '7' }`. */
function onlyIn(value: unknown, names: ReadonlySet<string>): unknown {
  if (!isObject(value)) return value
  const [[name = '', only] = [], ...others] = Object.entries(value)
  return others.length === 0 && (isIdentity(name) || names.has(normalizeName(name))) ? only : value
}

/** The ids by which a thing names others of one kind: `tag_id`, `tag_ids`, `tag: { id }`, `relationships.tags.data` (JSON:API). */
export function idsTold(item: Item, noun: string): readonly string[] {
  const names = new Set([noun, ...ID_ENDINGS.flatMap((ending) => [noun + ending, `${noun + ending}s`])])
  const { relationships } = item
  const members = [item, isObject(relationships) ? relationships : {}].flatMap((one) => Object.entries(one))
  const told = members.flatMap(([name, value]) => {
    const normalized = normalizeName(name)
    return names.has(normalized) || singular(normalized) === noun ? idsWithin(value) : []
  })
  return [...new Set(told)]
}

function idsWithin(value: unknown): readonly string[] {
  if (Array.isArray(value)) return value.flatMap(idsWithin)
  if (isObject(value)) return idsWithin('data' in value ? value.data : value.id)
  return typeof value === 'string' || typeof value === 'number' ? [String(value)] : []
}
