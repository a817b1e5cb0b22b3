// Entities as the bodies of answers: each operation shows them in its own envelope and with its own members. Whatever
// leaves here fits its description, or is the nearest sample.

import { frozen, isObject, member, normalizeName, setMember } from '../engine/json.js'
import type { ApiRequest } from '../engine/request/api-request.js'
import { isStructuredType } from '../engine/request/media-types.js'
import { noPreferences } from '../engine/request/preferences.js'
import type { Answer } from '../engine/response/answers.js'
import type { Responses, Template } from '../engine/response/responses.js'
import { FAILURES, type Sampler } from '../engine/sampling/sampler.js'
import { wordsOf } from './conventions.js'
import type { Counters } from './counters.js'
import type { Entity, EntityFactory, Item } from './entities.js'
import type { Forms } from './forms.js'
import { typedId } from './identifiers.js'
import type { Page } from './pages.js'
import type { Place } from './places.js'
import { ABSENT, type Projection } from './projection.js'
import { type Relation, withRelations } from './relations.js'
import { repaired } from './repairs.js'
import type { Types } from './types.js'
import { type EntityView, FIRST, type ListView, type Slot, slotsIn, valueAt, withValueAt } from './views.js'

/** An entity with what knows its type. */
export interface Row {
  readonly id: string
  readonly entity: Entity
  readonly factory: EntityFactory
}

export interface RenderContext {
  readonly request: ApiRequest
  readonly template: Template
  readonly place: Place
  /** What the path of the request says of the things below it. */
  readonly relations: readonly Relation[]
}

export interface Renderer {
  /** @param echo what a client sent, for members that are not the entity's. */
  entity(context: RenderContext, row: Row, echo?: unknown): unknown
  /** The answer to a removal, which may show what is gone. */
  removed(context: RenderContext, row: Row): unknown
  list(
    context: RenderContext,
    view: ListView,
    page: Page<Row>,
  ): { readonly body: unknown; readonly headers: Answer['headers'] }
  /** Several entities that one request made, where the answer lists them. */
  several(context: RenderContext, view: ListView, rows: readonly Row[]): unknown
  /** A sample with what the request named in the members of the same names; undefined where it names none. */
  echo(template: Template, request: ApiRequest): unknown
}

export interface RendererParts {
  readonly responses: Responses
  readonly sampler: Sampler
}

