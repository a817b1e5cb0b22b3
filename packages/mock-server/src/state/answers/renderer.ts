// Entities as the bodies of answers: each operation shows them in its own envelope and with its own members. Whatever
// leaves here fits its description, or is the nearest sample.

import { isObject, type JsonObject, member as memberOf, normalizeName, setMember } from '../../engine/json.js'
import type { ApiRequest } from '../../engine/request/api-request.js'
import type { Answer } from '../../engine/response/answers.js'
import type { Template } from '../../engine/response/responses.js'
import { FAILURES } from '../../engine/sampling/sampler.js'
import { singular, wordsOf } from '../conventions/names.js'
import { typedId } from '../entities/identifiers.js'
import { type Relation, withRelations } from '../entities/relations.js'
import { createRowViews, type Row } from '../entities/row-views.js'
import { ABSENT } from '../forms/coercion.js'
import type { EntityView } from '../forms/entity-views.js'
import type { Form } from '../forms/form.js'
import type { Forms } from '../forms/forms.js'
import type { ListView } from '../forms/list-views.js'
import type { Projection } from '../forms/projection.js'
import { FIRST, type Slot, slotsIn, valueAt, withValueAt } from '../forms/slots.js'
import { nounOf } from '../places/paths.js'
import type { Place } from '../places/place.js'
import type { Types } from '../places/types.js'
import type { Page } from '../queries/pages.js'
import type { Counters } from './counters.js'
import { createEchoes, type Echoes } from './echoes.js'
import { createFitting, type FittingParts } from './fitting.js'

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
  readonly echo: Echoes
  /** A value in the form of an answer; undefined where the answer has no room for anything in it. */
  part(template: Template, value: unknown): unknown
}

export interface RendererParts extends FittingParts {
  readonly forms: Forms
  readonly projection: Projection
  readonly types: Types
  readonly counters: Counters
  /** Of the API, as its document has it. */
  readonly version: string
}

export function createRenderer(parts: RendererParts): Renderer {
  const { responses, forms, projection, types, counters } = parts
  const fitting = createFitting(parts)
  const rowViews = createRowViews(forms, projection, parts.sampler)

  /** An answer may be one thing or a list of them, or a file: the view that shows the thing, if one does. */
  const viewFor = ({ template, place }: RenderContext, { factory, entity }: Row): EntityView | undefined => {
    const view = types.entityView(template, place)
    if (view.form.mayBeObject || view.path.includes(FIRST)) return view
    const form = forms.of(view.schema, factory.full(entity))
    return form.mayBeObject ? { ...view, form } : undefined
  }

  const around = (template: Template): unknown => surroundings(forms, template, fitting.sample(template))

  const shownIn = (context: RenderContext, view: EntityView, row: Row, echo: JsonObject): unknown => {
    const isOwn = rowViews.isOwn(view, row.factory)
    if (isOwn && view.path.length === 0) return row.entity.item
    const base = around(context.template)
    const shown = isOwn ? row.entity.item : rowViews.translate(view, valueAt(base, view.path), row, echo)
    if (shown === ABSENT) return base
    const body = withFirst(withValueAt(base, view.path, withOpenId(view, row, shown)), view.path[0])
    if (view.path.length === 0) return body
    repeatId(body, view, shown)
    const told = related(forms, body, context, view)
    return echoed(forms, projection, told, context.template, {
      echo,
      except: view.path[0],
      own: row.factory.view.form,
    })
  }

  return {
    echo: createEchoes({ forms, projection, version: parts.version }, fitting),

    part(template, value) {
      const { byName, isArray } = forms.of(template.schema, value)
      const isRoom = isObject(value)
        ? Object.keys(value).some((name) => byName.has(normalizeName(name)))
        : isArray && Array.isArray(value)
      const seed = template.operation.id
      const shown = isRoom ? projection.of(template.schema, value, { seed }) : ABSENT
      return shown === ABSENT ? undefined : fitting.body(template, shown)
    },

    entity(context, row, echo) {
      const { template } = context
      if (template.media === undefined) return undefined
      const view = viewFor(context, row)
      if (view === undefined) return bareId(parts, forms, context, row) ?? fitting.sample(template)
      const body = shownIn(context, view, row, isObject(echo) ? echo : {})
      const { entity, factory } = row
      const isFit = body === entity.item && factory.isKnownToFit(entity.item)
      if (isFit && forms.identity(template.schema) === forms.identity(factory.view.schema)) return body
      return fitting.body(template, body, (made) => withOwnId(responses, template, view, row, made))
    },

    removed(context, row) {
      const { template } = context
      if (template.media === undefined) return undefined
      const base = fitting.sample(template)
      const view = viewFor(context, row)
      if (view === undefined || isBare(view)) return base
      const ids = types.listView(template, context.place)
      if (ids?.idsOnly === true && view.idPath === undefined)
        return fitting.body(template, withValueAt(base, ids.path, [rowViews.inList(context.place, ids, row)]))
      const shown = rowViews.translate(view, valueAt(base, view.path), row)
      const gone = shown === ABSENT ? base : withValueAt(base, view.path, asDeleted(shown))
      return fitting.body(template, withNameOf(forms, context, view, row, gone))
    },

    list({ template, request, place }, view, page) {
      const rows = page.rows.map((row) => rowViews.inList(place, view, row))
      const base = view.path.length === 0 ? undefined : around(template)
      const body = counters.write(withValueAt(base, view.path, rows), template, view.path, { request, page })
      return {
        body: fitting.list(template, view, body, rows),
        headers: counters.headers(template, { request, page }),
      }
    },

    several({ template, place }, view, rows) {
      const shown = rows.map((row) => rowViews.inList(place, view, row))
      const base = view.path.length === 0 ? undefined : around(template)
      return fitting.list(template, view, withValueAt(base, view.path, shown), shown)
    },
  }
}

