// Values for a request to an operation: made from the document, with ids of what is stored.

import type { MediaType, Operation, Parameter } from './engine/document/operation.js'
import { isMultipart } from './engine/multipart/descriptions.js'
import { bareType, isJsonType, isXmlType } from './engine/request/media-types.js'
import { noPreferences } from './engine/request/preferences.js'
import { examplesOf } from './engine/request/shown.js'
import type { Schema } from './engine/schema/schema.js'
import type { Engine } from './engine.js'
import { scopeOf } from './rules/contexts.js'
import type { ItemTable } from './storage/item-table.js'

/** Whose request it is to be. */
export interface RequestScope {
  readonly projectId: string
  readonly environment: string
}

/** A value for each parameter; a path leads to things that are there, where some are. */
export function parameterExamples(
  engine: Engine,
  operation: Operation,
  items: ItemTable,
  scope: RequestScope,
): ReadonlyMap<Parameter, unknown> {
  const ids = idsFor(engine, operation, items, scope)
  return new Map(
    operation.parameters().map((parameter) => {
      const id = parameter.in === 'path' ? ids.get(parameter.name) : undefined
      return [parameter, id ?? sampleOf(engine, operation, parameter)]
    }),
  )
}

export interface BodyExample {
  readonly media: MediaType
  /** As it is sent: never with a wildcard. */
  readonly type: string
  readonly schema: Schema
  readonly value: unknown
}

const FORM = 'application/x-www-form-urlencoded'
/** What people can read and edit comes first. */
const KINDS: readonly ((type: string) => boolean)[] = [
  isJsonType,
  (type) => bareType(type) === FORM,
  isMultipart,
  isXmlType,
]

/** Undefined where the operation takes no body. */
export function bodyExample({ schemas, sampler }: Engine, operation: Operation): BodyExample | undefined {
  const content = operation.body()?.content ?? []
  const media = KINDS.flatMap((isOfKind) => content.filter(({ type }) => isOfKind(type)))[0] ?? content[0]
  if (media === undefined) return undefined
  const schema = schemaOf(schemas, media)
  const base = media.examples[0]?.value
  const { value } = sampler.sample(schema, { seed: operation.id, base, isSuccess: true })
  return { media, type: media.type.includes('*') ? 'application/json' : media.type, schema, value }
}

/** A stream's items are described one by one. */
function schemaOf(schemas: Engine['schemas'], { schema, itemSchema }: MediaType): Schema {
  if (schema === undefined && itemSchema !== undefined)
    return { type: 'array', minItems: 1, items: schemas.convert(itemSchema, 'request') }
  return schemas.convert(schema ?? true, 'request')
}

function sampleOf({ schemas, sampler }: Engine, { id }: Operation, parameter: Parameter): unknown {
  const [example] = examplesOf(schemas, parameter)
  if (example !== undefined) return example
  const schema = schemas.convert(parameter.schema ?? {}, 'request')
  return sampler.sample(schema, { seed: `${id} ${parameter.name}` }).value
}

/** Ids of things that are there, by the names of the path's parameters. */
function idsFor(
  engine: Engine,
  operation: Operation,
  items: ItemTable,
  scope: RequestScope,
): ReadonlyMap<string, string> {
  const ids = new Map<string, string>()
  let concrete = ''
  for (const [depth, segment] of operation.path.split('/').slice(1).entries()) {
    const [, name] = /^\{([^{}]+)\}$/.exec(segment) ?? []
    if (name === undefined) {
      concrete += `/${segment}`
      continue
    }
    const words = new Set(engine.document.operations.map(({ path }) => path.split('/')[depth + 1]))
    // A collection may have things that were stored at a path which has a word in the place of an id.
    const idThere = () =>
      items
        .list(scopeOf(scope.projectId, scope.environment), engine.prefix + concrete, {
          latestFirst: true,
          limit: 10,
        })
        .find(({ id }) => !words.has(id))?.id
    let id = idThere()
    if (id === undefined) {
      fill(engine, concrete, scope)
      id = idThere()
    }
    if (id === undefined) break
    ids.set(name, id)
    concrete += `/${encodeURIComponent(id)}`
  }
  return ids
}

/** A collection has what it begins with once it has been asked for. */
function fill({ state, router }: Engine, path: string, identity: RequestScope): void {
  const match = router.match('GET', path, '')
  if (match.kind !== 'found') return
  state?.answer({
    ...{ operation: match.operation, path, headers: {}, body: undefined, scheme: 'http', identity },
    parameters: { path: match.params, query: {}, header: {}, cookie: {} },
    preferences: noPreferences,
  })
}
