// Paths that say what is done in a word of their own: `/contracts/create`, `/contracts/{id}/update`, `/contracts/delete/{id}`.
// They mean what a method would have said at the path without the word, where the document has no such method.

import type { Operation } from '../../engine/document/operation.js'
import { normalizeName } from '../../engine/json.js'
import { JOINING_WORDS, LEAVING_WORDS, SETTING_WORDS } from '../conventions/actions.js'
import { wordsOf } from '../conventions/names.js'
import { CALL_VERBS, type CallKind, SEARCHING_WORDS, SETTINGS_SEGMENT } from '../conventions/paths.js'
import { bare, nounOf, segmented } from './paths.js'

/** The last word of a path, which may stand before the id of the thing: `/orders/cancel/{id}`. */
export const verbOf = ({ path, method }: Pick<Operation, 'path' | 'method'>): string => {
  const [last = '', before = '', above = ''] = path.split(/[/:]/).reverse()
  return last.includes('{') && !above.includes('{') && method !== 'DELETE' ? before : last
}

/** The verb of an operation's name, where its path ends in the noun of it: `deactivateZone` at `/zones/{zone}/activation` (DNSimple). */
export function verbOfNoun(operation: Operation): string | undefined {
  const noun = normalizeName(verbOf(operation))
  const isOfIt = (verb: string): boolean => {
    const stems = [verb, verb.replace(/^(?:de|dis|un)(?=[a-z]{4})/, '')]
    return stems.some((stem) => noun !== stem && noun.startsWith(stem.slice(0, Math.max(4, stem.length - 2))))
  }
  return [operation.operationId, operation.summary]
    .map((text) => wordsOf(text ?? '')[0] ?? '')
    .find((verb) => verb.length > 4 && isOfIt(verb))
}

/** Whether an operation is called by a word that makes something: `createVoucher`, `Add a user`. */
export const isSaidToCreate = ({ operationId, summary }: Operation): boolean =>
  [operationId, summary].some((text) => CALL_VERBS.get(wordsOf(text ?? '')[0] ?? '') === 'create')

/** Whether an operation is called by a word that only reads: `GetUsersByIds`, `List users`. */
export const isSaidToRead = ({ operationId, summary }: Operation): boolean =>
  [operationId, summary].some((text) =>
    ['read', 'list'].includes(CALL_VERBS.get(wordsOf(text ?? '')[0] ?? '') ?? ''),
  )

/** Whether an operation is called by a word that sets what there is once: `set-cors-settings`, `updateNotificationConfig`. */
export const isSaidToSet = ({ operationId, summary, path }: Operation): boolean =>
  [operationId, summary].some((text) =>
    /^(set|update|configure|save|replace)$/.test(wordsOf(text ?? '')[0] ?? ''),
  ) && SETTINGS_SEGMENT.test(path)

/** Whether an operation is called by a word that looks for things: `SearchUsers`, `List jobs of a user`. */
export const isSaidToSearch = ({ operationId, summary }: Operation): boolean =>
  [operationId, summary].some((text) => SEARCHING_WORDS.has(wordsOf(text ?? '')[0] ?? ''))

/** A path with the method that says what is done there. */
export interface Endpoint {
  readonly path: string
  readonly method: string
}

interface Worded extends Endpoint {
  readonly operation: Operation
  readonly kind: CallKind
  /** The path that the things of its family stand below. */
  readonly collection: string
  readonly isOnItem: boolean
}

/** The methods that a word may come with, and the one that it stands for. */
const METHODS: Readonly<Record<CallKind, { readonly from: readonly string[]; readonly to: string }>> = {
  create: { from: ['POST', 'PUT'], to: 'POST' },
  read: { from: ['GET'], to: 'GET' },
  list: { from: ['GET'], to: 'GET' },
  merge: { from: ['POST', 'PUT', 'PATCH'], to: 'PATCH' },
  remove: { from: ['POST', 'DELETE'], to: 'DELETE' },
}

const ON_ITEMS: ReadonlySet<CallKind> = new Set<CallKind>(['read', 'merge', 'remove'])

const keyOf = ({ path, method }: Endpoint): string => `${method} ${bare(path)}`

const collectionOf = (path: string): string => bare(path).replace(/\/\{\}$/, '')

