// What an agent can do, as tools whose descriptions suffice: everything that the document of the control plane describes, and
// calls of the mocked API.

import { randomUUID } from 'node:crypto'
import { type ControlOperation, controlOperations } from '../control/control-document.js'
import type { JournalEntry, OperationDescription, SandboxKeysView } from '../control/wire.js'
import { isObject, type JsonObject, stringMember } from '../engine/json.js'
import { BadCall, CALL_HEADER, CALL_SCHEMA, messageOf } from './calls.js'
import type { Reply, Send } from './connection.js'

export interface Tool {
  readonly name: string
  readonly title: string
  readonly description: string
  /** JSON Schema of an object. */
  readonly inputSchema: JsonObject
  readonly isReading: boolean
  readonly isDestructive: boolean
  run(given: JsonObject): Promise<ToolResult>
}

export interface ToolResult {
  readonly text: string
  readonly isError: boolean
}

export interface Toolbox {
  /** What an agent reads before anything else. */
  readonly instructions: string
  readonly tools: readonly Tool[]
}

export interface ToolboxOptions {
  readonly send: Send
  readonly adminKey: string
  /** Where programs reach the mock. */
  readonly url: string
}

const MAX_TEXT = 60_000
/** What is asked for where an agent says nothing: a whole journal would fill its memory. */
const DEFAULTS: Readonly<Record<string, JsonObject>> = { listRequests: { limit: 20 } }

