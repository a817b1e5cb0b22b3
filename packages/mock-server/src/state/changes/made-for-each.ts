// Requests that make one thing for each of the people that they list: a submission for each of the `emails` (DocuSeal).

import type { Operation } from '../../engine/document/operation.js'
import { isObject, normalizeName } from '../../engine/json.js'
import { singular } from '../conventions/names.js'
import type { Entity, Item } from '../entities/entity.js'
import { noteChange } from '../entities/entity-changes.js'
import type { Row } from '../entities/row-views.js'
import { membersOfAny } from '../forms/entity-views.js'
import { valueAt } from '../forms/slots.js'
import { lastSegment } from '../places/paths.js'
import { noteBirth } from '../store/entity-store.js'
import { addEntity } from '../store/making.js'
import { calledSo } from '../store/naming.js'
import { rowOf, type Site, type World } from '../world.js'
import { type Birth, birthsOf, withBorn } from './born-with.js'
import { noteCount } from './counts.js'

/** Where things say for whom they are: in a member, or in that of things that are made with them. */
interface Addressee {
  readonly name: string
  readonly birth: Birth | undefined
}

/** Whom a request lists under the last word of its path; undefined where it lists nobody. */
export function namesListed({ request: { body, operation } }: Site): readonly string[] | undefined {
  const own = memberCalled(body, wordOf(operation))
  return own === undefined || !isObject(body) ? undefined : textsIn(body[own])
}

const wordOf = ({ path }: Operation): string => normalizeName(lastSegment(path))

const memberCalled = (body: unknown, word: string): string | undefined =>
  isObject(body) ? Object.keys(body).find((name) => normalizeName(name) === word) : undefined

/** The rows that an answer shows of what was made for each name; undefined where things do not say for whom they are. */
export function madeForEach(world: World, site: Site, names: readonly string[]): readonly Row[] | undefined {
  const { request, factory, place } = site
  const { operation } = request
  const word = wordOf(operation)
  const addressee = addresseeOf(world, site, singular(word))
  if (addressee === undefined) return undefined
  const { name, birth } = addressee
  const body = isObject(request.body) ? request.body : {}
  const rest = Object.fromEntries(Object.entries(body).filter(([own]) => normalizeName(own) !== word))
  return names.flatMap((value) => {
    const said: Item =
      birth === undefined ? { [name]: value } : { [birth.reference.name]: [{ [name]: value }] }
    const payload = factory.payload({ ...rest, ...said })
    const added = addEntity(world, site, { payload, operation: place.create ?? operation })
    noteBirth(world, site, added)
    const entity = withBorn(world, site, added, payload)
    noteCount(world, site, 1)
    noteChange(world.changes, site, { kind: 'create', entity, before: undefined })
    return rowsShown(world, site, entity, birth)
  })
}

/** `a@example.org, b@example.org`, or a list of such texts. */
function textsIn(listed: unknown): readonly string[] | undefined {
  const texts = typeof listed === 'string' ? listed.split(/[,;\n]/).map((one) => one.trim()) : listed
  if (!Array.isArray(texts)) return undefined
  const own = texts.filter((one): one is string => typeof one === 'string' && one !== '')
  return own.length > 0 && own.length === texts.length ? own : undefined
}

function addresseeOf(world: World, site: Site, noun: string): Addressee | undefined {
  const { forms, factoryOf } = world
  const own = membersOfAny(forms, site.factory.view).get(noun)
  if (own !== undefined) return { name: own.name, birth: undefined }
  for (const birth of birthsOf(world, site)) {
    const member = membersOfAny(forms, factoryOf(birth.reference.type).view).get(noun)
    if (member !== undefined) return { name: member.name, birth }
  }
  return undefined
}

/** What the answer has room for: the new thing, or those that were made with it. */
function rowsShown(world: World, site: Site, entity: Entity, birth: Birth | undefined): readonly Row[] {
  const { template, place } = site
  const view = template.media && world.types.listView(template, place)
  const showsBorn = birth !== undefined && view?.item.form.byName.has(normalizeName(birth.member)) === true
  if (!showsBorn) return [rowOf(site, entity)]
  const { type, name } = birth.reference
  const factory = world.factoryOf(type)
  const list = entity.item[name]
  return (Array.isArray(list) ? list : []).flatMap((one) => {
    const thing = calledSo(world, site, type, String(valueAt(one, factory.view.idPath ?? ['id'])))
    return thing === undefined ? [] : [{ id: thing.id, entity: thing, factory }]
  })
}
