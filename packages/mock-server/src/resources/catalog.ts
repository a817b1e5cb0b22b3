// What is known of the document's resources, worked out when first asked: which operation plays which role, how each
// body shows an item, and how items are made.

import type { Operation } from '../engine/document/operation.js'
import { lazy, normalizeName } from '../engine/json.js'
import { noPreferences } from '../engine/request/preferences.js'
import type { Responses, Template } from '../engine/response/responses.js'
import { createItemMaker, type ItemMaker, type MakerParts } from './items.js'
import { idNames, idParameters, inferResources, type Resource, type Role, sureIdNames } from './resources.js'
import { createViews, type ItemView, type ListView, mayBeObject, type Views } from './views.js'

export interface Catalog {
  readonly views: Views
  roles(): ReadonlyMap<Operation, Role>
  /** The template of an operation's success. */
  template(operation: Operation, isCreation?: boolean, accept?: string): Template | undefined
  /** How a template shows one item. */
  itemView(template: Template, resource: Resource): ItemView
  /** How a template shows a list of items. */
  listView(template: Template, resource: Resource): ListView | undefined
  maker(resource: Resource): ItemMaker
  /** Whether ids come from creations alone: clients can make items, are told their ids, and can read them back. */
  isStrict(resource: Resource): boolean
}

export interface CatalogParts extends Omit<MakerParts, 'views'> {
  readonly operations: readonly Operation[]
  readonly responses: Responses
}

export function createCatalog(parts: CatalogParts): Catalog {
  const { schemas, responses, operations } = parts
  const views = createViews(schemas)
  const itemViews = new WeakMap<Template, ItemView>()
  const listViews = new WeakMap<Template, ListView>()
  const makers = new Map<Resource, ItemMaker>()
  const strictness = new Map<Resource, boolean>()

  const template: Catalog['template'] = (operation, isCreation = false, accept) => {
    const choice = responses.choose(operation, accept, noPreferences, isCreation ? 'create' : 'store')
    return choice.ok ? choice.template : undefined
  }
  // Looks at every operation's answers, so the first request waits for it and not the start.
  const roles = lazy(() =>
    inferResources(operations, (operation) => {
      const own = template(operation)
      return own !== undefined && views.hasList(own.schema)
    }),
  )
  const itemView: Catalog['itemView'] = (own, resource) =>
    remembered(itemViews, own, () => views.item(own.schema, idNames(resource), sureIdNames(resource)))
  const listView: Catalog['listView'] = (own, resource) => {
    const view = listViews.get(own) ?? views.list(own.schema, idNames(resource))
    if (view !== undefined) listViews.set(own, view)
    return view
  }

  /** Where no answer shows an item, its own description in requests has to do. */
  const viewOfBody = (resource: Resource): ItemView => {
    const [operation] = [...resource.changes, resource.create].filter((candidate) => candidate !== undefined)
    return views.item(
      schemas.convert(operation?.body()?.content[0]?.schema ?? {}, 'response'),
      idNames(resource),
    )
  }

  const makeMaker = (resource: Resource): ItemMaker => {
    const shown = [resource.read, resource.create, ...resource.changes].flatMap((operation): ItemView[] => {
      const own = operation && template(operation, operation === resource.create)
      return own?.media === undefined ? [] : [itemView(own, resource)]
    })
    const listing = resource.list && template(resource.list)
    const listed = listing && listView(listing, resource)
    if (listed !== undefined && !listed.idsOnly) shown.push(listed.item)
    const [view = viewOfBody(resource), ...others] = shown.some(({ shape }) => mayBeObject(shape))
      ? shown.filter(({ shape }) => mayBeObject(shape))
      : shown
    const ids = idParameters(resource, roles())
    return createItemMaker({ ...parts, views }, resource, [view, ...others], ids)
  }

  return {
    views,
    roles,
    template,
    itemView,
    listView,
    maker: (resource) => remembered(makers, resource, () => makeMaker(resource)),
    isStrict: (resource) =>
      remembered(strictness, resource, () => {
        const own = resource.create && template(resource.create, true)
        const idName = own?.media === undefined ? undefined : itemView(own, resource).idName
        // Where only a guess says which member is the id, a client may have made another one.
        const tellsId = idName !== undefined && sureIdNames(resource).includes(normalizeName(idName))
        return resource.read !== undefined && tellsId
      }),
  }
}

interface Memory<Key, Value> {
  get(key: Key): Value | undefined
  set(key: Key, value: Value): unknown
}

function remembered<Key, Value>(memory: Memory<Key, Value>, key: Key, make: () => Value): Value {
  const known = memory.get(key)
  if (known !== undefined) return known
  const value = make()
  memory.set(key, value)
  return value
}
