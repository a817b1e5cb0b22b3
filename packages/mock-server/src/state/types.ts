// Which places show the same things: a resource type is what they have in common. State belongs to types, so that what
// was made at one path is found at another. Worked out when first asked for.

import type { Operation } from '../engine/document/operation.js'
import { lazy, normalizeName } from '../engine/json.js'
import { noPreferences } from '../engine/request/preferences.js'
import type { Responses, Template } from '../engine/response/responses.js'
import type { Schema } from '../engine/schema/schema.js'
import type { Schemas } from '../engine/schema/schemas.js'
import { stemOf } from './conventions.js'
import { describeSame, type Form, type Forms } from './forms.js'
import { envelopeHint, hintOf } from './hints.js'
import {
  bare,
  idNamesOf,
  inferPlaces,
  nounOf,
  type Place,
  parameterNames,
  type Role,
  type RoleKind,
} from './places.js'
import type { EntityView, IdNames, ListView, Views } from './views.js'

export interface ResourceType {
  /** The same for the same document, so that what is stored can be found again. */
  readonly name: string
  /** The place whose items are read, if there is one: it says what identifies a thing. */
  readonly home: Place
  readonly places: readonly Place[]
  /** Whether things of it may stand at other places than the one where they were made. */
  readonly isShared: boolean
}

/** A role together with the types of things that are in it: a list may hold things of several. */
export interface TypedRole extends Role {
  readonly type: ResourceType
  readonly listed: readonly ResourceType[]
  /** Whether the document leaves one reading, or the mock chose this one. */
  readonly basis: 'declared' | 'guessed'
}

export interface Types {
  roleOf(operation: Operation): TypedRole | undefined
  roles(): ReadonlyMap<Operation, TypedRole>
  all(): readonly ResourceType[]
  typeOf(place: Place): ResourceType
  parentOf(path: string): Place | undefined
  /** The template of an operation's success. */
  template(operation: Operation, isCreation?: boolean, accept?: string): Template | undefined
  /** How a template shows one thing of a place. */
  entityView(template: Template, place: Place): EntityView
  listView(template: Template, place: Place): ListView | undefined
}

export interface TypesParts {
  readonly operations: readonly Operation[]
  readonly responses: Responses
  readonly schemas: Schemas
}

