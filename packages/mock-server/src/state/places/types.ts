// Which places show the same things: a resource type is what they have in common. State belongs to types, so that what
// was made at one path is found at another. Worked out when first asked for.

import type { Operation } from '../../engine/document/operation.js'
import { grouped, lazy, ofObject } from '../../engine/json.js'
import type { Template } from '../../engine/response/responses.js'
import type { Schema } from '../../engine/schema/schema.js'
import type { EntityView, IdNames } from '../forms/entity-views.js'
import type { Forms } from '../forms/forms.js'
import type { ListView } from '../forms/list-views.js'
import type { Views } from '../forms/views.js'
import type { Attachment, Basis } from './attachment.js'
import { attachOperations } from './attachments.js'
import { createBodyFacts } from './body-facts.js'
import { inferCalls } from './calls.js'
import { currentOnes } from './current.js'
import { createLooks, type Looks, listAt, shownAt, type TypesParts } from './looks.js'
import { isOpen } from './openings.js'
import { bare, nounOf } from './paths.js'
import type { Place, Role, RoleKind } from './place.js'
import { createPlaceClasses, type PlaceClasses, uniteHomes } from './place-classes.js'
import { inferPlaces, type Roles } from './places.js'
import { unionsIn } from './unions.js'
import { uniteLinks, uniteRelationships } from './united-places.js'

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
  readonly basis: Basis
}

export interface Types {
  roleOf(operation: Operation): TypedRole | undefined
  roles(): ReadonlyMap<Operation, TypedRole>
  all(): readonly ResourceType[]
  typeOf(place: Place): ResourceType
  parentOf(path: string): Place | undefined
  /** What the things of all types are called. */
  nouns(): ReadonlySet<string>
  /** Whether a schema is that of the things of a type. */
  shows(schema: Schema): boolean
  /** Whether things of a type have others below them. */
  hasPlacesBelow(type: ResourceType): boolean
  /** The places beside a place whose things it shows as well. */
  unitedAt(place: Place): readonly Place[]
  /** The lists that stand directly below the items of a place. */
  listsBelow(place: Place): readonly TypedRole[]
  /** The template of an operation's success. */
  template(operation: Operation, isCreation?: boolean, accept?: string): Template | undefined
  /** How a template shows one thing of a place. */
  entityView(template: Template, place: Place): EntityView
  listView(template: Template, place: Place): ListView | undefined
}

export function createTypes(parts: TypesParts, forms: Forms, views: Views): Types {
  const looks = createLooks(parts, forms, views)
  const entityViews = new WeakMap<Template, Map<Place, EntityView>>()
  const listViews = new WeakMap<Template, Map<Place, ListView | undefined>>()

  const built = lazy(() => {
    const readings = readingsOf(parts, forms, views, looks)
    const types = typesByPlace(readings)
    const typeOf = (place: Place): ResourceType => {
      const type = types.get(place)
      if (type === undefined) throw new Error(`No type has the place ${place.collection}`)
      return type
    }
    const roles = typedRoles(readings, typeOf)
    return {
      roles,
      lists: listsByParent(roles),
      unions: readings.unions,
      typeOf,
      types: [...new Set(types.values())],
      /** A place without a path for its items is about what its type's home tells apart. */
      identifying: (place: Place): Place =>
        place.param === undefined ? (types.get(place)?.home ?? place) : place,
      parentOf: readings.roles.parentOf,
      shows: (schema: Schema) => readings.classes.placesOf(schema).length > 0,
      nouns: new Set([...types.keys()].map(nounOf)),
      above: new Set([...types].flatMap(([{ parent }]) => (parent && types.get(parent)) ?? [])),
    }
  })

  return {
    template(operation, isCreation, accept) {
      const own = looks.template(operation, isCreation, accept)
      const role = own !== undefined && isOpen(forms, own) ? built().roles.get(operation) : undefined
      return role === undefined || own === undefined ? own : looks.filled(own, role)
    },
    entityView: (own, place) =>
      remembered(entityViews, own, place, () => {
        const home = built().identifying(place)
        return looks.view(own, looks.names(home), nounOf(home))
      }),
    listView: (own, place) =>
      remembered(listViews, own, place, () =>
        looks.list(own, looks.names(built().identifying(place)), nounOf(place)),
      ),
    roles: () => built().roles,
    roleOf: (operation) => built().roles.get(operation),
    all: () => built().types,
    typeOf: (place) => built().typeOf(place),
    parentOf: (path) => built().parentOf(path),
    unitedAt: (place) => built().unions.get(place) ?? [],
    listsBelow: (place) => built().lists.get(place) ?? [],
    nouns: () => built().nouns,
    shows: (schema) => built().shows(schema),
    hasPlacesBelow: (type) => built().above.has(type),
  }
}

