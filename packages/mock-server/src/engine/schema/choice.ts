// Alternatives between which a discriminator decides. A request that names one of them is held against that one only,
// and hears of its faults only; one that names none must fit any of them, or hears what it may name.

import type { Ajv2020, CodeKeywordDefinition, KeywordCxt, Name } from 'ajv/dist/2020.js'
import { type JsonObject, setMember } from '../json.js'
import type { Schema } from './schema.js'

/** The keyword that holds the alternatives, in place of `oneOf`. */
export const CHOICE = 'x-choice'
/** The keyword beside it that says what decides: `{ property, names, named }`. */
export const TAG = 'x-choice-tag'

/**
 * @param names the value of the property that stands for each alternative.
 * @param fallback the index of the alternative for what names none; undefined where any of them will do.
 */
export function choiceOf(
  property: string,
  alternatives: readonly Schema[],
  names: readonly string[],
  fallback?: number,
): Readonly<Record<string, unknown>> {
  const properties = {}
  setMember(properties, property, { enum: [...new Set(names)] })
  // What is beside the property is not held against a request that names no alternative.
  const named = { type: 'object', required: [property], properties, additionalProperties: true }
  const otherwise = fallback === undefined ? {} : { fallback }
  return { [CHOICE]: alternatives, [TAG]: { property, names, named, ...otherwise } }
}

export function addChoice(ajv: Ajv2020, library: typeof import('ajv/dist/2020.js')): void {
  const { _ } = library
  const definition: CodeKeywordDefinition = {
    keyword: CHOICE,
    schemaType: 'array',
    trackErrors: true,
    code(cxt: KeywordCxt) {
      const { gen, data, parentSchema } = cxt
      const alternatives: readonly Schema[] = cxt.schema
      const { property, names, fallback } = parentSchema[TAG] as ChoiceTag
      const valid = gen.let('valid', false)
      const isThere = _`typeof ${data} == "object" && ${data} && Object.hasOwn(${data}, ${property})`
      const tag = gen.const('tag', _`${isThere} ? ${data}[${property}] : undefined`)

      gen.if(false)
      for (const [index, name] of names.entries()) {
        gen.elseIf(_`${tag} === ${name}`)
        const fits = gen.name('valid')
        cxt.subschema({ keyword: CHOICE, schemaProp: index }, fits)
        gen.assign(valid, fits)
      }
      gen.else()
      if (fallback === undefined) tryAll(cxt, alternatives, valid)
      else {
        const fits = gen.name('valid')
        cxt.subschema({ keyword: CHOICE, schemaProp: fallback }, fits)
        gen.assign(valid, fits)
      }
      gen.endIf()
      cxt.ok(valid)
    },
  }
  ajv.addKeyword(definition)

  /** What names no alternative must fit any of them, or hears what it may name. */
  function tryAll(cxt: KeywordCxt, alternatives: readonly Schema[], valid: Name): void {
    const { gen } = cxt
    for (const index of alternatives.keys()) {
      const fits = gen.name('valid')
      cxt.subschema({ keyword: CHOICE, schemaProp: index, compositeRule: true }, fits)
      gen.assign(valid, _`${valid} || ${fits}`)
    }
    cxt.reset()
    gen.if(_`!${valid}`, () => cxt.subschema({ keyword: TAG, schemaProp: 'named' }, gen.name('valid')))
  }
}

export interface ChoiceTag {
  readonly property: string
  readonly names: readonly string[]
  /** The schema of a value that names some alternative. */
  readonly named: JsonObject
  readonly fallback?: number
}
