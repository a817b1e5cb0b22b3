// Records of what is done to things: the action that `POST /servers/{id}/actions/reboot` answers with (Hetzner Cloud,
// DigitalOcean), which can be read by itself and says how far it is.

import { isObject, normalizeName } from '../../engine/json.js'
import { noPreferences } from '../../engine/request/preferences.js'
import { kept, type StateAnswer, shown } from '../answering.js'
import { ACTION_MEMBER, ACTION_RECORDS, RECORD_MEMBERS } from '../conventions/actions.js'
import { WORK_WORDS } from '../conventions/life.js'
import { wordsOf } from '../conventions/names.js'
import type { Entity, Item } from '../entities/entity.js'
import { noteChange } from '../entities/entity-changes.js'
import { typedId } from '../entities/identifiers.js'
import type { EntityView } from '../forms/entity-views.js'
import type { Member } from '../forms/form.js'
import { valueAt } from '../forms/slots.js'
import { lastSegment, nounOf } from '../places/paths.js'
import type { ResourceType } from '../places/types.js'
import { type Found, findEntity, noteBirth } from '../store/entity-store.js'
import { addEntity } from '../store/making.js'
import { type Collection, collectionAt, collectionOn, idOn, type Site, type World } from '../world.js'
import { noteWork } from './finishing.js'

const records = new WeakMap<ResourceType, boolean>()

/** Whether things of a type say what was done to others, and how far that is. */
function isRecord({ forms, factoryOf }: World, type: ResourceType): boolean {
  const known = records.get(type)
  if (known !== undefined) return known
  const isWorking = (word: unknown) =>
    typeof word === 'string' && WORK_WORDS.working.test(word.toLowerCase().replace('-', '_'))
  const is =
    ACTION_RECORDS.has(nounOf(type.home)) &&
    factoryOf(type).slots.some(({ normalized }) => RECORD_MEMBERS.test(normalized)) &&
    factoryOf(type).slots.some(
      ({ normalized, schema }) =>
        /^(status|state)$/.test(normalized) && forms.of(schema).shape.values?.some(isWorking) === true,
    )
  records.set(type, is)
  return is
}

/** Does what an action on a thing is called after, and shows the record of that; undefined where it shows something else. */
export function recordShown(
  world: World,
  site: Site,
  found: Found,
  view: EntityView | undefined,
): StateAnswer {
  const type = view && world.kinds().shownAs(view.schema, site.type)
  if (view === undefined || type === undefined || type === site.type || !isRecord(world, type))
    return undefined
  const { request, scope } = site
  const below = world.types.listsBelow(site.place).find((role) => role.type === type)?.place
  const place = below ?? (type.home.collection.includes('{') ? undefined : type.home)
  if (place === undefined) return undefined
  const { operation, parameters } = request
  const collection = collectionAt(world, place, { scope, operation, values: parameters.path })
  return recorded(world, { ...site, ...collection }, { above: site, found })
}

/** The same for what is read as the creation of a record: with a body at `/actions/resize`, or at `/actions` itself. */
export function recordMade(world: World, site: Site): StateAnswer {
  const { place, request, type } = site
  const { parent } = place
  if (parent?.param === undefined || request.operation.method !== 'POST' || !isRecord(world, type))
    return undefined
  const above = { ...site, ...collectionOn(world, parent, request) }
  const isTold = verbSaid(site, isObject(request.body) ? request.body : {}) !== undefined
  const found = isTold ? findEntity(world, above, idOn(parent, request)) : undefined
  return found && recorded(world, site, { above, found })
}

interface Done {
  /** Where the thing is that something is done to. */
  readonly above: Site
  readonly found: Found
}

