// Operations that no form of a path gives a role: what a hint says of them, or the class of the things that they answer.

import type { Operation } from '../../engine/document/operation.js'
import { normalizeName } from '../../engine/json.js'
import type { Template } from '../../engine/response/responses.js'
import { wordsOf } from '../conventions/names.js'
import { SEARCHING_WORDS, TRIAL_WORDS } from '../conventions/paths.js'
import type { IdNames } from '../forms/entity-views.js'
import { shareMembers } from '../forms/form.js'
import type { ListView } from '../forms/list-views.js'
import { FIRST } from '../forms/slots.js'
import { type Attachment, type AttachmentParts, type PlaceOf, trailingOf } from './attachment.js'
import { CHANGING } from './beside.js'
import { hintedOf, ITEM_KINDS } from './hinted.js'
import { idNamesOf } from './id-names.js'
import { bare, lastWordOf, nounOf } from './paths.js'
import { type Place, parameterNames, type RoleKind } from './place.js'
import type { Roles } from './places.js'
import { soughtIn } from './sought.js'
import { isSaidToCreate, isSaidToSearch } from './verbs.js'

export function attachOperations(parts: AttachmentParts): ReadonlyMap<Operation, Attachment> {
  const { operations, roles } = parts
  const places = new Map<string, Place>()
  const attached = new Map<Operation, Attachment>()
  const placeOf = (operation: Operation, param?: string): Place => {
    const place = placeFor(operation, param, roles)
    const key = `${place.collection} ${param ?? ''}`
    const known = places.get(key) ?? place
    places.set(key, known)
    return known
  }
  for (const operation of operations) {
    const hinted = hintedOf(operation, parts, placeOf)
    if (hinted === undefined) continue
    roles.byOperation.delete(operation)
    attached.set(operation, hinted)
  }
  for (const operation of operations) {
    const isFree = !roles.byOperation.has(operation) && !attached.has(operation)
    const shown =
      isFree && operation.extension('x-mock-resource') !== false
        ? shownOf(operation, parts, placeOf)
        : undefined
    if (shown !== undefined) attached.set(operation, shown)
  }
  attachBeside(operations, roles, attached)
  return attached
}

/** What else is done at a path that reads things of another place is done to those: POST at `/categories/key={key}` (commercetools). */
function attachBeside(
  operations: readonly Operation[],
  { byOperation }: Roles,
  attached: Map<Operation, Attachment>,
): void {
  const reads = new Map(
    [...attached].flatMap(([{ path }, one]) =>
      one.kind === 'read' && one.place.param !== undefined && path.endsWith('}')
        ? [[path, one] as const]
        : [],
    ),
  )
  for (const operation of operations) {
    const read = reads.get(operation.path)
    const kind = operation.method === 'HEAD' ? 'read' : ITEM_KINDS[operation.method]
    if (read === undefined || kind === undefined || byOperation.has(operation) || attached.has(operation))
      continue
    attached.set(operation, { ...read, kind, because: `what it is about is read there: ${read.because}` })
  }
}

function placeFor(operation: Operation, param: string | undefined, roles: Roles): Place {
  const { path, method } = operation
  return {
    // A segment may say by what it names a thing: `key={key}` (commercetools), `(id='{id}')` (OData).
    collection: param === undefined ? path : path.replace(/\/[^/{}]*\{[^{}/]+\}[^/]*$/, ''),
    param,
    parent: roles.parentOf(path),
    create: method === 'POST' || makesByPut(operation) ? operation : undefined,
    list: method === 'GET' && param === undefined ? operation : undefined,
    read: method === 'GET' && param !== undefined ? operation : undefined,
    changes: [],
    remove: undefined,
  }
}

const IDS: IdNames = {
  sure: ['id', 'gid', 'sid', 'uuid', 'uid', 'objectid'],
  guesses: ['key', 'slug', 'name'],
}

const isOfJson = ({ media }: Template): boolean => /json|\*/i.test(media?.type ?? '')

