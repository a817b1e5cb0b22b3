// Things that are made from others of their kind: copies, what several are merged into, and what is made on a thing's path by
// another word. They have ids of their own, the members of their sources, and what the request says on top.

import type { Operation } from '../../engine/document/operation.js'
import { isObject, normalizeName } from '../../engine/json.js'
import { type StateAnswer, shown } from '../answering.js'
import {
  CONVERSATION_MEMBER,
  COPYING_SENTENCE,
  COPYING_VERBS,
  MAKING_SENTENCE,
  REPLYING_VERBS,
  SOURCE_MEMBER,
} from '../conventions/actions.js'
import { singular, wordsOf } from '../conventions/names.js'
import type { Entity, Item } from '../entities/entity.js'
import { noteChange } from '../entities/entity-changes.js'
import { typedId } from '../entities/identifiers.js'
import { isPast } from '../entities/statuses.js'
import type { Member } from '../forms/form.js'
import { equals } from '../patches.js'
import { nounOf } from '../places/paths.js'
import { verbOf } from '../places/verbs.js'
import { findEntity, noteBirth } from '../store/entity-store.js'
import { addEntity } from '../store/making.js'
import { membersIn } from '../store/naming.js'
import type { Site, World } from '../world.js'
import { noteCount } from './counts.js'
import { noteWork } from './finishing.js'

/** Makes another thing from those that a request names, where it is one that does so; undefined where it does something else to them. */
export function madeFrom(world: World, site: Site, sources: readonly Entity[], sent: Item): StateAnswer {
  const [source] = sources
  if (source === undefined || !makesAnother(world, site)) return undefined
  const { factory, request } = site
  const isReply = REPLYING_VERBS.has(normalizeName(verbOf(request.operation)))
  const likeness = sources.map(factory.likeness).reduce(joined)
  const kept = isReply ? conversationOf(likeness) : likeness
  const payload = { ...kept, ...pointersTo(world, site, source), ...sent }
  const entity = addEntity(world, site, { payload })
  noteBirth(world, site, entity)
  noteWork(world, site, entity)
  noteCount(world, site, 1)
  noteChange(world.changes, site, { kind: 'create', entity, before: undefined })
  return shown(world, site, { entity, collection: site.name }, request.body)
}

/** What a creation takes from the thing that it is to copy: `?copy_from=7` (Miro), `idBoardSource` (Trello). */
export function copiedFrom(world: World, site: Site): Item | undefined {
  const { request, factory, place } = site
  const isSource = sourceNames(nounOf(place))
  const said = [request.parameters.query, isObject(request.body) ? request.body : {}].flatMap(Object.entries)
  for (const [name, id] of said) {
    if (!isSource.test(normalizeName(name)) || (typeof id !== 'string' && typeof id !== 'number')) continue
    const found = findEntity(world, site, String(id))
    if (found !== undefined) return factory.likeness(found.entity)
  }
  return undefined
}

const namesKnown = new Map<string, RegExp>()

/** The names of members and parameters that say what a new thing of this noun is copied from. */
function sourceNames(noun: string): RegExp {
  const known = namesKnown.get(noun)
  if (known !== undefined) return known
  const named = `(?:${noun})?(?:id)?`
  const names = new RegExp(
    `^(?:copy|clone|duplicate|copied|cloned|duplicated)(?:from|of)${named}$|^(?:source|original)${noun}id$|^id${noun}source$`,
  )
  namesKnown.set(noun, names)
  return names
}

/** Whether an operation on things makes another one of them, rather than that it changes them. */
function makesAnother(world: World, { request: { operation }, template, place, factory }: Site): boolean {
  if (operation.method !== 'POST' || template.media === undefined) return false
  const verb = normalizeName(verbOf(operation))
  if (!COPYING_VERBS.has(verb) && !REPLYING_VERBS.has(verb) && !isSaidToMakeNew(operation, nounOf(place)))
    return false
  const { idPath, isSure, form } = world.types.entityView(template, place)
  // What says more than a thing does is about the copying, as a job of Asana is.
  const isOfThing = [...form.byName.keys()].every((name) => factory.view.form.byName.has(name))
  return idPath !== undefined && isSure && isOfThing
}

