// Members that name the first of what a request lists, where its words say so: `first asset becomes the primary` (Immich).

import type { Operation } from '../../engine/document/operation.js'
import { isObject, normalizeName } from '../../engine/json.js'
import { FIRST_SENTENCE } from '../conventions/life.js'
import { singular } from '../conventions/names.js'
import type { Item } from '../entities/entity.js'
import type { Site, World } from '../world.js'

interface First {
  readonly list: string
  /** The member that names the first entry. */
  readonly member: string
}

const firsts = new WeakMap<Operation, readonly First[]>()

/** What a request says of a thing by the order of what it lists. */
export function firstMembers(world: World, site: Site): Item {
  const { body, operation } = site.request
  const known = firsts.get(operation) ?? firstsIn(world, site)
  firsts.set(operation, known)
  return Object.fromEntries(
    known.flatMap(({ list, member }) => {
      const listed = isObject(body) ? body[list] : undefined
      const first: unknown = Array.isArray(listed) ? listed[0] : undefined
      return typeof first === 'string' || typeof first === 'number' ? [[member, first] as const] : []
    }),
  )
}

const firstsIn = ({ forms, schemas }: World, { factory, request: { operation } }: Site): readonly First[] =>
  (operation.body()?.content ?? []).flatMap(({ schema }) =>
    [...forms.of(schemas.convert(schema ?? true, 'request')).byName.values()].flatMap((own) => {
      const said = isObject(own.schema) ? String(own.schema.description ?? '') : ''
      const [, noun = '', which = ''] = FIRST_SENTENCE.exec(said) ?? []
      if (which === '') return []
      const called = normalizeName(which) + singular(normalizeName(noun))
      const member = [called, `${called}id`, `${called}uuid`].flatMap(
        (name) => factory.view.form.byName.get(name) ?? [],
      )[0]
      const isName = member !== undefined && forms.of(member.schema).mayBeObject !== true
      return isName ? [{ list: own.name, member: member.name }] : []
    }),
  )
