// The members beside a list, and the headers of its answer, that count it and link its pages: in the names, types and
// forms that the document gives them.

import type { Operation } from '../engine/document/operation.js'
import { isObject, lazy, normalizeName, setMember } from '../engine/json.js'
import type { ApiRequest } from '../engine/request/api-request.js'
import type { Answer } from '../engine/response/answers.js'
import type { Template } from '../engine/response/responses.js'
import type { Schema } from '../engine/schema/schema.js'
import type { Schemas } from '../engine/schema/schemas.js'
import type { Validation } from '../engine/schema/validation.js'
import { type CounterMeaning, counterMeaning, queryMeaning } from './conventions.js'
import { fitsTypes } from './form.js'
import type { Forms } from './forms.js'
import { writeToken } from './page-tokens.js'
import type { Page } from './pages.js'
import { fieldsOf, isSpread, PLACES, queryNamesOf } from './query-names.js'
import { valueAt } from './views.js'

export interface CounterContext {
  readonly request: ApiRequest
  readonly page: Page<{ readonly id: string }>
  /** The names that the query of the request may have, with what each of them accepts. */
  readonly names?: ReadonlyMap<string, (value: unknown) => boolean>
}

export interface Counters {
  /** A copy of an answer's body with the counters of a page in it; `path` leads to the list. */
  write(body: unknown, template: Template, path: readonly string[], context: CounterContext): unknown
  /** A copy of a body that is nothing but a count. */
  count(body: unknown, template: Template, context: CounterContext): unknown
  headers(template: Template, context: CounterContext): Answer['headers']
}

/** Nothing to say: the member is left out where it may be. */
const LEFT_OUT = Symbol('left out')