/** What an operation does by the class of what it answers. */
function shownOf(operation: Operation, parts: AttachmentParts, placeOf: PlaceOf): Attachment | undefined {
  const { classes, roles } = parts
  const { method, path } = operation
  const changes = changingOf(operation, parts)
  if (changes !== undefined) return changes
  const own = parts.template(operation, method === 'POST')
  if (own === undefined || !isOfJson(own)) return undefined
  const lists = listShown(operation, own, parts, placeOf)
  if (lists !== undefined) return lists
  const list = parts.list(own, IDS)
  const listed = list ? classes.placesOf(list.itemSchema) : []
  const shown = placesShown(own, operation, parts)
  const [of] = shown
  const sought = soughtBy(operation, own, shown, parts)
  if (sought !== undefined)
    return guess('lookup', sought, [], `its query tells of one of ${sought.collection}`)
  const parent = roles.parentOf(path)
  const leader = parent && classes.leaderOf(parent)
  if (of === undefined && isBatch(operation, listed, leader)) {
    const because = `its list has the class of ${listed[0]?.collection}`
    return guess(batchKind(operation), placeOf(operation), listed, because)
  }
  if (of === undefined)
    return readingOf(operation, own, parts, placeOf) ?? makingOf(operation, own, parts, placeOf)
  const because = `its answer has the class of ${of.collection}`
  const trailing = method === 'GET' ? trailingOf(operation) : undefined
  if (trailing !== undefined) return guess('read', placeOf(operation, trailing), shown, because)
  const makes = takesItem(operation) && leader !== classes.leaderOf(of) && !showsParent(own, parent, parts)
  return makes ? guess('create', placeOf(operation), shown, because) : undefined
}

const guess = (kind: RoleKind, place: Place, of: readonly Place[], because: string): Attachment => ({
  ...{ kind, place, of, because },
  basis: 'guessed',
})

/** What a list or a search lists, by what it is called or of which class its things are. */
function listShown(
  operation: Operation,
  own: Template,
  parts: AttachmentParts,
  placeOf: PlaceOf,
): Attachment | undefined {
  const list = parts.list(own, IDS)
  const lists = list && listedBy(operation, list, parts.classes.placesOf(list.itemSchema), parts)
  return lists && guess(lists.kind, placeOf(operation), lists.of, lists.because)
}

/**
 * Whether an answer has a member for the thing that the path is below: what else it shows is a part of that (Lago), or came of
 * what was done to it (Flexprice).
 */
function showsParent(
  own: Template,
  parent: Place | undefined,
  { view, members, classes }: AttachmentParts,
): boolean {
  const [outermost] = view(own, IDS).path
  if (parent === undefined || outermost === undefined) return false
  const leader = classes.leaderOf(parent)
  return (
    normalizeName(outermost) === nounOf(parent) ||
    members(own).some((schema) => classes.placesOf(schema).includes(leader))
  )
}

/** The place that a read asks for one thing of by its query, if its answer shows such a thing: by its class, else by its members. */
function soughtBy(
  operation: Operation,
  own: Template,
  shown: readonly Place[],
  { classes, places, template, view }: AttachmentParts,
): Place | undefined {
  const { form } = view(own, IDS)
  const place = soughtIn(operation, form, places)
  if (place === undefined || shown.length > 0)
    return place !== undefined && shown.includes(classes.leaderOf(place)) ? place : undefined
  const read = place.read && template(place.read, false)
  return read && shareMembers(form, view(read, idNamesOf(place)).form, 3) ? place : undefined
}

/** Whether a path says that nothing is made: `/invoices/preview`, `/events/estimate_fees`. */
const isTrial = (path: string): boolean => TRIAL_WORDS.has(wordsOf(path.split('/').at(-1) ?? '')[0] ?? '')

/** The places that stand for the thing in an answer, which may be identified as those are that the path stands beside. */
function placesShown(own: Template, operation: Operation, parts: AttachmentParts): readonly Place[] {
  const { classes, view } = parts
  const shown = classes.placesOf(view(own, IDS).schema)
  const beside = besideOf(operation, parts)
  if (shown.length > 0 || beside === undefined) return shown
  return classes
    .placesOf(view(own, idNamesOf(beside)).schema)
    .filter((place) => place === classes.leaderOf(beside))
}

