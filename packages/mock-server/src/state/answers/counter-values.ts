// What the members beside a list say, by what they mean: in the type and the form that the document gives them.

import type { Parameter } from '../../engine/document/operation.js'
import { isObject, normalizeName } from '../../engine/json.js'
import type { ApiRequest } from '../../engine/request/api-request.js'
import type { Schema } from '../../engine/schema/schema.js'
import type { Schemas } from '../../engine/schema/schemas.js'
import type { Validation } from '../../engine/schema/validation.js'
import { type CounterMeaning, counterMeaning, type QueryMeaning, queryMeaning } from '../conventions/lists.js'
import { fitsTypes } from '../forms/form.js'
import type { Forms } from '../forms/forms.js'
import { PLACES, queryNamesOf } from '../queries/query-names.js'
import { linksTo, type PageContext, type PagePosition, pageCount, positionOf } from './page-links.js'

/** Nothing to say: the member is left out where it may be. */
export const LEFT_OUT = Symbol('left out')

/** A member beside a list. */
export interface CounterMember {
  readonly schema: Schema
  /** What the document shows there. */
  readonly example: unknown
  readonly meaning: CounterMeaning
}

/** Gives LEFT_OUT where there is nothing to say, and undefined where the member says something else. */
export type CounterValues = (member: CounterMember, context: PageContext) => unknown

export interface CounterValuesParts {
  readonly forms: Forms
  readonly schemas: Schemas
  readonly validation: Validation
}

export function createCounterValues({ forms, schemas, validation }: CounterValuesParts): CounterValues {
  /** Positions that the parameter which takes them accepts. */
  const usable = (positions: readonly unknown[], { request }: PageContext): readonly unknown[] => {
    const { meaningOf } = queryNamesOf(request.operation)
    const taker = request.operation
      .parameters()
      .find(({ in: place, name }) => place === 'query' && /^(token|after)$/.test(meaningOf(name) ?? ''))
    if (taker === undefined) return positions
    const accepts = validation.ofSchema(schemas.convert(taker.schema ?? {}, 'request'))
    return positions.filter(
      (one) =>
        one === null ||
        accepts(one).length === 0 ||
        (typeof one === 'string' && /^\d+$/.test(one) && accepts(Number(one)).length === 0),
    )
  }

  return ({ schema, example, meaning }, context) => {
    const types = forms.types(schema)
    const accepts = validation.ofSchema(schema)
    const given = candidatesFor(meaning, context, { schema, example })
    const candidates = meaning === 'next-token' ? usable(given, context) : given
    // A link in the form of the document's own example may be none to the schema's format: what a pager follows is.
    const text = candidates.find((one) => typeof one === 'string')
    const isFollowed = meaning !== 'self' || accepts(text).length === 0
    const isLikeExample = typeof example === 'string' && /^[/?]/.test(example)
    if (text !== undefined && isLikeExample && types?.has('string') === true && isFollowed) return text
    const fit = candidates.find((one) => mayBe(types, one) && (one === null || accepts(one).length === 0))
    if (fit !== undefined) return fit
    return candidates.includes(null) ? LEFT_OUT : undefined
  }
}

const mayBe = (types: ReadonlySet<string> | undefined, value: unknown): boolean =>
  value === null ? types?.has('null') === true : types === undefined || fitsTypes(types, value)

interface Shown {
  readonly schema: Schema
  readonly example: unknown
}

type Candidates = (context: PageContext, shown: Shown) => readonly unknown[]

const either = (number: number): readonly unknown[] => [number, String(number)]

/** A page that a member leads to: by a link, by its number or its token, or by whether there is one. */
const pageAt =
  (relation: 'next' | 'previous' | 'first' | 'last' | 'self'): Candidates =>
  (context, shown) => {
    const { hasEarlier, hasMore } = context.page
    const flag = relation === 'first' ? [!hasEarlier] : relation === 'last' ? [!hasMore] : []
    const position = positionOf(relation, context.page)
    if (position === undefined) return [...flag, null]
    return [...leadingTo(context, position, shown), ...flag]
  }

function leadingTo(
  context: PageContext,
  position: PagePosition,
  { schema, example }: Shown,
): readonly unknown[] {
  const links = linksTo(context, position, isPath(schema) ? '/' : example)
  const token = position.token ?? null
  if (isLinkLike(schema, example)) return [...links, position.number, token]
  const ids = isById(context) ? idForms(position.after) : []
  return [...ids, position.number, ...(isTextLink(schema) ? links : [token, ...links])]
}

/** What the parameters of a request can say of where a page begins. */
function placesIn({ request: { operation } }: PageContext): ReadonlySet<QueryMeaning | undefined> {
  const { meaningOf } = queryNamesOf(operation)
  const meanings = operation
    .parameters()
    .filter(isOfQuery)
    .map(({ name }) => meaningOf(name))
  return new Set(meanings.filter((meaning) => PLACES.has(meaning)))
}