const saying = new WeakMap<Operation, boolean>()

/** Whether an operation is said to make a new thing of a noun: `creates a new environment variable with the same value`. */
function isSaidToMakeNew(operation: Operation, noun: string): boolean {
  const known = saying.get(operation)
  if (known !== undefined) return known
  const text = `${operation.summary ?? ''}. ${String(operation.extension('description') ?? '')}`.slice(
    0,
    MAX_TEXT,
  )
  const is =
    [...text.matchAll(MAKING_SENTENCE)].some(([, after = '']) => isOfNoun(after, noun)) ||
    COPYING_SENTENCE.test(text)
  saying.set(operation, is)
  return is
}

const MAX_TEXT = 2_000
/** Words that a noun may stand before and still be the whole of what is made. */
const FOLLOWING: ReadonlySet<string> = new Set(
  'at with from in on of for by and that which based using as under to whose into like'.split(' '),
)

/** Whether words begin with a noun, which at most two others describe: `combined template`. */
function isOfNoun(text: string, noun: string): boolean {
  const words = wordsOf(text)
  for (let from = 0; from < 3 && !FOLLOWING.has(words[from - 1] ?? ''); from++)
    for (let to = from + 1; to <= words.length; to++) {
      const isNoun = singular(words.slice(from, to).join('')) === noun
      if (isNoun) return to === words.length || FOLLOWING.has(words[to] ?? '')
    }
  return false
}

/** A thing with what another one has beside it in its lists. */
function joined(one: Item, other: Item): Item {
  const lists = Object.entries(other).flatMap(([name, added]) => {
    const own = one[name]
    if (!Array.isArray(own) || !Array.isArray(added)) return []
    return [[name, [...own, ...added.filter((entry) => !own.some((known) => equals(known, entry)))]] as const]
  })
  return { ...one, ...Object.fromEntries(lists) }
}

const conversationOf = (likeness: Item): Item =>
  Object.fromEntries(
    Object.entries(likeness).filter(([name]) => CONVERSATION_MEMBER.test(normalizeName(name))),
  )

/** What a new thing says of the one that it was made from, and of how: `aliased_variable`, `source_id`, `type: ALIAS`. */
function pointersTo(world: World, { factory, request, place }: Site, source: Entity): Item {
  const { forms } = world
  const [verb, noun] = [normalizeName(verbOf(request.operation)), nounOf(place)]
  const pointers = [...factory.view.form.byName].flatMap(([normalized, member]) => {
    const kind = /(type|kind)$/.test(normalized) ? kindCalled(world, member, verb) : undefined
    if (kind !== undefined) return [[member.name, kind] as const]
    if (!pointsToSource(member.name, verb, noun)) return []
    const types = forms.types(member.schema)
    if (types?.has('object') === true) {
      const { byName } = forms.of(member.schema)
      return [
        [member.name, { ...membersIn(forms, source.item, byName), ...idIn(byName, source.id) }] as const,
      ]
    }
    const isId = /(id|from|of|to)$/.test(normalized) && !types?.has('array')
    return isId ? [[member.name, typedId(source.id, types)] as const] : []
  })
  return Object.fromEntries(pointers)
}

const idIn = (byName: ReadonlyMap<string, Member>, id: string): Item => {
  const own = byName.get('id')
  return own === undefined ? {} : { [own.name]: id }
}

const kindCalled = ({ forms }: World, { schema }: Member, verb: string): unknown =>
  forms.of(schema).shape.values?.find((word) => typeof word === 'string' && normalizeName(word) === verb)

/** Whether a member names what a thing was made from: by a usual word, or by the verb that made it. */
function pointsToSource(name: string, verb: string, noun: string): boolean {
  const normalized = normalizeName(name)
  if (SOURCE_MEMBER.test(normalized.replace(noun, ''))) return true
  const [first = '', ...rest] = wordsOf(name).filter((word) => word !== 'id')
  return rest.length > 0 && isPast(first, verb) && noun.endsWith(rest.join(''))
}