/** @param lists the schemas of the document's lists: what most of them have, one may have that does not say so. */
export function createCounters(
  forms: Forms,
  schemas: Schemas,
  validation: Validation,
  lists: () => readonly Schema[],
): Counters {
  /** The name under which the document's lists say whether there are more. */
  const usualFlag = lazy(() => {
    const names = lists().flatMap((schema) =>
      [...forms.of(schema).byName].flatMap(([normalized, { name }]) =>
        counterMeaning(normalized) === 'more' ? [name] : [],
      ),
    )
    const counts = new Map<string, number>()
    for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1)
    return [...counts].sort((a, b) => b[1] - a[1])[0]?.[0]
  })

  const withUsualFlag = (body: unknown, schema: Schema, { request, page }: CounterContext): unknown => {
    if (!isObject(body)) return body
    const { byName, shape } = forms.of(schema)
    const isCounted = [...byName.keys()].some((name) => ENDS.has(counterMeaning(name) ?? 'self'))
    const { meaningOf } = queryNamesOf(request.operation)
    const isById = request.operation
      .parameters()
      .some(({ name, in: place }) => place === 'query' && meaningOf(name) === 'after')
    const flag = isCounted || !isById || shape.nameRules.length > 0 ? undefined : usualFlag()
    return flag === undefined ? body : { ...body, [flag]: page.hasMore }
  }

  /** Positions that the parameter which takes them accepts. */
  const usable = (
    positions: readonly unknown[],
    { request: { operation } }: CounterContext,
  ): readonly unknown[] => {
    const { meaningOf } = queryNamesOf(operation)
    const takers = operation
      .parameters()
      .filter(({ in: place, name }) => place === 'query' && /^(token|after)$/.test(meaningOf(name) ?? ''))
    const [taker] = takers
    if (taker === undefined) return positions
    const accepts = validation.ofSchema(schemas.convert(taker.schema ?? {}, 'request'))
    return positions.filter(
      (one) =>
        one === null ||
        accepts(one).length === 0 ||
        (typeof one === 'string' && /^\d+$/.test(one) && accepts(Number(one)).length === 0),
    )
  }

  const counterValue = (
    name: string,
    schema: Schema,
    example: unknown,
    context: CounterContext,
    siblings: ReadonlySet<string>,
    within: CounterMeaning | undefined,
  ): unknown => {
    const meaning = meaningOf(name, siblings, context, within)
    if (meaning === undefined) return undefined
    const types = forms.types(schema)
    const accepts = validation.ofSchema(schema)
    const given = candidatesFor(meaning, context, schema, example)
    const candidates = meaning === 'next-token' ? usable(given, context) : given
    // A link in the form of the document's own example may be none to the schema's format: what a pager follows is.
    const text = candidates.find((one) => typeof one === 'string')
    if (
      text !== undefined &&
      (meaning !== 'self' || accepts(text).length === 0) &&
      types?.has('string') === true &&
      typeof example === 'string' &&
      /^[/?]/.test(example)
    )
      return text
    for (const candidate of candidates) {
      if (
        candidate === null ? types?.has('null') === true : types === undefined || fitsTypes(types, candidate)
      ) {
        if (candidate === null || accepts(candidate).length === 0) return candidate
      }
    }
    return candidates.some((one) => one === null) ? LEFT_OUT : undefined
  }

  const writeInto = (
    target: unknown,
    schema: Schema,
    context: CounterContext,
    listName: string | undefined,
    depth: number,
    within: CounterMeaning | undefined,
    examples: readonly unknown[],
  ): unknown => {
    if (!isObject(target) || depth > 3) return target
    const form = forms.of(schema, target)
    const copy: Record<string, unknown> = { ...target }
    const siblings = new Set(form.byName.keys())
    const models = [...examples, ...form.shape.examples]
    const linkModel = models
      .flatMap((one) => (isObject(one) ? Object.entries(one) : []))
      .find(
        ([name, value]) =>
          typeof value === 'string' &&
          /^(https?:\/\/|\/)/.test(value) &&
          (counterMeaning(name) !== undefined || /ur[il]$/i.test(name)),
      )?.[1]
    const below = (name: string) =>
      models
        .map((one) => (isObject(one) ? one[name] : undefined))
        .filter((one) => one !== undefined && one !== null)
    for (const [normalized, { name, schema: own }] of form.byName) {
      if (name === listName) continue
      const isThere = Object.hasOwn(copy, name)
      const inner = forms.of(own)
      const meaning = meaningOf(normalized, siblings, context, within)
      const isLinks = inner.mayBeObject && inner.byName.size > 0 && inner.shape.types?.has('string') !== true
      if (
        isLinks &&
        (meaning === 'next' ||
          meaning === 'previous' ||
          meaning === 'first' ||
          meaning === 'last' ||
          meaning === 'self')
      ) {
        const page = pageFor(meaning, context)
        const isRequired = form.shape.required.has(name)
        if (page === undefined && forms.types(own)?.has('null')) setMember(copy, name, null)
        else if (page === undefined && !isRequired) delete copy[name]
        else
          setMember(
            copy,
            name,
            writeInto(
              isObject(copy[name]) ? copy[name] : {},
              own,
              context,
              undefined,
              depth + 1,
              meaning,
              below(name),
            ),
          )
        continue
      }
      if (isLinks && (isThere || AROUND.test(normalized))) {
        setMember(
          copy,
          name,
          writeInto(isThere ? copy[name] : {}, own, context, undefined, depth + 1, undefined, below(name)),
        )
        if (!isThere && isObject(copy[name]) && Object.keys(copy[name]).length === 0) delete copy[name]
        continue
      }
      const value = counterValue(
        normalized,
        own,
        below(name)[0] ?? inner.shape.examples[0] ?? linkModel ?? copy[name],
        context,
        siblings,
        within,
      )
      if (value === LEFT_OUT) {
        if (!form.shape.required.has(name)) delete copy[name]
        else if (forms.types(own)?.has('string') && within === undefined)
          setMember(copy, name, emptyText(validation, own, copy[name]))
      } else if (value !== undefined) setMember(copy, name, value)
    }
    return copy
  }

  const namesOf = new WeakMap<Operation, NonNullable<CounterContext['names']>>()
  const withNames = (context: CounterContext): CounterContext => {
    const { operation } = context.request
    const names = namesOf.get(operation) ?? acceptedNames(operation)
    namesOf.set(operation, names)
    return { ...context, names }
  }
  const acceptedNames = (operation: Operation): NonNullable<CounterContext['names']> =>
    new Map(
      fieldsOf(operation, schemas).map(({ name, schema }) => {
        const accepts = validation.ofSchema(schemas.convert(schema ?? true, 'request'))
        return [name, (value) => accepts(value).length === 0] as const
      }),
    )

  return {
    write(body, { schema, media }, path, bareContext) {
      if (path.length === 0) return body
      const context = withNames(bareContext)
      const walk = (target: unknown, own: Schema, at: number): unknown => {
        const name = path[at]
        const examples = media?.examples.map(({ value }) => valueAt(value, path.slice(0, at))) ?? []
        const written = writeInto(target, own, context, name, 0, undefined, examples)
        if (name === undefined || at >= path.length - 1 || !isObject(written)) return written
        const member = forms.of(own, target).byName.get(normalizeName(name))
        if (member === undefined) return written
        // The list itself lies below: its surroundings come first.
        return {
          ...written,
          [name]: walk(isObject(target) ? target[name] : undefined, member.schema, at + 1),
        }
      }
      const written = walk(body, schema, 0)
      return path.length === 1 ? withUsualFlag(written, schema, context) : written
    },

    count: (body, { schema }, context) => writeInto(body, schema, context, undefined, 0, undefined, []),

    headers(template, bareContext) {
      const context = withNames(bareContext)
      const headers: Record<string, string> = {}
      for (const { name } of template.response?.headers ?? []) {
        const lower = name.toLowerCase()
        if (lower === 'link') headers[lower] = linkHeader(context)
        const plain = lower.replace(/^x-/, '')
        const meaning =
          counterMeaning(lower) ??
          counterMeaning(plain) ??
          (isPosition(context.request, normalizeName(plain)) ? 'next-token' : undefined)
        if (meaning === undefined || lower === 'link') continue
        const value = candidatesFor(meaning, context, true, undefined)[0]
        if (typeof value === 'number' || typeof value === 'boolean') headers[lower] = String(value)
        else if (value === null) headers[lower] = ''
        else if (typeof value === 'string' && /next|prev/.test(meaning)) headers[lower] = value
      }
      return headers
    },
  }
}