export function createRenderer(
  { responses, sampler }: RendererParts,
  forms: Forms,
  projection: Projection,
  types: Types,
  counters: Counters,
): Renderer {
  const rowSamples = new Map<unknown, unknown>()

  const sampleOf = (template: Template): unknown => responses.sample(template, noPreferences).value

  /** An example may list errors beside a success, or what no schema knows; what those hold is not the entity's. */
  const surroundings = (template: Template): unknown => {
    const base = sampleOf(template)
    if (!isObject(base)) return base
    const { shape, byName } = forms.of(template.schema, base)
    const isKnown = (name: string) => byName.size === 0 || byName.has(normalizeName(name))
    return Object.fromEntries(
      Object.entries(base).filter(
        ([name]) => shape.required.has(name) || (isKnown(name) && !FAILURES.has(normalizeName(name))),
      ),
    )
  }

  /** @param keep what must be in the answer all the same: an id that a client will come back with. */
  const fitting = (
    template: Template,
    body: unknown,
    keep: (body: unknown) => unknown = (same) => same,
  ): unknown => {
    if (responses.check(template, body).length === 0) return body
    // Where the schema contradicts itself, every repair fails, and takes its time.
    if (responses.sample(template, noPreferences).errors.length > 0) return body
    const seed = template.operation.id
    const value = repaired(body, {
      errorsOf: (one) => responses.check(template, one),
      remake: () => sampler.sample(template.schema, { seed, base: body, requiredOnly: true }),
    })
    return keep(value ?? sampleOf(template))
  }

  /** An answer that had to be made anew still shows the id of its thing. */
  const withIdOf =
    (template: Template, view: EntityView, { entity, factory }: Row) =>
    (body: unknown): unknown => {
      const own = factory.view.idPath === undefined ? undefined : valueAt(entity.item, factory.view.idPath)
      if (view.idPath === undefined || own === undefined || entity.id === '') return body
      const path = [...view.path, ...view.idPath]
      const now = valueAt(body, path)
      if (now === undefined || typeof now !== typeof own) return body
      const shown = withValueAt(body, path, own)
      // What an answer identifies by another member may have no room for this id.
      const isOther = view.idPath.join('/') !== factory.view.idPath?.join('/')
      return isOther && responses.check(template, shown).length > 0 ? body : shown
    }

  const isOwnView = (
    { schema }: { readonly schema: EntityView['schema'] },
    { view }: EntityFactory,
  ): boolean => forms.identity(schema) === forms.identity(view.schema)

  /** What a view shows that the entity's own form has no name for. */
  const beyond = (sample: unknown, { entity, factory }: Row, echo: Item): Item => {
    if (!isObject(sample)) return {}
    const own = forms.of(factory.view.schema, entity.item)
    const known = factory.full(entity)
    const names = new Set([...Object.keys(known), ...Object.keys(echo)].map(normalizeName))
    return Object.fromEntries(
      Object.entries(sample).filter(([name]) => {
        const normalized = normalizeName(name)
        return !own.byName.has(normalized) && !names.has(normalized)
      }),
    )
  }

  /** An entity in another view than the one that it is kept in. */
  const translate = (view: EntityView, sample: unknown, row: Row, echo: Item = {}): unknown => {
    const { entity, factory } = row
    const known = { ...echo, ...factory.full(entity) }
    const seed = `${factory.type.home.collection}/${entity.id}`
    const shown = projection.raw(view.schema, known, {
      seed,
      base: beyond(sample, row, echo),
      hidden: factory.hidden,
      undescribed: factory.undescribed(entity),
    })
    if (view.idPath === undefined || !isObject(shown)) return shown
    const now = valueAt(shown, view.idPath)
    const own = factory.view.idPath === undefined ? undefined : valueAt(entity.item, factory.view.idPath)
    const isSameName =
      normalizeName(view.idPath.at(-1) ?? '') === normalizeName(factory.view.idPath?.at(-1) ?? '')
    // A view may name things by another member than their paths do.
    if (now !== undefined && own !== undefined && !isSameName && isKnown(known, view.idPath)) return shown
    const id = own ?? (entity.id === '' ? undefined : entity.id)
    if (id === undefined) return shown
    const member = view.form.byName.get(normalizeName(view.idPath.at(-1) ?? ''))
    const target = view.idPath.length === 1 && member !== undefined ? forms.types(member.schema) : undefined
    return withValueAt(
      shown,
      view.idPath,
      typedId(id, target ?? (typeof now === 'number' ? new Set(['number', 'integer']) : undefined)),
    )
  }

  const isKnown = (known: Item, path: readonly string[]): boolean => {
    const [name = ''] = path
    return Object.keys(known).some((one) => normalizeName(one) === normalizeName(name))
  }

  const shownIn = (context: RenderContext, view: EntityView, row: Row, echo: unknown): unknown => {
    const { template } = context
    if (isOwnView(view, row.factory) && view.path.length === 0) return row.entity.item
    const base = surroundings(template)
    const shown = isOwnView(view, row.factory)
      ? row.entity.item
      : translate(view, valueAt(base, view.path), row, isObject(echo) ? echo : {})
    if (shown === ABSENT) return base
    const body = withFirst(withValueAt(base, view.path, withOpenId(view, row, shown)), view.path[0])
    return view.path.length === 0
      ? body
      : echoed(related(body, context, view), template.schema, isObject(echo) ? echo : {}, view.path)
  }

  /** Where an answer's schema is open and names no id, the thing still has one. */
  const withOpenId = (view: EntityView, { entity, factory }: Row, shown: unknown): unknown => {
    const [name, ...deeper] = factory.view.idPath ?? []
    if (view.idPath !== undefined || name === undefined || deeper.length > 0 || !isObject(shown)) return shown
    const isOpen =
      view.form.shape.nameRules.length === 0 && view.form.byName.size > 0 && !Object.hasOwn(shown, name)
    return isOpen ? { ...shown, [name]: member(entity.item, name) } : shown
  }

  /** What stands beside a thing and is about what the path names has its id. */
  const related = (body: unknown, { template, relations }: RenderContext, view: EntityView): unknown => {
    if (relations.length === 0 || !isObject(body)) return body
    const slots = slotsIn(forms, forms.of(template.schema, body))
    const isOther = ({ path: [name] }: Slot) => name === view.path[0]
    return withRelations(forms, slots, body, relations, isOther, isOther)
  }

  /** Members of the surroundings that repeat what was sent. */
  const echoed = (
    body: unknown,
    schema: Template['schema'],
    echo: Item,
    path: readonly string[],
  ): unknown => {
    if (!isObject(body)) return body
    const copy: Record<string, unknown> = { ...body }
    const { byName } = forms.of(schema, body)
    for (const [name, value] of Object.entries(echo)) {
      const member = byName.get(normalizeName(name))
      if (member === undefined || member.name === path[0] || value === null || typeof value === 'object')
        continue
      const fitted = projection.raw(member.schema, value, { seed: 'echo' })
      if (fitted !== ABSENT) setMember(copy, member.name, fitted)
    }
    return copy
  }

  const rowSample = (view: ListView, place: Place): unknown => {
    const key = forms.identity(view.itemSchema)
    if (!rowSamples.has(key))
      rowSamples.set(key, sampler.sample(view.itemSchema, { seed: place.collection }).value)
    return rowSamples.get(key)
  }

  /** An entity looks the same in a view until it changes. */
  const shownRows = new WeakMap<
    ListView,
    WeakMap<Entity, { readonly factory: EntityFactory; readonly shown: unknown }>
  >()

  const rowOf = ({ place }: RenderContext, view: ListView, row: Row): unknown => {
    if (view.idsOnly) return typedId(row.id, view.item.form.shape.types)
    const { item } = view
    const { entity, factory } = row
    if (isOwnView(item, factory) && item.path.length === 0) return entity.item
    const known = shownRows.get(view) ?? new WeakMap()
    shownRows.set(view, known)
    const before = known.get(entity)
    if (before?.factory === factory) return before.shown
    const shown = frozen(translatedRow(place, view, row))
    known.set(entity, { factory, shown })
    return shown
  }

  const translatedRow = (place: Place, view: ListView, row: Row): unknown => {
    const { item } = view
    const sample = rowSample(view, place)
    const base = item.path.length === 0 ? undefined : sample
    // A list of several kinds shows each in its own form.
    const own = item.path.length === 0 ? { ...item, schema: view.itemSchema } : item
    const isUnion = forms.alternatives(view.itemSchema).length > 1
    const shown = translate(own, isUnion ? undefined : (valueAt(sample, item.path) ?? sample), row)
    return shown === ABSENT ? sample : withValueAt(base, item.path, shown)
  }

  /** One odd row must not spoil the others. */
  const fittingList = (
    template: Template,
    view: ListView,
    body: unknown,
    rows: readonly unknown[],
  ): unknown => {
    const errors = responses.check(template, body)
    if (errors.length === 0) return body
    const prefix = `/${[...view.path, ''].join('/')}`.replace(/^\/+/, '/')
    const odd = new Set(
      errors.flatMap(({ instancePath }) => {
        if (view.path.length > 0 && !instancePath.startsWith(prefix)) return []
        return Number(instancePath.slice(view.path.length > 0 ? prefix.length : 1).split('/')[0])
      }),
    )
    let isHopeless = false
    const repaired = rows.map((row, i) => {
      const isOdd =
        odd.has(i) ||
        responses
          .check(template, withValueAt(body, view.path, [row]))
          .some(({ instancePath }) => instancePath.startsWith(`${prefix}0`))
      if (!isOdd) return row
      const { value, errors: left } = sampler.sample(view.itemSchema, {
        seed: String(i),
        base: row,
        requiredOnly: true,
      })
      isHopeless ||= left.length > 0
      const idPath = [...view.item.path, ...(view.item.idPath ?? [])]
      const id = view.item.idPath === undefined ? undefined : valueAt(row, idPath)
      // A row that had to be made anew still shows the id of its thing.
      const whole = id === undefined || !isObject(value) ? value : withValueAt(value, idPath, id)
      return left.length === 0 ? whole : row
    })
    const again = withValueAt(body, view.path, repaired)
    // A link in the form of the document's example may not be what its format says, and no entry what a schema says that
    // contradicts itself: that is the document's word, and no reason to show a list without its things.
    const isDocuments = responses
      .check(template, again)
      .every(({ keyword, instancePath }) =>
        instancePath.startsWith(prefix) ? isHopeless : keyword === 'format',
      )
    return isDocuments ? again : fitting(template, again)
  }

  return {
    entity(context, row, echo) {
      const { template, place } = context
      if (template.media === undefined) return undefined
      const view = entityViewFor(template, place, row)
      if (view === undefined) return bareId(template, place, row) ?? sampleOf(template)
      return fitting(template, shownIn(context, view, row, echo), withIdOf(template, view, row))
    },

    removed(context, row) {
      const { template, place } = context
      if (template.media === undefined) return undefined
      const view = entityViewFor(template, place, row)
      if (view === undefined) return sampleOf(template)
      const base = sampleOf(template)
      const shown = translate(view, valueAt(base, view.path), row)
      const copy = isObject(shown) ? { ...shown } : shown
      if (isObject(copy) && typeof copy.deleted === 'boolean') setMember(copy, 'deleted', true)
      return fitting(template, copy === ABSENT ? base : withValueAt(base, view.path, copy))
    },

    list(context, view, page) {
      const { template, request } = context
      const rows = page.rows.map((row) => rowOf(context, view, row))
      const base = view.path.length === 0 ? undefined : surroundings(template)
      const body = counters.write(withValueAt(base, view.path, rows), template, view.path, { request, page })
      return {
        body: fittingList(template, view, body, rows),
        headers: counters.headers(template, { request, page }),
      }
    },

    several(context, view, rows) {
      const { template } = context
      const shown = rows.map((row) => rowOf(context, view, row))
      const base = view.path.length === 0 ? undefined : surroundings(template)
      return fittingList(template, view, withValueAt(base, view.path, shown), shown)
    },

    echo(template, request) {
      const { media, schema } = template
      if (media === undefined || !isStructuredType(media.type)) return undefined
      const pairs = examplePairs(template, request)
      const pair = isObject(request.body) ? mostLike(pairs, request.body) : undefined
      const base = pair?.answer ?? sampleOf(template)
      if (!isObject(base)) return undefined
      const sent = { ...(isObject(request.body) ? request.body : {}) }
      const ids = request.parameters.path
      const form = forms.of(schema, base)
      const copy: Record<string, unknown> = { ...base }
      let isChanged = false
      const put = (wanted: string, value: unknown, isExact: boolean) => {
        const member =
          form.byName.get(normalizeName(wanted)) ??
          (isExact ? undefined : bySuffix(form.byName, wanted, pairs))
        if (member === undefined) return
        const fitted = projection.raw(member.schema, value, { seed: 'echo' })
        if (fitted === ABSENT || fitted === null) return
        setMember(copy, member.name, fitted)
        isChanged = true
      }
      for (const [name, value] of Object.entries(ids)) put(name, value, true)
      for (const [name, value] of Object.entries(sent)) put(name, value, false)
      // What the document's own pair of examples repeats, under whichever name, is repeated here.
      for (const [name, source] of repeated(pairs))
        if (member(sent, source) !== undefined) put(name, member(sent, source), true)
      return isChanged ? fitting(template, copy) : undefined
    },
  }

  /** The id of a new thing, where a creation answers with nothing else and the document has no other word for it. */
  function bareId(template: Template, place: Place, { id }: Row): unknown {
    if (template.operation !== place.create || place.param === undefined) return undefined
    const { types: own, values, examples } = forms.of(template.schema).shape
    const isOpen = values === undefined && examples.length === 0 && template.media?.examples.length === 0
    const typed = typedId(id, own)
    return isOpen && own !== undefined && responses.check(template, typed).length === 0 ? typed : undefined
  }

  /** An answer may be one thing or a list of them, or a file: the view that shows the thing, if one does. */
  function entityViewFor(template: Template, place: Place, row: Row): EntityView | undefined {
    const view = types.entityView(template, place)
    if (view.form.mayBeObject || view.path.includes(FIRST)) return view
    const form = forms.of(view.schema, row.factory.full(row.entity))
    return form.mayBeObject ? { ...view, form } : undefined
  }
}