/** An example may list errors beside a success, or what no schema knows; what those hold is not the entity's. */
function surroundings(forms: Forms, { schema }: Template, sample: unknown): unknown {
  if (!isObject(sample)) return sample
  const { shape, byName } = forms.of(schema, sample)
  const isKnown = (name: string): boolean => byName.size === 0 || byName.has(normalizeName(name))
  return Object.fromEntries(
    Object.entries(sample).filter(
      ([name]) => shape.required.has(name) || (isKnown(name) && !FAILURES.has(normalizeName(name))),
    ),
  )
}

/** An answer that had to be made anew still shows the id of its thing. */
function withOwnId(
  responses: FittingParts['responses'],
  template: Template,
  view: EntityView,
  { entity, factory }: Row,
  body: unknown,
): unknown {
  const ownPath = factory.view.idPath
  const own = ownPath === undefined ? undefined : valueAt(entity.item, ownPath)
  if (view.idPath === undefined || own === undefined || entity.id === '') return body
  const path = [...view.path, ...view.idPath]
  const now = valueAt(body, path)
  if (now === undefined || typeof now !== typeof own) return body
  const shown = withValueAt(body, path, own)
  // What an answer identifies by another member may have no room for this id.
  const isOther = view.idPath.join('/') !== ownPath?.join('/')
  return isOther && responses.check(template, shown).length > 0 ? body : shown
}

/** What names nothing but the thing that is gone names it as its path does: `{ database: 'blue' }` of `/databases/{name}`. */
function withNameOf(
  forms: Forms,
  { place }: RenderContext,
  { idPath, path, form }: EntityView,
  { id }: Row,
  body: unknown,
): unknown {
  // The plural is what paths have, and its singular is not always what the thing is called: `databases`.
  const isItsName = (normalized: string): boolean =>
    normalized === normalizeName(place.param ?? '') || singular(`${normalized}s`) === nounOf(place)
  const isAlone = path.length === 0 && (idPath === undefined || isItsName(normalizeName(idPath.join())))
  const [, member] =
    (isAlone ? [...form.byName].find(([normalized]) => isItsName(normalized)) : undefined) ?? []
  const { types, values } = member === undefined ? {} : forms.of(member.schema).shape
  const isText = types?.size === 1 && types.has('string') && values === undefined
  return member !== undefined && isText && isObject(body) ? { ...body, [member.name]: id } : body
}

