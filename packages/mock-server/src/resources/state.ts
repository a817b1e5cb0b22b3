// Answers from what was stored: creates, lists, reads, changes and removes the items of inferred resources, each
// project and environment by itself.

import type { Clock } from '../clock.js'
import { noPreferences } from '../engine/request/preferences.js'
import type { Router } from '../engine/request/router.js'
import type { Answer } from '../engine/response/answers.js'
import type { Refusal } from '../engine/response/refusals.js'
import type { ApiRequest } from '../pipeline.js'
import type { ItemTable } from '../storage/item-table.js'
import type { Transactions } from '../storage/transactions.js'
import { type CatalogParts, createCatalog } from './catalog.js'
import type { Item, ItemMaker } from './items.js'
import { isPlainSlice, type Page, pageOf, sliceOf, wishesOf } from './paging.js'
import { concretePath, itemIdOf, type Resource, type Role, type RoleKind } from './resources.js'
import { createShowing, type Identified, type Stage } from './showing.js'
import { valueAt } from './views.js'

/** An answer, a refusal, or undefined where nothing is stored for an operation. */
export type StateAnswer = { readonly answer: Answer } | { readonly refusal: Refusal } | undefined

export interface State {
  answer(request: ApiRequest): StateAnswer
  /** Fills collections; rows by the concrete paths of their collections. Gives the paths that are none. */
  plant(scope: string, rows: Readonly<Record<string, readonly unknown[]>>, router: Router): readonly string[]
  /** Forgets what was counted; for when what is stored has been exchanged. */
  forget(): void
  /** The resources of the document, for people. */
  resources(): readonly Resource[]
}

export interface StateOptions {
  readonly items: ItemTable
  readonly transactions: Transactions
  readonly clock: Clock
  /** How many samples a collection begins with. */
  readonly seedItems: number
}

/** Where items of a resource are kept for one project and environment. */
interface Shelf {
  readonly resource: Resource
  readonly maker: ItemMaker
  readonly scope: string
  readonly collection: string
  /** The request's path parameters, for members that repeat them. */
  readonly values: Item
}

interface Place extends Shelf, Stage {}

