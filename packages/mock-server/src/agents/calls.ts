// A call of the mocked API as an agent asks for it: parameters by place and name, a body as a value, and whose key to use.

import type { OperationDescription, SandboxKeysView } from '../control/wire.js'
import { isObject, type JsonObject } from '../engine/json.js'
import type { Message } from './connection.js'

export interface Credentials extends SandboxKeysView {
  readonly admin: string
}

/** Tells a call apart from the requests of others. */
export const CALL_HEADER = 'mock-call'

/** What is wrong with a call, in words for the agent. */
export class BadCall extends Error {}

export const CALL_SCHEMA = {
  type: 'object',
  required: ['operation'],
  additionalProperties: false,
  properties: {
    operation: {
      type: 'string',
      description: 'The id from listOperations, or method and path such as `GET /pets`.',
    },
    path: { type: 'object', description: 'Values of the path parameters, by name.' },
    query: {
      type: 'object',
      description: 'Values of the query parameters, by name; a list repeats the name.',
    },
    headers: { type: 'object', description: 'Further header fields, by name.' },
    body: { description: 'The body: a JSON value, or a text for other media types.' },
    contentType: {
      type: 'string',
      description:
        'The media type of the body. Default: what the operation describes first, JSON if it can be.',
    },
    key: {
      type: 'string',
      description:
        'Whose credential to send, where the operation asks for one: `sandbox` (default), `production`, `admin` (the admin key of the mock), `none`, or a credential of your own, such as a key or token that the API has issued.',
    },
  },
} as const

/** @throws BadCall when a parameter is missing or the body cannot be written. */
export function messageOf(
  operation: OperationDescription,
  given: JsonObject,
  credentials: Credentials,
): Message {
  const headers: Record<string, string> = {}
  const query = new URLSearchParams()
  for (const [name, value] of entriesIn(given, 'query'))
    for (const one of [value].flat()) query.append(name, textOf(one))
  for (const [name, value] of entriesIn(given, 'headers')) headers[name.toLowerCase()] = textOf(value)
  const path = pathOf(operation, new Map(entriesIn(given, 'path')))
  const body = bodyOf(operation, given, headers)
  authenticate(operation, credentialOf(given.key, credentials), headers, query)
  const search = query.toString()
  return { method: operation.method, path: search === '' ? path : `${path}?${search}`, headers, body }
}

function entriesIn(given: JsonObject, name: string): readonly [string, unknown][] {
  const value = given[name] ?? {}
  if (!isObject(value)) throw new BadCall(`${name} must be an object of values by name`)
  return Object.entries(value)
}

const textOf = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value))

function pathOf({ id, path }: OperationDescription, values: ReadonlyMap<string, unknown>): string {
  return path.replace(/\{([^}]+)\}/g, (_, name: string) => {
    const value = values.get(name)
    if (value === undefined)
      throw new BadCall(`${id} needs the path parameter ${name}: send {"path": {"${name}": "…"}}`)
    return encodeURIComponent(textOf(value))
  })
}

const FORM = 'application/x-www-form-urlencoded'

function bodyOf(
  { body: described, example }: OperationDescription,
  given: JsonObject,
  headers: Record<string, string>,
): string | undefined {
  const { body } = given
  if (body === undefined) return undefined
  const types = Object.keys(described?.content ?? {})
  const wanted = typeof given.contentType === 'string' ? given.contentType : undefined
  const type = wanted ?? headers['content-type'] ?? example.contentType ?? types[0] ?? 'application/json'
  headers['content-type'] = type
  if (typeof body === 'string' && !/\bjson\b/i.test(type)) return body
  if (!type.startsWith(FORM)) return JSON.stringify(body)
  if (!isObject(body)) throw new BadCall('The body of a form must be an object of values by name')
  const form = new URLSearchParams()
  for (const [name, value] of Object.entries(body)) form.append(name, textOf(value))
  return form.toString()
}

function credentialOf(key: unknown = 'sandbox', credentials: Credentials): string | undefined {
  if (key === 'none') return undefined
  if (key === 'sandbox' || key === 'production' || key === 'admin') return credentials[key]
  return textOf(key)
}

/** Puts the credential where the first alternative of the operation's security asks for one. */
function authenticate(
  { security }: OperationDescription,
  credential: string | undefined,
  headers: Record<string, string>,
  query: URLSearchParams,
): void {
  const [first = []] = security.filter((all) => all.length > 0)
  if (credential === undefined) return
  for (const { scheme } of first) {
    const { type, in: place, parameter } = scheme
    if (type !== 'apiKey') headers.authorization ??= authorizationOf(scheme.scheme, credential)
    else if (place === 'query') query.set(parameter, credential)
    else if (place === 'cookie') headers.cookie ??= `${parameter}=${credential}`
    else headers[parameter.toLowerCase()] ??= credential
  }
}

const authorizationOf = (scheme: string, credential: string): string =>
  scheme === 'basic'
    ? `Basic ${Buffer.from(credential.includes(':') ? credential : `${credential}:`).toString('base64')}`
    : `Bearer ${credential}`
