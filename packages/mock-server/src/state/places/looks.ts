// How answers show things, for those who know what identifies them.

import type { MediaType, Operation } from '../../engine/document/operation.js'
import { normalizeName } from '../../engine/json.js'
import { isStructuredType } from '../../engine/request/media-types.js'
import { noPreferences } from '../../engine/request/preferences.js'
import type { Responses, Template } from '../../engine/response/responses.js'
import { linkOf, type Schema } from '../../engine/schema/schema.js'
import type { Schemas } from '../../engine/schema/schemas.js'
import { ABOUT_ANSWERS, ID_ENDINGS, wordsOf } from '../conventions/names.js'
import type { EntityView, IdNames } from '../forms/entity-views.js'
import type { Forms } from '../forms/forms.js'
import type { ListView } from '../forms/list-views.js'
import type { Views } from '../forms/views.js'
import { envelopeHint } from './hints.js'
import { idNamesOf } from './id-names.js'
import { filledIn, isOpen, saysNothing, thingOfBody } from './openings.js'
import { nounOf } from './paths.js'
import { type Place, parameterNames, type Role } from './place.js'
import { createSentEnvelopes } from './sent-envelopes.js'

/** How answers show things, for those who know what identifies them. */
export interface Looks {
  /** The template of an operation's success. */
  template(operation: Operation, isCreation?: boolean, accept?: string): Template | undefined
  /** A template that the document leaves open, with what the role says that it shows. */
  filled(template: Template, role: Role): Template
  names(place: Place): IdNames
  view(template: Template, ids: IdNames, noun: string): EntityView
  list(template: Template, ids: IdNames, noun: string): ListView | undefined
}

export function createLooks(
  { operations, responses, schemas }: TypesParts,
  forms: Forms,
  views: Views,
): Looks {
  const idNames = new Map<Place, IdNames>()
  const filled = new WeakMap<Template, Template>()
  const template: Looks['template'] = (operation, isCreation = false, accept) => {
    const choice = responses.choose(operation, accept, noPreferences, isCreation ? 'create' : 'store')
    return choice.ok ? choice.template : undefined
  }
  /**
   * With the one id that a creation answers and nobody sends, where that has none of the usual names: `job_id` of what is read
   * at `/embed-jobs/{id}` (Cohere).
   */
  const withOwnId = (ids: IdNames, place: Place): IdNames => {
    const { param, collection, create, read } = place
    const isById = ID_ENDINGS.some((ending) => normalizeName(param ?? '').endsWith(ending))
    const [made, shown] = [create && template(create, true), read && template(read)]
    if (!isById || create === undefined || made?.media === undefined || shown?.media === undefined) return ids
    const [answered, other] = [made, shown].map(({ schema }) => forms.of(schema).byName)
    const usual = [made, shown].map((own) => view(own, ids, nounOf(place)))
    if (answered === undefined || usual.some(({ isSure }) => isSure)) return ids
    const sent = (create.body()?.content ?? []).flatMap(({ schema }) => [
      ...forms.of(schemas.convert(schema ?? true, 'request')).byName.keys(),
    ])
    const taken = new Set([...sent, ...parameterNames(collection).map(normalizeName)])
    const own = [...answered].filter(
      ([name, { name: written }]) =>
        isParticularId(written) && !taken.has(name) && !ABOUT_ANSWERS.has(name) && other?.has(name),
    )
    return own.length === 1 ? { ...ids, sure: [...ids.sure, ...own.map(([name]) => name)] } : ids
  }
  const names = (place: Place): IdNames => {
    const known = idNames.get(place) ?? withOwnId(idNamesOf(place), place)
    idNames.set(place, known)
    return known
  }
  const sentEnvelope = createSentEnvelopes({ operations, schemas, forms, template: (one) => template(one) })
  const view: Looks['view'] = ({ schema, operation }, ids, noun) => {
    const found = views.entity(schema, ids, noun, envelopeHint(operation))
    // What is known by a thing that it shows may be that thing, with something to say beside it.
    const isKnownByOther = found.path.length === 0 && (found.idPath?.length ?? 0) > 1
    const envelope = isKnownByOther ? sentEnvelope(schema) : undefined
    const isSent = envelope !== undefined && envelope[0] === found.idPath?.[0]
    return isSent ? views.entity(schema, ids, noun, envelope) : found
  }
  /** How the other operations of a place show one thing. */
  const thingAt = (place: Place): Schema => {
    for (const operation of [place.read, place.create, ...place.changes]) {
      const own = operation && template(operation, operation === place.create)
      if (own?.media === undefined || isOpen(forms, own)) continue
      const { form, schema } = view(own, names(place), nounOf(place))
      if (form.byName.size > 0) return schema
    }
    return thingOfBody(forms, schemas, place)
  }
  return {
    ...{ template, names, view },
    filled(own, { kind, place }) {
      const known = filled.get(own)
      if (known !== undefined) return known
      const thing = {
        answered: () => thingAt(place),
        sent: () => thingOfBody(forms, schemas, place),
      }
      const schema = takesWholes(place) ? undefined : filledIn(forms, own.schema, kind, thing)
      const made = schema === undefined ? own : { ...own, media: own.media ?? JSON_OF_ANYTHING, schema }
      filled.set(own, made)
      return made
    },
    list: ({ schema, operation }, ids, noun) => views.list(schema, ids, noun, envelopeHint(operation)),
  }
}