function remembered<Value>(
  memory: WeakMap<Template, Map<Place, Value>>,
  own: Template,
  place: Place,
  make: () => Value,
): Value {
  const known = memory.get(own)
  if (known?.has(place)) return known.get(place) as Value
  const value = make()
  memory.set(own, (known ?? new Map<Place, Value>()).set(place, value))
  return value
}

function readingsOf(parts: TypesParts, forms: Forms, views: Views, looks: Looks): Readings {
  const { operations } = parts
  const facts = createBodyFacts({
    schemas: parts.schemas,
    forms,
    views,
    template: (one) => looks.template(one),
  })
  const roles = inferPlaces(operations, facts)
  for (const [operation, role] of inferCalls(operations, roles.byOperation, facts))
    roles.byOperation.set(operation, role)
  const places = [...new Set([...roles.byOperation.values()].map(({ place }) => place))]
  const shown = ofObject((place: Place) => shownAt(looks, place))
  const classes = createPlaceClasses(places, forms, shown)
  uniteRelationships(places, classes)
  uniteLinks(places, classes)
  uniteHomes(places, forms, shown, classes)
  const view = (own: Template, ids: IdNames) => looks.view(own, ids, '')
  for (const [operation, role] of currentOnes({
    ...{ operations, places, classes, view },
    template: (operation) => looks.template(operation),
  }))
    roles.byOperation.set(operation, role)
  const attached = attachOperations({
    ...{ operations, roles, places, classes, view, template: looks.template },
    list: (own, ids) => looks.list(own, ids, ''),
    members: ({ schema }) => [...forms.of(schema).byName.values()].map((member) => member.schema),
    requestNames: facts.requestNames,
  })
  const unions = unionsIn(places)
  // Lists of places that show things of other types too.
  const listedBy = new Map<Operation, readonly Place[]>()
  for (const [operation, { kind, place }] of roles.byOperation) {
    const list = kind === 'list' || kind === 'search' ? listAt(looks, operation, place) : undefined
    if (list !== undefined)
      listedBy.set(operation, [...classes.placesOf(list.itemSchema), ...(unions.get(place) ?? [])])
  }
  for (const { place, of } of attached.values()) {
    const [first] = of
    if (first !== undefined && classes.leaderOf(place) === place)
      classes.unite(classes.leaderOf(first), place)
  }
  return { operations, roles, places, classes, attached, listedBy, unions }
}

/** Everything that was read of the operations, before it is put together as types. */
interface Readings {
  readonly operations: readonly Operation[]
  readonly roles: Roles
  readonly places: readonly Place[]
  readonly classes: PlaceClasses
  readonly attached: ReadonlyMap<Operation, Attachment>
  /** The places that stand for what lists show. */
  readonly listedBy: ReadonlyMap<Operation, readonly Place[]>
  readonly unions: ReadonlyMap<Place, readonly Place[]>
}