/** What tells that a list has ended. */
const ENDS: ReadonlySet<CounterMeaning> = new Set([
  'total',
  'count',
  'pages',
  'more',
  'done',
  'next',
  'next-token',
  'next-offset',
  'last',
])

/** Objects around a list that count and link it. */
const AROUND =
  /^(links|meta|metadata|paging|pagination|page|pageinfo|pager|responsemetadata|cursor|cursors|pageable|listmeta|info)$/

const emptyText = (validation: Validation, schema: Schema, now: unknown): unknown =>
  validation.ofSchema(schema)('').length === 0 ? '' : now

function meaningOf(
  name: string,
  siblings: ReadonlySet<string>,
  { request }: CounterContext,
  within: CounterMeaning | undefined,
): CounterMeaning | undefined {
  const own = counterMeaning(name)
  if (within !== undefined) {
    // `{ next: { href } }` and `{ next_page: { offset, path, uri } }`: all of it is about that page.
    if (/^(href|url|uri|link|path)$/.test(name)) return within
    if (within === 'next' && (own === 'offset' || own === 'next-token' || queryMeaning(name) === 'after'))
      return 'next-token'
    if (within === 'previous' && (own === 'offset' || own === 'previous-token')) return 'previous-token'
    return own
  }
  if (own === 'count') {
    const hasTotal = [...siblings].some((sibling) => sibling !== name && counterMeaning(sibling) === 'total')
    return hasTotal ? 'count' : 'total'
  }
  if (own !== undefined) return own
  return isPosition(request, name) ? 'next-token' : undefined
}

/** What is named like the parameter for a position holds the next value of that parameter. */
function isPosition({ operation }: ApiRequest, name: string): boolean {
  const { meaningOf } = queryNamesOf(operation)
  return operation.parameters().some((parameter) => {
    const meaning = meaningOf(parameter.name)
    const isPlace = parameter.in === 'query' && (meaning === 'token' || meaning === 'after')
    return isPlace && normalizeName(parameter.name) === name
  })
}

