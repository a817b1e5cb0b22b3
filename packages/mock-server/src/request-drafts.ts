// Requests that operations take, as people try them: with the credential that the operation asks for, in rows to edit.

import type { RequestDraft } from './control/wire.js'
import type { MediaType, Operation, Parameter } from './engine/document/operation.js'
import type { SecurityScheme } from './engine/document/security-scheme.js'
import { isMultipart } from './engine/multipart/descriptions.js'
import { isJsonType, isXmlType } from './engine/request/media-types.js'
import { serialize } from './engine/response/answers.js'
import type { Engine } from './engine.js'
import { bodyExample, parameterExamples, type RequestScope } from './request-examples.js'
import type { ItemTable } from './storage/item-table.js'

export interface RequestDraftsOptions {
  readonly engines: () => readonly Engine[]
  readonly items: ItemTable
  /** By environment. */
  readonly keys: Readonly<Record<string, string>>
}

/** Gives undefined where no operation has the name that the list of operations gives it. */
export type RequestDrafts = (name: string, scope: RequestScope) => RequestDraft | undefined

type Row = RequestDraft['parameters'][number]

export function createRequestDrafts({ engines, items, keys }: RequestDraftsOptions): RequestDrafts {
  return (name, scope) => {
    const isOnly = engines().length === 1
    for (const engine of engines())
      for (const operation of engine.document.operations)
        if (name === (isOnly ? operation.id : nameAmongSeveral(operation)))
          return engine.budget.lift(() =>
            draftOf(engine, operation, { items, key: keys[scope.environment] ?? '', scope }),
          )
    return undefined
  }
}

/** The draft of the GET that is easy to try; undefined where there is none. */
export function draftOfExample(
  engines: readonly Engine[],
  drafts: RequestDrafts,
  path: string,
  scope: RequestScope,
): RequestDraft | undefined {
  for (const { document } of engines)
    for (const operation of document.operations)
      if (operation.method === 'GET' && `${operation.basePaths[0] ?? ''}${operation.path}` === path)
        return drafts(engines.length === 1 ? operation.id : nameAmongSeveral(operation), scope)
  return undefined
}

const nameAmongSeveral = ({ method, path, basePaths }: Operation): string =>
  `${method} ${basePaths[0] ?? ''}${path}`

interface Surroundings {
  readonly items: ItemTable
  readonly key: string
  readonly scope: RequestScope
}

function draftOf(engine: Engine, operation: Operation, around: Surroundings): RequestDraft {
  const body = bodyOf(engine, operation)
  const credentials = credentialsOf(operation, around.key)
  const parameters = [...parameterExamples(engine, operation, around.items, around.scope)]
    .filter(([{ in: place, name }]) => !credentials.some((own) => own.in === place && own.name === name))
    .flatMap(([parameter, value]) => rowsOf(parameter, value))
  const cookies = credentials
    .filter((own) => own.in === 'cookie')
    .map(({ name, value }) => `${name}=${value}`)
  return {
    method: operation.method,
    path: `${operation.basePaths[0] ?? ''}${operation.path}`,
    parameters: [
      ...parameters,
      ...credentials
        .filter((own) => own.in === 'query')
        .map((own) => ({ ...own, required: true, about: 'The credential' })),
    ],
    headers: [
      ...credentials.filter((own) => own.in === 'header').map(({ name, value }) => [name, value] as const),
      ...(cookies.length === 0 ? [] : [['Cookie', cookies.join('; ')] as const]),
      ...(body === undefined ? [] : [['Content-Type', body.type] as const]),
    ],
    body: body?.text ?? null,
  }
}

/** A list is sent as its items, and an object as its members: each is a row. */
export function rowsOf(parameter: Parameter, value: unknown): readonly Row[] {
  const { name, in: place, required, explode, raw, contentType } = parameter
  const about = typeof raw.description === 'string' ? raw.description : ''
  const row = (shown: unknown, own = name): Row => ({
    ...{ name: own, in: place, required, about },
    value: typeof shown === 'string' ? shown : (JSON.stringify(shown) ?? ''),
  })
  if (contentType !== undefined || value === null || typeof value !== 'object') return [row(value)]
  if (Array.isArray(value))
    return explode && place === 'query' ? value.map((one) => row(one)) : [row(value.join(','))]
  if (parameter.style === 'deepObject')
    return Object.entries(value).map(([member, one]) => row(one, `${name}[${member}]`))
  if (explode && place === 'query') return Object.entries(value).map(([member, one]) => row(one, member))
  return [row(Object.entries(value).flat().join(','))]
}

interface Credential {
  readonly name: string
  readonly in: 'header' | 'query' | 'cookie'
  readonly value: string
}

/** Of the first requirement that asks for any, and where there is a choice for no client certificate. */
function credentialsOf(operation: Operation, key: string): readonly Credential[] {
  const asking = operation.security().filter((schemes) => schemes.length > 0)
  const requirement =
    asking.find((schemes) => schemes.every(({ scheme }) => scheme.type !== 'mutualTLS')) ?? asking[0] ?? []
  return requirement.flatMap(({ scheme }) => credentialFor(scheme, key))
}

function credentialFor(
  { type, in: place, parameter, scheme }: SecurityScheme,
  key: string,
): readonly Credential[] {
  if (type === 'mutualTLS') return []
  if (type === 'apiKey')
    return [{ name: parameter, in: place === 'query' || place === 'cookie' ? place : 'header', value: key }]
  const value = scheme === 'basic' ? `Basic ${Buffer.from(`${key}:`).toString('base64')}` : `Bearer ${key}`
  return [{ name: 'Authorization', in: 'header', value }]
}

function bodyOf(
  engine: Engine,
  operation: Operation,
): { readonly type: string; readonly text: string } | undefined {
  const example = bodyExample(engine, operation)
  if (example === undefined) return undefined
  const { media, type, schema, value } = example
  if (isJsonType(type)) return { type, text: JSON.stringify(value, null, 2) }
  if (isMultipart(type)) {
    const written = engine.multipart.write(value, schema, media)
    return { type: written.type, text: written.bytes.toString() }
  }
  if (isXmlType(type))
    return { type, text: typeof value === 'string' ? value : engine.xml.write(value, schema) }
  return { type, text: textOf(value, type, media) }
}

const textOf = (value: unknown, type: string, { examples }: MediaType): string => {
  const text = serialize(value ?? examples[0]?.value ?? '', type)
  return typeof text === 'string' ? text : ''
}