export function createTypes(
  { operations, responses, schemas }: TypesParts,
  forms: Forms,
  views: Views,
): Types {
  const entityViews = new WeakMap<Template, Map<Place, EntityView>>()
  const listViews = new WeakMap<Template, Map<Place, ListView | undefined>>()
  const idNames = new Map<Place, IdNames>()

  const namesOf = (place: Place): IdNames => {
    const known = idNames.get(place) ?? idNamesOf(place)
    idNames.set(place, known)
    return known
  }

  const template: Types['template'] = (operation, isCreation = false, accept) => {
    const choice = responses.choose(operation, accept, noPreferences, isCreation ? 'create' : 'store')
    return choice.ok ? choice.template : undefined
  }

  const viewOf = ({ schema, operation }: Template, ids: IdNames, noun: string) =>
    views.entity(schema, ids, noun, envelopeHint(operation))
  const listOf = ({ schema, operation }: Template, ids: IdNames, noun: string) =>
    views.list(schema, ids, noun, envelopeHint(operation))

  const remembered = <Value>(
    memory: WeakMap<Template, Map<Place, Value>>,
    own: Template,
    place: Place,
    make: () => Value,
  ): Value => {
    const known = memory.get(own) ?? new Map<Place, Value>()
    memory.set(own, known)
    if (known.has(place)) return known.get(place) as Value
    const value = make()
    known.set(place, value)
    return value
  }

  /** A place without a path for its items is about what its type's home tells apart. */
  const identifying = (place: Place): Place =>
    place.param === undefined ? (homeOf.get(place) ?? place) : place
  const homeOf = new Map<Place, Place>()

  const entityView: Types['entityView'] = (own, place) =>
    remembered(entityViews, own, place, () =>
      viewOf(own, namesOf(identifying(place)), nounOf(identifying(place))),
    )
  const listView: Types['listView'] = (own, place) =>
    remembered(listViews, own, place, () => listOf(own, namesOf(identifying(place)), nounOf(place)))

  const takesList = (operation: Operation): boolean =>
    (operation.body()?.content ?? []).some(
      ({ schema }) => forms.of(schemas.convert(schema ?? true, 'request')).isArray,
    )

  const built = lazy(() => build())

  const build = () => {
    const jsonSchema = (operation: Operation): Schema | undefined => {
      const own = template(operation)
      return own?.media !== undefined && /json|\*/i.test(own.media.type) ? own.schema : undefined
    }
    const inferred = inferPlaces(operations, {
      takesList,
      hasList(operation) {
        const own = jsonSchema(operation)
        return own !== undefined && views.hasList(own, nounOf({ collection: operation.path }))
      },
      isList(operation) {
        const own = jsonSchema(operation)
        return own !== undefined && forms.of(own).isArray
      },
    })
    const { byOperation } = inferred
    const places = [...new Set([...byOperation.values()].map(({ place }) => place))]
    const classes = new Map<string, { readonly form: Form; readonly places: Set<Place> }>()
    const noun = (place: Place) => nounOf(place)

    const show = (place: Place, schema: Schema) => {
      const name = forms.className(schema)
      const form = forms.of(schema)
      if (name === undefined || form.byName.size < 2 || UNSPECIFIC.has(stemOf(name))) return
      const same = classes.get(name) ?? { form, places: new Set<Place>() }
      classes.set(name, same)
      same.places.add(place)
    }
    const ownViews = (place: Place) => {
      const own = place.read && template(place.read)
      if (own?.media !== undefined) {
        const view = viewOf(own, namesOf(place), noun(place))
        if (view.idPath !== undefined) return show(place, view.schema)
      }
      const created = place.create && template(place.create, true)
      if (created?.media !== undefined) {
        const view = viewOf(created, namesOf(place), noun(place))
        if (view.idPath !== undefined && (place.param === undefined || view.isSure))
          return show(place, view.schema)
      }
      const listed = place.list && template(place.list)
      const list = listed && listOf(listed, namesOf(place), noun(place))
      if (list !== undefined && list.item.idPath !== undefined) show(place, list.item.schema)
    }
    for (const place of places) ownViews(place)

    // Places of one class are of one type, and so are those of classes that describe the same.
    const leader = new Map<Place, Place>()
    const find = (place: Place): Place => {
      let at = place
      for (let next = leader.get(at); next !== undefined && next !== at; next = leader.get(at)) at = next
      return at
    }
    const unite = (a: Place, b: Place) => {
      const [left, right] = [find(a), find(b)]
      if (left !== right) leader.set(right, left)
    }
    const byStem = new Map<string, [string, Form, Place][]>()
    for (const [name, { form, places: own }] of classes) {
      const [first, ...others] = own
      if (first === undefined) continue
      for (const other of others) if (!areApart(form, first, other)) unite(first, other)
      const stem = stemOf(name)
      const known = byStem.get(stem) ?? []
      for (const [otherName, otherForm, other] of known)
        if (describeSame([name, form], [otherName, otherForm])) unite(other, first)
      byStem.set(stem, [...known, [name, form, first]])
    }

    /** The place that stands for the things that a schema describes. */
    const placesOfSchema = (schema: Schema): readonly Place[] =>
      forms.alternatives(schema).flatMap((option) => {
        const name = forms.className(option)
        if (name === undefined) return []
        const [exact] = classes.get(name)?.places ?? []
        if (exact !== undefined) return [find(exact)]
        const same = byStem
          .get(stemOf(name))
          ?.find(([other, form]) => describeSame([name, forms.of(option)], [other, form]))
        return same === undefined ? [] : [find(same[2])]
      })

    const attached = new Map<
      Operation,
      {
        readonly kind: RoleKind
        readonly place: Place
        readonly of: readonly Place[]
        readonly because: string
        readonly basis: TypedRole['basis']
      }
    >()
    const newPlaces = new Map<string, Place>()
    for (const operation of operations) attachHinted(operation)
    for (const operation of operations) attach(operation)
    // Lists of places that show things of other types too.
    const listedBy = new Map<Operation, readonly Place[]>()
    for (const [operation, { kind, place }] of byOperation) {
      if (kind !== 'list' && kind !== 'search') continue
      const own = template(operation)
      const list = own && listOf(own, namesOf(place), noun(place))
      if (list !== undefined) listedBy.set(operation, placesOfSchema(list.itemSchema))
    }
    return settle()

    function placeOf(operation: Operation, param?: string): Place {
      const { path, method } = operation
      const collection = param === undefined ? path : path.replace(/\/\{[^{}/]+\}[^/]*$/, '')
      const key = `${collection} ${param ?? ''}`
      const place = newPlaces.get(key) ?? {
        collection,
        param,
        parent: inferred.parentOf(path),
        create: method === 'POST' ? operation : undefined,
        list: method === 'GET' && param === undefined ? operation : undefined,
        read: method === 'GET' && param !== undefined ? operation : undefined,
        changes: [],
        remove: undefined,
      }
      newPlaces.set(key, place)
      return place
    }

    /** What the document says of an operation holds, whatever its names and schemas look like. */
    function attachHinted(operation: Operation) {
      const hint = hintOf(operation)
      if (hint === undefined) return
      const known = byOperation.get(operation)
      const target = places.find(({ collection }) => bare(collection) === bare(hint.collection ?? ''))
      const own = trailingOf(operation)
      const kind =
        hint.role ?? known?.kind ?? (own === undefined ? COLLECTION_KINDS : ITEM_KINDS)[operation.method]
      if (kind === undefined || (hint.collection !== undefined && target === undefined)) return
      const isAt = (place: Place | undefined): place is Place =>
        place !== undefined && (target === undefined || find(place) === find(target))
      const above = own === undefined && ON_ITEMS.has(kind) ? inferred.parentOf(operation.path) : undefined
      const place = [above, known?.place].find(isAt) ?? placeOf(operation, own)
      byOperation.delete(operation)
      attached.set(operation, {
        kind,
        place,
        of: target === undefined ? [] : [find(target)],
        because: 'x-mock-role or x-mock-resource says so',
        basis: 'declared',
      })
    }

    function attach(operation: Operation) {
      if (
        byOperation.has(operation) ||
        attached.has(operation) ||
        operation.extension('x-mock-resource') === false
      )
        return
      const own = template(operation, operation.method === 'POST')
      if (own?.media === undefined || !/json|\*/i.test(own.media.type)) return
      const { path, method } = operation
      const parent = inferred.parentOf(path)
      const trailing = trailingOf(operation)
      const ids: IdNames = { sure: ['id', 'gid', 'sid', 'uuid', 'uid'], guesses: ['key', 'slug', 'name'] }
      const list = listOf(own, ids, '')
      const listed = list === undefined ? [] : placesOfSchema(list.itemSchema)
      if (method === 'GET' && listed.length > 0) {
        attached.set(operation, {
          kind: 'list',
          place: placeOf(operation),
          of: listed,
          because: `its list has the class of ${listed.map(({ collection }) => collection).join(', ')}`,
          basis: 'guessed',
        })
        return
      }
      const view = viewOf(own, ids, '')
      const shown = placesOfSchema(view.schema)
      const [of] = shown
      if (of === undefined) return attachBatch()
      if (method === 'GET' && trailing !== undefined)
        attached.set(operation, {
          kind: 'read',
          place: placeOf(operation, trailing),
          of: shown,
          because: `its answer has the class of ${of.collection}`,
          basis: 'guessed',
        })
      const isOnItem = parent !== undefined && find(parent) === find(of)
      if (method === 'POST' && operation.body() !== undefined && trailing === undefined && !isOnItem)
        attached.set(operation, {
          kind: 'create',
          place: placeOf(operation),
          of: shown,
          because: `its answer has the class of ${of.collection}`,
          basis: 'guessed',
        })

      function attachBatch() {
        if (
          method !== 'POST' ||
          listed.length === 0 ||
          operation.body() === undefined ||
          trailing !== undefined
        )
          return
        const names = parameterNames(path)
        if (names.length > 0 && parent !== undefined && listed.includes(find(parent))) return
        const isSearch = /search|query|find|list|lookup/i.test(path.split('/').at(-1) ?? '')
        attached.set(operation, {
          kind: isSearch ? 'search' : 'create-many',
          place: placeOf(operation),
          of: listed,
          because: `its list has the class of ${listed[0]?.collection}`,
          basis: 'guessed',
        })
      }
    }

    function settle() {
      for (const { place, of } of attached.values()) {
        const [first] = of
        if (first !== undefined && find(place) === place) unite(find(first), place)
      }
      const groups = new Map<Place, Set<Place>>()
      const everywhere = new Set([...places, ...[...attached.values()].map(({ place }) => place)])
      for (const place of everywhere) {
        const group = groups.get(find(place)) ?? new Set<Place>()
        group.add(place)
        groups.set(find(place), group)
      }
      const isListedElsewhere = new Set<Place>()
      for (const { place, of } of attached.values())
        for (const one of of) if (find(one) !== find(place)) isListedElsewhere.add(find(one))
      for (const [operation, of] of listedBy)
        for (const one of of)
          if (find(one) !== find(byOperation.get(operation)?.place ?? one)) isListedElsewhere.add(find(one))
      const types = new Map<Place, ResourceType>()
      const used = new Set<string>()
      for (const [lead, group] of groups) {
        const own = [...group]
        const home = [...own].sort((a, b) => homeRank(a) - homeRank(b))[0] ?? lead
        for (const place of own) if (place !== home) homeOf.set(place, home)
        let name = bare(home.collection)
        while (used.has(name)) name += '+'
        used.add(name)
        const type = { name, home, places: own, isShared: own.length > 1 || isListedElsewhere.has(lead) }
        for (const place of own) types.set(place, type)
      }
      const typeOf = (place: Place): ResourceType => {
        const type = types.get(place)
        if (type === undefined) throw new Error(`No type has the place ${place.collection}`)
        return type
      }
      const roles = new Map<Operation, TypedRole>()
      const distinct = (of: readonly Place[], place: Place) => [
        ...new Set([typeOf(place), ...of.map((one) => typeOf(find(one)))]),
      ]
      for (const [operation, role] of byOperation)
        roles.set(operation, {
          ...role,
          basis: BY_WORD.has(role.kind) ? 'guessed' : 'declared',
          type: typeOf(role.place),
          listed: distinct(listedBy.get(operation) ?? [], role.place),
        })
      for (const [operation, { of, ...role }] of attached)
        roles.set(operation, { ...role, type: typeOf(role.place), listed: distinct(of, role.place) })
      for (const operation of operations) {
        if (roles.has(operation) || operation.extension('x-mock-resource') === false) continue
        const parent = inferred.parentOf(operation.path)
        if (parent === undefined) continue
        roles.set(operation, {
          kind: 'action',
          basis: 'guessed',
          place: parent,
          because: `it stands below an item of ${parent.collection}`,
          type: typeOf(parent),
          listed: [typeOf(parent)],
        })
      }
      return { roles, typeOf, types: [...new Set(types.values())], parentOf: inferred.parentOf }
    }
  }

  return {
    template,
    entityView(own, place) {
      built()
      return entityView(own, place)
    },
    listView(own, place) {
      built()
      return listView(own, place)
    },
    roles: () => built().roles,
    roleOf: (operation) => built().roles.get(operation),
    all: () => built().types,
    typeOf: (place) => built().typeOf(place),
    parentOf: (path) => built().parentOf(path),
  }
}

