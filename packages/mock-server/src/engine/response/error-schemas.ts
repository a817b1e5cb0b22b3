// Finds the schema that an error has: its own where the operation documents one, and otherwise the one that the
// document has for such errors elsewhere.

import type { ApiDocument } from '../document/document.js'
import type { MediaType, Operation, ResponseSpec } from '../document/operation.js'
import { entriesOf, isObject, lazy } from '../json.js'
import { isJsonType, negotiate, preferredType } from '../request/media-types.js'
import type { Schema } from '../schema/schema.js'
import type { Schemas } from '../schema/schemas.js'
import { shapeOf } from '../schema/shape.js'
import { type ErrorNode, eloquenceOf, readErrorShape, wordOf } from './error-shapes.js'

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

const MAX_CANDIDATES = 12
/** How much rarer a schema is than the usual one when it is not the way of the API. */
const ODD = 10

interface Use {
  readonly response: ResponseSpec
  readonly media: MediaType
  count: number
}

export function createErrorSchemas(document: ApiDocument, schemas: Schemas): ErrorSchemas {
  const known = new WeakMap<MediaType, Map<boolean, ErrorSchema>>()

  const schemaOf = (media: MediaType, isSpecific: boolean): ErrorSchema => {
    const own = known.get(media) ?? new Map<boolean, ErrorSchema>()
    known.set(media, own)
    const found = own.get(isSpecific) ?? readMedia(media, isSpecific)
    own.set(isSpecific, found)
    return found
  }

  const readMedia = (media: MediaType, isSpecific: boolean): ErrorSchema => {
    const schema = schemas.convert(media.schema ?? true, 'response')
    const values = media.examples.map(({ value }) => value)
    const shape = readErrorShape(schemas, schema, { values, areSpecific: isSpecific })
    return {
      schema,
      mediaType: media.type,
      shape,
      eloquence: eloquenceOf(shape),
      model: wordOf(shape),
      isSpecific,
    }
  }

  /** How often each response is documented for errors, by status. */
  const uses = lazy(() => {
    const byStatus = new Map<string, Map<string, Use>>()
    for (const operation of document.operations) {
      for (const response of errorsOf(operation)) {
        const media = preferredType(response.content)
        if (media === undefined || !isReadable(media)) continue
        const ofStatus = byStatus.get(response.status) ?? new Map<string, Use>()
        byStatus.set(response.status, ofStatus)
        const key = `${media.type} ${JSON.stringify(media.schema ?? media.examples[0]?.value)?.slice(0, 4_000)}`
        const use = ofStatus.get(key) ?? { response, media, count: 0 }
        use.count += 1
        ofStatus.set(key, use)
      }
    }
    return byStatus
  })

  /** One after the other, as far as somebody looks. */
  function* read(
    uses: readonly { readonly media: MediaType }[],
    isSpecific: boolean,
  ): Generator<ErrorSchema> {
    for (const { media } of uses) yield schemaOf(media, isSpecific)
  }

  /** The schemas of some statuses, the most usual first, and how often that one is used. */
  const inStatuses = (isMeant: (status: string) => boolean, isSpecific: boolean) => {
    const merged = new Map<string, Use>()
    for (const [status, ofStatus] of uses()) {
      if (!isMeant(status)) continue
      for (const [key, use] of ofStatus) {
        const known = merged.get(key)
        merged.set(key, { ...(known ?? use), count: (known?.count ?? 0) + use.count })
      }
    }
    const ranked = [...merged.values()].sort((a, b) => b.count - a.count).slice(0, MAX_CANDIDATES)
    return { count: ranked[0]?.count ?? 0, found: () => read(ranked, isSpecific) }
  }

  /** Responses that the document defines for its operations, whether or not one uses them. */
  const defined = lazy((): readonly ErrorSchema[] => {
    const holder = document.dialect === 'swagger-2.0' ? document.root : document.root.components
    return entriesOf(holder, 'responses').flatMap(([name, node]) => {
      const response = document.deref(node)
      const own =
        isObject(response) && response.schema !== undefined ? { schema: response.schema } : undefined
      const media = own ?? document.deref(entriesOf(response, 'content')[0]?.[1])
      if (!ERROR_NAME.test(name) || !isObject(media) || media.schema === undefined) return []
      return [schemaOf(mediaTypeOf(media.schema), false)]
    })
  })

  /** The schemas whose names say that they are of errors. */
  const named = lazy((): readonly ErrorSchema[] => {
    const { root, dialect } = document
    const path = dialect === 'swagger-2.0' ? '#/definitions' : '#/components/schemas'
    const nodes =
      dialect === 'swagger-2.0' ? entriesOf(root, 'definitions') : entriesOf(root.components, 'schemas')
    return nodes
      .filter(([name, node]) => ERROR_NAME.test(name) && isObject(node))
      .sort(([a], [b]) => plainness(a) - plainness(b))
      .slice(0, MAX_CANDIDATES)
      .map(([name]) =>
        schemaOf(mediaTypeOf({ $ref: `${path}/${name.replaceAll('~', '~0').replaceAll('/', '~1')}` }), false),
      )
      .filter(({ shape }) => saysMore(shape))
  })

  /** The member for errors that answers of success have, as an object of its own. */
  const besideSuccess = (operation: Operation): MediaType | undefined => {
    const success = operation.responses().find(({ status }) => /^2/.test(status))
    const media = success && preferredType(success.content)
    if (media?.schema === undefined || !isJsonType(media.type)) return undefined
    const known = beside.get(media)
    if (known !== undefined) return known.of
    const { properties } = shapeOf(schemas, [schemas.convert(media.schema, 'response')])
    const name = ['errors', 'error'].find((one) => properties.has(one))
    const parts = name === undefined ? undefined : properties.get(name)
    const of =
      name === undefined || parts === undefined
        ? undefined
        : converted({
            type: 'object',
            required: [name],
            properties: { [name]: parts.length === 1 ? parts[0] : { allOf: parts } },
          })
    const isTelling = of !== undefined && saysMore(schemaOf(of, false).shape)
    beside.set(media, { of: isTelling ? of : undefined })
    return isTelling ? of : undefined
  }
  const beside = new WeakMap<MediaType, { readonly of: MediaType | undefined }>()
  /** A media type whose schema has been converted already. */
  const converted = (schema: Schema): MediaType => {
    const media = mediaTypeOf({})
    const shape = readErrorShape(schemas, schema, { values: [], areSpecific: false })
    const found = {
      schema,
      mediaType: media.type,
      shape,
      eloquence: eloquenceOf(shape),
      model: wordOf(shape),
      isSpecific: false,
    }
    known.set(media, new Map([[false, found]]))
    return media
  }
  /** The same where so many operations have it that it is the way of the API. */
  const usualBesideSuccess = lazy((): readonly ErrorSchema[] => {
    const found = document.operations.flatMap((operation) => besideSuccess(operation) ?? [])
    const [first] = found
    return first === undefined || found.length * 3 < document.operations.length
      ? []
      : [schemaOf(first, false)]
  })

  return {
    own(operation, status, accept) {
      const response = responseFor(operation, status)
      if (response === undefined) return undefined
      const media = negotiate(response.content, accept) ?? preferredType(response.content)
      if (media === undefined || !isReadable(media)) return undefined
      return schemaOf(media, response.status === String(status))
    },

    *elsewhere(operation, status) {
      const digit = String(status).charAt(0)
      const same = inStatuses((one) => one === String(status), true)
      const usual = inStatuses((one) => one.startsWith(digit), false)
      // What a few operations do is not the way of an API in which all others do something else.
      const [first] = same.count * ODD < usual.count ? usual.found() : []
      if (first?.eloquence === 2 && nameOfPlacedErrors(first.shape) === undefined) yield usual.found()
      yield same.found()
      if (operation !== undefined) {
        const own = errorsOf(operation).filter(
          (one) => one.status.startsWith(digit) || one.status === 'default',
        )
        const medias = own.flatMap(({ content }) => preferredType(content) ?? []).filter(isReadable)
        yield read(
          medias.map((media) => ({ media })),
          false,
        )
      }
      yield inStatuses((one) => one === `${digit}XX`, false).found()
      yield usual.found()
      yield inStatuses((one) => one === 'default', false).found()
      yield inStatuses(() => true, false).found()
      yield defined()
      const beside = operation && besideSuccess(operation)
      if (beside !== undefined) yield [schemaOf(beside, false)]
      yield usualBesideSuccess()
      yield named()
    },

    usualInvalidStatus: lazy(() => {
      const count = { 400: 0, 422: 0 }
      for (const operation of document.operations)
        for (const { status } of operation.responses())
          if (status === '400' || status === '422') count[status] += 1
      return count[422] > count[400] ? 422 : 400
    }),
  }
}

