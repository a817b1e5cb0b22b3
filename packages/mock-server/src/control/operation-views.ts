// The operations of the mocked API for programs and agents: which there are, and how each is called, with an example that
// the document allows.

import { namesOf, type Operation } from '../engine/document/operation.js'
import { isObject, type JsonObject, stringMember } from '../engine/json.js'
import type { Engine } from '../engine.js'
import { bodyExample, parameterExamples, type RequestScope } from '../request-examples.js'
import type { ItemTable } from '../storage/item-table.js'
import { namedOperations } from './overview.js'
import type { ExampleCall, OperationDescription, OperationName } from './wire.js'

export interface OperationViews {
  list(search?: string): readonly OperationName[]
  /** By operationId, or by method and path; undefined when there is none. */
  describe(name: string): OperationDescription | undefined
}

/** Schemas nest without end: deeper parts stay references by name. */
const MAX_DEPTH = 8
const MAX_NODES = 4_000

/**
 * @param engines those of the documents at this moment.
 * @param scope whose things examples lead to.
 */
export function createOperationViews(
  engines: () => readonly Engine[],
  items: ItemTable,
  scope: RequestScope,
): OperationViews {
  return {
    list(search = '') {
      const word = search.toLowerCase()
      const summaries = engines().flatMap(({ document }) =>
        document.operations.map((operation) => stringMember(rawOf(operation), 'summary')),
      )
      return namedOperations(engines())
        .map(({ id, method, path }, i) => ({ id, line: `${method} ${path}`, summary: summaries[i] }))
        .filter((one) => Object.values(one).some((value) => value?.toLowerCase().includes(word)))
    },
    describe(name) {
      for (const engine of engines()) {
        const operation = engine.document.operations.find((one) => namesOf(one).includes(name))
        if (operation !== undefined)
          return engine.budget.lift(() => described(engine, operation, items, scope))
      }
      return undefined
    },
  }
}

const rawOf = (operation: Operation): unknown => JSON.parse(operation.text())

function described(
  engine: Engine,
  operation: Operation,
  items: ItemTable,
  scope: RequestScope,
): OperationDescription {
  const raw = rawOf(operation)
  const expand = createExpansion(engine.document.deref)
  const body = operation.body()
  const reading = engine.state
    ?.readings()
    .find(({ method, path }) => method === operation.method && path === operation.path)
  const { method, path, id, basePaths } = operation
  return {
    ...{ id, method, path: `${basePaths[0] ?? ''}${path}` },
    ...textsOf(raw),
    ...(isObject(raw) && raw.deprecated === true ? { deprecated: true } : {}),
    parameters: operation.parameters().map((one) => ({
      ...{ name: one.name, in: one.in, required: one.required },
      ...(typeof one.raw.description === 'string' ? { description: one.raw.description } : {}),
      schema: expand(one.schema),
    })),
    ...(body && { body: { required: body.required, content: schemasOf(body.content, expand) } }),
    responses: operation.responses().map(({ status, description, content }) => ({
      ...{ status, description },
      content: schemasOf(content, expand),
    })),
    security: operation
      .security()
      .map((all) => all.map(({ scheme, scopes }) => ({ scheme, scopes: [...scopes] }))),
    ...(reading && { reading }),
    example: exampleOf(engine, operation, items, scope),
  }
}

function textsOf(raw: unknown): { readonly summary?: string; readonly description?: string } {
  const summary = stringMember(raw, 'summary')
  const description = stringMember(raw, 'description')
  return { ...(summary && { summary }), ...(description && { description }) }
}

const schemasOf = (
  content: readonly { readonly type: string; readonly schema: unknown }[],
  expand: (node: unknown) => unknown,
): Readonly<Record<string, unknown>> =>
  Object.fromEntries(content.map(({ type, schema }) => [type, expand(schema) ?? {}]))

/** A schema with what its references lead to, as far as somebody reads on. */
function createExpansion(deref: (node: unknown) => unknown): (node: unknown) => unknown {
  let nodes = 0
  const expand = (node: unknown, depth: number): unknown => {
    nodes += 1
    if (Array.isArray(node)) return node.map((one) => expand(one, depth))
    if (!isObject(node)) return node
    const isReference = typeof node.$ref === 'string'
    if (isReference && (depth > MAX_DEPTH || nodes > MAX_NODES)) return { $ref: node.$ref }
    const target = isReference ? deref(node) : node
    if (!isObject(target)) return {}
    const { $ref: _, ...members } = target
    return Object.fromEntries(
      Object.entries(members).map(([name, value]) => [name, expand(value, isReference ? depth + 1 : depth)]),
    )
  }
  return (node) => expand(node, 0)
}

const PLACES = { path: 'path', query: 'query', header: 'headers' } as const

function exampleOf(engine: Engine, operation: Operation, items: ItemTable, scope: RequestScope): ExampleCall {
  const values: { path: JsonObject; query: JsonObject; headers: JsonObject } = {
    ...{ path: {}, query: {}, headers: {} },
  }
  for (const [parameter, value] of parameterExamples(engine, operation, items, scope)) {
    if (!parameter.required || parameter.in === 'cookie' || parameter.isWholeQuery) continue
    const place = PLACES[parameter.in]
    values[place] = { ...values[place], [parameter.name]: textOf(value) }
  }
  const used = Object.entries(values).filter(([, named]) => Object.keys(named).length > 0)
  const body = bodyExample(engine, operation)
  return {
    ...(Object.fromEntries(used) as ExampleCall),
    ...(body && { contentType: body.type, body: body.value }),
  }
}

const textOf = (value: unknown): string =>
  Array.isArray(value) ? value.map(String).join(',') : isObject(value) ? JSON.stringify(value) : String(value)
