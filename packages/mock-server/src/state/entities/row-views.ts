// Entities in other views than the one that they are kept in, as lists and envelopes show them.

import { frozen, isNested, isObject, type JsonObject, normalizeName } from '../../engine/json.js'
import type { Sampler } from '../../engine/sampling/sampler.js'
import { ABSENT } from '../forms/coercion.js'
import type { EntityView } from '../forms/entity-views.js'
import type { Forms } from '../forms/forms.js'
import type { ListView } from '../forms/list-views.js'
import type { Projection } from '../forms/projection.js'
import { valueAt, withValueAt } from '../forms/slots.js'
import type { Place } from '../places/place.js'
import type { Entity, EntityFactory } from './entity.js'
import { typedId } from './identifiers.js'

/** An entity with what knows its type. */
export interface Row {
  readonly id: string
  readonly entity: Entity
  readonly factory: EntityFactory
}

export interface RowViews {
  /** Whether an entity is kept in the form of a view. */
  isOwn(view: Pick<EntityView, 'schema'>, factory: EntityFactory): boolean
  /** @param sample what is shown of what the entity does not have. @param echo what a client sent beside it. */
  translate(view: EntityView, sample: unknown, row: Row, echo?: JsonObject): unknown
  /** What a list of a place shows of an entity. */
  inList(place: Place, view: ListView, row: Row): unknown
}

export function createRowViews(forms: Forms, projection: Projection, sampler: Sampler): RowViews {
  const samples = new Map<unknown, unknown>()
  /** An entity looks the same in a view until it changes. */
  const shownRows = new WeakMap<
    ListView,
    WeakMap<Entity, { readonly factory: EntityFactory; readonly shown: unknown }>
  >()

  const isOwn: RowViews['isOwn'] = ({ schema }, { view }) =>
    forms.identity(schema) === forms.identity(view.schema)

  const translate: RowViews['translate'] = (view, sample, row, echo = {}) => {
    const { entity, factory } = row
    const known = { ...echo, ...factory.full(entity) }
    const shown = projection.raw(view.schema, known, {
      seed: `${factory.type.home.collection}/${entity.id}`,
      base: beyond(forms, sample, row, known),
      hidden: factory.hidden,
      undescribed: factory.undescribed(entity),
    })
    return withIdOf(forms, view, row, { shown, known })
  }

  const sampleOf = ({ itemSchema }: ListView, { collection }: Place): unknown => {
    const key = forms.identity(itemSchema)
    if (!samples.has(key)) samples.set(key, sampler.sample(itemSchema, { seed: collection }).value)
    return samples.get(key)
  }

  const translated = (place: Place, view: ListView, row: Row): unknown => {
    const { item, itemSchema } = view
    const sample = sampleOf(view, place)
    const base = item.path.length === 0 ? undefined : sample
    // A list of several kinds shows each in its own form.
    const own = item.path.length === 0 ? { ...item, schema: itemSchema } : item
    const isUnion = forms.alternatives(itemSchema).length > 1
    const shown = translate(own, isUnion ? undefined : (valueAt(sample, item.path) ?? sample), row)
    return shown === ABSENT ? sample : withValueAt(base, item.path, shown)
  }

  return {
    isOwn,
    translate,
    inList(place, view, row) {
      if (view.idsOnly) return typedId(row.id, view.item.form.shape.types)
      const { entity, factory } = row
      if (isOwn(view.item, factory) && view.item.path.length === 0) return entity.item
      const known = shownRows.get(view) ?? new WeakMap()
      shownRows.set(view, known)
      const before = known.get(entity)
      if (before?.factory === factory) return before.shown
      const shown = frozen(translated(place, view, row))
      known.set(entity, { factory, shown })
      return shown
    },
  }
}

/**
 * What a sample shows that neither the entity nor its own form has a name for. Where an entity has an object, and an answer
 * a word or a number, the answer says something else by that name: `result` may be the thing, or whether there was one.
 */
function beyond(forms: Forms, sample: unknown, { entity, factory }: Row, known: JsonObject): JsonObject {
  if (!isObject(sample)) return {}
  const { byName } = forms.of(factory.view.schema, entity.item)
  const own = new Map(Object.entries(known).map(([name, value]) => [normalizeName(name), value]))
  return Object.fromEntries(
    Object.entries(sample).filter(([name, value]) => {
      const normalized = normalizeName(name)
      const isOther = isObject(own.get(normalized)) && !isNested(value)
      return isOther || (!byName.has(normalized) && !own.has(normalized))
    }),
  )
}

/** What is shown of an entity, with its id where the view identifies things. @param known all that is known of it. */
function withIdOf(
  forms: Forms,
  view: EntityView,
  { entity, factory }: Row,
  { shown, known }: { readonly shown: unknown; readonly known: JsonObject },
): unknown {
  const { idPath } = view
  if (idPath === undefined || !isObject(shown)) return shown
  const ownPath = factory.view.idPath
  const own = ownPath === undefined ? undefined : valueAt(entity.item, ownPath)
  const now = valueAt(shown, idPath)
  // A view may name things by another member than their paths do.
  const isOther = now !== undefined && own !== undefined && lastName(idPath) !== lastName(ownPath)
  if (isOther && isNamed(known, idPath)) return shown
  const id = own ?? (entity.id === '' ? undefined : entity.id)
  return id === undefined ? shown : withValueAt(shown, idPath, typedId(id, idTypes(forms, view, now)))
}

const lastName = (path: readonly string[] | undefined): string => normalizeName(path?.at(-1) ?? '')

const isNamed = (known: JsonObject, [name = '']: readonly string[]): boolean =>
  Object.keys(known).some((one) => normalizeName(one) === normalizeName(name))

/** The types of the member that shows an id. @param now what it shows. */
function idTypes(forms: Forms, { form, idPath }: EntityView, now: unknown): ReadonlySet<string> | undefined {
  const member = form.byName.get(lastName(idPath))
  const described = idPath?.length === 1 && member !== undefined ? forms.types(member.schema) : undefined
  return described ?? (typeof now === 'number' ? NUMERIC : undefined)
}

const NUMERIC: ReadonlySet<string> = new Set(['number', 'integer'])
