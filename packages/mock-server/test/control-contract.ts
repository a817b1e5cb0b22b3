// Holds every answer of the control plane that a test gets to the document of the control plane.

import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js'
import formats from 'ajv-formats'
import { controlOperations, readControlDocument } from '../src/control/control-document.js'

const document = readControlDocument()
const components = document.components as { readonly responses: Readonly<Record<string, Response>> }
const ajv = new Ajv2020({ strict: false, allErrors: true })
formats.default(ajv)
const validators = new Map<object, ValidateFunction>()

interface Response {
  readonly content?: Readonly<Record<string, { readonly schema: object }>>
}

const operations = controlOperations(document)
  .map(({ method, path, operation }) => ({
    method,
    path,
    pattern: new RegExp(`^/_mock${path.replace(/\{\w+\}/g, '[^/]+').replace(/\/$/, '/?')}$`),
    responses: operation.responses as Readonly<Record<string, Response & { readonly $ref?: string }>>,
  }))
  // Of several templates that fit, the one with fewer parameters is meant.
  .sort((a, b) => a.path.split('{').length - b.path.split('{').length)

/** What is wrong with an answer; undefined where nothing is, or the document has no such operation. */
export function faultOf(method: string, target: string, status: number, body: unknown): string | undefined {
  const [path = ''] = target.split('?')
  const operation = operations.find((one) => one.method === method && one.pattern.test(path))
  if (operation === undefined) return undefined
  const own = operation.responses[status] ?? (status >= 400 ? operation.responses.default : undefined)
  if (own === undefined) return `${method} ${target} answers ${status}, which is not documented`
  const response = own.$ref === undefined ? own : components.responses[own.$ref.split('/').at(-1) ?? '']
  const schema = response?.content?.['application/json']?.schema
  if (schema === undefined)
    return body === undefined ? undefined : `${method} ${target} answers ${status} with a body`
  const validate = validators.get(schema) ?? ajv.compile({ ...schema, components })
  validators.set(schema, validate)
  return validate(body) ? undefined : `${method} ${target}: ${ajv.errorsText(validate.errors)}`
}
