// `const`, `enum` and `uniqueItems` by the equality of JSON. Ajv's own compares objects by their `valueOf` and
// `toString`, which are names like any other in what clients send, and lists item by item.

import type { Ajv2020 } from 'ajv/dist/2020.js'
import type { DataValidateFunction } from 'ajv/dist/types/index.js'
import type { Budget } from '../budget.js'
import { isObject } from '../json.js'

const isScalar = (value: unknown): boolean => value === null || typeof value !== 'object'

/** A text that values share exactly when they are equal: the members of objects in one order. */
function textOf(value: unknown, partOf: (part: unknown) => string): string {
  if (Array.isArray(value)) return `[${value.map(partOf).join()}]`
  if (!isObject(value)) return JSON.stringify(value)
  const names = Object.keys(value)
  if (names.length > 1) names.sort()
  let text = '{'
  for (const name of names) text += `${JSON.stringify(name)}:${partOf(value[name])},`
  return text
}

const wholeText = (value: unknown): string => textOf(value, wholeText)

/** How many values a value holds, itself included; no more are counted than are asked for. */
function sizeUpTo(value: unknown, most: number): number {
  let size = 0
  const stack: unknown[] = [value]
  while (stack.length > 0 && size <= most) {
    const next = stack.pop()
    size++
    if (next === null || typeof next !== 'object') continue
    const parts = Array.isArray(next) ? next : Object.values(next)
    if (parts.length > most) return parts.length
    for (const part of parts) stack.push(part)
  }
  return size
}

export interface Equality {
  /** Forgets the values of before, which may have changed. */
  forget(): void
}

export function addEquality(ajv: Ajv2020, budget: Budget): Equality {
  let numbers = new Map<string, number>()
  let known = new WeakMap<object, string>()

  /**
   * What values share exactly when they are equal. Each list and object is numbered once, whatever it is a part of, so
   * that lists in lists take no longer than one.
   */
  const identityOf = (value: unknown): string => {
    budget.spend(1)
    if (value === null || typeof value !== 'object') return JSON.stringify(value)
    const before = known.get(value)
    if (before !== undefined) return before
    const text = textOf(value, identityOf)
    budget.spend(text.length / 16)
    const number = numbers.get(text) ?? numbers.size
    numbers.set(text, number)
    const identity = `#${number}`
    known.set(value, identity)
    return identity
  }

  const oneOf = (values: readonly unknown[], keyword: string, params: Record<string, unknown>) => {
    const scalars = new Set(values.filter(isScalar))
    const others = values.filter((value) => !isScalar(value))
    const texts = new Set(others.map(wholeText))
    const most = others.reduce<number>((size, value) => Math.max(size, sizeUpTo(value, Infinity)), 0)
    const fits = (value: unknown): boolean => {
      if (isScalar(value)) return scalars.has(value)
      // What is larger than all of them is none of them.
      return texts.size > 0 && sizeUpTo(value, most) <= most && texts.has(wholeText(value))
    }
    return withError(fits, { keyword, params, message: 'is not allowed' })
  }

  /** By keyword: what it makes of its value in the schema. */
  const keywords: Readonly<Record<string, (schema: unknown) => DataValidateFunction | undefined>> = {
    const: (allowedValue) => oneOf([allowedValue], 'const', { allowedValue }),
    enum: (allowedValues) => oneOf(allowedValues as readonly unknown[], 'enum', { allowedValues }),
    uniqueItems: (isOn) =>
      isOn !== true
        ? undefined
        : withError(
            (items) => !Array.isArray(items) || new Set(items.map(identityOf)).size === items.length,
            {
              keyword: 'uniqueItems',
              params: {},
              message: 'must not have the same item twice',
            },
          ),
  }
  for (const [keyword, compile] of Object.entries(keywords)) {
    ajv.removeKeyword(keyword)
    ajv.addKeyword({ keyword, compile: (schema: unknown) => compile(schema) ?? (() => true) })
  }
  return {
    forget() {
      if (numbers.size === 0) return
      numbers = new Map()
      known = new WeakMap()
    },
  }
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