interface ExamplePair {
  readonly request: Item
  readonly answer: Item
}

/** The document's examples of requests and answers that have one name. */
function examplePairs(template: Template, request: ApiRequest): readonly ExamplePair[] {
  const answers = new Map(template.media?.examples.map(({ name, value }) => [name, value]))
  return (request.operation.body()?.content ?? [])
    .flatMap(({ examples }) => examples)
    .flatMap(({ name, value }) => {
      const answer = answers.get(name)
      return name !== '' && isObject(value) && isObject(answer) ? [{ request: value, answer }] : []
    })
}

function mostLike(pairs: readonly ExamplePair[], body: Item): ExamplePair | undefined {
  let best: { readonly pair: ExamplePair; readonly score: number } | undefined
  for (const pair of pairs) {
    const score = likeness(body, pair.request)
    if (best === undefined || score > best.score) best = { pair, score }
  }
  return best?.pair
}

/** Members of answers that repeat members of requests, as the pairs show. */
function repeated(pairs: readonly ExamplePair[]): ReadonlyMap<string, string> {
  const found = new Map<string, string>()
  for (const { request, answer } of pairs) {
    for (const [name, value] of Object.entries(answer)) {
      if (typeof value !== 'string' || value.length < 4) continue
      const source = Object.keys(request).find((one) => request[one] === value)
      if (source !== undefined) found.set(name, source)
    }
  }
  return found
}