/** The place whose items a path stands beside: `/documents/text` beside `/documents/{id}`. */
function besideOf({ path }: Operation, { places }: AttachmentParts): Place | undefined {
  const base = bare(path).replace(/\/[^/{}]+$/, '')
  return places.find(({ collection, param }) => param !== undefined && bare(collection) === base)
}

/**
 * What shows the id of the things that it stands beside, and nothing else of them, has made one: of a kind, as
 * `/documents/text` says, or in a way, as `/rules/add-from-file` does.
 */
function makingOf(
  operation: Operation,
  own: Template,
  parts: AttachmentParts,
  placeOf: PlaceOf,
): Attachment | undefined {
  const { classes, requestNames, template, view } = parts
  const beside = besideOf(operation, parts)
  if (beside?.read === undefined || !takesItem(operation)) return undefined
  const ids = idNamesOf(beside)
  const { idPath, isSure, path } = view(own, ids)
  const read = template(beside.read, false)
  if (idPath?.length !== 1 || !isSure || path.includes(FIRST) || read === undefined) return undefined
  const sent = [...requestNames(operation).keys()]
  const known = view(read, ids).form.byName
  // What names the thing does something to it, and what says nothing of one makes something else.
  const isNamed = sent.some((name) => name !== 'id' && normalizeName(beside.param ?? '') === name)
  const isOfThing = sent.some((name) => known.has(name) && !ids.sure.includes(name))
  if (isNamed || !isOfThing) return undefined
  const of = [classes.leaderOf(beside)]
  const because = `its answer has the id of ${beside.collection}`
  return { kind: 'create', place: placeOf(operation), of, because, basis: 'guessed' }
}

/** What stands beside the things that its body names, and says something else of them: `/connections/metadata` (Nango). */
function changingOf(
  operation: Operation,
  { classes, requestNames, places, template, view }: AttachmentParts,
): Attachment | undefined {
  const { method, path } = operation
  const collection = bare(path).replace(/\/([^/{}]+)$/, '')
  const place = places.find(({ param, read, collection: one }) => param && read && bare(one) === collection)
  if (!CHANGING.has(method) || place?.read === undefined || path.endsWith('}')) return undefined
  const shown = template(place.read, false)
  const known = shown && view(shown, idNamesOf(place)).form.byName
  const word = normalizeName(path.split('/').at(-1) ?? '')
  const names = requestNames(operation)
  const isNamed = [normalizeName(place.param ?? ''), `${nounOf(place)}id`].some((name) => names.has(name))
  // The word says which member of the thing is set.
  if (!isNamed || known?.has(word) !== true || !names.has(word)) return undefined
  return {
    kind: 'merge-many',
    ...{ place, of: [classes.leaderOf(place)], basis: 'guessed' },
    because: `it sets a member of what it names of ${place.collection}`,
  }
}

/** The segment that says what a collection holds; undefined where it is below something. */
export const wordOf = ({ collection, param }: Place): string | undefined =>
  param === undefined || collection.includes('{') ? undefined : collection.split('/').at(-1)

/** What lists, or searches: things of a class that places have, else those of the collection that the path of a GET names. */
function listedBy(
  operation: Operation,
  list: ListView,
  listed: readonly Place[],
  parts: AttachmentParts,
): Pick<Attachment, 'kind' | 'of' | 'because'> | undefined {
  const { method } = operation
  const isSearch = method === 'POST' && batchKind(operation) === 'search'
  const because = `its list has the class of ${listed.map(({ collection }) => collection).join(', ')}`
  if (listed.length > 0 && (method === 'GET' || isSearch))
    return { kind: isSearch ? 'search' : 'list', of: listed, because }
  const namesake = method === 'GET' || isSearch ? namesakeOf(operation, list, parts) : undefined
  return (
    namesake && {
      kind: isSearch ? 'search' : 'list',
      of: [namesake],
      because: `its path ends like ${namesake.collection}`,
    }
  )
}

