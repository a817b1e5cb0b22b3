// The OpenAPI document of the control plane, as this mock has it: what `control.yaml` describes and a step does, and the own
// controls of an API, described by the API or by their lines alone.

import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { isObject, type JsonObject } from '../engine/json.js'
import type { Route } from './controls.js'

/** An operation of the document of the control plane. */
export interface ControlOperation {
  readonly method: string
  /** Below `/_mock`. */
  readonly path: string
  readonly operation: JsonObject
}

const { resolve } = createRequire(import.meta.url)

const METHODS = ['get', 'put', 'post', 'delete', 'patch'] as const

/** The document that is shipped, with the operations of all APIs. */
export const readControlDocument = (): JsonObject =>
  JSON.parse(readFileSync(resolve('@gosend/openapi/control.json'), 'utf8')) as JsonObject

/** @param lines the API's own controls, as `POST /_mock/inbound`. @param described their path items, below `/_mock`. */
export function controlDocument(
  steps: readonly Route[],
  lines: readonly string[],
  described: Readonly<Record<string, object>>,
): JsonObject {
  const document = readControlDocument()
  const shared = Object.entries(pathsOf(document)).filter(([, item]) => item['x-mock-api'] === undefined)
  const paths: Record<string, Record<string, unknown>> = {}
  for (const [path, item] of [...shared, ...Object.entries(described)]) {
    const there = METHODS.filter((method) => method in item && hasStep(steps, method, path))
    if (there.length > 0)
      paths[path] = { ...paths[path], ...Object.fromEntries(there.map((name) => [name, member(item, name)])) }
  }
  for (const line of lines) {
    const [method = '', whole = ''] = line.split(' ')
    const path = whole.replace(/^\/_mock/, '')
    const known = Object.keys(paths).find((one) => formOf(one) === formOf(path)) ?? path
    paths[known] = { [method.toLowerCase()]: undescribed(method, path), ...paths[known] }
  }
  return { ...document, paths }
}

/** All operations of a document of the control plane. */
export const controlOperations = (document: JsonObject): readonly ControlOperation[] =>
  Object.entries(pathsOf(document)).flatMap(([path, item]) =>
    METHODS.flatMap((method) => {
      const operation = item[method]
      return isObject(operation) ? [{ method: method.toUpperCase(), path, operation }] : []
    }),
  )

const pathsOf = (document: JsonObject) => document.paths as Readonly<Record<string, JsonObject>>

const member = (item: object, name: string): unknown => (item as JsonObject)[name]

/** Names of path parameters do not tell paths apart. */
const formOf = (path: string): string => path.replace(/\{\w+\}/g, '{}')

const hasStep = (steps: readonly Route[], method: string, path: string): boolean =>
  steps.some(
    ([own, pattern]) =>
      own === method.toUpperCase() && pattern.test(`/_mock${path.replace(/\{\w+\}/g, '1')}`),
  )

const text = { schema: { type: 'string' } }

function undescribed(method: string, path: string): object {
  const names = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name)
  const words = [method.toLowerCase(), ...path.split(/[/{}.-]+/).filter(Boolean)]
  return {
    operationId: words
      .map((word, i) => (i === 0 ? word : word.replace(/^./, (c) => c.toUpperCase())))
      .join(''),
    summary: `${method} ${path}`,
    description: `A control of this API's own rules: ${method} /_mock${path}.`,
    parameters: [
      ...names.map((name) => ({ name, in: 'path', required: true, ...text })),
      { $ref: '#/components/parameters/Project' },
      { $ref: '#/components/parameters/Environment' },
    ],
    ...(method === 'GET' ? {} : { requestBody: { content: { 'application/json': { schema: {} } } } }),
    responses: {
      200: { description: 'What it has to tell', content: { 'application/json': { schema: {} } } },
      204: { description: 'Done' },
      default: { $ref: '#/components/responses/Refused' },
    },
  }
}
