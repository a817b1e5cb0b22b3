// Finds the schema that an error has: its own where the operation documents one, and otherwise the one that the
// document has for such errors elsewhere.

import type { ApiDocument } from '../document/document.js'
import type { MediaType, Operation } from '../document/operation.js'
import { lazy } from '../json.js'
import { isJsonType, negotiate, preferredType } from '../request/media-types.js'
import type { Schema } from '../schema/schema.js'
import type { Schemas } from '../schema/schemas.js'
import { shapeOf } from '../schema/shape.js'
import { responseFor } from './documented-responses.js'
import { countErrors, definedErrors, errorsOf, isReadable, namedErrors } from './error-responses.js'
import { readErrorShape } from './error-shape-reader.js'
import { type ErrorNode, eloquenceOf, nameOfPlacedErrors, saysMore, wordOf } from './error-shapes.js'

/** A schema of errors, and where it is from. */
export interface ErrorSchema {
  readonly schema: Schema
  readonly mediaType: string
  readonly shape: ErrorNode
  /** How well it can say what is wrong. */
  readonly eloquence: 0 | 1 | 2
  /** One of its words for programs, for the manner of others. */
  readonly model: string | undefined
  /** Whether its examples are of exactly this status. */
  readonly isSpecific: boolean
}

export interface ErrorSchemas {
  /** The schema that an operation documents for a status. */
  own(operation: Operation, status: number, accept: string | undefined): ErrorSchema | undefined
  /** Those that the document has for such errors elsewhere, in groups: the nearest group first, the most usual one in each. */
  elsewhere(operation: Operation | undefined, status: number): Iterable<Iterable<ErrorSchema>>
  /** Whether the document answers invalid requests rather with 400 or with 422. */
  readonly usualInvalidStatus: () => 400 | 422
}

/** How much rarer a schema is than the usual one when it is not the way of the API. */
const ODD = 10

export function createErrorSchemas(document: ApiDocument, schemas: Schemas): ErrorSchemas {
  const read = createReader(schemas)
  const besideSuccess = createBesideSuccess(schemas)
  const used = lazy(() => countErrors(document))
  const defined = lazy(() => definedErrors(document).map((media) => read(media, false)))
  const named = lazy(() =>
    namedErrors(document)
      .map((media) => read(media, false))
      .filter(({ shape }) => saysMore(shape)),
  )
  /** That of answers of success where so many operations have it that it is the way of the API. */
  const usualBesideSuccess = lazy((): readonly ErrorSchema[] => {
    const found = document.operations.flatMap((operation) => besideSuccess(operation) ?? [])
    return found.length * 3 < document.operations.length ? [] : found.slice(0, 1)
  })

  /** One after the other, as far as somebody looks. */
  function* each(medias: readonly MediaType[], isSpecific = false): Generator<ErrorSchema> {
    for (const media of medias) yield read(media, isSpecific)
  }

  return {
    own(operation, status, accept) {
      const response = responseFor(errorsOf(operation), status)
      const media = response && (negotiate(response.content, accept) ?? preferredType(response.content))
      return media !== undefined && isReadable(media)
        ? read(media, response?.status === String(status))
        : undefined
    },

    *elsewhere(operation, status) {
      const digit = String(status).charAt(0)
      const same = used()((one) => one === String(status))
      const usual = used()((one) => one.startsWith(digit))
      // What a few operations do is not the way of an API in which all others do something else.
      const [first] = same.count * ODD < usual.count ? each(usual.medias) : []
      if (first?.eloquence === 2 && nameOfPlacedErrors(first.shape) === undefined) yield each(usual.medias)
      yield each(same.medias, true)
      if (operation !== undefined) yield each(errorMediasOf(operation, digit))
      yield each(used()((one) => one === `${digit}XX`).medias)
      yield each(usual.medias)
      yield each(used()((one) => one === 'default').medias)
      yield each(used()(() => true).medias)
      yield defined()
      const beside = operation && besideSuccess(operation)
      if (beside !== undefined) yield [beside]
      yield usualBesideSuccess()
      yield named()
    },

    usualInvalidStatus: lazy(() => {
      const statuses = document.operations.flatMap((operation) => operation.responses())
      const count = (wanted: string) => statuses.filter(({ status }) => status === wanted).length
      return count('422') > count('400') ? 422 : 400
    }),
  }
}

/** What an operation has for errors whose status begins with a digit. */
const errorMediasOf = (operation: Operation, digit: string): readonly MediaType[] =>
  errorsOf(operation)
    .filter(({ status }) => status.startsWith(digit) || status === 'default')
    .flatMap(({ content }) => preferredType(content) ?? [])
    .filter(isReadable)

/** Reads each media type once, for examples that are of exactly the status and for others. */
function createReader(schemas: Schemas): (media: MediaType, isSpecific: boolean) => ErrorSchema {
  const known = new WeakMap<MediaType, Map<boolean, ErrorSchema>>()
  return (media, isSpecific) => {
    const own = known.get(media) ?? new Map<boolean, ErrorSchema>()
    known.set(media, own)
    let found = own.get(isSpecific)
    if (found === undefined) {
      const schema = schemas.convert(media.schema ?? true, 'response')
      const values = media.examples.map(({ value }) => value)
      found = errorSchema(schemas, { schema, mediaType: media.type, isSpecific }, values)
      own.set(isSpecific, found)
    }
    return found
  }
}

function errorSchema(
  schemas: Schemas,
  read: Pick<ErrorSchema, 'schema' | 'mediaType' | 'isSpecific'>,
  values: readonly unknown[],
): ErrorSchema {
  const shape = readErrorShape(schemas, read.schema, { values, areSpecific: read.isSpecific })
  return { ...read, shape, eloquence: eloquenceOf(shape), model: wordOf(shape) }
}

/** The member for errors that answers of success have, as an object of its own. */
function createBesideSuccess(schemas: Schemas): (operation: Operation) => ErrorSchema | undefined {
  const known = new WeakMap<MediaType, { readonly found: ErrorSchema | undefined }>()
  return (operation) => {
    const success = operation.responses().find(({ status }) => /^2/.test(status))
    const media = success && preferredType(success.content)
    if (media?.schema === undefined || !isJsonType(media.type)) return undefined
    const kept = known.get(media) ?? { found: readBesideSuccess(schemas, media.schema) }
    known.set(media, kept)
    return kept.found
  }
}

function readBesideSuccess(schemas: Schemas, success: unknown): ErrorSchema | undefined {
  const { properties } = shapeOf(schemas, [schemas.convert(success, 'response')])
  for (const name of ['errors', 'error']) {
    const parts = properties.get(name)
    if (parts === undefined) continue
    const own = parts.length === 1 ? parts[0] : { allOf: parts }
    const schema: Schema = { type: 'object', required: [name], properties: { [name]: own } }
    const found = errorSchema(schemas, { schema, mediaType: 'application/json', isSpecific: false }, [])
    return saysMore(found.shape) ? found : undefined
  }
  return undefined
}

/** Whether an API answers with JSON here at all. */
export const isStructured = (type: string): boolean =>
  isJsonType(type) || type.includes('*') || /[/+]xml/i.test(type)
