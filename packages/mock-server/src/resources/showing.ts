// Stored items as the bodies of answers: each operation shows them in its own envelope and with its own members, and
// lists count and link their pages. Whatever leaves here fits its description, or is the nearest sample.

import { isObject, normalizeName, setMember } from '../engine/json.js'
import { noPreferences } from '../engine/request/preferences.js'
import type { Answer } from '../engine/response/answers.js'
import type { Template } from '../engine/response/responses.js'
import { FAILURES } from '../engine/sampling/sampler.js'
import type { Schema } from '../engine/schema/schema.js'
import { possibleTypes } from '../engine/schema/shape.js'
import type { ApiRequest } from '../pipeline.js'
import type { Catalog, CatalogParts } from './catalog.js'
import { type Item, typedId } from './items.js'
import { counterOf, type Page } from './paging.js'
import type { Resource } from './resources.js'
import { type ItemView, type ListView, mayBeObject, valueAt, withValueAt } from './views.js'

/** An item with the id that it is stored under. */
export interface Identified {
  readonly id: unknown
  readonly item: Item
}

/** For whom an item is shown, and where. */
export interface Stage {
  readonly request: ApiRequest
  readonly resource: Resource
  readonly template: Template
}

export interface Showing {
  /** @param echo what a client sent, for members that are not stored. */
  item(stage: Stage, found: Identified, echo?: Item): unknown
  /** The answer to a removal, which may show what is gone. */
  removed(stage: Stage, found: Identified): unknown
  list(
    stage: Stage,
    view: ListView,
    page: Page<Identified>,
  ): { readonly body: unknown; readonly headers: Answer['headers'] }
}

const LEFT_OUT = Symbol('left out')

export function createShowing(
  catalog: Catalog,
  { schemas, validation, sampler, responses }: CatalogParts,
): Showing {
  const { views } = catalog
  const rowSamples = new WeakMap<ItemView, unknown>()
  const typesOfIds = new WeakMap<ItemView, ReadonlySet<string>>()

  const idTypes = (view: ItemView, name: string): ReadonlySet<string> | undefined => {
    let types = typesOfIds.get(view)
    if (types === undefined) {
      types =
        possibleTypes(schemas, { allOf: view.shape.properties.get(name) ?? [] }) ??
        new Set(['string', 'integer', 'number'])
      typesOfIds.set(view, types)
    }
    return types
  }

  const sampleOf = (template: Template): unknown => responses.sample(template, noPreferences).value

  /** An example may list errors beside a success, or what no schema knows; what those hold is not the item's. */
  const withoutFailures = (base: unknown, { schema }: Template): unknown => {
    const { required, properties } = views.settle(schema)
    const isKnown = (name: string) => properties.size === 0 || properties.has(name)
    if (!isObject(base)) return base
    return Object.fromEntries(
      Object.entries(base).filter(
        ([name]) => required.has(name) || (isKnown(name) && !FAILURES.has(normalizeName(name))),
      ),
    )
  }

  const fitting = (template: Template, body: unknown): unknown => {
    if (responses.check(template, body).length === 0) return body
    // Where the schema contradicts itself, every repair fails, and takes its time.
    if (responses.sample(template, noPreferences).errors.length > 0) return body
    const seed = template.operation.id
    const { value, errors } = sampler.sample(template.schema, { seed, base: body, lean: true })
    return errors.length === 0 ? value : sampleOf(template)
  }

  /** An item in another view than the one it is stored in. */
  const translate = (
    resource: Resource,
    view: ItemView,
    base: unknown,
    { id, item }: Identified,
    echo: Item = {},
  ) => {
    const stored = catalog.maker(resource).view.shape
    const own = isObject(base) ? { ...base } : {}
    for (const name of Object.keys(own)) {
      // A sample must not invent what the stored item could have and has not.
      const isAbsent = stored.properties.has(name) && !Object.hasOwn(item, name)
      if (isAbsent && !view.shape.required.has(name)) delete own[name]
    }
    const shown = views.overlay(view.schema, own, { ...echo, ...item })
    if (view.idName !== undefined && id !== '') {
      setMember(shown, view.idName, typedId(id, idTypes(view, view.idName)))
    }
    return shown
  }

  const rowOf = (resource: Resource, { item: view, idsOnly }: ListView, found: Identified): unknown => {
    if (idsOnly) return typedId(found.id, view.shape.types)
    if (view.schema === catalog.maker(resource).view.schema) return found.item
    let sample = rowSamples.get(view)
    if (sample === undefined) {
      sample = sampler.sample(view.schema, { seed: resource.collection }).value
      rowSamples.set(view, sample)
    }
    const base = view.path.length === 0 ? sample : {}
    return withValueAt(base, view.path, translate(resource, view, valueAt(base, view.path) ?? sample, found))
  }

  /** One odd row must not spoil the others. */
  const fittingList = (
    template: Template,
    view: ListView,
    body: unknown,
    rows: readonly unknown[],
  ): unknown => {
    if (responses.check(template, body).length === 0) return body
    const prefix = `/${[...view.path, '0'].join('/')}`
    const repaired = rows.map((row, i) => {
      const errors = responses.check(template, withValueAt(body, view.path, [row]))
      const isOdd = errors.some(({ instancePath }) => instancePath.startsWith(prefix))
      return isOdd && view.item.path.length === 0
        ? sampler.sample(view.item.schema, { seed: String(i), base: row, lean: true }).value
        : row
    })
    return fitting(template, withValueAt(body, view.path, repaired))
  }

  /** A counter in the type that its schema wants; LEFT_OUT when there is nothing to say and it may be absent. */
  const counterValue = (
    { request }: Stage,
    name: string,
    page: Page<Identified>,
    schema: Schema,
  ): unknown => {
    const value = counterOf(name, page, lastIdOf(page), urlOf(request))
    if (value === undefined) return undefined
    const accepts = validation.ofSchema(schema)
    const absolute = typeof value === 'string' ? originOf(request) + value : undefined
    const candidates = [value, absolute, value === null ? undefined : String(value)]
    const fits = candidates.find((one) => one !== undefined && accepts(one).length === 0)
    return fits !== undefined ? fits : value === null ? LEFT_OUT : undefined
  }

  const withCounters = (stage: Stage, view: ListView, body: unknown, page: Page<Identified>): unknown => {
    if (view.around === undefined) return body
    const write = (target: unknown, shape = view.around): unknown => {
      if (!isObject(target) || shape === undefined) return target
      const copy: Record<string, unknown> = { ...target }
      for (const [name, own] of shape.properties) {
        if (!Object.hasOwn(copy, name) && !shape.required.has(name)) continue
        const value = counterValue(stage, normalizeName(name), page, { allOf: own })
        if (value === LEFT_OUT) delete copy[name]
        else if (value !== undefined) setMember(copy, name, value)
        else if (isObject(copy[name])) setMember(copy, name, write(copy[name], views.settle({ allOf: own })))
      }
      return copy
    }
    const around = view.path.slice(0, -1)
    if (around.length === 0) return write(body)
    return write(withValueAt(body, around, write(valueAt(body, around))), views.settle(stage.template.schema))
  }

  return {
    item({ template, resource }, found, echo) {
      if (template.media === undefined) return undefined
      const view = catalog.itemView(template, resource)
      if (!mayBeObject(view.shape)) return sampleOf(template)
      const isSame = view.schema === catalog.maker(resource).view.schema
      if (isSame && view.path.length === 0) return fitting(template, found.item)
      const base = withoutFailures(sampleOf(template), template)
      const shown = isSame ? found.item : translate(resource, view, valueAt(base, view.path), found, echo)
      return fitting(template, withValueAt(base, view.path, shown))
    },

    removed({ template, resource }, found) {
      if (template.media === undefined) return undefined
      const view = catalog.itemView(template, resource)
      if (!mayBeObject(view.shape)) return sampleOf(template)
      const base = sampleOf(template)
      const shown = translate(resource, view, valueAt(base, view.path), found)
      if (typeof shown.deleted === 'boolean') setMember(shown, 'deleted', true)
      return fitting(template, withValueAt(base, view.path, shown))
    },

    list(stage, view, page) {
      const { template, resource, request } = stage
      const rows = page.items.map((found) => rowOf(resource, view, found))
      const base = view.path.length === 0 ? undefined : sampleOf(template)
      const body = withCounters(stage, view, withValueAt(base, view.path, rows), page)
      return {
        body: fittingList(template, view, body, rows),
        headers: countersInHeaders(template, request, page),
      }
    },
  }
}

