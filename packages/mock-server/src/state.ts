// Answers from what was stored: creates, lists, reads, changes and removes the items of inferred resources, each
// project and environment by itself.

import type { Answer } from './answers.js'
import type { Clock } from './clock.js'
import type { ItemStore } from './database.js'
import type { Operation } from './document.js'
import type { ApiRequest } from './exchange.js'
import { createItemMaker, type Item, type ItemMaker, type MakerParts, typedId } from './items.js'
import { isObject, lazy, normalizeName, setMember } from './json.js'
import { counterOf, isPlainSlice, type Page, pageOf, sliceOf } from './paging.js'
import { noPreferences } from './preferences.js'
import type { Refusal } from './refusals.js'
import {
  concretePath,
  idNames,
  idParameters,
  inferResources,
  itemIdOf,
  type Resource,
  type Role,
} from './resources.js'
import type { Responses, Template } from './responses.js'
import type { Router } from './router.js'
import type { Schema } from './schemas.js'
import { createViews, type ItemView, type ListView, valueAt, withValueAt } from './views.js'

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

export interface StateParts extends Omit<MakerParts, 'views'> {
  readonly operations: readonly Operation[]
  readonly responses: Responses
}

export interface StateOptions {
  readonly items: ItemStore
  readonly clock: Clock
  /** How many samples a collection begins with. */
  readonly seedItems: number
}

