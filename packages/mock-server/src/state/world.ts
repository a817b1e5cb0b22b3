// What all steps of the state work with: one document's forms, types and views, and the store behind them; and the site of
// a request, which is where its things are kept and how its answer shows them.

import type { Clock } from '../clock.js'
import type { Operation } from '../engine/document/operation.js'
import { isObject, lazy, normalizeName, ofObject } from '../engine/json.js'
import type { ApiRequest } from '../engine/request/api-request.js'
import type { Responses } from '../engine/response/responses.js'
import type { ItemTable } from '../storage/item-table.js'
import type { Transactions } from '../storage/transactions.js'
import { type Counters, createCounters } from './answers/counters.js'
import { createRenderer, type RenderContext, type Renderer } from './answers/renderer.js'
import { createEntityFactory } from './entities/entities.js'
import type { Entity, EntityFactory, Item } from './entities/entity.js'
import type { ChangeListener, EntityChange } from './entities/entity-changes.js'
import type { IdentifierParts } from './entities/identifiers.js'
import { createKinds, type Kinds } from './entities/kinds.js'
import { type NamePair, namePairsIn, type Reference, referencesIn } from './entities/references.js'
import { type Relation, relationsOf } from './entities/relations.js'
import type { Row } from './entities/row-views.js'
import type { EntityView } from './forms/entity-views.js'
import { createForms, type Forms } from './forms/forms.js'
import { createProjection, type Projection } from './forms/projection.js'
import { createViews, type Views } from './forms/views.js'
import type { ThingLessons } from './lessons.js'
import { bare, nounOf } from './places/paths.js'
import { concretePath, idParametersIn, itemIdOf, type Place } from './places/place.js'
import { createTypes, type ResourceType, type TypedRole, type Types } from './places/types.js'
import { verbOf } from './places/verbs.js'
import { createFiles, type Files } from './store/files.js'
import { createPairs, type Pairs } from './store/pairs.js'
import { createShownIds, type ShownIds } from './store/shown-ids.js'
import { otherMakers, ownMakers, strictnessOf } from './strictness.js'

export interface StateOptions {
  readonly items: ItemTable
  readonly transactions: Transactions
  readonly clock: Clock
  /** How many samples a collection begins with. */
  readonly seedItems: number
  /** Told of what requests change. */
  readonly onChange?: ChangeListener | undefined
  /** Told of a thing that a client has made and that finishes by itself. */
  readonly onWork?: ((work: WorkAtHand, afterMs: number) => void) | undefined
  /** Told what shows that an operation was read wrongly. */
  readonly onWarning?: ((message: string) => void) | undefined
}

/** A thing that the server works on once it is made, such as a batch or a transcript. */
export interface WorkAtHand {
  readonly scope: string
  /** The concrete path of its collection. */
  readonly collection: string
  /** The name of its type. */
  readonly type: string
  readonly id: string
}

export interface StateParts extends IdentifierParts {
  readonly responses: Responses
  readonly operations: readonly Operation[]
  /** Of the API, as its document has it. */
  readonly version: string
  /** What was learned from recorded traffic. */
  readonly lessons?: ThingLessons | undefined
}