/** The id of a new thing, where a creation answers with nothing else and the document has no other word for it. */
function bareId(
  { responses }: FittingParts,
  forms: Forms,
  { template, place }: RenderContext,
  { id }: Row,
): unknown {
  if (template.operation !== place.create || place.param === undefined) return undefined
  const { types, values, examples } = forms.of(template.schema).shape
  const isOpen = values === undefined && examples.length === 0 && template.media?.examples.length === 0
  const typed = typedId(id, types)
  return isOpen && types !== undefined && responses.check(template, typed).length === 0 ? typed : undefined
}

/** Where an answer's schema is open and names no id, the thing still has one. */
function withOpenId(view: EntityView, { entity, factory }: Row, shown: unknown): unknown {
  const [name, ...deeper] = factory.view.idPath ?? []
  if (view.idPath !== undefined || name === undefined || deeper.length > 0 || !isObject(shown)) return shown
  const isOpen =
    view.form.shape.nameRules.length === 0 && view.form.byName.size > 0 && !Object.hasOwn(shown, name)
  return isOpen ? { ...shown, [name]: memberOf(entity.item, name) } : shown
}

/** What stands beside a thing and is about what the path names has its id. */
function related(
  forms: Forms,
  body: unknown,
  { template, relations }: RenderContext,
  view: EntityView,
): unknown {
  if (relations.length === 0 || !isObject(body)) return body
  const slots = slotsIn(forms, forms.of(template.schema, body))
  const isOther = ({ path: [name] }: Slot): boolean => name === view.path[0]
  return withRelations(forms, slots, body, relations, isOther)
}

/** Says beside a thing which one it is, as the thing does: `{ member_id, member: { member_id, name } }`. */
function repeatId(body: unknown, { path, idPath = [] }: EntityView, shown: unknown): void {
  const [name = '', ...deeper] = idPath
  const isRepeated = isObject(body) && path.length === 1 && deeper.length === 0 && Object.hasOwn(body, name)
  // An `id` alone may be of the request.
  if (isRepeated && wordsOf(name).length > 1) setMember(body, name, valueAt(shown, idPath))
}

/** Members of the surroundings that repeat what was sent. @param except the member that holds the entity. */
function echoed(
  forms: Forms,
  projection: Projection,
  body: unknown,
  { schema }: Template,
  {
    echo,
    except,
    own,
  }: { readonly echo: JsonObject; readonly except: string | undefined; readonly own: Form },
): unknown {
  if (!isObject(body)) return body
  const copy: Record<string, unknown> = { ...body }
  const { byName } = forms.of(schema, body)
  for (const [name, value] of Object.entries(echo)) {
    const member = byName.get(normalizeName(name))
    // What is a member of the thing says nothing of the envelope around it.
    if (member === undefined || member.name === except || own.byName.has(normalizeName(name))) continue
    if (value === null || typeof value === 'object') continue
    const fitted = projection.raw(member.schema, value, { seed: 'echo' })
    if (fitted !== ABSENT) setMember(copy, member.name, fitted)
  }
  return copy
}

/** Whether an answer is an object of which its document says no more: what is gone is not told again in it. */
const isBare = ({ form: { byName, shape, mayBeObject } }: EntityView): boolean =>
  mayBeObject && byName.size === 0 && shape.types?.size === 1 && shape.nameRules.length === 0

const asDeleted = (shown: unknown): unknown =>
  isObject(shown) && typeof shown.deleted === 'boolean' ? { ...shown, deleted: true } : shown

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
