// Idempotency keys: where an operation takes one, and what of a request must be the same when it is repeated
// (draft-ietf-httpapi-idempotency-key-header).

import { createHash } from 'node:crypto'
import type { Operation } from '../document/operation.js'
import { isObject, member } from '../json.js'
import type { Schemas } from '../schema/schemas.js'
import { shapeOf } from '../schema/shape.js'
import type { ReadRequest } from './request-reader.js'

/** Headers and members that hold a key whether or not a document describes them: `X-Idempotency-Key`. */
const UNDESCRIBED = /idempoten\w*[-_]?(key|token|id)$/i
const SAFE = new Set(['GET', 'HEAD', 'OPTIONS', 'TRACE', 'QUERY'])
/** Described parameters and members that are called after it in any spelling: `X-Idempotence`, `client_token`. */
const NAME = /idempoten|^client[-_]?token$/i
/** Those that only their description calls so are names of something that tells one request from another. */
const NAME_IF_DESCRIBED = /(key|token|id|nonce|reference)$/i

interface Places {
  readonly headers: readonly string[]
  readonly query: readonly string[]
  readonly body: readonly string[]
}

export interface IdempotencyKeys {
  /** The key that a request carries; undefined when it has none. */
  keyOf(
    operation: Operation,
    headers: Readonly<Record<string, string | readonly string[] | undefined>>,
    request: Pick<ReadRequest, 'parameters' | 'body'>,
  ): string | undefined
}

export function createIdempotencyKeys(schemas: Schemas): IdempotencyKeys {
  const places = new WeakMap<Operation, Places>()

  const isKey = (name: string, description: unknown): boolean =>
    NAME.test(name) ||
    (typeof description === 'string' && NAME.test(description) && NAME_IF_DESCRIBED.test(name))

  const placesOf = (operation: Operation): Places => {
    const known = places.get(operation)
    if (known !== undefined) return known
    const parameters = operation.parameters().filter(({ name, raw }) => isKey(name, raw.description))
    const named = (place: string) => parameters.filter((one) => one.in === place).map(({ name }) => name)
    const schema = schemas.convert(operation.body()?.content[0]?.schema ?? true, 'request')
    const body = [...shapeOf(schemas, [schema]).properties].flatMap(([name, parts]) =>
      isKey(name, parts.map((part) => member(part, 'description')).find(Boolean)) ? [name] : [],
    )
    const headers = named('header').map((name) => name.toLowerCase())
    const found = { headers, query: named('query'), body }
    places.set(operation, found)
    return found
  }

  return {
    keyOf(operation, headers, { parameters, body }) {
      if (SAFE.has(operation.method)) return undefined
      const own = placesOf(operation)
      return (
        keyAmong(headers, own.headers) ??
        undescribedIn(headers) ??
        keyAmong(parameters.query, own.query) ??
        keyAmong(body, own.body) ??
        undescribedIn(body)
      )
    },
  }
}

const isGiven = (value: unknown): value is string => typeof value === 'string' && value !== ''

function keyAmong(named: unknown, names: readonly string[]): string | undefined {
  for (const name of names) {
    const value = member(named, name)
    if (isGiven(value)) return value
  }
  return undefined
}

function undescribedIn(named: unknown): string | undefined {
  if (!isObject(named)) return undefined
  for (const name in named) if (isGiven(named[name]) && mayHoldKey(name)) return named[name]
  return undefined
}

/** The names of header fields are nearly always the same few, and those of members one document's. */
const knownNames = new Map<string, boolean>()
const MAX_KNOWN_NAMES = 2_000

function mayHoldKey(name: string): boolean {
  const known = knownNames.get(name)
  if (known !== undefined) return known
  const may = UNDESCRIBED.test(name)
  if (knownNames.size < MAX_KNOWN_NAMES && name.length < 100) knownNames.set(name, may)
  return may
}

/** The same for the same JSON, whatever the order of its members. */
export const fingerprintOf = (value: unknown): string =>
  createHash('sha256')
    .update(JSON.stringify(inOrder(value)) ?? '')
    .digest('base64')

const inOrder = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(inOrder)
  if (!isObject(value)) return value
  const names = Object.keys(value).sort()
  return Object.fromEntries(names.map((name) => [name, inOrder(value[name])]))
}
