// One operation of a document in the internal form that all versions share. Its parts are read when first needed.

import { arrayMember, entriesOf, isObject, type JsonObject, lazy, member, stringMember } from '../json.js'
import type { Dialect } from './dialect.js'
import type { ExternalValues } from './external-values.js'
import type { SecurityScheme } from './security-scheme.js'
import { upgradeOperation, upgradeSecurityScheme, upgradeServers } from './upgrade.js'

export type ParameterPlace = 'path' | 'query' | 'header' | 'cookie'

/** How the parts of a body are written. */
export interface Encodings {
  /** By the names of members: of a form, or of what a multipart body holds. */
  readonly encoding: JsonObject
  /** Of the first parts of a multipart body, and of all others (OpenAPI 3.2, section 4.15). */
  readonly prefixEncoding: readonly unknown[]
  readonly itemEncoding: unknown
}

export interface MediaType extends Encodings {
  /** As the document writes it, parameters included. */
  readonly type: string
  readonly schema: unknown
  /** The schema of each item of a stream (OpenAPI 3.2, section 4.14.3); undefined when there is none. */
  readonly itemSchema: unknown
  readonly examples: readonly { readonly name: string; readonly value: unknown }[]
}

export interface Parameter {
  readonly name: string
  readonly in: ParameterPlace
  /** Whether it is all of the query together (`in: querystring`), and not one name of it. */
  readonly isWholeQuery: boolean
  /** What the members of the whole query are, as parameters of their own. */
  readonly members: readonly Parameter[]
  readonly required: boolean
  readonly schema: unknown
  readonly style: string
  readonly explode: boolean
  readonly allowEmptyValue: boolean
  /** The media type of a parameter that is described by `content`. */
  readonly contentType: string | undefined
  readonly raw: JsonObject
}

export interface RequestBody {
  readonly required: boolean
  readonly content: readonly MediaType[]
}

export interface Header {
  readonly name: string
  readonly required: boolean
  readonly schema: unknown
  readonly example: unknown
}

export interface ResponseSpec {
  /** `200`, `2XX` or `default`. */
  readonly status: string
  readonly description: string
  readonly content: readonly MediaType[]
  readonly headers: readonly Header[]
}

/** All of these schemes together; an empty one lets anyone in. */
export type SecurityRequirement = readonly {
  readonly scheme: SecurityScheme
  readonly scopes: readonly string[]
}[]

export interface Operation {
  /** `operationId`, or method and path where the document gives none. */
  readonly id: string
  readonly operationId: string | undefined
  /** What it does, in a few words. */
  readonly summary: string
  /** In upper case. */
  readonly method: string
  readonly path: string
  readonly pointer: string
  readonly basePaths: readonly string[]
  readonly parameters: () => readonly Parameter[]
  readonly body: () => RequestBody | undefined
  readonly responses: () => readonly ResponseSpec[]
  readonly security: () => readonly SecurityRequirement[]
  /** As the document writes them; outgoing.ts reads them. */
  readonly callbacks: unknown
  /** An `x-…` member of the operation, its path or the document, in this order. */
  readonly extension: (name: string) => unknown
  /** The operation as the document writes it, as JSON. */
  readonly text: () => string
}

/** What users may call an operation: its operationId, or `GET /path` with or without the base path. */
export const namesOf = ({ operationId, method, path, basePaths }: Operation): readonly string[] => [
  ...(operationId === undefined ? [] : [operationId]),
  `${method} ${path}`,
  `${method} ${basePaths[0] ?? ''}${path}`,
]

/** What an operation needs of its document. */
export interface DocumentContext {
  readonly root: JsonObject
  readonly dialect: Dialect
  /** The path that the whole document is served below; undefined for the base paths of its servers alone. */
  readonly mount: string | undefined
  readonly deref: (node: unknown) => unknown
  readonly externalValues: ExternalValues
}

export interface OperationPlace {
  readonly item: JsonObject
  readonly path: string
  readonly method: string
  readonly pointer: string
}

/** @param raw the operation as the document has it. */
export function createOperation(raw: JsonObject, place: OperationPlace, context: DocumentContext): Operation {
  const { item, path } = place
  const { root, dialect, deref } = context
  const isSwagger = dialect === 'swagger-2.0'
  const parts = lazy(() => {
    const shared = arrayMember(item, 'parameters')
    return isSwagger ? upgradeOperation(raw, shared, root, deref) : { operation: raw, shared }
  })
  const method = place.method.toUpperCase()
  const operationId = stringMember(raw, 'operationId')
  const servers =
    [raw, item, root].map((level) => arrayMember(level, 'servers')).find((list) => list.length > 0) ??
    (isSwagger ? upgradeServers(root) : [])
  return {
    id: operationId ?? `${method} ${path}`,
    operationId,
    summary: stringMember(raw, 'summary') ?? '',
    method,
    path,
    pointer: place.pointer,
    basePaths: mounted([...new Set(servers.flatMap(basePathsOf))], context.mount),
    parameters: lazy(() => parametersOf(parts(), path, context)),
    body: lazy(() => {
      const body = deref(parts().operation.requestBody)
      const content = contentOf(body, context)
      if (!isObject(body) || content.length === 0) return undefined
      // Browsers, and fetch, send none with these (RFC 9110, section 9.3.1).
      return { required: body.required === true && method !== 'GET' && method !== 'HEAD', content }
    }),
    responses: lazy(() => responsesOf(parts().operation, context)),
    security: lazy(() => securityOf(raw, root, isSwagger, deref)),
    callbacks: raw.callbacks,
    extension(name) {
      const own = member(raw, name)
      if (own !== undefined) return own
      const shared = member(item, name)
      return shared === undefined ? member(root, name) : shared
    },
    text: lazy(() => JSON.stringify(raw)),
  }
}

