// Answers from what is stored. The contract, which property tests hold over every document at hand:
//
// 1. Everything that was sent is kept whole, and shown wherever an answer's schema has room for it, unless it is
//    readOnly, writeOnly or the server's own. What is writeOnly is never shown.
// 2. An id that an answer showed can be read through every operation that reads such a thing, and never changes. Where
//    the document does not tell how things are identified, the answer is a sample and says so, not a 404.
// 3. State belongs to things, not to paths: what was made at one path is found at every other that shows its type.
// 4. Lists end, show each thing once, and their counters, flags and links agree with the page.
// 5. A change is seen by the next read of the same thing, whatever its path; what was removed is 404 and in no list.
// 6. No answer changes but by time, an action or a change.
// 7. Every answer fits its schema, and names where it came from.

import { didYouMean } from '@gosend/options'
import type { Operation } from '../engine/document/operation.js'
import type { ApiRequest } from '../engine/request/api-request.js'
import type { Router } from '../engine/request/router.js'
import { bytes, echo, type StateAnswer } from './answering.js'
import { withIncluded } from './answers/compounds.js'
import { withExpansions } from './answers/expansions.js'
import { withFieldset } from './answers/fieldsets.js'
import { count, list, lookup } from './answers/listing.js'
import { onlyPage } from './answers/only-pages.js'
import { withOwners } from './answers/owners-beside.js'
import { withSpelledOut } from './answers/spelled-out.js'
import { createUnchangedAnswers } from './answers/unchanged.js'
import { act } from './changes/acting.js'
import { actMany, mergeMany, readMany, removeAll, removeMany } from './changes/batches.js'
import { bytesAbove, content, merge, read, remove, replace } from './changes/changes.js'
import { create } from './changes/creation.js'
import { finish } from './changes/finishing.js'
import { changeMixed } from './changes/mixed-batches.js'
import { createMany, replaceAll } from './changes/several.js'
import { switched } from './changes/switches.js'
import type { Entity, EntityFactory, Item } from './entities/entity.js'
import { type EntityChange, noteChange } from './entities/entity-changes.js'
import { valueAt } from './forms/slots.js'
import type { SeenThing } from './lessons.js'
import { type Observation, observe, type Target, targetOf } from './observing.js'
import { type HintProblem, problemsOf } from './places/hints.js'
import { bare } from './places/paths.js'
import type { Place, RoleKind } from './places/place.js'
import { type OperationReading, readingsOf } from './places/readings.js'
import type { ResourceType } from './places/types.js'
import { createReadCounter, type ReadCounts } from './read-counts.js'
import { forgetCurrent, namingCurrent } from './store/current.js'
import { entityOf, keepEntity } from './store/entity-store.js'
import { addEntity, forgetNumbers, makeEntity } from './store/making.js'
import { united } from './store/united.js'
import {
  type Collection,
  calledId,
  collectionAt,
  createWorld,
  type Site,
  type StateOptions,
  type StateParts,
  scopeOf,
  siteOf,
  type WorkAtHand,
  type World,
} from './world.js'

export type { StateOptions, WorkAtHand } from './world.js'

export interface State {
  answer(request: ApiRequest): StateAnswer
  /** Fills collections; rows by the concrete paths of their collections. Gives what is wrong with them, in sentences. */
  plant(scope: string, rows: Readonly<Record<string, readonly unknown[]>>, router: Router): readonly string[]
  /** Fills collections with things that were seen, as they were seen; by the concrete paths of their collections. */
  plantSeen(
    scope: string,
    things: Readonly<Record<string, readonly SeenThing[]>>,
    router: Router,
  ): readonly string[]
  /** Which things an exchange of recorded traffic shows. */
  observe(request: ApiRequest, body: unknown): readonly Observation[]
  /** The one thing that a request is about, as observations name it: by its path, or by the id that a new one is to have. */
  targetOf(request: ApiRequest): Target | undefined
  /** What was written to a collection, as a change of a thing; undefined where that is none, or nothing has changed. */
  changeOf(at: Planting, written: Written): EntityChange | undefined
  /** Finishes a thing that was worked on; undefined where it is none any more. */
  finish(work: WorkAtHand): EntityChange | undefined
  /** The things of a collection, as if they had been made now. */
  entitiesAt(at: Planting): readonly EntityChange[]
  /** Whether something is stored for an operation. */
  keeps(operation: Operation): boolean
  /** Forgets what was counted; for when what is stored has been exchanged. */
  forget(): void
  /** The places of the document, for people. */
  resources(): readonly Place[]
  /** How each operation is read. */
  readings(): readonly OperationReading[]
  /** What is wrong with the document's hints. */
  warnings(): readonly HintProblem[]
  /** How often reads after a create showed something else. */
  /** Remembers the ids in an answer that is about nothing stored, so that they can be read. */
  noteShown(request: ApiRequest, body: unknown): void
  reads(): ReadCounts
  /** The types of things that are stored. */
  types(): readonly ResourceType[]
  factoryOf(type: ResourceType): EntityFactory
  /** The thing of a type that was stored last; undefined where there is none, or it is below another thing. */
  latest(scope: string, type: ResourceType): Entity | undefined
}

