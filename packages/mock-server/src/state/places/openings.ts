// Answers of which a document says nothing, or nothing but an envelope: what the role of their operation says that they show.

import { isObject, normalizeName } from '../../engine/json.js'
import { isStructuredType } from '../../engine/request/media-types.js'
import type { Template } from '../../engine/response/responses.js'
import type { Schema } from '../../engine/schema/schema.js'
import type { Schemas } from '../../engine/schema/schemas.js'
import { LIST_NAMES } from '../conventions/lists.js'
import { ABOUT_ANSWERS, ENVELOPES } from '../conventions/names.js'
import { type Form, isCalledEmpty } from '../forms/form.js'
import type { Forms } from '../forms/forms.js'
import type { Place, RoleKind } from './place.js'

/** A part of an answer that may be anything, or any object, or a list of anything. */
interface Opening {
  /** The member of the envelope that it stands in; undefined for the answer itself. */
  readonly name: string | undefined
  readonly holds: 'anything' | 'objects' | 'lists'
}

const SHOWS_ONE: ReadonlySet<RoleKind> = new Set(['create', 'read', 'lookup', 'merge', 'replace'])
const SHOWS_MANY: ReadonlySet<RoleKind> = new Set(['list', 'search'])

/** What a schema leaves open: all of it, or the one member that is not about the answer, as that of `{ code, message, data }`. */
function openingOf(forms: Forms, schema: Schema): Opening | undefined {
  const form = forms.of(schema)
  const own = openness(forms, form)
  if (own !== undefined) return { name: undefined, holds: own }
  const [inner, ...others] = [...form.byName].filter(([normalized]) => !ABOUT_ANSWERS.has(normalized))
  if (inner === undefined || others.length > 0) return undefined
  const [normalized, member] = inner
  const holds = openness(forms, forms.of(member.schema))
  const isEnvelope = ENVELOPES.has(normalized) || LIST_NAMES.has(normalized)
  return holds !== undefined && isEnvelope ? { name: member.name, holds } : undefined
}

/** Whether a document leaves open what an answer shows, though whoever asks wants to see something. */
export function isOpen(forms: Forms, { operation, status, media, schema }: Template): boolean {
  if (media === undefined) return operation.method === 'GET' && status === 200
  const opening = media.examples.length > 0 ? undefined : openingOf(forms, schema)
  if (opening === undefined) return false
  // What may be of any media type and of any form may be a file: springdoc has this type for objects.
  const isAny = media.type.startsWith('*/*') && (opening.holds !== 'anything' || opening.name !== undefined)
  return isStructuredType(media.type) || isAny
}

function openness(forms: Forms, form: Form): Opening['holds'] | undefined {
  const { shape, byName, isArray, mayBeObject, items } = form
  const isSaid = [shape.examples, shape.defaults, shape.alternatives, shape.not].some((own) => own.length > 0)
  if (isSaid || shape.values !== undefined || byName.size > 0 || shape.impossible) return undefined
  if (isCalledEmpty(form)) return undefined
  if (isArray) {
    const item = forms.of(items)
    // A list of lists, or of itself, tells of no things.
    return item.isArray || openness(forms, item) === undefined ? undefined : 'lists'
  }
  // What says of which kind its members are is a map of them.
  const isMap = shape.nameRules.some(({ others, patterns }) => !saysNothing(others) || patterns.length > 0)
  if (isMap || !mayBeObject) return undefined
  return shape.types === undefined ? 'anything' : 'objects'
}

export const saysNothing = (schema: Schema): boolean =>
  schema === true || (isObject(schema) && Object.keys(schema).length === 0)

/** A schema whose opening shows what a role is about; undefined where it has none, or the role shows nothing. */
export function filledIn(
  forms: Forms,
  schema: Schema,
  kind: RoleKind,
  thing: { readonly answered: () => Schema; readonly sent: () => Schema },
): Schema | undefined {
  const opening = SHOWS_ONE.has(kind) || SHOWS_MANY.has(kind) ? openingOf(forms, schema) : undefined
  if (opening === undefined) return undefined
  const { name, holds } = opening
  if (SHOWS_ONE.has(kind)) {
    if (holds === 'lists') return undefined
    // What answers a creation may be no more than a receipt: an object of anything shows what was sent.
    const isWhole = holds === 'objects' && name === undefined
    return holding(schema, name, isWhole ? thing.sent() : thing.answered())
  }
  const list: Schema = { type: 'array', items: thing.answered() }
  // An object that lists things holds them under the name that most APIs have for that.
  return holding(schema, name, holds === 'objects' ? holding(true, 'data', list) : list)
}

const holding = (schema: Schema, name: string | undefined, part: Schema): Schema => {
  if (name === undefined) return part
  const holder: Schema = { type: 'object', properties: { [name]: part }, required: [name] }
  return schema === true ? holder : { allOf: [schema, holder] }
}

/** What whoever makes or changes a thing of a place says of it, with the id that its paths have. */
export function thingOfBody(forms: Forms, schemas: Schemas, { create, changes, param, read }: Place): Schema {
  for (const operation of [create, ...changes]) {
    const [body] = operation?.body()?.content ?? []
    if (body === undefined) continue
    const { byName, shape } = forms.of(schemas.convert(body.schema ?? true, 'response'))
    if (byName.size === 0) continue
    const isNamed = param === undefined || byName.has('id') || byName.has(normalizeName(param))
    const own = [...byName.values()].map(({ name, schema }) => [name, schema] as const)
    const id = [read, ...changes]
      .flatMap((one) => one?.parameters() ?? [])
      .find((one) => one.in === 'path' && one.name === param)
    return {
      type: 'object',
      properties: Object.fromEntries(isNamed ? own : [['id', id?.schema ?? { type: 'string' }], ...own]),
      required: [...shape.required, ...(isNamed ? [] : ['id'])],
    }
  }
  return { type: 'object' }
}