function recorded(world: World, site: Site, done: Done): StateAnswer {
  const { above, found } = done
  const { request } = site
  const body = isObject(request.body) ? request.body : {}
  const [verb = '', saying] = verbSaid(site, body) ?? []
  const said = Object.fromEntries(Object.entries(body).filter(([name]) => name !== saying))
  const payload = above.factory.payload(said)
  const now = world.clock.now()
  const after = kept(
    world,
    above,
    found,
    above.factory.act(found.entity, payload, verb, request.operation, now),
  )
  const told = toldOf(world, site, { verb, above, thing: after.entity })
  const entity = addEntity(world, site, { payload: told })
  noteBirth(world, site, entity)
  noteWork(world, site, entity)
  noteChange(world.changes, site, { kind: 'create', entity, before: undefined })
  return shown(world, site, { entity, collection: site.name })
}

/** What is done, by the last word of a path, or else by a member of the body, and the name of that; undefined where nothing says so. */
function verbSaid(
  { request: { operation } }: Site,
  body: Item,
): readonly [verb: string, name?: string] | undefined {
  const word = lastSegment(operation.path).split(':').at(-1) ?? ''
  if (!ACTION_RECORDS.has(normalizeName(word).replace(/s$/, ''))) return [word]
  const [said] = Object.entries(body).filter(
    ([name, value]) => ACTION_MEMBER.test(normalizeName(name)) && typeof value === 'string',
  )
  return said && [String(said[1]), said[0]]
}

const TARGET = '(?:resource|target|entity|object|subject)'
const [TARGET_ID, TARGET_TYPE] = [new RegExp(`^${TARGET}id$`), new RegExp(`^${TARGET}type$`)]

/** What was done to what. */
interface Told {
  readonly verb: string
  readonly above: Collection
  readonly thing: Entity
}

/** What a record says of what was done, and of the thing that it was done to. */
function toldOf(world: World, site: Site, told: Told): Item {
  const command = commandOf(world, site, told)
  const pairs = [...site.factory.view.form.byName].flatMap(([normalized, member]) => {
    const value = saidBy(world, normalized, member, { ...told, verb: command })
    return value === undefined ? [] : [[member.name, value] as const]
  })
  return Object.fromEntries(pairs)
}

function saidBy({ forms, clock }: World, normalized: string, { schema }: Member, told: Told): unknown {
  const { verb, above, thing } = told
  const types = forms.types(schema)
  const { values } = forms.of(schema).shape
  const noun = nounOf(above.place)
  const asOne = (word: string): unknown =>
    values === undefined ? word : values.find((one) => normalizeName(String(one)) === normalizeName(word))
  if (ACTION_MEMBER.test(normalized)) return asOne(verb)
  if (TARGET_TYPE.test(normalized)) return asOne(noun)
  if (TARGET_ID.test(normalized) || normalized === `${noun}id`) return typedId(thing.id, types)
  if (normalized === 'resources')
    return [resourceIn(forms.of(forms.of(schema).items).byName, noun, thing, forms.types)]
  if (normalized === 'error') return types?.has('null') === true ? null : undefined
  if (normalized === 'progress') return types?.has('integer') === true ? 0 : undefined
  return /^started(at)?$/.test(normalized) && types?.has('string') === true
    ? new Date(clock.now()).toISOString()
    : undefined
}

/** What a list of the things that something was done to says of one. */
function resourceIn(
  byName: ReadonlyMap<string, Member>,
  noun: string,
  { id }: Entity,
  typesOf: World['forms']['types'],
): Item {
  const [own, type] = [byName.get('id'), byName.get('type')]
  return {
    ...(own && { [own.name]: typedId(id, typesOf(own.schema)) }),
    ...(type && { [type.name]: noun }),
  }
}

/** What a record calls what was done: as the document's example of it does, where that is about such things. */
function commandOf({ responses, types }: World, { template, place }: Site, { verb, above }: Told): string {
  const sample = valueAt(
    responses.sample(template, noPreferences).value,
    types.entityView(template, place).path,
  )
  const [shown] = Object.entries(isObject(sample) ? sample : {}).flatMap(([name, value]) =>
    ACTION_MEMBER.test(normalizeName(name)) && typeof value === 'string' ? [value] : [],
  )
  return shown !== undefined && wordsOf(shown).includes(nounOf(above.place)) ? shown : verb
}
