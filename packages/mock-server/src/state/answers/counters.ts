// The members beside a list, and the headers of its answer, that count it and link its pages.

import { type Operation, queryParameters } from '../../engine/document/operation.js'
import { isObject, lazy, normalizeName, setMember } from '../../engine/json.js'
import type { Answer } from '../../engine/response/answers.js'
import type { Template } from '../../engine/response/responses.js'
import { linkOf, type Schema } from '../../engine/schema/schema.js'
import type { Schemas } from '../../engine/schema/schemas.js'
import type { Validation } from '../../engine/schema/validation.js'
import {
  AROUND_LISTS,
  type CounterMeaning,
  counterMeaning,
  PAGE_SENTENCE,
  type QueryMeaning,
} from '../conventions/lists.js'
import type { Form, Member } from '../forms/form.js'
import type { Forms } from '../forms/forms.js'
import { valueAt } from '../forms/slots.js'
import { fieldsOf, queryNamesOf } from '../queries/query-names.js'
import { candidatesFor, createCounterValues, isPosition, LEFT_OUT, meaningOf } from './counter-values.js'
import { linkHeader, PAGE_RELATIONS, type PageContext, type PageRelation, positionOf } from './page-links.js'

export interface Counters {
  /** A copy of an answer's body with the counters of a page in it; `path` leads to the list. */
  write(body: unknown, template: Template, path: readonly string[], context: PageContext): unknown
  /** A copy of a body that is nothing but a count. */
  count(body: unknown, template: Template, context: PageContext): unknown
  headers(template: Template, context: PageContext): Answer['headers']
}

/** @param lists the schemas of the document's lists: what most of them have, one may have that does not say so. */
export function createCounters(
  forms: Forms,
  schemas: Schemas,
  validation: Validation,
  lists: () => readonly Schema[],
): Counters {
  const write = createWriting({ forms, schemas, validation })
  const namesOf = new WeakMap<Operation, NonNullable<PageContext['names']>>()
  const withNames = (context: PageContext): PageContext => {
    const { operation } = context.request
    const names = namesOf.get(operation) ?? acceptedNames(operation)
    namesOf.set(operation, names)
    return { ...context, names }
  }
  const acceptedNames = (operation: Operation): NonNullable<PageContext['names']> =>
    new Map(
      fieldsOf(operation, schemas).map(({ name, schema }) => {
        const accepts = validation.ofSchema(schemas.convert(schema ?? true, 'request'))
        return [name, (value) => accepts(value).length === 0] as const
      }),
    )
  const linkedByHeader = new WeakMap<Operation, boolean>()
  // An array has no room for the token of the next page: Okta, Sentry and Mastodon send it in a link.
  const isLinkedByHeader = (
    { schema, response }: Template,
    { request: { operation } }: PageContext,
  ): boolean => {
    let is = linkedByHeader.get(operation)
    if (is === undefined) {
      const { meaningOf: queryMeaningOf } = queryNamesOf(operation)
      const isToken = ({ name }: { readonly name: string }) => TOKENS.has(queryMeaningOf(name) ?? '')
      const isTold = response?.headers.some(({ name }) => /^link$|next|cursor|token/i.test(name)) === true
      is = !isTold && forms.of(schema).isArray && queryParameters(operation).some(isToken)
      linkedByHeader.set(operation, is)
    }
    return is
  }
  const usualFlag = lazy(() => usualFlagOf(forms, lists()))

  const withUsualFlag = (body: unknown, schema: Schema, { request, page }: PageContext): unknown => {
    if (!isObject(body)) return body
    const { byName, shape } = forms.of(schema)
    const isCounted = [...byName.keys()].some((name) => ENDS.has(counterMeaning(name) ?? 'self'))
    const { meaningOf: queryMeaningOf } = queryNamesOf(request.operation)
    const isById = request.operation
      .parameters()
      .some(({ name, in: where }) => where === 'query' && queryMeaningOf(name) === 'after')
    const flag = isCounted || !isById || shape.nameRules.length > 0 ? undefined : usualFlag()
    return flag === undefined ? body : { ...body, [flag]: page.hasMore }
  }

  return {
    write(body, template, path, given) {
      if (path.length === 0) return body
      const context = withNames(given)
      const written = writeAlong(write, forms, body, { template, path, context })
      return path.length === 1 ? withUsualFlag(written, template.schema, context) : written
    },

    count(body, { schema }, context) {
      const written = write(body, context, { schema, examples: [], depth: 0 })
      const only = onlyNumber(forms, schema)
      return only === undefined || !isObject(written) ? written : { ...written, [only]: context.page.total() }
    },
    headers(template, context) {
      const named = template.response?.headers.length ? headersOf(template, withNames(context)) : NO_HEADERS
      if (!context.page.hasMore || !isLinkedByHeader(template, context)) return named
      return { ...named, link: linkHeader(withNames(context), ['next']) }
    },
  }
}

