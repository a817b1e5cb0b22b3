// The requests that a document says its API sends: webhooks, and the callbacks of operations. Read when first asked for.

import { entriesOf, escapeSegment, isObject, type JsonObject, lazy, member } from '../json.js'
import { webhookHintFaults } from './hints.js'
import { createOperation, type DocumentContext, type Operation } from './operation.js'

/** One request that the API sends. */
export interface OutgoingRequest {
  /** The name of the webhook, or of the callback. */
  readonly name: string
  readonly operation: Operation
  /** Whether the request has security requirements of its own; those of the document are for requests that it receives. */
  readonly isSecured: boolean
  /** What a callback belongs to; undefined for a webhook. */
  readonly callback: Callback | undefined
}

export interface Callback {
  readonly of: Operation
  /** The address, with runtime expressions in it (OpenAPI 3.2, section 4.18.2). */
  readonly address: string
}

export interface Outgoing {
  readonly requests: readonly OutgoingRequest[]
  /** What is wrong with hints. */
  readonly faults: readonly { readonly pointer: string; readonly message: string }[]
}

/** What names all webhooks of a document: the second is how documents of 3.0 have them. */
const WEBHOOKS = ['webhooks', 'x-webhooks'] as const
const METHODS = ['post', 'put', 'patch', 'delete', 'get', 'query'] as const

/** Whether a document describes any request that its API sends; looks at no part of them. */
export const describesOutgoing = (root: JsonObject, operations: readonly Operation[]): boolean =>
  WEBHOOKS.some((name) => entriesOf(root, name).length > 0) ||
  operations.some(({ callbacks }) => isObject(callbacks))

export function outgoingOf(context: DocumentContext, operations: readonly Operation[]): Outgoing {
  const faults: Outgoing['faults'][number][] = []
  const read = (node: unknown, name: string, pointer: string, callback: Callback | undefined) => {
    const item = context.deref(node)
    if (!isObject(item)) return []
    return METHODS.flatMap((method): OutgoingRequest[] => {
      const raw = context.deref(item[method])
      if (!isObject(raw)) return []
      const at = `${pointer}/${method}`
      for (const message of webhookHintFaults({ ...hintsOf(item), ...raw }))
        faults.push({ pointer: at, message })
      const operation = createOperation(raw, { item, path: '/', method, pointer: at }, context)
      return [{ name, operation, isSecured: member(raw, 'security') !== undefined, callback }]
    })
  }
  const webhooks = WEBHOOKS.flatMap((key) =>
    entriesOf(context.root, key).flatMap(([name, node]) =>
      read(node, name, `/${key}/${escapeSegment(name)}`, undefined),
    ),
  )
  const callbacks = operations.flatMap((of) =>
    entriesOf(of, 'callbacks').flatMap(([name, node]) => {
      const found = context.deref(node)
      const pointer = `${of.pointer}/callbacks/${escapeSegment(name)}`
      return entriesOf({ found }, 'found')
        .filter(([address]) => !/^(x-|\$ref$)/.test(address))
        .flatMap(([address, item]) =>
          read(item, name, `${pointer}/${escapeSegment(address)}`, { of, address }),
        )
    }),
  )
  return { requests: [...webhooks, ...callbacks], faults }
}

const hintsOf = (item: JsonObject): JsonObject =>
  Object.fromEntries(Object.entries(item).filter(([name]) => name.startsWith('x-')))

/** The same, read once. */
export const lazyOutgoing = (context: DocumentContext, operations: readonly Operation[]): (() => Outgoing) =>
  lazy(() => outgoingOf(context, operations))