const ERROR_NAME =
  /error|problem|fault|exception|(^|\.)status$|^[45](\d\d|XX)$|bad_?request|unauthori|forbidden|not_?found|failure/i
/** Names of the error itself come before those of its parts and of special cases. */
const plainness = (name: string): number => {
  const last = name.split('.').at(-1) ?? name
  return /^(api|http|rest|default|base|standard)?_?(error|problem|fault|exception|status)(s|_?response|_?model|_?details|_?body|_?object|_?dto|_?schema)?$/i.test(
    last,
  )
    ? last.length
    : 100 + last.length
}

/** Whether a schema has more of an error than a text, which other things have as well. */
function saysMore(shape: ErrorNode): boolean {
  if (eloquenceOf(shape) < 2) return false
  if (shape.kind === 'list') return saysMore(shape.items)
  if (shape.kind !== 'object') return shape.kind === 'choice'
  const [only] = shape.members
  if (shape.members.length === 1 && only !== undefined && only.node.kind !== 'leaf')
    return saysMore(only.node)
  const others = shape.members.filter(({ node }) => {
    if (node.kind !== 'leaf') return node.kind === 'object' ? node.envelope > 0 : eloquenceOf(node) > 0
    return node.meaning !== undefined && node.meaning.role !== 'text'
  })
  return others.length > 0
}