interface Target {
  readonly number: number
  readonly offset: number
  readonly token: string | undefined
  /** The ids of the entries that the page follows, and begins with. */
  readonly after?: string | undefined
  readonly from?: string | undefined
}

/** The page that a link leads to; undefined where there is none. */
function pageFor(meaning: CounterMeaning, { page }: CounterContext): Target | undefined {
  const { number, firstNumber, offset, size, rows, hasEarlier, lastId } = page
  const hasNext = hasNextPage(page)
  const lastNumber = firstNumber + Math.max(0, pagesOf(page) - 1)
  switch (meaning) {
    case 'next':
      return hasNext
        ? {
            number: number + 1,
            offset: offset + rows.length,
            token: lastId === undefined ? undefined : writeToken({ offset: offset + rows.length, lastId }),
            after: lastId,
            from: page.nextId,
          }
        : undefined
    case 'previous':
      return hasEarlier
        ? {
            number: Math.max(firstNumber, number - 1),
            offset: Math.max(0, offset - size),
            token: tokenAt(Math.max(0, offset - size)),
          }
        : undefined
    case 'first':
      return { number: firstNumber, offset: 0, token: undefined }
    case 'last':
      return {
        number: lastNumber,
        offset: Math.max(0, (lastNumber - firstNumber) * size),
        token: tokenAt(Math.max(0, (lastNumber - firstNumber) * size)),
      }
    case 'self':
      return { number, offset, token: undefined }
    default:
      return undefined
  }
}

const tokenAt = (offset: number): string => writeToken({ offset, lastId: '' })
const pagesOf = ({ size, total }: CounterContext['page']): number =>
  size === 0 ? 0 : Math.max(1, Math.ceil(total() / size))
const hasNextPage = ({ offset, rows, hasMore, total }: CounterContext['page']): boolean =>
  hasMore && (offset > 0 ? offset + rows.length < total() : true)

/** What a counter may say, the likeliest form first; null where there is nothing to say. */
function candidatesFor(
  meaning: CounterMeaning,
  context: CounterContext,
  schema: Schema,
  example: unknown,
): readonly unknown[] {
  const { page } = context
  const { total, offset, size, number, rows, hasMore, hasEarlier } = page
  switch (meaning) {
    case 'total':
      return both(total())
    case 'count':
      return both(rows.length)
    case 'number':
      return both(number)
    case 'size':
      return both(size)
    case 'pages':
      return both(pagesOf(page))
    case 'offset':
      return both(offset)
    case 'end':
      return both(Math.max(0, offset + rows.length - 1))
    case 'more':
      return [hasMore]
    case 'earlier':
      return [hasEarlier]
    case 'done':
      return [!hasMore]
    case 'empty':
      return [rows.length === 0]
    case 'next':
    case 'previous':
    case 'first':
    case 'last':
    case 'self': {
      const target = pageFor(meaning, context)
      const flag = meaning === 'first' ? [!hasEarlier] : meaning === 'last' ? [!hasMore] : []
      if (target === undefined) return [...flag, null]
      const links = linksTo(context, target, example)
      const isLink = isLinkLike(schema, example)
      const token = target.token ?? null
      return isLink
        ? [...links, target.number, token, ...flag]
        : [target.number, ...(isTextLink(schema) ? links : [token, ...links]), ...flag]
    }
    case 'next-token': {
      const target = pageFor('next', context)
      if (target === undefined) return [null]
      const names = context.request.operation
        .parameters()
        .filter(({ in: place }) => place === 'query')
        .map(({ name }) => queryNamesOf(context.request.operation).meaningOf(name))
      const byId = !names.includes('token') && names.includes('after')
      return [...(byId ? [page.lastId, target.token] : [target.token, page.lastId]), target.offset]
    }
    case 'previous-token': {
      const target = pageFor('previous', context)
      return target === undefined ? [null] : [target.token, page.firstId, target.offset]
    }
    case 'next-offset': {
      const target = pageFor('next', context)
      return target === undefined ? [null] : both(target.offset)
    }
    case 'first-id':
      return [page.firstId ?? null]
    case 'last-id':
      return [page.lastId ?? null]
  }
}