/** The only number of an object: of an answer that is a count, it is the count, whatever it is called. */
function onlyNumber(forms: Forms, schema: Schema): string | undefined {
  const numbers = [...forms.of(schema).byName.values()].filter(
    (member) => forms.types(member.schema)?.has('integer') === true,
  )
  return numbers.length === 1 ? numbers[0]?.name : undefined
}

/** An object that may hold counters: beside a list, or around one. */
interface Holder {
  readonly schema: Schema
  /** What the document shows there. */
  readonly examples: readonly unknown[]
  readonly depth: number
  /** The member that leads to the list, which is written by others. */
  readonly except?: string | undefined
  /** The page that the object is about, where it is about one. */
  readonly within?: CounterMeaning | undefined
}

/** A copy of an object with its counters. */
type Write = (target: unknown, context: PageContext, holder: Holder) => unknown

/** What the members of one object have in common. */
interface Inside {
  readonly form: Form
  readonly siblings: ReadonlySet<string>
  readonly holder: Holder
  readonly context: PageContext
  /** What the document shows in a member. */
  shown(name: string): readonly unknown[]
  /** A link that the document shows beside it. */
  readonly link: unknown
}

const MAX_DEPTH = 3

function createWriting(parts: { forms: Forms; schemas: Schemas; validation: Validation }): Write {
  const { forms, schemas, validation } = parts
  const counterValue = createCounterValues(parts)

  const write: Write = (target, context, holder) => {
    if (!isObject(target) || holder.depth > MAX_DEPTH) return target
    const form = forms.of(holder.schema, target)
    const copy: Record<string, unknown> = { ...target }
    const models = [...holder.examples, ...form.shape.examples].filter(isObject)
    const shown = (name: string): readonly unknown[] =>
      models.map((one) => one[name]).filter((one) => one !== undefined && one !== null)
    const siblings = new Set(form.byName.keys())
    const inside = { form, siblings, holder, context, shown, link: linkIn(models) }
    for (const [normalized, member] of form.byName) {
      if (member.name === holder.except) continue
      const value = written(normalized, member, copy[member.name], inside)
      if (value === LEFT_OUT) delete copy[member.name]
      else if (value !== undefined) setMember(copy, member.name, value)
    }
    return copy
  }

  /** What a member counts: a description may say that it is what a page has, and not how many there are. */
  const meantBy = (schema: Schema, meaning: CounterMeaning | undefined): CounterMeaning | undefined => {
    if (meaning !== 'total') return meaning
    const link = linkOf(schema)
    const own = link === undefined ? schema : schemas.target(link)
    return isObject(own) && PAGE_SENTENCE.test(String(own.description ?? '')) ? 'count' : meaning
  }

  /** Gives LEFT_OUT where the member goes, and undefined where it stays as it is. */
  const written = (normalized: string, member: Member, now: unknown, inside: Inside): unknown => {
    const { siblings, holder, context } = inside
    const meaning = meantBy(member.schema, meaningOf(normalized, siblings, context, holder.within))
    const inner = forms.of(member.schema)
    const parts = partsOf(forms, member.schema)
    if (parts.length > 1 && (now !== undefined || AROUND_LISTS.test(normalized)))
      return parts.reduce<unknown>((made, schema) => around({ ...member, schema }, made, inside) ?? made, now)
    const isObjectOnly =
      inner.mayBeObject && inner.byName.size > 0 && inner.shape.types?.has('string') !== true
    if (isObjectOnly && isPage(meaning)) return linkObject(member, now, meaning, inside)
    if (isObjectOnly && (now !== undefined || AROUND_LISTS.test(normalized)))
      return around(member, now, inside)
    return meaning === undefined ? undefined : counted(member, { now, meaning, inner }, inside)
  }

  const counted = (
    { name, schema }: Member,
    {
      now,
      meaning,
      inner,
    }: { readonly now: unknown; readonly meaning: CounterMeaning; readonly inner: Form },
    { form, holder, context, shown, link }: Inside,
  ): unknown => {
    const example = shown(name)[0] ?? inner.shape.examples[0] ?? link ?? now
    const value = counterValue({ schema, example, meaning }, context)
    if (value !== LEFT_OUT || !form.shape.required.has(name)) return value
    const isText = forms.types(schema)?.has('string') === true && holder.within === undefined
    return isText && validation.ofSchema(schema)('').length === 0 ? '' : undefined
  }

  /** `{ next: { href } }`: an object that is about another page. */
  const linkObject = (member: Member, now: unknown, meaning: PageRelation, inside: Inside): unknown => {
    const { form, holder, context, shown } = inside
    if (positionOf(meaning, context.page) === undefined) {
      if (forms.types(member.schema)?.has('null')) return null
      if (!form.shape.required.has(member.name)) return LEFT_OUT
    }
    return write(isObject(now) ? now : {}, context, {
      schema: member.schema,
      examples: shown(member.name),
      depth: holder.depth + 1,
      within: meaning,
    })
  }

  /** An object around the counters; where it was not there and has none, it stays away. */
  const around = (member: Member, now: unknown, { holder, context, shown }: Inside): unknown => {
    const { schema, name } = member
    const made = write(now === undefined ? {} : now, context, {
      schema,
      examples: shown(name),
      depth: holder.depth + 1,
    })
    return now === undefined && isObject(made) && Object.keys(made).length === 0 ? undefined : made
  }

  return write
}