export function createState(
  parts: CatalogParts,
  { items, transactions, clock, seedItems }: StateOptions,
): State {
  const { responses } = parts
  const catalog = createCatalog(parts)
  const showing = createShowing(catalog, parts)
  const numbers = new Map<string, number>()
  const seeded = new Set<string>()

  const placeOf = ({ kind, resource }: Role, request: ApiRequest): Place | undefined => {
    const { operation, identity, parameters, headers } = request
    const template = catalog.template(operation, kind === 'create', headers.accept)
    if (template === undefined) return undefined
    const scope = `${identity.projectId}/${identity.environment}`
    const collection = concretePath(resource.collection, operation, parameters.path)
    return {
      request,
      resource,
      template,
      maker: catalog.maker(resource),
      scope,
      collection,
      values: parameters.path,
    }
  }

  const idOf = ({ resource, request: { operation, parameters } }: Place): unknown =>
    itemIdOf(resource, operation, parameters.path)

  const put = ({ scope, collection }: Shelf, { id, item }: Identified): void =>
    items.replace(scope, collection, String(id), JSON.stringify(item))

  const answered = ({ template }: Place, body: unknown, headers?: Answer['headers']): StateAnswer => ({
    answer: { ...responses.answer(template, body, headers), source: 'stored' },
  })

  const notFound = ({ request }: Place): StateAnswer => ({
    refusal: { status: 404, message: `Nothing is stored at ${request.path}` },
  })

  const make = (shelf: Shelf, body: Item, id: unknown, operation?: ApiRequest['operation']): Identified => ({
    id,
    item: shelf.maker.make(body, operation, id, shelf.values, clock.now()),
  })

  /** What is stored under an id, or is known by it elsewhere, as a team is by its number beside its slug. */
  const find = (maker: ItemMaker, scope: string, collection: string, id: string): Identified | undefined => {
    const stored = items.find(scope, collection, id)
    if (stored !== undefined) return { id, item: JSON.parse(stored.body) as Item }
    if (maker.furtherNames.length === 0 || items.isRemoved(scope, collection, id)) return undefined
    for (const row of items.list(scope, collection, { limit: MAX_SEARCHED, offset: 0 })) {
      const item = JSON.parse(row.body) as Item
      if (maker.furtherNames.some((name) => String(item[name]) === id)) return { id: row.id, item }
    }
    return undefined
  }

  /** Stores a new item under an id that no other has or had. */
  const add = (shelf: Shelf, body: Item, operation?: ApiRequest['operation']): Identified => {
    const { maker, scope, collection } = shelf
    const name = `${scope} ${collection}`
    for (let tries = 0; ; tries++) {
      const number = (numbers.get(name) ?? items.taken(scope, collection)) + 1
      numbers.set(name, number)
      const made = make(shelf, body, maker.newId(number), operation)
      if (items.add(scope, collection, String(made.id), JSON.stringify(made.item))) return made
      if (tries < MAX_TRIES) continue
      put(shelf, made)
      return made
    }
  }

  /** Every item above a resource whose id can be known, the nearest first, with whether it is there. */
  function* parentsOf({ request, scope }: Place, from: Resource | undefined) {
    for (let parent = from; parent !== undefined; parent = parent.parent) {
      const { operation, parameters } = request
      const collection = concretePath(parent.collection, operation, parameters.path)
      const id = String(itemIdOf(parent, operation, parameters.path))
      const isThere = find(catalog.maker(parent), scope, collection, id) !== undefined
      const isRemoved = !isThere && items.isRemoved(scope, collection, id)
      yield { parent, isThere, isRemoved, isExample: catalog.maker(parent).isExample(id) }
    }
  }

  /** Whether a parent is missing. What is deleted below one that was removed went with it. */
  const isOrphan = (place: Place, from: Resource | undefined): boolean => {
    for (const { parent, isThere, isRemoved, isExample } of parentsOf(place, from)) {
      if (isThere || !catalog.isStrict(parent) || (isExample && !isRemoved)) continue
      return place.request.operation.method !== 'DELETE' || !isRemoved
    }
    return false
  }

  /** Ids that the document's own examples create: none of them may be there before. */
  const idsInExamples = ({ create }: Resource, maker: ItemMaker): ReadonlySet<string> => {
    const bodies = (create?.body()?.content ?? []).flatMap(({ schema, examples }) => [
      parts.sampler.sample(parts.schemas.convert(schema, 'request'), { seed: '' }).value,
      ...examples.map(({ value }) => value),
    ])
    const ids = bodies.map((body) => create && maker.chosenId(maker.unwrap(body), create))
    return new Set(ids.map(String))
  }

  /** Fills a collection that is seen for the first time with the document's examples, and samples after them. */
  const seed = (place: Place): void => {
    const { resource, maker, scope, collection } = place
    if (resource.list === undefined) return
    const hint = resource.list.extension('x-mock-seed')
    const wanted = typeof hint === 'number' && hint >= 0 ? Math.min(Math.floor(hint), MAX_SEEDS) : seedItems
    const name = `${scope} ${collection}`
    if (wanted === 0 || seeded.has(name)) return
    seeded.add(name)
    if (!items.claimSeeding(scope, collection)) return
    const template = catalog.template(resource.list)
    const view = template && catalog.listView(template, resource)
    const listed = template && view && valueAt(responses.sample(template, noPreferences).value, view.path)
    const examples: readonly unknown[] = Array.isArray(listed) && view?.idsOnly === false ? listed : []
    const promised = idsInExamples(resource, maker)
    transactions.unit(() => {
      for (let i = 0; i < wanted; i++) {
        const example = maker.unwrap(examples[i])
        const shown = view?.item.idName === undefined ? undefined : example[view.item.idName]
        if (!maker.isId(shown) || promised.has(String(shown))) add(place, example)
        else items.insert(scope, collection, String(shown), JSON.stringify(make(place, example, shown).item))
      }
    })
  }

  /** The stored item of a request; one that nobody can create, or that is an example, is there at once. */
  const load = (place: Place): Identified | undefined => {
    const { resource, maker, scope, collection } = place
    if (isOrphan(place, resource.parent)) return undefined
    const id = idOf(place)
    const stored = find(maker, scope, collection, String(id))
    if (stored !== undefined) return stored
    if (items.isRemoved(scope, collection, String(id))) return undefined
    if (catalog.isStrict(resource) && !maker.isExample(id)) return undefined
    const template = resource.read && catalog.template(resource.read)
    const example = template && valueAt(responses.sample(template, noPreferences).value, maker.view.path)
    const made = make(place, maker.unwrap(example), id)
    put(place, made)
    return made
  }

  const create = (place: Place): StateAnswer => {
    const { request, maker, scope, collection, resource, template } = place
    if (isOrphan(place, resource.parent)) return notFound(place)
    seed(place)
    const body = maker.unwrap(request.body)
    const { operation } = request
    const chosen = maker.chosenId(body, operation)
    const made = chosen === undefined ? add(place, body, operation) : make(place, body, chosen, operation)
    const { id } = made
    if (chosen !== undefined && !items.insert(scope, collection, String(id), JSON.stringify(made.item))) {
      const isRefused = operation.responses().some(({ status }) => status === '409')
      if (isRefused) return { refusal: { status: 409, message: `${String(id)} exists already` } }
      put(place, made)
    }
    const isSame = maker.view.schema === catalog.itemView(template, resource).schema
    const shown = showing.item(place, made, isSame ? undefined : body)
    const location = resource.param === undefined ? '' : locationOf(place, id)
    // Clients give up on long header sections.
    return answered(place, shown, location === '' || location.length > MAX_LOCATION ? {} : { location })
  }

  const read = (place: Place): StateAnswer => {
    const found = load(place)
    return found === undefined ? notFound(place) : answered(place, showing.item(place, found))
  }

  const merge = (place: Place): StateAnswer => {
    const found = load(place)
    if (found === undefined) return notFound(place)
    const { maker, request } = place
    const changed = { id: found.id, item: maker.merge(found.item, maker.unwrap(request.body), clock.now()) }
    put(place, changed)
    return answered(place, showing.item(place, changed))
  }

  /** A PUT makes what is not there when the document says that it can answer `201`, or for a singleton. */
  const replace = (place: Place): StateAnswer => {
    const { maker, request, resource } = place
    const { operation } = request
    const canMake =
      resource.param === undefined || operation.responses().some(({ status }) => status === '201')
    const isPossible = canMake && !isOrphan(place, resource.parent)
    const found = load(place) ?? (isPossible ? make(place, {}, idOf(place), operation) : undefined)
    if (found === undefined) return notFound(place)
    const item = maker.replace(found.item, maker.unwrap(request.body), operation, clock.now())
    put(place, { id: found.id, item })
    return answered(place, showing.item(place, { id: found.id, item }))
  }

  const remove = (place: Place): StateAnswer => {
    const { scope, collection, resource } = place
    const wentWithParent = [...parentsOf(place, resource.parent)].some(({ isRemoved }) => isRemoved)
    const found = load(place) ?? (wentWithParent ? make(place, {}, idOf(place)) : undefined)
    if (found === undefined) return notFound(place)
    items.remove(scope, collection, String(found.id))
    return answered(place, showing.removed(place, found))
  }

  const list = (place: Place): StateAnswer => {
    const { resource, template } = place
    if (isOrphan(place, resource.parent)) return notFound(place)
    seed(place)
    const view = catalog.listView(template, resource)
    if (view === undefined || template.media === undefined) return undefined
    const { body, headers } = showing.list(place, view, pageAt(place))
    return answered(place, body, headers)
  }

  const pageAt = ({ request: { operation, parameters }, scope, collection }: Place): Page<Identified> => {
    const { query } = parameters
    const wishes = wishesOf(query)
    if (!isPlainSlice(wishes)) {
      const all = items
        .list(scope, collection)
        .map(({ id, body }) => ({ id, item: JSON.parse(body) as Item }))
      return pageOf(all, operation, wishes)
    }
    const slice = sliceOf(operation, wishes)
    // One more than the page tells whether there is a next one.
    const rows = items.list(scope, collection, { limit: slice.size + 1, offset: slice.offset })
    return {
      ...slice,
      hasMore: rows.length > slice.size,
      total: () => items.count(scope, collection),
      items: rows.slice(0, slice.size).map(({ id, body }) => ({ id, item: JSON.parse(body) as Item })),
    }
  }

  /** An operation on an existing item: it shows the item, and changes it when it answers in the item's own form. */
  const act = (place: Place): StateAnswer => {
    const { request, resource, template, scope, collection, maker } = place
    if (isOrphan(place, resource)) return notFound(place)
    if (template.media === undefined || !/json/i.test(template.media.type)) return undefined
    const view = catalog.itemView(template, resource)
    const id = idOf(place)
    const found = find(maker, scope, collection, String(id))
    if (found === undefined || view.idName === undefined || request.operation.method === 'GET')
      return undefined
    if (view.schema !== maker.view.schema) return answered(place, showing.item(place, found))
    const changed = { id: found.id, item: maker.merge(found.item, maker.unwrap(request.body), clock.now()) }
    put(place, changed)
    return answered(place, showing.item(place, changed))
  }

  const steps: Readonly<Record<RoleKind, (place: Place) => StateAnswer>> = {
    create,
    list,
    read,
    merge,
    replace,
    remove,
    action: act,
  }

  return {
    resources: () => [...new Set([...catalog.roles().values()].map(({ resource }) => resource))],
    forget() {
      numbers.clear()
      seeded.clear()
    },
    plant(scope, rows, router) {
      const strays: string[] = []
      for (const [path, planted] of Object.entries(rows)) {
        const found = ['POST', 'GET']
          .map((method) => router.match(method, path, ''))
          .find(({ kind }) => kind === 'found')
        const match = found?.kind === 'found' ? found : undefined
        const role = match && catalog.roles().get(match.operation)
        if (match === undefined || role === undefined || (role.kind !== 'create' && role.kind !== 'list')) {
          strays.push(path)
          continue
        }
        const { resource } = role
        const maker = catalog.maker(resource)
        const collection = concretePath(resource.collection, match.operation, match.params)
        const shelf = { resource, maker, scope, collection, values: match.params }
        items.claimSeeding(scope, collection)
        for (const row of planted) {
          const body = maker.unwrap(row)
          const own = maker.view.idName === undefined ? undefined : body[maker.view.idName]
          if (maker.isId(own)) put(shelf, make(shelf, body, own))
          else add(shelf, body)
        }
      }
      return strays
    },
    answer(request) {
      const role = catalog.roles().get(request.operation)
      const place = role && placeOf(role, request)
      if (role === undefined || place === undefined) return undefined
      const { types } = place.maker.view.shape
      // Bare texts and numbers are answers, not things that can be told apart by an id.
      return types === undefined || types.has('object') ? steps[role.kind](place) : undefined
    },
  }
}

const MAX_TRIES = 64
const MAX_SEARCHED = 1_000
const MAX_LOCATION = 2_048
const MAX_SEEDS = 1_000

/** The path of a created item, in the form that it was created with. */
function locationOf({ resource, request }: Place, id: unknown): string {
  const extension = /\.[A-Za-z]+$/.exec(resource.collection)?.[0] ?? ''
  const path = request.path.replace(/\/$/, '')
  const base = extension !== '' && path.endsWith(extension) ? path.slice(0, -extension.length) : path
  return `${base}/${encodeURIComponent(String(id))}${extension}`
}