const mediaTypeOf = (schema: unknown): MediaType => ({
  type: 'application/json',
  schema,
  itemSchema: undefined,
  examples: [],
  encoding: {},
})

const isReadable = ({ type, schema, examples }: MediaType): boolean =>
  (schema !== undefined || examples.length > 0) &&
  (isJsonType(type) || /^\*\/\*|^text\/plain|[/+]xml/i.test(type))

/** The responses that are of errors: an operation that documents nothing but `default` means its success. */
function errorsOf(operation: Operation): readonly ResponseSpec[] {
  const responses = operation.responses()
  const hasSuccess = responses.some(({ status }) => /^[123]/.test(status))
  return responses.filter(({ status }) => /^[45]/.test(status) || (status === 'default' && hasSuccess))
}

/** The response documented for a status: its own, then that of its class, then the default one. */
function responseFor(operation: Operation, status: number): ResponseSpec | undefined {
  const responses = errorsOf(operation)
  const find = (name: string) => responses.find((response) => response.status === name)
  return find(String(status)) ?? find(`${Math.floor(status / 100)}XX`) ?? find('default')
}

/** Whether an API answers with JSON here at all. */
export const isStructured = (type: string): boolean =>
  isJsonType(type) || type.includes('*') || /[/+]xml/i.test(type)

/**
 * The one member of errors that are all about places in the request. Where APIs with such errors have something else
 * to say, they say it as text in the same member, as FastAPI does in `detail`.
 */
export function nameOfPlacedErrors(shape: ErrorNode): string | undefined {
  if (shape.kind !== 'object' || shape.members.length !== 1) return undefined
  const [only] = shape.members
  const items = only?.node.kind === 'list' ? only.node.items : undefined
  if (only === undefined || items?.kind !== 'object') return undefined
  const needsPlace = items.members.some(
    ({ required, node }) => required && node.kind === 'list' && node.meaning?.role === 'location',
  )
  return needsPlace ? only.name : undefined
}
