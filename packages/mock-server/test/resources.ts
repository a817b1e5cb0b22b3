// Collections of a document that clients can create things in and read them from, with bodies to create them by.

import { createBudget } from '../src/engine/budget.js'
import { readApiDocument } from '../src/engine/document/document.js'
import type { Operation, Parameter } from '../src/engine/document/operation.js'
import { createSampler } from '../src/engine/sampling/sampler.js'
import { createSchemas } from '../src/engine/schema/schemas.js'
import { createValidation } from '../src/engine/schema/validation.js'

export interface SampledResource {
  readonly collection: string
  /** Two bodies that differ, as far as the document lets them. */
  readonly bodies: readonly [unknown, unknown]
  readonly headers: Readonly<Record<string, string>>
  readonly canList: boolean
  readonly canRemove: boolean
}

/** Only collections without parameters in their paths, and bodies of JSON. */
export async function resourcesOf(spec: string): Promise<readonly SampledResource[]> {
  const document = await readApiDocument(spec)
  const schemas = createSchemas(document)
  const validation = createValidation(schemas, createBudget(), () => undefined)
  const sampler = createSampler(schemas, validation)
  const find = (method: string, path: string): Operation | undefined =>
    document.operations.find((operation) => operation.method === method && operation.path === path)
  const needed = (operation: Operation | undefined, place: Parameter['in']) =>
    operation?.parameters().filter((parameter) => parameter.required && parameter.in === place) ?? []

  return document.operations.flatMap((read): readonly SampledResource[] => {
    const [, collection = '', item] = /^([^{}]*)(\/\{[^{}/]+\})$/.exec(read.path) ?? []
    const create = find('POST', collection)
    const list = find('GET', collection)
    const remove = find('DELETE', read.path)
    if (item === undefined || read.method !== 'GET' || create === undefined) return []
    if (needed(create, 'query').length + needed(read, 'query').length + needed(remove, 'query').length > 0)
      return []
    const media = create.body()?.content.find(({ type }) => /json/.test(type))
    if (media === undefined) return []
    const schema = schemas.convert(media.schema ?? {}, 'request')
    const body = (seed: string) => sampler.sample(schema, { seed, examples: false })
    const [first, second] = [body('first'), body('second')]
    if (first.errors.length + second.errors.length > 0) return []
    const headers = [create, read, list, remove].flatMap((operation) => needed(operation, 'header'))
    return [
      {
        collection,
        bodies: [first.value, second.value],
        headers: Object.fromEntries(
          headers.map((parameter) => {
            const { value } = sampler.sample(schemas.convert(parameter.schema ?? {}, 'request'), {
              seed: 'h',
            })
            return [parameter.name, String(value)]
          }),
        ),
        canList: list !== undefined && needed(list, 'query').length === 0,
        canRemove: remove !== undefined,
      },
    ]
  })
}