/** What reads by its id what is made elsewhere, where the document has no name for what both show. */
function readingOf(
  operation: Operation,
  own: Template,
  parts: AttachmentParts,
  placeOf: PlaceOf,
): Attachment | undefined {
  const trailing = operation.method === 'GET' ? trailingOf(operation) : undefined
  const made = trailing === undefined ? undefined : madeElsewhere(operation, own, parts)
  if (made === undefined) return undefined
  const of = [parts.classes.leaderOf(made)]
  const because = `its path is called like ${made.collection}, which makes such things`
  return { kind: 'read', place: placeOf(operation, trailing), of, because, basis: 'guessed' }
}

/** The only place that makes things that nothing reads, is called like the path of a read, and shows what the read shows. */
function madeElsewhere(
  { path }: Operation,
  own: Template,
  { places, template, view }: AttachmentParts,
): Place | undefined {
  const word = path
    .replace(/\/\{[^{}/]+\}$/, '')
    .split('/')
    .at(-1)
  const makers = places.filter(
    ({ read, create, collection }) =>
      read === undefined &&
      create !== undefined &&
      collection.includes('{') &&
      collection.endsWith(`/${word}`),
  )
  const [maker] = makers
  const made = maker?.create && template(maker.create, true)
  if (maker === undefined || made === undefined || makers.length > 1) return undefined
  return shareMembers(view(made, idNamesOf(maker)).form, view(own, IDS).form) ? maker : undefined
}

/**
 * What a list lists whose schema has no name for it: the only collection that is called the same, below no other things
 * than the list is.
 */
function namesakeOf(
  { path }: Operation,
  { item }: ListView,
  { classes, places, roles, template, view }: AttachmentParts,
): Place | undefined {
  const [last = '', before] = path.split('/').reverse()
  const word = SEARCHING_WORDS.has(last) ? before : last
  const named = new Set(parameterNames(path))
  const isNamesake = ({ collection, param }: Place): boolean =>
    param !== undefined &&
    lastWordOf(collection) === word &&
    parameterNames(collection).every((name) => named.has(name))
  const leaders = places.filter(isNamesake).map(classes.leaderOf)
  const [leader] = leaders
  const reading = leader?.read ?? leader?.list
  if (leader === undefined || reading === undefined || new Set(leaders).size > 1) return undefined
  const own = template(reading, false)
  const known = own && view(own, IDS).form.byName
  const names = [...item.form.byName.keys()]
  const shared = names.filter((name) => known?.has(name))
  const least = roles.parentOf(path) === undefined ? 0.8 : 0.6
  return item.idPath !== undefined && shared.length >= names.length * least ? leader : undefined
}

/** Whether a PUT says that it makes something, and not what its path names: Vikunja, Xero, Elasticsearch. */
const makesByPut = (operation: Operation): boolean =>
  operation.method === 'PUT' &&
  isSaidToCreate(operation) &&
  operation.responses().some(({ status }) => status === '201')

/** Whether an operation may make something at its own path. */
const takesItem = (operation: Operation): boolean =>
  (operation.method === 'POST' || makesByPut(operation)) &&
  operation.body() !== undefined &&
  trailingOf(operation) === undefined &&
  !isTrial(operation.path)

/** Whether an operation answers with several things, and is no action on one of them. */
const isBatch = (operation: Operation, listed: readonly Place[], leader: Place | undefined): boolean =>
  listed.length > 0 &&
  takesItem(operation) &&
  (parameterNames(operation.path).length === 0 || leader === undefined || !listed.includes(leader))

const batchKind = (operation: Operation): RoleKind =>
  /search|query|find|list|lookup/i.test(operation.path.split('/').at(-1) ?? '') ||
  (isSaidToSearch(operation) && !isSaidToCreate(operation))
    ? 'search'
    : 'create-many'