/** The path parameter that a path ends with. */
const trailingOf = ({ path }: Operation): string | undefined => /\{([^{}/]+)\}[^/]*$/.exec(path)?.[1]

/** Roles that were read out of a word of the path, and not out of its form. */
const BY_WORD: ReadonlySet<RoleKind> = new Set(['search', 'count', 'content', 'create-many'])

/** Roles that are about one entry, whose id may stand before the end of the path. */
const ON_ITEMS: ReadonlySet<RoleKind> = new Set(['read', 'content', 'merge', 'replace', 'remove', 'action'])

/** What methods do to a collection and to an item, where a hint says only which. */
const COLLECTION_KINDS: Readonly<Record<string, RoleKind>> = {
  GET: 'list',
  POST: 'create',
  PUT: 'replace-all',
}
const ITEM_KINDS: Readonly<Record<string, RoleKind>> = {
  GET: 'read',
  POST: 'merge',
  PATCH: 'merge',
  PUT: 'replace',
  DELETE: 'remove',
}

/** A thing below a thing of its class is another one, where each path names a member of its own for it. */
function areApart(form: Form, one: Place, other: Place): boolean {
  const [upper, lower] = one.collection.length < other.collection.length ? [one, other] : [other, one]
  if (upper.param === undefined || lower.param === undefined) return false
  const [above, below] = [normalizeName(upper.param), normalizeName(lower.param)]
  const isBelow = bare(lower.collection).startsWith(`${bare(upper.collection)}/{}/`)
  return isBelow && above !== below && form.byName.has(above) && form.byName.has(below)
}

/** What says nothing of what it describes. */
const UNSPECIFIC = new Set(['', 'error', 'success', 'ok', 'empty', 'any', 'json', 'apiresponse', 'generic'])

/** Where things are read by id, and best made too, near the root. */
const homeRank = (place: Place): number =>
  (place.param === undefined ? 1000 : 0) +
  (place.read === undefined ? 500 : 0) +
  (place.create === undefined ? 100 : 0) +
  place.collection.split('/').length
