// Lengths in characters, counted only where the length in code units does not decide already.

import type { Budget } from '../budget.js'

/** Whether a text fails by a keyword. */
type LengthTest = (text: string, limit: number) => boolean

export function lengthFaults(budget: Budget): {
  readonly maxLength: LengthTest
  readonly minLength: LengthTest
} {
  const lengthOf = (text: string): number => {
    budget.spend(text.length / 16)
    let length = 0
    for (const _character of text) length++
    return length
  }
  return {
    maxLength: (text: string, limit: number) =>
      text.length > limit && (text.length > 2 * limit || lengthOf(text) > limit),
    minLength: (text: string, limit: number) =>
      text.length < limit || (text.length < 2 * limit && lengthOf(text) < limit),
  }
}