/** Clients know the path with the base path of the servers, people without. */
const mounted = (basePaths: readonly string[], mount: string | undefined): readonly string[] =>
  mount === undefined ? basePaths : [...new Set([mount, ...basePaths.map((base) => mount + base)])]

const MAX_BASE_PATHS = 16

/** The path part of a server URL, for its variables' defaults and other documented values. */
function basePathsOf(server: unknown): string[] {
  let urls = [stringMember(server, 'url') ?? '/']
  for (const [name, variable] of entriesOf(server, 'variables')) {
    const values = [member(variable, 'default'), ...arrayMember(variable, 'enum')]
    urls = urls.flatMap((url) =>
      url.includes(`{${name}}`)
        ? [...new Set(values)].map((value) => url.replaceAll(`{${name}}`, String(value)))
        : [url],
    )
    urls = urls.slice(0, MAX_BASE_PATHS)
  }
  return urls.map((url) => {
    try {
      return new URL(url.replace(/[{}]/g, ''), 'http://server').pathname.replace(/\/+$/, '')
    } catch {
      return ''
    }
  })
}

const DEFAULT_STYLE: Readonly<Record<ParameterPlace, string>> = {
  path: 'simple',
  header: 'simple',
  query: 'form',
  cookie: 'form',
}
const isPlace = (place: unknown): place is ParameterPlace =>
  typeof place === 'string' && Object.hasOwn(DEFAULT_STYLE, place)

function parametersOf(
  parts: { readonly operation: JsonObject; readonly shared: readonly unknown[] },
  path: string,
  context: DocumentContext,
): readonly Parameter[] {
  const found = new Map<string, Parameter>()
  const [own = '', query = ''] = path.split('?', 2)
  const inTemplate = templateNames(own)
  for (const node of [...parts.shared, ...arrayMember(parts.operation, 'parameters')]) {
    const parameter = placed(parameterOf(context.deref(node), context), query)
    // No request could carry a path parameter that the template does not name.
    const isNamed = parameter?.in !== 'path' || inTemplate.includes(parameter.name)
    if (parameter !== undefined && isNamed) found.set(`${parameter.in}:${parameter.name}`, parameter)
  }
  for (const name of inTemplate) {
    if (found.has(`path:${name}`)) continue
    const schema = { type: 'string' }
    found.set(`path:${name}`, {
      ...PLAIN,
      name,
      in: 'path',
      required: true,
      schema,
      style: 'simple',
      raw: {},
    })
  }
  return [...found.values()]
}

/** What stands for a value in the query of a path is no part of its template: `/export?app_id={app_id}` (OneSignal). */
function placed(parameter: Parameter | undefined, query: string): Parameter | undefined {
  if (parameter?.in !== 'path' || query === '') return parameter
  const named = [...new URLSearchParams(query)].find(([, value]) => value === `{${parameter.name}}`)
  return named === undefined
    ? parameter
    : { ...parameter, name: named[0], in: 'query', style: 'form', explode: true }
}

/** What a parameter is that its document says nothing special of. */
const PLAIN = {
  ...{ isWholeQuery: false, members: [] },
  ...{ explode: false, allowEmptyValue: false, contentType: undefined },
}

/** The members of a whole query, by what its schema itself says of them. */
function membersOf(schema: unknown, { deref }: DocumentContext): readonly Parameter[] {
  const whole = deref(schema)
  const required = arrayMember(whole, 'required')
  return entriesOf(whole, 'properties').map(([name, own]) => {
    const raw = deref(own)
    const isRequired = required.includes(name)
    return {
      ...{ ...PLAIN, name, in: 'query', required: isRequired, schema: own, style: 'form', explode: true },
      raw: isObject(raw) ? raw : {},
    }
  })
}

/** The parameters that a query has: those of the operation, and the members of a whole query in place of it. */
export const queryParameters = (operation: Operation): readonly Parameter[] =>
  operation
    .parameters()
    .filter(({ in: place }) => place === 'query')
    .flatMap((parameter) => (parameter.members.length > 0 ? parameter.members : [parameter]))