export interface World extends StateParts, StateOptions {
  readonly forms: Forms
  readonly views: Views
  readonly types: Types
  readonly counters: Counters
  readonly projection: Projection
  readonly renderer: Renderer
  readonly files: Files
  /** Collections whose samples are there; what is stored may be exchanged, and then this is forgotten. */
  readonly seeded: Pairs
  /** What the request at hand has changed; undefined when nobody is told. */
  readonly changes: EntityChange[] | undefined
  /** What is there only because it was asked for, with a hash of what it was made as. */
  readonly invented: Map<string, number>
  /** The same of what is there because the document shows it. */
  readonly samples: Map<string, number>
  /** Ids of things that nobody has made, as answers have shown them. */
  readonly shownIds: ShownIds
  factoryOf(type: ResourceType): EntityFactory
  /** Which type of things a member or a schema is about. */
  readonly kinds: () => Kinds
  /** What is done to the things of a type by paths of its own, normalised. */
  verbsOf(type: ResourceType): readonly string[]
  /** The members of a type's things that show other things. */
  referencesOf(factory: EntityFactory): readonly Reference[]
  /** The members of a type's things that tell of one other thing by its id and by its name. */
  namePairsOf(factory: EntityFactory): readonly NamePair[]
  /** Whether ids come from creations alone: clients can make things there, are told their ids, and can read them back. */
  isStrict(place: Place): boolean
  /** The same for what is below a thing: one that is made elsewhere may be known from there, and need not be stored. */
  isStrictAbove(place: Place): boolean
  /** Whether nearly all of an API is below one thing of a place: whoever has a key has one of them, which it did not make. */
  isTenant(place: Place): boolean
  /** Whether things of a type have members, and so can be told apart. */
  isThing(type: ResourceType): boolean
}

/** What is done to the things of each type by paths of its own. */
function verbsByType(types: Types): ReadonlyMap<ResourceType, readonly string[]> {
  const found = new Map<ResourceType, string[]>()
  for (const [operation, { kind, type }] of types.roles()) {
    if (kind !== 'action') continue
    const known = found.get(type) ?? []
    known.push(normalizeName(verbOf(operation)))
    // What is put below a thing by its own name fills a list of the thing: `PUT /companies/{id}/products/{product}` (Codat).
    const [, list] = /\}\/([^/{}]+)\/\{[^{}]+\}$/.exec(operation.path) ?? []
    if (list !== undefined && (operation.method === 'PUT' || operation.method === 'POST'))
      known.push(normalizeName(list))
    found.set(type, known)
  }
  return found
}

/** Where entities are looked for and kept for one project and environment. */
export interface Collection {
  readonly place: Place
  readonly type: ResourceType
  readonly factory: EntityFactory
  readonly scope: string
  /** The concrete path, which names what is stored there. */
  readonly name: string
  /** What a path says of the things below it. */
  readonly relations: readonly Relation[]
}

/** The collection that a request is about, and how its answer shows what is there. */
export interface Site extends Collection, RenderContext {
  readonly role: TypedRole
}

export function createWorld(parts: StateParts, options: StateOptions): World {
  const { schemas, validation, sampler } = parts
  const forms = createForms(schemas, validation)
  const views = createViews(forms)
  const types = createTypes(parts, forms, views)
  const projection = createProjection(forms, sampler, validation)
  const counters = createCounters(forms, schemas, validation, () => listSchemas(types))
  const viewsOf = ofObject((type: ResourceType): readonly [EntityView, ...EntityView[]] => {
    const [home = viewOfBody(type.home, parts, views), ...others] = entityViews(type, types, forms)
    return [named(home, others, (name) => isDemanded(type.home.create, name, forms, schemas)), ...others]
  })
  const madeNouns = lazy(
    () =>
      new Set(
        types
          .all()
          .flatMap(({ home, places }) =>
            places.some(({ create }) => create !== undefined) ? [nounOf(home)] : [],
          ),
      ),
  )
  const verbs = lazy(() => verbsByType(types))
  const verbsOf = (type: ResourceType): readonly string[] => verbs().get(type) ?? []
  const tenants = lazy(() => tenantsIn(parts.operations, types))
  const idParametersOf = lazy(() => idParametersIn(types.roles()))
  const factoryOf = ofObject((type: ResourceType) => {
    const own = type.places.filter((place) => place === type.home || place.param === type.home.param)
    return createEntityFactory(
      { ...parts, forms, projection },
      {
        ...{ type, views: viewsOf(type), parameters: own.flatMap(idParametersOf()) },
        ...{ verbs: verbsOf(type), madeNouns },
      },
    )
  })
  const kinds = lazy(() => createKinds(types, forms, (type) => viewsOf(type)[0]))
  return {
    ...parts,
    ...options,
    ...{ forms, views, types, counters, projection, factoryOf, verbsOf },
    renderer: createRenderer({ ...parts, forms, projection, types, counters }),
    files: createFiles(options.items),
    seeded: createPairs(),
    invented: new Map(),
    samples: new Map(),
    shownIds: createShownIds(),
    changes: options.onChange && [],
    kinds,
    referencesOf: ofObject((factory) => referencesIn(forms, factory, kinds())),
    namePairsOf: ofObject((factory) =>
      namePairsIn(factory, kinds(), forms, (type) => factoryOf(type).view.form),
    ),
    isStrict: strictnessOf(types, (place) => [...ownMakers(types, place), ...otherMakers(types, place)]),
    isStrictAbove: strictnessOf(types, (place) =>
      place.create === undefined ? [] : [{ create: place.create, place }],
    ),
    isTenant: (place) => place === tenants(),
    isThing(type) {
      const [{ form, schema }] = viewsOf(type)
      return form.mayBeObject || forms.alternatives(schema).some((one) => forms.of(one).mayBeObject)
    },
  }
}