/** Whether a member is called the id of something: `job_id`, and not `id`. */
const isParticularId = (name: string): boolean => {
  const words = wordsOf(name)
  return words.length > 1 && (ID_ENDINGS as readonly string[]).includes(words.at(-1) ?? '')
}

const JSON_OF_ANYTHING: MediaType = {
  type: 'application/json',
  schema: true,
  itemSchema: undefined,
  examples: [],
  encoding: {},
  prefixEncoding: [],
  itemEncoding: undefined,
}

/** Whether the things of a place are written as bytes, which are no members, or as JSON of any kind. */
const takesWholes = ({ create, changes }: Place): boolean =>
  [create, ...changes].some((operation) => {
    const content = operation?.body()?.content ?? []
    const isFile = content.every(({ type }) => !isStructuredType(type) && !/form/i.test(type))
    const isAnything =
      create === undefined && content.every(({ schema = true }) => saysNothing(schema as Schema))
    return content.length > 0 && (isFile || isAnything)
  })

export interface TypesParts {
  readonly operations: readonly Operation[]
  readonly responses: Responses
  readonly schemas: Schemas
}

/** The schema that a place shows its things by: where they are read, else made, else listed. */
export function shownAt(looks: Looks, place: Place): Schema | undefined {
  const look = (own: Template | undefined) =>
    own?.media === undefined ? undefined : looks.view(own, looks.names(place), nounOf(place))
  const read = look(place.read && looks.template(place.read))
  if (read?.idPath !== undefined) return read.schema
  const made = look(place.create && looks.template(place.create, true))
  const item = place.list && listAt(looks, place.list, place)?.item
  // What joins a thing is answered with the thing: `POST /groups/{id}/memberships` with the group (WorkOS).
  const isAbove = made !== undefined && item?.idPath !== undefined && showsAbove(looks, place, made)
  if (made?.idPath !== undefined && (place.param === undefined || made.isSure) && !isAbove) return made.schema
  return item?.idPath === undefined ? undefined : item.schema
}

/** Whether an answer is of the class that the thing above a place is read in. */
function showsAbove(looks: Looks, { parent }: Place, { schema }: EntityView): boolean {
  const own = parent?.read && looks.template(parent.read)
  const link = linkOf(schema)
  if (parent === undefined || own?.media === undefined || link === undefined) return false
  return linkOf(looks.view(own, looks.names(parent), nounOf(parent)).schema) === link
}

export function listAt(looks: Looks, operation: Operation, place: Place): ListView | undefined {
  const own = looks.template(operation)
  return own && looks.list(own, looks.names(place), nounOf(place))
}