/** @param hasList whether there is a list of things in an operation's success. */
export function endpointsOf(
  operations: readonly Operation[],
  hasList: (operation: Operation) => boolean,
): (operation: Operation) => Endpoint {
  const taken = new Map(operations.map((operation) => [keyOf(operation), operation]))
  const worded = operations.flatMap((operation) => wordedOf(operation) ?? [])
  const methods = new Map<string, Set<string>>()
  for (const { path, method } of [...operations, ...worded]) {
    const known = methods.get(bare(path)) ?? new Set()
    methods.set(bare(path), known.add(method))
  }
  const found = new Map<Operation, Endpoint>()
  for (const one of worded) {
    const single = taken.get(`GET ${one.collection}`)
    const isOfItems = methods.has(`${one.collection}/{}`) && (one.isOnItem || !ON_ITEMS.has(one.kind))
    const isOne = () => single !== undefined && (!hasList(single) || isChangedAsOne(one.collection, taken))
    const isOfSingle = single !== undefined && !one.isOnItem && one.kind !== 'read' && isOne()
    if (taken.has(keyOf(one)) || !(isOfItems || isOfSingle) || !isReadAt(one, methods)) continue
    taken.set(keyOf(one), one.operation)
    found.set(one.operation, one)
  }
  return (operation) => found.get(operation) ?? { path: segmented(operation.path), method: operation.method }
}

/**
 * Whether a path that shows a list among other members is of one thing, which PUT or PATCH changes and nothing is posted to:
 * a team with its members (Dropbox Sign), a cart with its items.
 */
const isChangedAsOne = (path: string, taken: ReadonlyMap<string, Operation>): boolean =>
  ['PUT', 'PATCH'].some((method) => taken.get(`${method} ${path}`)?.path.endsWith(path)) &&
  taken.get(`POST ${path}`)?.path.endsWith(path) !== true

/** What is done to things that nothing reads or lists is told by its answers alone. */
const isReadAt = ({ collection }: Worded, methods: ReadonlyMap<string, ReadonlySet<string>>): boolean =>
  [collection, `${collection}/{}`].some((path) => methods.get(path)?.has('GET') === true)

function wordedOf(operation: Operation): Worded | undefined {
  const path = segmented(operation.path)
    .replace(/[?#].*$/, '')
    .replace(/\/$/, '')
  const [, base = '', word = '', item = ''] = /^(.*[^/])\/([A-Za-z_-]+)(\/\{[^{}/]+\})?$/.exec(path) ?? []
  const kind = kindOf(word, base)
  if (kind === undefined || !METHODS[kind].from.includes(operation.method)) return undefined
  const isOnItem = item !== '' || base.endsWith('}')
  const plain = base + item
  if (item !== '' && base.endsWith('}')) return undefined
  return {
    ...{ operation, kind, isOnItem, path: plain, method: METHODS[kind].to },
    collection: isOnItem ? collectionOf(plain) : bare(plain),
  }
}

/** What a segment says is done: `update`, `update-contract`. What joins and leaves other things is told otherwise. */
function kindOf(segment: string, base: string): CallKind | undefined {
  const [verb = '', ...rest] = wordsOf(segment)
  const isPlain = rest.length === 0 || rest.join('') === nounOf({ collection: base })
  // At the root of a path there is nothing to join: `/voices/add` makes one.
  const joins = base.includes('{') && JOINING_WORDS.has(verb)
  if (!isPlain || joins || LEAVING_WORDS.has(verb)) return undefined
  return CALL_VERBS.get(verb)
}

/** What becomes of a list that a request names things of. */
export type LinkChange = 'join' | 'leave' | 'set'

const linkChanges = new WeakMap<Operation, LinkChange>()

/** What an operation below a thing does with those that it names: as its words say, or its method. */
export function linkChangeOf(operation: Operation, operations: readonly Operation[]): LinkChange {
  const known = linkChanges.get(operation)
  if (known !== undefined) return known
  const change = linkChangeIn(operation, operations)
  linkChanges.set(operation, change)
  return change
}

function linkChangeIn(
  { method, path, operationId, summary }: Operation,
  operations: readonly Operation[],
): LinkChange {
  const last = path.split(/[/:]/).at(-1) ?? ''
  for (const text of [last, operationId, summary]) {
    const [word = ''] = wordsOf(text ?? '')
    if (JOINING_WORDS.has(word)) return 'join'
    if (LEAVING_WORDS.has(word)) return 'leave'
    if (SETTING_WORDS.has(word)) return 'set'
  }
  if (method === 'DELETE') return 'leave'
  // What is taken out by one method is put in by the other.
  const isOneOfTwo = operations.some(
    (other) => other.method === 'DELETE' && other.path === path && other.body() !== undefined,
  )
  return method === 'POST' || isOneOfTwo ? 'join' : 'set'
}
