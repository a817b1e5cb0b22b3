// Which type of things a member or a schema of another type's things is about.

import { grouped, lazy } from '../../engine/json.js'
import type { Schema } from '../../engine/schema/schema.js'
import type { EntityView } from '../forms/entity-views.js'
import { membersOfAny } from '../forms/entity-views.js'
import { type Form, type Member, shareMembers } from '../forms/form.js'
import type { Forms } from '../forms/forms.js'
import { nounOf } from '../places/paths.js'
import { parameterNames } from '../places/place.js'
import type { ResourceType, Types } from '../places/types.js'

/** The types of things by how they are shown and called, as far as they can be found from things of another type. */
export interface Kinds {
  /** Whose things are read in a schema. */
  shownAs(schema: Schema, within: ResourceType): ResourceType | undefined
  /** What a member is called after: `locale`, and `source_locale` of the same. The nearest is meant. */
  named(name: string, within: ResourceType): ResourceType | undefined
  /** The same where its things have most members of a form. */
  called(name: string, form: Form, within: ResourceType): ResourceType | undefined
  /** Those whose things have nearly all members of a form, and an id among them. */
  shownLike(form: Form, within: ResourceType): readonly ResourceType[]
}

/** How much of a form the things of a type have that it may show, and how many such types are tried. */
const [LIKENESS, MAX_ALIKE] = [0.8, 4]

/** Shorter nouns stand at the end of too many other words. */
const MIN_NOUN = 4
const MAX_NAME = 100

export function createKinds(types: Types, forms: Forms, viewOf: (type: ResourceType) => EntityView): Kinds {
  const shown = lazy(() => new Map(types.all().map((type) => [forms.identity(viewOf(type).schema), type])))
  const readable = types
    .all()
    .filter(({ home: { param, read } }) => param !== undefined && read !== undefined)
  const byNoun = grouped(readable.map((type) => [nounOf(type.home), type]))

  const members = new Map<ResourceType, ReadonlyMap<string, Member>>()
  const membersOf = (type: ResourceType): ReadonlyMap<string, Member> => {
    const own = members.get(type) ?? membersOfAny(forms, viewOf(type))
    members.set(type, own)
    return own
  }

  const named: Kinds['named'] = (name, within) => {
    if (name.length > MAX_NAME) return undefined
    const exact = byNoun.get(name) ?? []
    const ending = Array.from({ length: Math.max(name.length - MIN_NOUN, 0) }).flatMap(
      (_, i) => byNoun.get(name.slice(i + 1)) ?? [],
    )
    const near = [isBeside, isFound].flatMap((is) =>
      [exact, ending].map((among) => among.filter((type) => is(type, within))),
    )
    // What stands below other things is meant where nothing nearer is called so.
    const [nearest = []] = [...near, exact].filter(({ length }) => length > 0)
    return nearest.length === 1 ? nearest[0] : undefined
  }

  /** The only type that is called after more than a member is, and has what the member shows: a `registry` of `/container-registries`. */
  const endingSo = (name: string, form: Form): ResourceType | undefined => {
    const own = name.length < MIN_NOUN ? [] : readable.filter(({ home }) => nounOf(home).endsWith(name))
    const [only, ...others] = own.filter((type) => shareMembers(form, { byName: membersOf(type) }))
    return others.length === 0 ? only : undefined
  }

  return {
    named,
    shownAs: (schema) => shown().get(forms.identity(schema)),
    shownLike(form, within) {
      if (form.byName.size < 3 || !form.byName.has('id')) return []
      const isLike = (type: ResourceType): boolean => {
        const own = membersOf(type)
        const shared = [...form.byName.keys()].filter((name) => own.has(name)).length
        return shared >= form.byName.size * LIKENESS
      }
      return readable.filter((type) => isFound(type, within) && isLike(type)).slice(0, MAX_ALIKE)
    },
    called(name, form, within) {
      const type = named(name, within) ?? endingSo(name, form)
      return type !== undefined && form.byName.size > 1 && shareMembers(form, { byName: membersOf(type) })
        ? type
        : undefined
    },
  }
}

/** What is kept below other things than those of a type are cannot be found from them, unless it is found anywhere. */
const isFound = (type: ResourceType, within: ResourceType): boolean => type.isShared || isBeside(type, within)

function isBeside({ home }: ResourceType, { home: within }: ResourceType): boolean {
  const above = new Set(parameterNames(within.collection))
  return parameterNames(home.collection).every((name) => above.has(name))
}