/** How much a request has in common with an example of one: above all the members that say what kind it is. */
function likeness(sent: Item, example: Item): number {
  let score = 0
  for (const name of new Set([...Object.keys(sent), ...Object.keys(example)])) {
    const [own, other] = [member(sent, name), member(example, name)]
    if (own === undefined) score -= 1
    else if (other === undefined) score -= 0.5
    else if (isObject(own) && isObject(other)) score += 1 + likeness(own, other)
    else score += own === other ? 2 : /^(type|kind|object|method|mode)$/i.test(name) ? -8 : 1
  }
  return score
}

/** `merchantReference` repeats a `reference` that was sent, if nothing is called just that. */
function bySuffix<Found extends { readonly name: string }>(
  byName: ReadonlyMap<string, Found>,
  wanted: string,
  pairs: readonly ExamplePair[],
): Found | undefined {
  const words = wordsOf(wanted)
  if (normalizeName(wanted).length < 4) return undefined
  const found = [...byName.values()].filter(({ name }) => {
    const own = wordsOf(name)
    // An example with another value there says that it is something else.
    const isOther = pairs.some(
      ({ request, answer }) =>
        answer[name] !== undefined && request[wanted] !== undefined && answer[name] !== request[wanted],
    )
    return (
      !isOther &&
      own.length > words.length &&
      words.every((word, i) => own[own.length - words.length + i] === word)
    )
  })
  return found.length === 1 ? found[0] : undefined
}

/** An answer with the thing that it is about before the things around it: whoever looks for an id finds that one. */
function withFirst(body: unknown, name: string | undefined): unknown {
  if (name === undefined || !isObject(body)) return body
  const entries = Object.entries(body)
  const holds = (value: unknown) => isObject(value) || (Array.isArray(value) && isObject(value[0]))
  const others = entries.filter(([own, value]) => own !== name && holds(value)).map(([own]) => own)
  const last = new Set(others)
  return Object.fromEntries([
    ...entries.filter(([own]) => !last.has(own)),
    ...entries.filter(([own]) => last.has(own)),
  ])
}