export function createState(parts: StateParts, { items, clock, seedItems }: StateOptions): State {
  const { schemas, sampler, validation, responses, operations } = parts
  const views = createViews(schemas)
  // Looks at every operation's answers, so the first request waits for it and not the start.
  const roles = lazy(() =>
    inferResources(operations, (operation) => {
      const template = templateOf(operation, false)
      return template !== undefined && views.list(template.schema, ['id']) !== undefined
    }),
  )
  const makers = new Map<Resource, ItemMaker>()
  const itemViews = new WeakMap<Template, ItemView>()
  const listViews = new WeakMap<Template, ListView>()
  const numbers = new Map<string, number>()
  const strictness = new Map<Resource, boolean>()

  function templateOf(operation: Operation, isCreation: boolean, accept?: string): Template | undefined {
    const choice = responses.choose(operation, accept, noPreferences, isCreation)
    return choice.ok ? choice.template : undefined
  }

  const itemViewOf = (template: Template, resource: Resource): ItemView => {
    const view = itemViews.get(template) ?? views.item(template.schema, idNames(resource))
    itemViews.set(template, view)
    return view
  }

  const makerOf = (resource: Resource): ItemMaker => {
    const known = makers.get(resource)
    if (known !== undefined) return known
    const shown = [resource.read, resource.create, ...resource.changes].flatMap((operation): ItemView[] => {
      const template = operation && templateOf(operation, operation === resource.create)
      return template?.media === undefined ? [] : [itemViewOf(template, resource)]
    })
    const listing = resource.list && templateOf(resource.list, false)
    const listed = listing && views.list(listing.schema, idNames(resource))
    if (listed !== undefined && !listed.idsOnly) shown.push(listed.item)
    const [view = itemFromBody(resource), ...others] = shown
    const ids = idParameters(resource, roles()).map(({ schema }) => schemas.convert(schema ?? {}, 'request'))
    const maker = createItemMaker(
      { schemas, validation, sampler, views, seed: parts.seed },
      resource,
      [view, ...others],
      ids,
    )
    makers.set(resource, maker)
    return maker
  }

  /** Where no answer shows an item, its own description in requests has to do. */
  const itemFromBody = (resource: Resource): ItemView => {
    const [operation] = [...resource.changes, resource.create].filter((candidate) => candidate !== undefined)
    const schema = schemas.convert(operation?.body()?.content[0]?.schema ?? {}, 'response')
    return views.item(schema, idNames(resource))
  }

  /** Whether ids come from creations alone: clients can make items, are told their ids, and can read them back. */
  const isStrict = (resource: Resource): boolean => {
    const known = strictness.get(resource)
    if (known !== undefined) return known
    const template = resource.create && templateOf(resource.create, true)
    const tellsId = template?.media !== undefined && itemViewOf(template, resource).idName !== undefined
    const strict = resource.read !== undefined && tellsId
    strictness.set(resource, strict)
    return strict
  }

  /** Everything about one request that the steps below share. */
  interface Place {
    readonly request: ApiRequest
    readonly resource: Resource
    readonly maker: ItemMaker
    readonly scope: string
    readonly collection: string
    readonly template: Template
  }

  const placeOf = ({ kind, resource }: Role, request: ApiRequest): Place | undefined => {
    const { operation, identity, parameters } = request
    const template = templateOf(operation, kind === 'create', request.headers.accept)
    if (template === undefined) return undefined
    const scope = `${identity.projectId}/${identity.environment}`
    const collection = concretePath(resource.collection, operation, parameters.path)
    return { request, resource, maker: makerOf(resource), scope, collection, template }
  }

  /** Whether an item on the way to a resource is not there; what is deleted below one that was removed went with it. */
  const missingParent = ({ request, scope }: Place, from: Resource | undefined): boolean => {
    for (let parent = from; parent !== undefined; parent = parent.parent) {
      if (!isStrict(parent)) continue
      const collection = concretePath(parent.collection, request.operation, request.parameters.path)
      const id = itemIdOf(parent, request.operation, request.parameters.path)
      if (items.find(scope, collection, String(id)) !== undefined) continue
      return request.operation.method !== 'DELETE' || !items.isRemoved(scope, collection, String(id))
    }
    return false
  }

  const seedCollection = (place: Place): void => {
    const { resource, maker, scope, collection, request } = place
    const wanted = seedsOf(resource)
    if (wanted === 0 || resource.list === undefined || !items.claimSeeding(scope, collection)) return
    const template = templateOf(resource.list, false)
    const view = template && listViewOf(template, resource)
    const sample = template && responses.sample(template, noPreferences).value
    const list = view === undefined ? [] : valueAt(sample, view.path)
    const examples: readonly unknown[] = Array.isArray(list) ? list : []
    items.transact(() => {
      for (let i = 0; i < wanted; i++) {
        const example = view?.idsOnly ? {} : maker.unwrap(examples[i])
        const shown = view?.item.idName === undefined ? undefined : example[view.item.idName]
        const id = maker.isId(shown) ? shown : newId(place)
        const item = maker.make(example, undefined, id, request.parameters.path, clock.now())
        items.insert(scope, collection, String(id), JSON.stringify(item))
      }
    })
  }

  /** How many samples a collection begins with: the document's `x-mock-seed`, else the option. */
  const seedsOf = ({ list }: Resource): number => {
    const hint = list?.extension('x-mock-seed')
    return typeof hint === 'number' && hint >= 0 ? Math.min(Math.floor(hint), 1_000) : seedItems
  }

  const newId = ({
    maker,
    scope,
    collection,
  }: Pick<Place, 'maker' | 'scope' | 'collection'>): string | number => {
    const name = `${scope} ${collection}`
    for (let tries = 0; tries < 64; tries++) {
      const number = (numbers.get(name) ?? items.count(scope, collection)) + 1
      numbers.set(name, number)
      const id = maker.newId(number)
      if (
        items.find(scope, collection, String(id)) === undefined &&
        !items.isRemoved(scope, collection, String(id))
      )
        return id
    }
    return maker.newId(numbers.get(name) ?? 1)
  }

  const listViewOf = (template: Template, resource: Resource): ListView | undefined => {
    const view = listViews.get(template) ?? views.list(template.schema, idNames(resource))
    if (view !== undefined) listViews.set(template, view)
    return view
  }

  /** A body that shows an item the way a template wants it. */
  const show = (place: Place, item: Item, id: unknown, echo?: Item): unknown => {
    const { template, maker, resource } = place
    if (template.media === undefined) return undefined
    const view = itemViewOf(template, resource)
    const isSame = view.schema === maker.view.schema
    if (isSame && view.path.length === 0 && echo === undefined) return item
    const base = responses.sample(template, noPreferences).value
    const shown = isSame ? item : shownBy(view, valueAt(base, view.path), item, id, echo, maker)
    return fitting(template, withValueAt(base, view.path, shown))
  }

  const shownBy = (
    view: ItemView,
    base: unknown,
    item: Item,
    id: unknown,
    echo: Item | undefined,
    maker: ItemMaker,
  ): unknown => {
    const own = isObject(base) ? { ...base } : {}
    for (const name of Object.keys(own)) {
      const isAbsent = maker.view.shape.properties.has(name) && !Object.hasOwn(item, name)
      if (isAbsent && !view.shape.required.has(name)) delete own[name]
    }
    const stored = views.overlay(view.schema, own, echo === undefined ? item : { ...echo, ...item })
    if (view.idName !== undefined && id !== '') {
      const schema: Schema = { allOf: view.shape.properties.get(view.idName) ?? [] }
      setMember(stored, view.idName, typedId(id, schema, schemas))
    }
    return stored
  }

  const fitting = (template: Template, body: unknown): unknown => {
    if (responses.check(template, body).length === 0) return body
    const { value, errors } = sampler.sample(template.schema, {
      seed: template.operation.id,
      base: body,
      lean: true,
    })
    return errors.length === 0 ? value : responses.sample(template, noPreferences).value
  }

  const answered = (place: Place, body: unknown, headers?: Answer['headers']): StateAnswer => ({
    answer: responses.answer(place.template, body, headers),
  })

  const notFound = (place: Place): StateAnswer => ({
    refusal: { status: 404, message: `Nothing is stored at ${place.request.path}` },
  })

  const create = (place: Place): StateAnswer => {
    const { request, maker, scope, collection, resource, template } = place
    if (missingParent(place, resource.parent)) return notFound(place)
    seedCollection(place)
    const body = maker.unwrap(request.body)
    const chosen = maker.chosenId(body, request.operation)
    const id = chosen ?? newId(place)
    const item = maker.make(body, request.operation, id, request.parameters.path, clock.now())
    const text = JSON.stringify(item)
    if (!items.insert(scope, collection, String(id), text)) {
      const conflict = request.operation.responses().some(({ status }) => status === '409')
      if (conflict) return { refusal: { status: 409, message: `${String(id)} exists already` } }
      items.replace(scope, collection, String(id), text)
    }
    const shown = show(
      place,
      item,
      id,
      maker.view.schema === itemViewOf(template, resource).schema ? undefined : body,
    )
    const extension = /\.[A-Za-z]+$/.exec(resource.collection)?.[0] ?? ''
    const base = request.path.replace(/\/$/, '')
    const location = `${extension === '' ? base : base.slice(0, -extension.length)}/${encodeURIComponent(String(id))}${extension}`
    return answered(place, shown, resource.param === undefined ? {} : { location })
  }

  /** The stored item of a request; one that nobody can create exists as soon as it is asked for. */
  const load = (place: Place): { readonly id: unknown; readonly item: Item } | undefined => {
    const { request, resource, maker, scope, collection } = place
    if (missingParent(place, resource.parent)) return undefined
    const id = itemIdOf(resource, request.operation, request.parameters.path)
    const stored = items.find(scope, collection, String(id))
    if (stored !== undefined) return { id, item: JSON.parse(stored.body) as Item }
    if (isStrict(resource) || items.isRemoved(scope, collection, String(id))) return undefined
    const example = exampleItem(place)
    const item = maker.make(example, undefined, id, request.parameters.path, clock.now())
    items.insert(scope, collection, String(id), JSON.stringify(item))
    return { id, item }
  }

  /** The documented example of an item, for one that is made because it was asked for. */
  const exampleItem = ({ resource, maker }: Place): Item => {
    const template = resource.read && templateOf(resource.read, false)
    return template === undefined
      ? {}
      : maker.unwrap(valueAt(responses.sample(template, noPreferences).value, maker.view.path))
  }

  const read = (place: Place): StateAnswer => {
    const found = load(place)
    return found === undefined ? notFound(place) : answered(place, show(place, found.item, found.id))
  }

  const change = (place: Place, kind: 'merge' | 'replace'): StateAnswer => {
    const { request, maker, scope, collection } = place
    const isNew = items.isRemoved(
      scope,
      collection,
      String(itemIdOf(place.resource, request.operation, request.parameters.path)),
    )
    const found =
      load(place) ?? (kind === 'replace' && (isNew || canPut(place)) ? recreated(place) : undefined)
    if (found === undefined) return notFound(place)
    const body = maker.unwrap(request.body)
    const now = clock.now()
    const item =
      kind === 'merge'
        ? maker.merge(found.item, body, now)
        : maker.replace(found.item, body, request.operation, now)
    items.replace(scope, collection, String(found.id), JSON.stringify(item))
    return answered(place, show(place, item, found.id))
  }

  /** A PUT makes what is not there when the document says that it can answer `201`, or for a singleton. */
  const canPut = ({ request, resource }: Place): boolean =>
    resource.param === undefined || request.operation.responses().some(({ status }) => status === '201')

  const recreated = (place: Place): { readonly id: unknown; readonly item: Item } | undefined => {
    const { request, resource, maker } = place
    if (!canPut(place) || missingParent(place, resource.parent)) return undefined
    const id = itemIdOf(resource, request.operation, request.parameters.path)
    return { id, item: maker.make({}, request.operation, id, request.parameters.path, clock.now()) }
  }

  const remove = (place: Place): StateAnswer => {
    const { scope, collection, template, resource } = place
    const found = load(place) ?? goneWithParent(place)
    if (found === undefined) return notFound(place)
    items.remove(scope, collection, String(found.id))
    if (template.media === undefined) return answered(place, undefined)
    const view = itemViewOf(template, resource)
    const base = responses.sample(template, noPreferences).value
    const shown = shownBy(view, valueAt(base, view.path), found.item, found.id, undefined, place.maker)
    if (isObject(shown) && Object.hasOwn(shown, 'deleted') && typeof shown.deleted === 'boolean')
      setMember(shown, 'deleted', true)
    return answered(place, fitting(template, withValueAt(base, view.path, shown)))
  }

  /** DELETE is idempotent: what went with its parent is deleted as asked. */
  const goneWithParent = (place: Place): { readonly id: unknown; readonly item: Item } | undefined => {
    const { request, resource, scope, maker } = place
    for (let parent = resource.parent; parent !== undefined; parent = parent.parent) {
      const collection = concretePath(parent.collection, request.operation, request.parameters.path)
      const parentId = String(itemIdOf(parent, request.operation, request.parameters.path))
      if (!items.isRemoved(scope, collection, parentId)) continue
      const id = itemIdOf(resource, request.operation, request.parameters.path)
      return { id, item: maker.make({}, undefined, id, request.parameters.path, clock.now()) }
    }
    return undefined
  }

  const list = (place: Place): StateAnswer => {
    const { request, resource, scope, collection, template, maker } = place
    if (missingParent(place, resource.parent)) return notFound(place)
    seedCollection(place)
    const view = listViewOf(template, resource)
    if (view === undefined || template.media === undefined) return undefined
    const page = pageAt(place)
    const rendered = page.items.map(({ id, item }) => {
      if (view.idsOnly) return typedId(id, schemaOfItems(view), schemas)
      if (view.item.schema === maker.view.schema) return item
      const sample = memoized(view.item)
      const shown = shownBy(view.item, valueAt(sample, view.item.path), item, id, undefined, maker)
      return withValueAt(sample, view.item.path, shown)
    })
    const base = view.path.length === 0 ? undefined : responses.sample(template, noPreferences).value
    const body = withCounters(place, view, withValueAt(base, view.path, rendered), page)
    const checked = fittingList(template, view, body, rendered)
    return answered(place, checked, countersInHeaders(place, page))

    function fittingList(of: Template, at: ListView, whole: unknown, rows: readonly unknown[]): unknown {
      if (responses.check(of, whole).length === 0) return whole
      // One odd row must not spoil the others.
      const repaired = rows.map((row, i) => {
        const only = withValueAt(whole, at.path, [row])
        const errors = responses.check(of, only)
        const prefix = `/${[...at.path, '0'].join('/')}`
        return errors.some(({ instancePath }) => instancePath.startsWith(prefix))
          ? sampler.sample(itemSchemaOf(at), { seed: String(i), base: row, lean: true }).value
          : row
      })
      return fitting(of, withValueAt(whole, at.path, repaired))
    }

    function pageAt({ request: { operation, parameters } }: Place): Page<{ id: string; item: Item }> {
      const { query } = parameters
      const slice = sliceOf(operation, query)
      if (isPlainSlice(query)) {
        // One more than the page tells whether there is a next one.
        const rows = items.list(scope, collection, slice.size + 1, slice.offset)
        return {
          ...slice,
          hasMore: rows.length > slice.size,
          total: () => items.count(scope, collection),
          items: rows
            .slice(0, slice.size)
            .map(({ id, body: text }) => ({ id, item: JSON.parse(text) as Item })),
        }
      }
      const all = items
        .list(scope, collection)
        .map(({ id, body: text }) => ({ ...(JSON.parse(text) as Item), [ROW_ID]: id }))
      const found = pageOf(all, operation, query, (item) => item[ROW_ID])
      return { ...found, items: found.items.map((item) => ({ id: item[ROW_ID], item })) }
    }
    function memoized(of: ItemView): unknown {
      const known = rowSamples.get(of)
      if (known !== undefined) return known
      const { value } = sampler.sample(of.path.length === 0 ? of.schema : itemSchemaOf(view as ListView), {
        seed: request.operation.id,
      })
      rowSamples.set(of, value)
      return value
    }
  }

  const rowSamples = new WeakMap<ItemView, unknown>()
  const itemSchemaOf = (view: ListView): Schema => view.item.schema
  const schemaOfItems = (view: ListView): Schema => view.item.schema

  const withCounters = (place: Place, view: ListView, body: unknown, page: Page<{ id: string }>): unknown => {
    if (view.around === undefined || !isObject(body)) return body
    const write = (target: unknown, shape = view.around): unknown => {
      if (!isObject(target) || shape === undefined) return target
      const copy: Record<string, unknown> = { ...target }
      for (const [name, own] of shape.properties) {
        if (!Object.hasOwn(copy, name) && !shape.required.has(name)) continue
        const value = counterValue(place, normalizeName(name), page, { allOf: own })
        if (value === LEFT_OUT) delete copy[name]
        else if (value !== undefined) setMember(copy, name, value)
        else if (isObject(copy[name])) setMember(copy, name, write(copy[name], views.settle({ allOf: own })))
      }
      return copy
    }
    const around = view.path.slice(0, -1)
    const outer = around.length === 0 ? write(body) : withValueAt(body, around, write(valueAt(body, around)))
    return around.length === 0 ? outer : write(outer, views.settle(place.template.schema))
  }

  /** A counter in the type that its schema wants; LEFT_OUT when there is nothing to say and it may be absent. */
  const counterValue = (place: Place, name: string, page: Page<{ id: string }>, schema: Schema): unknown => {
    const value = counterOf(name, page, page.items.at(-1)?.id, urlOf(place))
    if (value === undefined) return undefined
    const accepts = validation.ofSchema(schema)
    const text =
      typeof value === 'string' ? `http://${String(place.request.headers.host)}${value}` : undefined
    const fits = [value, text, value === null ? undefined : String(value)].find(
      (one) => one !== undefined && accepts(one).length === 0,
    )
    return fits !== undefined ? fits : value === null ? LEFT_OUT : undefined
  }

  const urlOf =
    ({ request }: Place) =>
    (number: number, offset: number): string => {
      const names = request.operation
        .parameters()
        .filter(({ in: place }) => place === 'query')
        .map(({ name }) => name)
      const query = new URLSearchParams()
      for (const [name, value] of Object.entries(request.parameters.query))
        if (typeof value !== 'object') query.set(name, String(value))
      for (const name of names) {
        if (/^(page|page_?number)$/i.test(name)) query.set(name, String(number))
        if (/^(offset|skip)$/i.test(name)) query.set(name, String(offset))
      }
      const text = query.toString()
      return request.path + (text === '' ? '' : `?${text}`)
    }

  const countersInHeaders = (place: Place, page: Page<{ id: string }>): Answer['headers'] => {
    const headers: Record<string, string> = {}
    for (const { name } of place.template.response?.headers ?? []) {
      const lower = name.toLowerCase()
      if (lower === 'link') headers[lower] = linksOf(place, page)
      const value = counterOf(normalizeName(name), page, page.items.at(-1)?.id, urlOf(place))
      if (typeof value === 'number') headers[lower] = String(value)
    }
    return headers
  }

  /** Web links (RFC 8288) to the pages around this one. */
  const linksOf = (place: Place, page: Page<unknown>): string => {
    const { number, firstNumber, offset, size, total, hasMore } = page
    const url = urlOf(place)
    const origin = `http://${String(place.request.headers.host)}`
    const last = Math.max(0, Math.ceil(total() / Math.max(1, size)) - 1)
    const links = [
      [`first`, firstNumber, 0],
      [`last`, firstNumber + last, last * size],
    ] as [string, number, number][]
    if (offset > 0) links.push(['prev', Math.max(firstNumber, number - 1), Math.max(0, offset - size)])
    if (hasMore) links.push(['next', number + 1, offset + size])
    return links.map(([name, at, from]) => `<${origin}${url(at, from)}>; rel="${name}"`).join(', ')
  }

  /** An operation on an existing item: it answers a sample that shows the item and what was sent. */
  const act = (place: Place): StateAnswer => {
    const { request, resource, template, scope, collection, maker } = place
    if (missingParent(place, resource)) return notFound(place)
    if (template.media === undefined || !/json/i.test(template.media.type)) return undefined
    const id = itemIdOf(resource, request.operation, request.parameters.path)
    const view = itemViewOf(template, resource)
    const stored = items.find(scope, collection, String(id))
    if (stored === undefined || view.idName === undefined || request.operation.method === 'GET')
      return undefined
    const item = JSON.parse(stored.body) as Item
    if (view.schema !== maker.view.schema) return answered(place, show(place, item, id))
    const changed = maker.merge(item, maker.unwrap(request.body), clock.now())
    items.replace(scope, collection, String(id), JSON.stringify(changed))
    return answered(place, show(place, changed, id))
  }

  const steps: Readonly<Record<Role['kind'], (place: Place) => StateAnswer>> = {
    create,
    list,
    read,
    merge: (place) => change(place, 'merge'),
    replace: (place) => change(place, 'replace'),
    remove,
    action: act,
  }

  return {
    resources: () => [...new Set([...roles().values()].map(({ resource }) => resource))],
    forget: () => numbers.clear(),
    plant(scope, rows, router) {
      const strays: string[] = []
      for (const [path, planted] of Object.entries(rows)) {
        const match = ['POST', 'GET']
          .map((method) => router.match(method, path, ''))
          .find(({ kind }) => kind === 'found')
        const role = match?.kind === 'found' ? roles().get(match.operation) : undefined
        if (
          match?.kind !== 'found' ||
          role === undefined ||
          (role.kind !== 'create' && role.kind !== 'list')
        ) {
          strays.push(path)
          continue
        }
        const { resource } = role
        const maker = makerOf(resource)
        const collection = concretePath(resource.collection, match.operation, match.params)
        items.claimSeeding(scope, collection)
        for (const row of planted) {
          const body = maker.unwrap(row)
          const own = maker.view.idName === undefined ? undefined : body[maker.view.idName]
          const id = maker.isId(own) ? own : newId({ maker, scope, collection })
          const item = maker.make(body, undefined, id, match.params, clock.now())
          items.replace(scope, collection, String(id), JSON.stringify(item))
        }
      }
      return strays
    },
    answer(request) {
      const role = roles().get(request.operation)
      const place = role && placeOf(role, request)
      if (role === undefined || place === undefined) return undefined
      const { types } = place.maker.view.shape
      // Bare texts and numbers are answers, not things that can be told apart by an id.
      return types === undefined || types.has('object') ? steps[role.kind](place) : undefined
    },
  }
}

const ROW_ID = 'x-mock-row-id'
const LEFT_OUT = Symbol('left out')