const both = (number: number): readonly unknown[] => [number, String(number)]

const isTextLink = (schema: Schema): boolean =>
  isObject(schema) && /uri|url/.test(String(schema.format ?? ''))

const isLinkLike = (schema: Schema, example: unknown): boolean =>
  isTextLink(schema) ||
  (typeof example === 'string' ? /^(https?:\/\/|\/|\?)/.test(example) : typeof example !== 'number')

/** The request's own address with another page in it: relative or absolute as the example is. */
function linksTo(context: CounterContext, target: Target, example: unknown): readonly string[] {
  const { request } = context
  const relative = relativeLink(context, target, example)
  const absolute = `${request.scheme}://${String(request.headers.host)}${relative}`
  if (typeof example === 'string' && example.startsWith('?'))
    return [relative.slice(relative.indexOf('?')), relative]
  if (typeof example === 'string' && example.startsWith('/')) return [relative, absolute]
  return [absolute, relative]
}

function relativeLink(
  { request, page, names = new Map() }: CounterContext,
  target: Target,
  example: unknown,
): string {
  const { operation, parameters, path } = request
  const spread = new Set(operation.parameters().flatMap((one) => (isSpread(one) ? [one.name] : [])))
  const query = new URLSearchParams()
  for (const [name, value] of Object.entries(parameters.query)) {
    if (Array.isArray(value)) for (const one of value) query.append(name, String(one))
    else if (isObject(value))
      for (const [key, one] of Object.entries(value))
        query.set(spread.has(name) ? key : `${name}[${key}]`, String(one))
    else query.set(name, String(value))
  }
  const { meaningOf } = queryNamesOf(operation)
  const own = [...names.keys()]
  const isPaged = own.some((name) => PLACES.has(meaningOf(name)))
  const all = isPaged ? own : [...own, ...namesInLink(example)]
  const accepted = (name: string, ...values: readonly (string | undefined)[]) =>
    values.find((value) => {
      const accepts = names.get(name)
      return value !== undefined && (accepts === undefined || accepts(value) || accepts(Number(value)))
    }) ?? values[0]
  const byMeaning = (...wanted: readonly string[]) =>
    all.filter((name) => wanted.includes(meaningOf(name) ?? ''))
  const [numberName] = byMeaning('number')
  const [offsetName] = byMeaning('offset')
  const [tokenName] = byMeaning('token', 'after')
  for (const name of byMeaning('number', 'offset', 'token', 'after', 'before')) query.delete(name)
  if (tokenName !== undefined && target.token !== undefined)
    query.set(tokenName, accepted(tokenName, target.token, target.after) ?? target.token)
  else if (offsetName !== undefined)
    query.set(offsetName, accepted(offsetName, String(target.offset), target.from) ?? '')
  if (
    numberName !== undefined &&
    (tokenName === undefined || target.token === undefined || offsetName === undefined)
  )
    query.set(numberName, String(target.number))
  if (numberName === undefined && offsetName === undefined && tokenName === undefined && target.offset > 0)
    query.set('offset', String(target.offset))
  if (page.size > 0 && numberName !== undefined) {
    const [sizeName] = byMeaning('size')
    if (sizeName !== undefined && !query.has(sizeName)) query.set(sizeName, String(page.size))
  }
  const text = query.toString()
  return path + (text === '' ? '' : `?${text}`)
}

/** The parameters of the link that a document gives as its example: it may say by them what it says nowhere else. */
function namesInLink(example: unknown): readonly string[] {
  const query = typeof example === 'string' ? example.split('?')[1] : undefined
  return query === undefined ? [] : [...new URLSearchParams(query).keys()]
}

/** Web links (RFC 8288) to the pages around this one. */
function linkHeader(context: CounterContext): string {
  return (['first', 'last', 'previous', 'next'] as const)
    .flatMap((meaning) => {
      const target = pageFor(meaning, context)
      if (target === undefined) return []
      const [link] = linksTo(context, target, undefined)
      return [`<${link}>; rel="${meaning === 'previous' ? 'prev' : meaning}"`]
    })
    .join(', ')
}