const lastIdOf = (page: Page<Identified>): string | undefined => {
  const last = page.items.at(-1)
  return last === undefined ? undefined : String(last.id)
}

const originOf = ({ headers }: ApiRequest): string => `http://${String(headers.host)}`

/** The request's own URL with another page in it. */
const urlOf =
  ({ operation, parameters, path }: ApiRequest) =>
  (number: number, offset: number): string => {
    const query = new URLSearchParams()
    for (const [name, value] of Object.entries(parameters.query)) {
      if (typeof value !== 'object') query.set(name, String(value))
    }
    for (const { name, in: place } of operation.parameters()) {
      if (place !== 'query') continue
      if (/^(page|page_?number)$/i.test(name)) query.set(name, String(number))
      if (/^(offset|skip)$/i.test(name)) query.set(name, String(offset))
    }
    const text = query.toString()
    return path + (text === '' ? '' : `?${text}`)
  }

function countersInHeaders(
  template: Template,
  request: ApiRequest,
  page: Page<Identified>,
): Answer['headers'] {
  const headers: Record<string, string> = {}
  for (const { name } of template.response?.headers ?? []) {
    const lower = name.toLowerCase()
    if (lower === 'link') headers[lower] = linksOf(request, page)
    const value = counterOf(normalizeName(name), page, lastIdOf(page), urlOf(request))
    if (typeof value === 'number') headers[lower] = String(value)
  }
  return headers
}

/** Web links (RFC 8288) to the pages around this one. */
function linksOf(request: ApiRequest, page: Page<unknown>): string {
  const { number, firstNumber, offset, size, total, hasMore } = page
  const last = Math.max(0, Math.ceil(total() / Math.max(1, size)) - 1)
  const links: (readonly [name: string, number: number, offset: number])[] = [
    ['first', firstNumber, 0],
    ['last', firstNumber + last, last * size],
  ]
  if (offset > 0) links.push(['prev', Math.max(firstNumber, number - 1), Math.max(0, offset - size)])
  if (hasMore) links.push(['next', number + 1, offset + size])
  const url = urlOf(request)
  return links.map(([name, at, from]) => `<${originOf(request)}${url(at, from)}>; rel="${name}"`).join(', ')
}
