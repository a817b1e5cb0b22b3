// Strings that hold JSON, as `contentMediaType` and `contentSchema` say: what they hold is validated as the rest is.

import type { Ajv2020, ValidateFunction } from 'ajv/dist/2020.js'
import type { DataValidateFunction } from 'ajv/dist/types/index.js'
import { type JsonObject, stringMember } from '../json.js'
import type { Schema } from './schema.js'

/** Whether a schema describes the JSON in its strings. What is encoded besides is left alone. */
export const holdsJson = (schema: JsonObject): boolean =>
  schema.contentSchema !== undefined &&
  schema.contentEncoding === undefined &&
  /[/+]json\b/i.test(stringMember(schema, 'contentMediaType') ?? '')

/** @param compile makes the validator of what a string holds. */
export function addContent(ajv: Ajv2020, compile: (schema: Schema) => ValidateFunction): void {
  ajv.removeKeyword('contentSchema')
  ajv.addKeyword({
    keyword: 'contentSchema',
    type: 'string',
    schemaType: ['object', 'boolean'],
    errors: 'full',
    compile(schema: Schema, holder: JsonObject) {
      let inner: ValidateFunction | undefined
      const validate: DataValidateFunction = (text: string, context) => {
        validate.errors = []
        if (!holdsJson(holder)) return true
        let value: unknown
        try {
          value = JSON.parse(text)
        } catch {
          const place = { instancePath: context?.instancePath ?? '', schemaPath: '#/contentSchema' }
          validate.errors = [{ ...place, keyword: 'contentSchema', params: {}, message: 'must be JSON text' }]
          return false
        }
        inner ??= compile(schema)
        const fits = inner(value, context) as boolean
        validate.errors = inner.errors ?? []
        return fits
      }
      return validate
    },
  })
}