function parameterOf(raw: unknown, context: DocumentContext): Parameter | undefined {
  const name = stringMember(raw, 'name')
  const isWholeQuery = member(raw, 'in') === 'querystring'
  const place = isWholeQuery ? 'query' : member(raw, 'in')
  if (!isObject(raw) || name === undefined || !isPlace(place)) return undefined
  const style = stringMember(raw, 'style') ?? DEFAULT_STYLE[place]
  const [media] = contentOf(raw, context)
  const schema = raw.schema ?? media?.schema
  return {
    name,
    in: place,
    isWholeQuery,
    members: isWholeQuery ? membersOf(schema, context) : [],
    required: place === 'path' || raw.required === true,
    schema,
    style,
    explode: typeof raw.explode === 'boolean' ? raw.explode : style === 'form',
    allowEmptyValue: raw.allowEmptyValue === true,
    contentType: raw.schema === undefined ? media?.type : undefined,
    raw,
  }
}

/** The names between braces in a path template, in order. */
export const templateNames = (path: string): string[] =>
  [...path.matchAll(/\{([^{}]+)\}/g)].map((match) => match[1] ?? '')

/** The value of an Example Object: as data, or as the text that is sent (OpenAPI 3.2, section 4.20). */
const exampleValue = (example: unknown, type: string, externalValues: ExternalValues): unknown =>
  ['dataValue', 'value', 'serializedValue']
    .map((name) => member(example, name))
    .find((value) => value !== undefined) ??
  (isObject(example) && typeof example.externalValue === 'string'
    ? externalValues.valueOf(example, type)
    : undefined)

/** The entries of a member that may be a reference to them. */
function entriesBehind(
  holder: unknown,
  name: string,
  deref: (node: unknown) => unknown,
): [string, unknown][] {
  const found = deref(member(holder, name))
  if (!isObject(found)) return []
  const entries = Object.entries(found)
  return Object.hasOwn(found, '$ref') ? entries.filter(([key]) => key !== '$ref') : entries
}

/** What a Media Type Object or an Encoding Object says of the parts within. */
export function encodingsOf(holder: unknown): Encodings {
  const encoding = member(holder, 'encoding')
  return {
    encoding: isObject(encoding) ? encoding : {},
    prefixEncoding: arrayMember(holder, 'prefixEncoding'),
    itemEncoding: member(holder, 'itemEncoding'),
  }
}

function contentOf(holder: unknown, { deref, externalValues }: DocumentContext): readonly MediaType[] {
  return entriesBehind(holder, 'content', deref).map(([type, node]) => {
    const media = deref(node)
    const named = entriesBehind(media, 'examples', deref).flatMap(([name, example]) => {
      const value = exampleValue(deref(example), type, externalValues)
      return value === undefined ? [] : [{ name, value }]
    })
    const example = member(media, 'example')
    return {
      type,
      schema: member(media, 'schema'),
      itemSchema: member(media, 'itemSchema'),
      examples: example === undefined ? named : [{ name: '', value: example }, ...named],
      ...encodingsOf(media),
    }
  })
}

function responsesOf(operation: JsonObject, context: DocumentContext): readonly ResponseSpec[] {
  const { deref } = context
  return entriesBehind(operation, 'responses', deref).flatMap(([status, node]) => {
    const response = deref(node)
    if (!/^([1-5](\d\d|xx)|default)$/i.test(status) || !isObject(response)) return []
    const headers = entriesBehind(response, 'headers', deref).map(([name, headerNode]) => {
      const header = deref(headerNode)
      const [media] = contentOf(header, context)
      const [named] = entriesOf(header, 'examples').map(([, example]) => member(deref(example), 'value'))
      return {
        name,
        required: member(header, 'required') === true,
        schema: member(header, 'schema') ?? media?.schema,
        example: member(header, 'example') ?? named,
      }
    })
    const content = contentOf(response, context)
    const description = stringMember(response, 'description') ?? ''
    return [{ status: status === 'default' ? status : status.toUpperCase(), description, content, headers }]
  })
}

function securityOf(
  operation: JsonObject,
  root: JsonObject,
  isSwagger: boolean,
  deref: (node: unknown) => unknown,
): readonly SecurityRequirement[] {
  const own = member(operation, 'security')
  const requirements = Array.isArray(own) ? own : arrayMember(root, 'security')
  const schemes = isSwagger ? root.securityDefinitions : member(root.components, 'securitySchemes')
  return requirements.filter(isObject).map((requirement) =>
    Object.entries(requirement).map(([name, scopes]) => {
      // Since OpenAPI 3.2 a requirement may name its scheme by reference.
      const node = deref(member(schemes, name) ?? (name.includes('#') ? { $ref: name } : undefined))
      const raw = isObject(node) ? node : {}
      const scheme = schemeOf(name, isSwagger ? upgradeSecurityScheme(raw) : raw)
      return { scheme, scopes: (Array.isArray(scopes) ? scopes : []).map(String) }
    }),
  )
}

const schemeOf = (name: string, raw: JsonObject): SecurityScheme => ({
  name,
  type: stringMember(raw, 'type') ?? 'unknown',
  in: stringMember(raw, 'in') ?? 'header',
  parameter: stringMember(raw, 'name') ?? '',
  scheme: (stringMember(raw, 'scheme') ?? '').toLowerCase(),
})
