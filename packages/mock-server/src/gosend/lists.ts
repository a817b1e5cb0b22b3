// GoSendAPI's lists: bare arrays, the newest first, with the whole number and the page in headers.

import type { Where } from '../rules/context.js'
import type { HandlerAnswer, HandlerContext } from '../rules/handlers.js'

/** The filters that were sent; those that were not are absent. */
export function filters(context: HandlerContext, ...names: readonly string[]): Where {
  const { query } = context.request.parameters
  const sent = names.filter((name) => query[name] !== undefined && query[name] !== null)
  return Object.fromEntries(sent.map((name) => [name, String(query[name])]))
}

/** The page of a collection that the request asks for. */
export function listed(
  context: HandlerContext,
  collection: string,
  where: Where = {},
  show: (item: object) => object = (item) => item,
): HandlerAnswer {
  const { limit, offset } = pageOf(context)
  const items = context.store.list<object>(collection, { where, latestFirst: true, limit, offset })
  return { headers: headersOf(context, context.store.count(collection, where)), body: items.map(show) }
}

/** The page that the request asks for of what has been found, the newest first. */
export function paged(context: HandlerContext, found: readonly object[]): HandlerAnswer {
  const { limit, offset } = pageOf(context)
  return { headers: headersOf(context, found.length), body: found.slice(offset, offset + limit) }
}

function pageOf({ request }: HandlerContext) {
  const { page = 1, per_page: size = 20 } = request.parameters.query
  const limit = Number(size)
  return { page: String(page), limit, offset: (Number(page) - 1) * limit }
}

function headersOf(context: HandlerContext, total: number) {
  const { page, limit } = pageOf(context)
  return { 'x-total-count': String(total), 'x-page': page, 'x-per-page': String(limit) }
}
