// Swagger 2.0 seen as OpenAPI 3: one object at a time, when it is asked for. Schemas keep their place and form;
// schemas.ts reads every dialect.

import { arrayMember, entriesOf, isObject, type JsonObject, member, stringMember } from '../json.js'

export type Deref = (node: unknown) => unknown

// biome-ignore format: a table reads better in rows
const SCHEMA_KEYS = [
  'type', 'format', 'items', 'default', 'maximum', 'exclusiveMaximum', 'minimum', 'exclusiveMinimum', 'maxLength',
  'minLength', 'pattern', 'maxItems', 'minItems', 'uniqueItems', 'enum', 'multipleOf', 'x-nullable', 'x-example',
] as const

const COLLECTION_FORMATS: Readonly<Record<string, JsonObject>> = {
  csv: { explode: false },
  ssv: { style: 'spaceDelimited', explode: false },
  tsv: { style: 'tabDelimited', explode: false },
  pipes: { style: 'pipeDelimited', explode: false },
  multi: { explode: true },
}

function schemaOf(parameter: JsonObject): JsonObject {
  const schema: Record<string, unknown> = {}
  for (const key of SCHEMA_KEYS) if (Object.hasOwn(parameter, key)) schema[key] = parameter[key]
  if (schema.type === 'file') return { type: 'string', format: 'binary' }
  return schema
}

const BASE64 = '^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$'

/** A form field: it must not be empty unless it is allowed to, and bytes must be base64. */
function fieldSchemaOf(field: JsonObject): JsonObject {
  const schema = schemaOf(field)
  if (schema.type !== 'string' || schema.format === 'binary') return schema
  const least = field.allowEmptyValue !== true && schema.minLength === undefined
  return {
    ...schema,
    ...(least ? { minLength: 1 } : {}),
    ...(schema.format === 'byte' && schema.pattern === undefined ? { pattern: BASE64 } : {}),
  }
}

function mediaTypes(
  operation: JsonObject,
  root: JsonObject,
  key: 'consumes' | 'produces',
  otherwise: string,
) {
  const own = member(operation, key) === undefined ? arrayMember(root, key) : arrayMember(operation, key)
  const named = own.flatMap((type) => (typeof type === 'string' ? [type.trim()] : []))
  return named.length > 0 ? named : [otherwise]
}

/** An operation of Swagger 2.0 with `requestBody`, `content` and parameter schemas in their OpenAPI 3 places. */
export function upgradeOperation(
  operation: JsonObject,
  shared: readonly unknown[],
  root: JsonObject,
  deref: Deref,
): { readonly operation: JsonObject; readonly shared: readonly unknown[] } {
  const all = [...shared, ...arrayMember(operation, 'parameters')].map(deref).filter(isObject)
  const body = all.findLast((parameter) => parameter.in === 'body')
  const fields = all.filter((parameter) => parameter.in === 'formData')
  const parameters = all
    .filter((parameter) => parameter.in !== 'body' && parameter.in !== 'formData')
    .map((parameter) => {
      const schema = schemaOf(parameter)
      const isArray = schema.type === 'array'
      const style = isArray
        ? COLLECTION_FORMATS[stringMember(parameter, 'collectionFormat') ?? 'csv']
        : undefined
      return { ...parameter, schema, ...style }
    })
  const content = (types: readonly string[], media: JsonObject) =>
    Object.fromEntries(types.map((type) => [type, media]))

  let requestBody: JsonObject | undefined
  if (body !== undefined) {
    const types = mediaTypes(operation, root, 'consumes', 'application/json')
    requestBody = { required: body.required === true, content: content(types, { schema: body.schema }) }
  }
  if (fields.length > 0) {
    const schema = {
      type: 'object',
      properties: Object.fromEntries(fields.map((field) => [String(field.name), fieldSchemaOf(field)])),
      required: fields.filter((field) => field.required === true).map((field) => field.name),
    }
    const encoding = Object.fromEntries(
      fields
        .filter((field) => field.type === 'array')
        .map((field) => [
          String(field.name),
          COLLECTION_FORMATS[stringMember(field, 'collectionFormat') ?? 'csv'] ?? {},
        ]),
    )
    // Clients of such APIs send either form, whatever `consumes` says.
    const types = ['application/x-www-form-urlencoded', 'multipart/form-data']
    const required = fields.some((field) => field.required === true)
    // Some operations take a body in either of two kinds, and describe both.
    const other = Object.entries(requestBody?.content ?? {}).filter(([type]) => !types.includes(type))
    requestBody = {
      required,
      content: { ...Object.fromEntries(other), ...content(types, { schema, encoding }) },
    }
  }

  const produces = mediaTypes(operation, root, 'produces', 'application/json')
  const responses = Object.fromEntries(
    entriesOf(operation, 'responses').map(([status, node]) => [
      status,
      upgradeResponse(deref(node), produces),
    ]),
  )
  return {
    operation: { ...operation, parameters, responses, ...(requestBody === undefined ? {} : { requestBody }) },
    shared: [],
  }
}

function upgradeResponse(response: unknown, produces: readonly string[]): unknown {
  if (!isObject(response)) return response
  const examples = member(response, 'examples')
  const schema = member(response, 'schema')
  const types = new Set([
    ...(schema === undefined ? [] : produces),
    ...(isObject(examples) ? Object.keys(examples) : []),
  ])
  const content = Object.fromEntries(
    [...types].map((type) => {
      const example = member(examples, type)
      return [
        type,
        { ...(schema === undefined ? {} : { schema }), ...(example === undefined ? {} : { example }) },
      ]
    }),
  )
  const headers = Object.fromEntries(
    entriesOf(response, 'headers').map(([name, header]) => [
      name,
      isObject(header) ? { schema: schemaOf(header) } : {},
    ]),
  )
  return { ...response, headers, ...(types.size > 0 ? { content } : {}) }
}

/** `host`, `basePath` and `schemes` as a list of servers. */
export function upgradeServers(root: JsonObject): readonly unknown[] {
  const basePath = stringMember(root, 'basePath')
  return basePath === undefined ? [] : [{ url: basePath }]
}

/** The one flow of a Swagger 2.0 scheme, by its name there. */
const FLOW_NAMES: ReadonlyMap<unknown, string> = new Map([
  ['implicit', 'implicit'],
  ['password', 'password'],
  ['application', 'clientCredentials'],
  ['accessCode', 'authorizationCode'],
])

/** A security definition of Swagger 2.0 as a security scheme. */
export function upgradeSecurityScheme(scheme: JsonObject): JsonObject {
  if (scheme.type === 'basic') return { ...scheme, type: 'http', scheme: 'basic' }
  const flow = scheme.type === 'oauth2' ? FLOW_NAMES.get(scheme.flow) : undefined
  if (flow === undefined) return scheme
  const { authorizationUrl, tokenUrl, scopes } = scheme
  return { ...scheme, flows: { [flow]: { authorizationUrl, tokenUrl, scopes } } }
}