function typesByPlace(readings: Readings): ReadonlyMap<Place, ResourceType> {
  const { places, attached, classes } = readings
  const groups = new Map<Place, Set<Place>>()
  for (const place of new Set([...places, ...[...attached.values()].map((own) => own.place)])) {
    const leader = classes.leaderOf(place)
    const group = groups.get(leader) ?? new Set<Place>()
    group.add(place)
    groups.set(leader, group)
  }
  const elsewhere = listedElsewhere(readings)
  const types = new Map<Place, ResourceType>()
  const used = new Set<string>()
  for (const [leader, group] of groups) {
    const own = [...group]
    const home = [...own].sort((a, b) => homeRank(a) - homeRank(b))[0] ?? leader
    let name = bare(home.collection)
    while (used.has(name)) name += '+'
    used.add(name)
    const type = { name, home, places: own, isShared: own.length > 1 || elsewhere.has(leader) }
    for (const place of own) types.set(place, type)
  }
  return types
}

/** The places whose things are shown at places of other types. */
function listedElsewhere({ roles, attached, listedBy, classes: { leaderOf } }: Readings): ReadonlySet<Place> {
  const found = new Set<Place>()
  const add = (of: readonly Place[], at: Place | undefined) => {
    for (const one of of) if (leaderOf(one) !== leaderOf(at ?? one)) found.add(leaderOf(one))
  }
  for (const { place, of } of attached.values()) add(of, place)
  for (const [operation, of] of listedBy) add(of, roles.byOperation.get(operation)?.place)
  return found
}

function typedRoles(
  { operations, roles, attached, listedBy, classes: { leaderOf } }: Readings,
  typeOf: (place: Place) => ResourceType,
): ReadonlyMap<Operation, TypedRole> {
  const typed = new Map<Operation, TypedRole>()
  const listed = (of: readonly Place[], place: Place) => [
    ...new Set([typeOf(place), ...of.map((one) => typeOf(leaderOf(one)))]),
  ]
  for (const [operation, role] of roles.byOperation)
    typed.set(operation, {
      ...role,
      basis: BY_WORD.has(role.kind) || role.isCurrent === true ? 'guessed' : 'declared',
      type: typeOf(role.place),
      listed: listed(listedBy.get(operation) ?? [], role.place),
    })
  for (const [operation, { of, ...role }] of attached)
    typed.set(operation, { ...role, type: typeOf(role.place), listed: listed(of, role.place) })
  for (const operation of operations) {
    if (typed.has(operation) || operation.extension('x-mock-resource') === false) continue
    const parent = roles.parentOf(operation.path) ?? roles.actedOnAt(operation)
    if (parent === undefined) continue
    typed.set(operation, {
      kind: 'action',
      basis: 'guessed',
      place: parent,
      because: `it stands below an item of ${parent.collection}`,
      type: typeOf(parent),
      listed: [typeOf(parent)],
    })
  }
  return typed
}

function listsByParent(roles: ReadonlyMap<Operation, TypedRole>): ReadonlyMap<Place, readonly TypedRole[]> {
  const lists = [...roles].flatMap(([operation, role]) =>
    role.kind === 'list' || (role.kind === 'search' && isListItself(operation, role)) ? [role] : [],
  )
  return grouped(lists.flatMap((role) => (role.place.parent ? [[role.place.parent, role] as const] : [])))
}

/** Whether a search is all that there is of a list: nothing else is at its path, or at the path of its collection. */
const isListItself = (operation: Operation, { place }: TypedRole): boolean =>
  place.list === operation || (place.list === undefined && place.param === undefined)

/** Roles that were read out of a word of the path, and not out of its form. */
const BY_WORD: ReadonlySet<RoleKind> = new Set([
  'search',
  'count',
  'lookup',
  'content',
  'create-many',
  'read-many',
  'merge-many',
  'remove-many',
  'act-many',
])

/** Where things are read by id, and best made too, near the root. */
const homeRank = (place: Place): number =>
  (place.param === undefined ? 1000 : 0) +
  (place.read === undefined ? 500 : 0) +
  (place.create === undefined ? 100 : 0) +
  place.collection.split('/').length
