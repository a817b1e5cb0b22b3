// Schemas and parts of documents that several tests write.

export const text = { type: 'string' }

export const object = (properties: object, required: readonly string[] = []) => ({
  type: 'object',
  properties,
  required,
})

export const list = (items: object) => ({ type: 'array', items })

/** A request body. */
export const json = (schema: object) => ({ requestBody: { content: { 'application/json': { schema } } } })

/** Parameters of a path. */
export const named = (...names: readonly string[]) => ({
  parameters: names.map((name) => ({ name, in: 'path', required: true, schema: text })),
})