/** Whether nothing but the id of an entry says where a page begins. */
function isById(context: PageContext): boolean {
  const places = placesIn(context)
  return places.size === 1 && places.has('after')
}

const idForms = (id: string | undefined): readonly unknown[] =>
  id === undefined ? [] : /^\d{1,15}$/.test(id) ? [Number(id), id] : [id]

/** What each member may say, the likeliest form first; null where there is nothing to say. */
const CANDIDATES: Readonly<Record<CounterMeaning, Candidates>> = {
  total: ({ page }) => either(page.total()),
  count: ({ page }) => either(page.rows.length),
  number: ({ page }) => either(page.number),
  size: ({ page }) => either(page.size),
  pages: ({ page }) => either(pageCount(page)),
  offset: ({ page }) => either(page.offset),
  end: ({ page }) => either(Math.max(0, page.offset + page.rows.length - 1)),
  more: ({ page }) => [page.hasMore],
  earlier: ({ page }) => [page.hasEarlier],
  done: ({ page }) => [!page.hasMore],
  empty: ({ page }) => [page.rows.length === 0],
  next: pageAt('next'),
  previous: pageAt('previous'),
  first: pageAt('first'),
  last: pageAt('last'),
  self: pageAt('self'),

  'next-token': (context) => {
    const position = positionOf('next', context.page)
    if (position === undefined) return [null]
    const meanings = placesIn(context)
    const { lastId } = context.page
    const isAfter = !meanings.has('token') && meanings.has('after')
    return [...(isAfter ? [lastId, position.token] : [position.token, lastId]), position.offset]
  },

  'previous-token': ({ page }) => {
    const position = positionOf('previous', page)
    return position === undefined ? [null] : [position.token, page.firstId, position.offset]
  },

  'next-offset': ({ page }) => {
    const position = positionOf('next', page)
    return position === undefined ? [null] : either(position.offset)
  },

  'first-id': ({ page }) => [page.firstId ?? null],
  'last-id': ({ page }) => [page.lastId ?? null],
}

export const candidatesFor = (
  meaning: CounterMeaning,
  context: PageContext,
  shown: Shown,
): readonly unknown[] => CANDIDATES[meaning](context, shown)

const isOfQuery = ({ in: place }: Parameter): boolean => place === 'query'

/** Whether a document says that a link has no host. Recurly, Twilio. */
const isPath = (schema: Schema): boolean =>
  isObject(schema) && /^(the )?(relative )?path\b/i.test(String(schema.description ?? schema.title ?? ''))

const isTextLink = (schema: Schema): boolean =>
  isObject(schema) && /uri|url/.test(String(schema.format ?? ''))

const isLinkLike = (schema: Schema, example: unknown): boolean =>
  isTextLink(schema) ||
  isPath(schema) ||
  (typeof example === 'string' ? /^(https?:\/\/|\/|\?)/.test(example) : typeof example !== 'number')

/**
 * What a member beside a list means.
 * @param name normalised. @param within the page that the object around it is about, where it is about one.
 */
export function meaningOf(
  name: string,
  siblings: ReadonlySet<string>,
  { request }: PageContext,
  within: CounterMeaning | undefined,
): CounterMeaning | undefined {
  const own = counterMeaning(name)
  if (within !== undefined) return meaningWithin(within, name, own)
  if (own === 'count') {
    const hasTotal = [...siblings].some((sibling) => sibling !== name && counterMeaning(sibling) === 'total')
    return hasTotal ? 'count' : 'total'
  }
  // What stands beside the size of the pages is how many there are on this one.
  const isOfPage = own === 'size' && name === 'size' && [...siblings].some(isPageSize)
  if (own !== undefined) return isOfPage ? 'count' : own
  return isPosition(request, name) ? 'next-token' : undefined
}

const isPageSize = (sibling: string): boolean => sibling !== 'size' && counterMeaning(sibling) === 'size'

/** What is named like the parameter for a position holds the next value of that parameter. */
export function isPosition({ operation }: ApiRequest, name: string): boolean {
  const { meaningOf: queryMeaningOf } = queryNamesOf(operation)
  return operation
    .parameters()
    .filter(isOfQuery)
    .some((parameter) => {
      const meaning = queryMeaningOf(parameter.name)
      return (meaning === 'token' || meaning === 'after') && normalizeName(parameter.name) === name
    })
}

/** `{ next: { href } }` and `{ next_page: { offset, path, uri } }`: all of it is about that page. */
function meaningWithin(
  within: CounterMeaning,
  name: string,
  own: CounterMeaning | undefined,
): CounterMeaning | undefined {
  if (/^(href|url|uri|link|path)$/.test(name)) return within
  const isAfter = own === 'offset' || own === 'next-token' || queryMeaning(name) === 'after'
  if (within === 'next' && isAfter) return 'next-token'
  const isBefore = own === 'offset' || own === 'previous-token'
  return within === 'previous' && isBefore ? 'previous-token' : own
}
