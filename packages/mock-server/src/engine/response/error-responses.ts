// The responses that a document has for errors: of its operations and by name, and how often each is used.

import type { ApiDocument } from '../document/document.js'
import { encodingsOf, type MediaType, type Operation, type ResponseSpec } from '../document/operation.js'
import { entriesOf, isObject } from '../json.js'
import { isJsonType, preferredType } from '../request/media-types.js'

/** How often responses of some statuses are documented, each with its media type: the most usual first. */
export interface Usage {
  /** Of the most usual one. */
  readonly count: number
  readonly medias: readonly MediaType[]
}

const MAX_CANDIDATES = 12

/** The responses that are of errors: an operation that documents nothing but `default` means its success. */
export function errorsOf(operation: Operation): readonly ResponseSpec[] {
  const responses = operation.responses()
  const hasSuccess = responses.some(({ status }) => /^[123]/.test(status))
  return responses.filter(({ status }) => /^[45]/.test(status) || (status === 'default' && hasSuccess))
}

export const isReadable = ({ type, schema, examples }: MediaType): boolean =>
  (schema !== undefined || examples.length > 0) &&
  (isJsonType(type) || /^\*\/\*|^text\/plain|[/+]xml/i.test(type))

interface Use {
  readonly media: MediaType
  readonly count: number
}

/** Counts what a document has for errors. @returns the usage of the statuses that are meant. */
export function countErrors(document: ApiDocument): (isMeant: (status: string) => boolean) => Usage {
  const byStatus = new Map<string, Map<string, Use>>()
  for (const { status, content } of document.operations.flatMap(errorsOf)) {
    const media = preferredType(content)
    if (media === undefined || !isReadable(media)) continue
    const ofStatus = byStatus.get(status) ?? new Map<string, Use>()
    byStatus.set(status, ofStatus)
    const key = `${media.type} ${JSON.stringify(media.schema ?? media.examples[0]?.value)?.slice(0, 4_000)}`
    add(ofStatus, key, { media, count: 1 })
  }
  return (isMeant) => {
    const uses = new Map<string, Use>()
    for (const [status, ofStatus] of byStatus)
      if (isMeant(status)) for (const [key, use] of ofStatus) add(uses, key, use)
    const ranked = [...uses.values()].sort((a, b) => b.count - a.count).slice(0, MAX_CANDIDATES)
    return { count: ranked[0]?.count ?? 0, medias: ranked.map(({ media }) => media) }
  }
}

function add(uses: Map<string, Use>, key: string, { media, count }: Use): void {
  const known = uses.get(key)
  uses.set(key, { media: known?.media ?? media, count: (known?.count ?? 0) + count })
}

/** Responses that the document defines for its operations, whether or not one uses them. */
export function definedErrors(document: ApiDocument): readonly MediaType[] {
  const holder = document.dialect === 'swagger-2.0' ? document.root : document.root.components
  return entriesOf(holder, 'responses').flatMap(([name, node]) => {
    if (!ERROR_NAME.test(name)) return []
    const response = document.deref(node)
    const hasSchema = isObject(response) && response.schema !== undefined
    const media = hasSchema ? response : document.deref(entriesOf(response, 'content')[0]?.[1])
    return isObject(media) && media.schema !== undefined ? [jsonOf(media.schema)] : []
  })
}

/** The schemas whose names say that they are of errors. */
export function namedErrors({ root, dialect }: ApiDocument): readonly MediaType[] {
  const isOld = dialect === 'swagger-2.0'
  const path = isOld ? '#/definitions' : '#/components/schemas'
  const nodes = isOld ? entriesOf(root, 'definitions') : entriesOf(root.components, 'schemas')
  return nodes
    .filter(([name, node]) => ERROR_NAME.test(name) && isObject(node))
    .sort(([a], [b]) => plainness(a) - plainness(b))
    .slice(0, MAX_CANDIDATES)
    .map(([name]) => jsonOf({ $ref: `${path}/${name.replaceAll('~', '~0').replaceAll('/', '~1')}` }))
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

const jsonOf = (schema: unknown): MediaType => ({
  type: 'application/json',
  schema,
  itemSchema: undefined,
  examples: [],
  ...encodingsOf(undefined),
})