/** From so many operations on, and so many of them below one thing, that thing is whom a key belongs to. */
const [MIN_OPERATIONS, TENANT_SHARE] = [40, 0.9]

/** The place of accounts or organizations that nearly all operations are below: Twilio, DocuSign. */
function tenantsIn(operations: readonly Operation[], types: Types): Place | undefined {
  if (operations.length < MIN_OPERATIONS) return undefined
  const paths = operations.map(({ path }) => bare(path)).sort()
  // Paths that begin alike stand side by side, so that most of them are where the middle is.
  const middle = paths[Math.floor(paths.length / 2)] ?? ''
  const places = new Set([...types.roles().values()].map(({ place }) => place))
  return [...places].find(({ param, parent, collection }) => {
    const beginning = `${bare(collection)}/{}/`
    const isCandidate = param !== undefined && parent === undefined && middle.startsWith(beginning)
    const below = () => paths.filter((path) => path.startsWith(beginning)).length
    return isCandidate && below() >= paths.length * TENANT_SHARE
  })
}

/** How the answers of a type's places show one thing of it, the one that it is read in first. */
function entityViews(type: ResourceType, types: Types, forms: Forms): readonly EntityView[] {
  const places = [type.home, ...type.places.filter((place) => place !== type.home)]
  const shown = places.flatMap((place) => {
    const single = [place.read, place.create, ...place.changes].flatMap((operation) => {
      const own = operation && types.template(operation, operation === place.create)
      if (own?.media === undefined) return []
      const view = types.entityView(own, place)
      // A creation may answer with a list of what it has made, and that is no thing itself.
      const made = view.idPath === undefined ? types.listView(own, place) : undefined
      return [made?.item.idPath !== undefined && made.path.length > 0 && !made.idsOnly ? made.item : view]
    })
    const listing = place.list && types.template(place.list)
    const listed = listing && types.listView(listing, place)
    return listed === undefined || listed.idsOnly ? single : [...single, listed.item]
  })
  const objects = shown.filter(
    ({ form, schema }) =>
      form.mayBeObject || forms.alternatives(schema).some((one) => forms.of(one).mayBeObject),
  )
  return objects.length > 0 ? objects : shown
}

/**
 * What is read without a word of its id has it where the answer to its creation has it, or the list. A name that the list
 * shows is the id where whoever makes a thing has to give it.
 */
function named(
  view: EntityView,
  others: readonly EntityView[],
  isAsked: (name: string) => boolean,
): EntityView {
  const single = others.filter(({ idPath }) => idPath?.length === 1)
  const told = single.find(({ isSure }) => isSure)
  const given = single.find(({ idPath: [name = ''] = [] }) => isAsked(name))
  const name = (told ?? (view.idPath === undefined ? given : undefined))?.idPath?.[0]
  if (name === undefined || view.isSure || view.form.byName.has(normalizeName(name))) return view
  // Nothing says no to a member more.
  return view.form.shape.nameRules.length === 0 ? { ...view, idPath: [name] } : view
}