/** The alternatives of what may hold the links of one page and those of another: all of them, where each is an object. */
function partsOf(forms: Forms, schema: Schema): readonly Schema[] {
  const described = forms.alternatives(schema).filter((one) => one !== true && Object.keys(one).length > 0)
  const isPart = (form: Form): boolean =>
    form.mayBeObject && [...form.byName.keys()].some((name) => isPage(counterMeaning(name)))
  return described.every((one) => isPart(forms.of(one))) ? described : []
}

const isPage = (meaning: CounterMeaning | undefined): meaning is PageRelation =>
  (PAGE_RELATIONS as readonly unknown[]).includes(meaning)

const linkIn = (models: readonly object[]): unknown =>
  models
    .flatMap((one) => Object.entries(one))
    .find(
      ([name, value]) =>
        typeof value === 'string' &&
        /^(https?:\/\/|\/)/.test(value) &&
        (counterMeaning(name) !== undefined || /ur[il]$/i.test(name)),
    )?.[1]

interface Along {
  readonly template: Template
  readonly path: readonly string[]
  readonly context: PageContext
}

/** Writes the counters of each object on the way to a list; its surroundings come first. */
function writeAlong(write: Write, forms: Forms, body: unknown, { template, path, context }: Along): unknown {
  const walk = (target: unknown, schema: Schema, at: number): unknown => {
    const name = path[at]
    const examples = template.media?.examples.map(({ value }) => valueAt(value, path.slice(0, at))) ?? []
    const written = write(target, context, { schema, examples, depth: 0, except: name })
    if (name === undefined || at >= path.length - 1 || !isObject(written)) return written
    const member = forms.of(schema, target).byName.get(normalizeName(name))
    if (member === undefined) return written
    const inner = isObject(target) ? target[name] : undefined
    return { ...written, [name]: walk(inner, member.schema, at + 1) }
  }
  return walk(body, template.schema, 0)
}

/** What says where a page begins by what only an answer can tell. */
const TOKENS: ReadonlySet<string> = new Set<QueryMeaning>(['token', 'after'])

const NO_HEADERS: Answer['headers'] = {}

function headersOf(template: Template, context: PageContext): Answer['headers'] {
  const headers: Record<string, string> = {}
  for (const { name } of template.response?.headers ?? []) {
    const lower = name.toLowerCase()
    const text = lower === 'link' ? linkHeader(context) : headerText(lower, context)
    if (text !== undefined) headers[lower] = text
  }
  return headers
}

/** Undefined for a header that counts nothing. */
function headerText(name: string, context: PageContext): string | undefined {
  const plain = name.replace(/^x-/, '')
  const meaning =
    counterMeaning(name) ??
    counterMeaning(plain) ??
    (isPosition(context.request, normalizeName(plain)) ? 'next-token' : undefined)
  if (meaning === undefined) return undefined
  const [value] = candidatesFor(meaning, context, { schema: true, example: undefined })
  if (value === null) return ''
  if (typeof value === 'number' || typeof value === 'boolean') return String(value)
  return typeof value === 'string' && /next|prev/.test(meaning) ? value : undefined
}

/** The name under which the document's lists say whether there are more. */
function usualFlagOf(forms: Forms, lists: readonly Schema[]): string | undefined {
  const counts = new Map<string, number>()
  for (const schema of lists)
    for (const [normalized, { name }] of forms.of(schema).byName)
      if (counterMeaning(normalized) === 'more') counts.set(name, (counts.get(name) ?? 0) + 1)
  return [...counts].sort((a, b) => b[1] - a[1])[0]?.[0]
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