/** Asks the mock what it can do. */
export async function openToolbox({ send, adminKey, url }: ToolboxOptions): Promise<Toolbox> {
  const control = (method: string, path: string, body?: unknown): Promise<Reply> =>
    send({
      ...{ method, path: `/_mock${path}` },
      headers: {
        'x-admin-key': adminKey,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      body: body === undefined ? undefined : JSON.stringify(body),
    })
  const document = parsed(await control('GET', '/openapi.json'))
  const overview = parsed(await control('GET', '/'))
  if (!isObject(document) || !isObject(overview))
    throw new Error(`${url} has no control plane of gosend-mock`)
  const tools = controlOperations(document)
    .filter(({ operation }) => operation['x-mock-tool'] !== false)
    .map((one) => controlTool(one, document, control))
  const title = String(overview.title)
  return {
    instructions: `A sandbox of ${title} that keeps state and checks requests against its OpenAPI document. Programs reach it at ${url}. Find an operation with listOperations, read how it is called with describeOperation, and call it with callOperation: its answer says why a request was refused. The other tools act on the sandbox itself: its clock, faults, scenarios, snapshots, keys and journal.`,
    tools: [callTool(title, { send, control, adminKey }), ...tools],
  }
}

type Control = (method: string, path: string, body?: unknown) => Promise<Reply>

function callTool(
  title: string,
  { send, control, adminKey }: { readonly send: Send; readonly control: Control; readonly adminKey: string },
): Tool {
  return {
    name: 'callOperation',
    title: `Call ${title}`,
    description:
      'Calls an operation of the mocked API, with a credential, and returns status, header fields and body of the answer. Where the sandbox has refused the request, `refusal` says why, with each part that does not fit the document: correct the request and call again. `example` of describeOperation has values to start from.',
    inputSchema: CALL_SCHEMA,
    isReading: false,
    isDestructive: false,
    async run(given) {
      const found = await control('GET', `/operations/${encodeURIComponent(String(given.operation))}`)
      if (found.status !== 200) return { text: `${found.body}; listOperations has the ids`, isError: true }
      const keys = parsed(await control('GET', '/keys')) as SandboxKeysView
      const operation = parsed(found) as OperationDescription
      const message = messageOf(operation, given, { ...keys, admin: adminKey })
      const call = randomUUID()
      const reply = await send({ ...message, headers: { ...message.headers, [CALL_HEADER]: call } })
      const { status, headers, body } = reply
      const refusal = status < 400 ? undefined : await refusalOf(control, call)
      const answer = { status, headers: shownHeaders(headers), body: readable(reply, body), refusal }
      return { text: JSON.stringify(answer, undefined, 1), isError: false }
    },
  }
}

/** Others may be refused meanwhile. */
const LATEST_REFUSED = '/requests?refused=true&limit=50'

/** Why a call was refused. */
async function refusalOf(control: Control, call: string): Promise<JsonObject | undefined> {
  const latest = parsed(await control('GET', LATEST_REFUSED)) as readonly JournalEntry[]
  const own = latest.find(({ headers }) => headers[CALL_HEADER] === call)
  return own && { number: own.number, reason: own.reason, violations: own.violations }
}

const UNTOLD = /^(date|connection|keep-alive|content-length|access-control-|vary|x-content-type-options)/

const shownHeaders = (headers: Readonly<Record<string, string>>) =>
  Object.fromEntries(Object.entries(headers).filter(([name]) => !UNTOLD.test(name)))

function controlTool(
  { method, path, operation }: ControlOperation,
  document: JsonObject,
  control: Control,
): Tool {
  const parameters = (Array.isArray(operation.parameters) ? operation.parameters : []).map(
    (one) => resolved(one, document) as JsonObject,
  )
  const body = resolved(operation.requestBody, document)
  const name = String(operation.operationId)
  const isDestructive = method === 'DELETE' || /^(reset|restore)/.test(name)
  return {
    name,
    title: String(operation.summary),
    description: `${operation.summary}. ${operation.description}`.replaceAll('..', '.'),
    inputSchema: schemaOf(parameters, body),
    isReading: method === 'GET',
    isDestructive,
    async run(given) {
      const values: JsonObject = { ...DEFAULTS[name], ...given }
      const target = targetOf(name, path, parameters, values)
      const reply = await control(method, target, values.body)
      if (reply.status === 204) return { text: 'Done', isError: false }
      return { text: short(reply.body), isError: reply.status >= 400 }
    },
  }
}

/** @throws BadCall when a part of the path is missing. */
function targetOf(name: string, path: string, parameters: readonly JsonObject[], values: JsonObject): string {
  const query = new URLSearchParams()
  let target = path
  for (const { name: parameter, in: place } of parameters) {
    const value = values[String(parameter)]
    if (place === 'path' && value === undefined) throw new BadCall(`${name} needs ${parameter}`)
    if (place === 'path') target = target.replace(`{${parameter}}`, encodeURIComponent(String(value)))
    else if (value !== undefined) query.set(String(parameter), String(value))
  }
  const search = query.toString()
  return search === '' ? target : `${target}?${search}`
}

function schemaOf(parameters: readonly JsonObject[], body: unknown): JsonObject {
  const named = parameters.map(({ name, description, schema }) => [
    name,
    { ...(schema as object), ...(description === undefined ? {} : { description }) },
  ])
  const content = isObject(body) && isObject(body.content) ? body.content['application/json'] : undefined
  const sent = isObject(content) ? [['body', content.schema]] : []
  const isNeeded = isObject(body) && body.required === true
  return {
    type: 'object',
    properties: Object.fromEntries([...named, ...sent]) as JsonObject,
    required: [
      ...parameters.filter(({ required }) => required === true).map(({ name }) => name),
      ...(isNeeded ? ['body'] : []),
    ],
    additionalProperties: false,
  }
}

/** A part of the document without references: agents read tools one by one. */
function resolved(node: unknown, document: JsonObject): unknown {
  if (Array.isArray(node)) return node.map((one) => resolved(one, document))
  if (!isObject(node)) return node
  const reference = stringMember(node, '$ref')
  if (reference !== undefined) {
    const names = reference.split('/').slice(1)
    return resolved(
      names.reduce<unknown>((at, name) => (isObject(at) ? at[name] : undefined), document),
      document,
    )
  }
  return Object.fromEntries(Object.entries(node).map(([name, value]) => [name, resolved(value, document)]))
}

const parsed = ({ status, body }: Reply): unknown =>
  status === 200 ? (JSON.parse(body) as unknown) : undefined

function readable({ headers }: Reply, body: string): unknown {
  if (!/\bjson\b/.test(headers['content-type'] ?? '') || body.length > MAX_TEXT) return short(body)
  try {
    return JSON.parse(body) as unknown
  } catch {
    return body
  }
}

const short = (text: string): string =>
  text.length <= MAX_TEXT
    ? text
    : `${text.slice(0, MAX_TEXT)}… (${text.length} characters; ask for less, such as with limit or search)`
