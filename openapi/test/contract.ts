// gosend.yaml as data: its operations with references followed, and its examples held against its schemas.

import { readFileSync } from 'node:fs'
import path from 'node:path'
import { Ajv2020 } from 'ajv/dist/2020.js'
import addFormats from 'ajv-formats'
import { parse } from 'yaml'

interface MediaType {
  readonly schema: object
  readonly example?: Record<string, unknown>
  readonly examples?: Readonly<Record<string, { readonly value: Record<string, unknown> }>>
}

interface Response {
  readonly headers?: object
  readonly content?: Readonly<Record<string, MediaType>>
}

interface Operation {
  readonly operationId: string
  readonly parameters?: readonly { readonly name: string }[]
  readonly requestBody?: { readonly content: Readonly<Record<string, MediaType>> }
  readonly responses: Readonly<Record<string, Response>>
}

interface Contract {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>
  readonly webhooks: Readonly<
    Record<
      string,
      { post: { requestBody: { content: { 'application/json': { example: { event: string } } } } } }
    >
  >
  readonly components: {
    readonly schemas: Readonly<
      Record<
        string,
        { readonly enum?: readonly string[]; readonly discriminator?: { readonly mapping: object } }
      >
    >
    readonly responses: Readonly<Record<string, Response>>
  }
}

export const contract: Contract = parse(
  readFileSync(path.join(import.meta.dirname, '../gosend.yaml'), 'utf8'),
)

export const operations = Object.entries(contract.paths).flatMap(([path, methods]) =>
  Object.entries(methods)
    .filter(([, operation]) => 'operationId' in operation)
    .map(([method, { operationId, parameters = [], requestBody, responses }]) => ({
      id: operationId,
      method,
      path,
      parameters: parameters.map((parameter) => follow(parameter)),
      request: requestBody,
      responses: Object.entries(responses).map(([status, response]) => ({ status, ...follow(response) })),
    })),
)

function follow<Node extends object>(node: Node): Node {
  if (!('$ref' in node)) return node
  const names = String(node.$ref).split('/').slice(1)
  return names.reduce<unknown>((at, name) => Object(at)[name], contract) as Node
}

interface Example {
  /** JSON pointers to where the example stands and to the schema that it is of. */
  readonly at: string
  readonly schema: string
  readonly value: unknown
}

/** All examples below a node of the contract: of bodies, parameters, headers and schemas. */
export function examplesOf(node: unknown, at = ''): Example[] {
  if (typeof node !== 'object' || node === null) return []
  const areNames = /\/(?:properties|examples)$/.test(at)
  return Object.entries(node).flatMap(([key, child]): Example[] => {
    const here = `${at}/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`
    if (!areNames && key === 'example') return [{ at: here, schema: `${at}/schema`, value: child }]
    if (!areNames && key === 'examples') {
      return Array.isArray(child)
        ? child.map((value, index) => ({ at: `${here}/${index}`, schema: at, value }))
        : Object.entries<{ value: unknown }>(child).map(([name, { value }]) => {
            return { at: `${here}/${name}`, schema: `${at}/schema`, value }
          })
    }
    return examplesOf(child, here)
  })
}

const ajv = new Ajv2020({ strict: false, allErrors: true, validateSchema: false })
// A CommonJS module whose default export hides behind another one, depending on who loads it.
const plugin = 'default' in addFormats ? addFormats.default : addFormats
;(plugin as unknown as (target: Ajv2020) => void)(ajv)
ajv.addFormat('binary', true)
ajv.addSchema(contract, 'gosend.yaml')

/** What is wrong with a value by the schema at a JSON pointer into the contract. */
export function faultsOf(schema: string, value: unknown): string[] {
  const validate = ajv.compile({ $ref: `gosend.yaml#${encodeURI(schema)}` })
  return validate(value)
    ? []
    : (validate.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message}`)
}