const STEPS: Readonly<Record<RoleKind, (world: World, site: Site) => StateAnswer>> = {
  create,
  'create-many': (world, site) => changeMixed(world, site) ?? createMany(world, site),
  'read-many': readMany,
  'merge-many': mergeMany,
  'remove-many': removeMany,
  'remove-all': removeAll,
  'act-many': actMany,
  list,
  search: list,
  count,
  lookup,
  read,
  content,
  merge,
  replace,
  'replace-all': replaceAll,
  remove,
  action: act,
}

export function createState(parts: StateParts, options: StateOptions): State {
  const world = createWorld(parts, options)
  const resources = () => [...new Set([...world.types.roles().values()].map(({ place }) => place))]
  const unchanged = createUnchangedAnswers(options.transactions)
  const reads = createReadCounter((operation) =>
    options.onWarning?.(
      `${operation} answers a sample after a create of the same kind; gosend-mock explain says how it was read`,
    ),
  )
  return {
    resources,
    forget() {
      forgetNumbers(world)
      forgetCurrent(world)
      world.seeded.clear()
      world.invented.clear()
      world.samples.clear()
      world.shownIds.clear()
      unchanged.forget()
      reads.forget()
    },
    plant: (scope, rows, router) =>
      Object.entries(rows).flatMap(([path, planted]) => plantAt(world, { scope, path, router }, planted)),
    plantSeen: (scope, things, router) =>
      Object.entries(things).flatMap(([path, planted]) =>
        plantSeenAt(world, { scope, path, router }, planted),
      ),
    observe: (request, body) => observe(world, request, body),
    targetOf: (request) => targetOf(world, request),
    changeOf: (planting, written) => changeOf(world, planting, written),
    finish: (work) => finish(world, work),
    entitiesAt: (planting) => entitiesAt(world, planting),
    keeps: (operation) => world.types.roleOf(operation) !== undefined,
    answer(request) {
      const { changes } = world
      changes?.splice(0)
      const { operation } = request
      const role = world.types.roleOf(operation)
      const make = () => answerOf(world, request)
      const answer = role === undefined ? make() : unchanged.through(request, make)
      if (changes !== undefined && changes.length > 0 && answer !== undefined && 'answer' in answer)
        options.onChange?.(request, [...changes])
      reads.note(scopeOf(request), operation.id, role, answer)
      return answer
    },
    noteShown: (request, body) => world.shownIds.note(scopeOf(request), body),
    readings: () => readingsOf(world.types, world.operations),
    warnings() {
      const collections = new Set(resources().map(({ collection }) => bare(collection)))
      return world.operations.flatMap((operation) =>
        problemsOf(operation, (path) => collections.has(bare(path))),
      )
    },
    reads: reads.counts,
    types: () => world.types.all(),
    factoryOf: world.factoryOf,
    latest(scope, { isShared, name, home }) {
      const { items } = world
      const row = isShared
        ? items.ofTypes(scope, [name]).at(-1)
        : items.list(scope, home.collection, { latestFirst: true, limit: 1 })[0]
      return row && entityOf(row)
    },
  }
}

/** What somebody wrote to a collection as a change of a thing; undefined where that is none, or nothing has changed. */
function changeOf(
  world: World,
  planting: Planting,
  { id, before, after }: Written,
): EntityChange | undefined {
  const collection = collectionAround(world, planting, id)
  if (collection === undefined || !world.isThing(collection.type)) return undefined
  const entityAs = (item: object): Entity => ({ id, item: { ...item }, whole: undefined })
  const [old, now] = [before && entityAs(before), after && entityAs(after)]
  const kind = now === undefined ? 'delete' : old === undefined ? 'create' : 'update'
  const entity = now ?? old
  const noted: EntityChange[] = []
  if (entity !== undefined) noteChange(noted, collection, { kind, entity, before: old })
  return noted[0]
}

/** The things of a collection, as if they had been made now. */
function entitiesAt(world: World, planting: Planting): readonly EntityChange[] {
  const collection = collectionAround(world, planting, 'id')
  if (collection === undefined || !world.isThing(collection.type)) return []
  const { type, factory, name } = collection
  return world.items
    .list(planting.scope, name)
    .map((row) => ({ kind: 'create', type, factory, entity: entityOf(row), before: undefined }))
}

/** Some collections have no operation of their own. */
const collectionAround = (world: World, planting: Planting, id: string): Collection | undefined =>
  collectionOf(world, planting) ??
  collectionOf(world, { ...planting, path: `${planting.path}/${encodeURIComponent(id)}` })

/** A switch is told of whatever else a request does to the thing above it. */
function answerOf(world: World, request: ApiRequest): StateAnswer {
  const answer = answerIn(world, request)
  return answer !== undefined && 'refusal' in answer ? answer : (switched(world, request) ?? answer)
}