/** Whether the body of a request has to have a member. */
const isDemanded = (
  operation: Operation | undefined,
  name: string,
  forms: Forms,
  schemas: StateParts['schemas'],
): boolean =>
  (operation?.body()?.content ?? []).some(({ schema }) =>
    forms.of(schemas.convert(schema ?? true, 'request')).shape.required.has(name),
  )

/** Where no answer shows a thing, its own description in requests has to do. */
function viewOfBody(place: Place, { schemas }: StateParts, views: Views): EntityView {
  const [operation] = [...place.changes, place.create].filter((candidate) => candidate !== undefined)
  const schema = schemas.convert(operation?.body()?.content[0]?.schema ?? {}, 'response')
  return views.entity(schema, { sure: [], guesses: ['id', 'name', 'key'] }, '')
}

const listSchemas = (types: Types) =>
  [...types.roles()].flatMap(([operation, { kind, place }]) => {
    const own = kind === 'list' ? types.template(operation) : undefined
    const view = own?.media === undefined ? undefined : types.listView(own, place)
    return own === undefined || view?.path.length !== 1 ? [] : [own.schema]
  })

export function collectionAt(
  { types, factoryOf }: World,
  place: Place,
  {
    scope,
    operation,
    values,
  }: { readonly scope: string; readonly operation: Operation; readonly values: Item },
): Collection {
  const type = types.typeOf(place)
  return {
    place,
    type,
    factory: factoryOf(type),
    scope,
    name: concretePath(place.collection, operation, values),
    relations: relationsOf(place, operation, values),
  }
}

const scopes = new Map<string, Map<string, string>>()

/** Whose things a request is about. Each is one text, by which maps find what is there at once. */
export function scopeOf({ identity: { projectId, environment } }: ApiRequest): string {
  const known = scopes.get(projectId)?.get(environment)
  if (known !== undefined) return known
  const scope = `${projectId}/${environment}`
  if (scopes.size >= MAX_SCOPES) scopes.clear()
  const own = scopes.get(projectId) ?? new Map<string, string>()
  scopes.set(projectId, own.set(environment, scope))
  return scope
}

const MAX_SCOPES = 1_000

/** The collection of another place on the way to a request's path. */
export const collectionOn = (world: World, place: Place, request: ApiRequest): Collection =>
  collectionAt(world, place, {
    scope: scopeOf(request),
    operation: request.operation,
    values: request.parameters.path,
  })

export function siteOf(world: World, role: TypedRole, request: ApiRequest): Site | undefined {
  const template = world.types.template(request.operation, role.kind === 'create', request.headers.accept)
  if (template === undefined) return undefined
  const { place, type, factory, scope, name, relations } = collectionOn(world, role.place, request)
  return { place, type, factory, scope, name, relations, request, role, template }
}

/** The id of the item of a place that lies on the way to a request's path, or that its body or query names. */
export const idOn = (place: Place, request: ApiRequest): string =>
  String(
    place.isCalled === true
      ? calledId(place, request)
      : itemIdOf(place, request.operation, request.parameters.path),
  )

/** The id that a call names its thing by; undefined where it names none. */
export function calledId(
  { param = '' }: Place,
  { body, parameters }: ApiRequest,
): string | number | undefined {
  for (const source of [body, parameters.query]) {
    if (!isObject(source)) continue
    const own = Object.keys(source).find((name) => normalizeName(name) === normalizeName(param))
    const id = own === undefined ? undefined : source[own]
    if ((typeof id === 'string' && id !== '') || typeof id === 'number') return id
  }
  return undefined
}

export const rowOf = ({ factory }: Collection, entity: Entity): Row => ({ id: entity.id, entity, factory })
