// `const`, `enum` and `uniqueItems` by the equality of JSON. Ajv's own compares objects by their `valueOf` and
// `toString`, which are names like any other in what clients send.

import type { Ajv2020 } from 'ajv/dist/2020.js'
import type { DataValidateFunction } from 'ajv/dist/types/index.js'
import { isObject, setMember } from '../json.js'

const isScalar = (value: unknown): boolean => value === null || typeof value !== 'object'

/** What two values share exactly when they are equal: themselves, or a text with the members in one order. */
const identityOf = (value: unknown): unknown =>
  isScalar(value) ? value : `\u0000${JSON.stringify(value, inOrder)}`

function inOrder(_name: string, value: unknown): unknown {
  if (!isObject(value)) return value
  const ordered = {}
  for (const name of Object.keys(value).sort()) setMember(ordered, name, value[name])
  return ordered
}

/** By keyword: what it makes of its value in the schema. */
const KEYWORDS: Readonly<Record<string, (schema: unknown) => DataValidateFunction | undefined>> = {
  const: (allowedValue) => oneOf([allowedValue], 'const', { allowedValue }),
  enum: (allowedValues) => oneOf(allowedValues as readonly unknown[], 'enum', { allowedValues }),
  uniqueItems: (isOn) =>
    isOn !== true
      ? undefined
      : withError((items) => !Array.isArray(items) || new Set(items.map(identityOf)).size === items.length, {
          keyword: 'uniqueItems',
          params: {},
          message: 'must not have the same item twice',
        }),
}

function oneOf(values: readonly unknown[], keyword: string, params: Record<string, unknown>) {
  const allowed = new Set(values.map(identityOf))
  const areScalar = values.every(isScalar)
  // Most lists are of scalars: then what is none need not be written down to be compared.
  const fits = (value: unknown) => (isScalar(value) || !areScalar) && allowed.has(identityOf(value))
  return withError(fits, { keyword, params, message: 'is not allowed' })
}

function withError(
  fits: (value: unknown) => boolean,
  error: { readonly keyword: string; readonly params: Record<string, unknown>; readonly message: string },
): DataValidateFunction {
  const validate: DataValidateFunction = (value: unknown) => {
    if (fits(value)) return true
    // A new one each time: Ajv writes into it where the fault is.
    validate.errors = [{ ...error }]
    return false
  }
  return validate
}

export function addEquality(ajv: Ajv2020): void {
  for (const [keyword, compile] of Object.entries(KEYWORDS)) {
    ajv.removeKeyword(keyword)
    ajv.addKeyword({ keyword, compile: (schema: unknown) => compile(schema) ?? (() => true) })
  }
}