function answerIn(world: World, asked: ApiRequest): StateAnswer {
  const { operation, headers } = asked
  const role = world.types.roleOf(operation)
  const request = role?.isCurrent === true ? namingCurrent(world, role, asked) : asked
  const site = role && siteOf(world, role, request)
  const isUnnamed =
    role?.place.isCalled === true && CALLED.has(role.kind) && calledId(role.place, request) === undefined
  if (role === undefined || site === undefined || isUnnamed) {
    const template = world.types.template(operation, operation.method === 'POST', headers.accept)
    return onlyPage(world, request, template) ?? echo(world, request, template)
  }
  const own = united(world, site)
  if (world.isThing(site.type)) return inFull(world, own, STEPS[role.kind](world, own))
  // Bare texts, numbers and files are answers, not things that can be told apart by an id.
  if (role.kind === 'read') return bytes(world, site) ?? bytesAbove(world, site)
  if (operation.method === 'GET') return undefined
  world.files.keepAt(request, site.scope, request.path)
  return role.kind === 'replace' ? bytes(world, site) : undefined
}

/** An answer as the request wants to see it: with what it names, and without what it does not ask for. */
const inFull = (world: World, site: Site, answer: StateAnswer): StateAnswer =>
  withFieldset(
    world,
    site,
    withExpansions(
      world,
      site,
      withSpelledOut(world, site, withOwners(world, site, withIncluded(world, site, answer))),
    ),
  )

/** What a call can do only to a thing that it names. */
const CALLED: ReadonlySet<RoleKind> = new Set(['read', 'merge', 'remove', 'action'])

/** A collection by its concrete path. */
export interface Planting {
  readonly scope: string
  readonly path: string
  readonly router: Router
}

interface Written {
  readonly id: string
  readonly before: object | undefined
  readonly after: object | undefined
}

/** What is wrong with the things, or with the path that they are planted at. */
function plantAt(
  world: World,
  { scope, path, router }: Planting,
  planted: readonly unknown[],
): readonly string[] {
  const collection = collectionOf(world, { scope, path, router })
  if (collection === undefined) return [`the seed data names ${path}, which is no collection of the document`]
  const { place } = collection
  const { factory, name } = collection
  world.items.claimSeeding(scope, name)
  const strange = new Set<string>()
  for (const row of planted) {
    const payload = factory.payload(row)
    for (const member of strangersIn(world, collection, payload, place.create)) strange.add(member)
    const id = factory.view.idPath === undefined ? undefined : valueAt(payload, factory.view.idPath)
    if (!factory.identifiers.fits(id)) addEntity(world, collection, { payload })
    else
      keepEntity(world, collection, {
        kind: 'replace',
        name,
        entity: makeEntity(world, collection, { payload, id }),
      })
  }
  const names = [...world.forms.of(factory.view.schema).byName.values()].map((member) => member.name)
  return [...strange].map(
    (member) =>
      `the seed data of ${path} has ${member}, which the document does not describe${didYouMean(member, names)}`,
  )
}

/** Things as they were seen, and nothing besides. */
function plantSeenAt(world: World, planting: Planting, things: readonly SeenThing[]): readonly string[] {
  const [first] = things
  const collection = collectionAround(world, planting, String(first?.id))
  if (collection === undefined)
    return [`the learned file has things at ${planting.path}, which is no collection of the document`]
  const { factory, name } = collection
  world.items.claimSeeding(planting.scope, name)
  for (const { id, thing } of things) {
    const entity = makeEntity(world, collection, { payload: factory.payload(thing), known: {}, id })
    keepEntity(world, collection, { kind: 'replace', name, entity: { ...entity, id: String(id) } })
  }
  return []
}

/** The collection at a concrete path, or that of the thing there. */
function collectionOf(world: World, { scope, path, router }: Planting): Collection | undefined {
  for (const method of ['POST', 'GET', 'PUT', 'PATCH', 'DELETE']) {
    const match = router.match(method, path, '')
    const role = match.kind === 'found' ? world.types.roleOf(match.operation) : undefined
    if (match.kind === 'found' && role !== undefined && COLLECTING.has(role.kind))
      return collectionAt(world, role.place, { scope, operation: match.operation, values: match.params })
  }
  return undefined
}

const COLLECTING: ReadonlySet<RoleKind> = new Set(['create', 'list', 'read', 'replace', 'merge', 'remove'])

/** The members of a thing that the document does not describe, where it does not leave their names open. */
function strangersIn(
  { forms }: World,
  { factory }: Collection,
  payload: Item,
  operation: Operation | undefined,
): Iterable<string> {
  const { nameRules } = forms.of(factory.view.schema, payload).shape
  const isOpen = nameRules.some(({ others }) => others !== false)
  return isOpen ? [] : factory.undescribed({ id: '', item: payload, whole: undefined }, operation)
}
