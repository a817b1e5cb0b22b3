// What is kept of answers for requests that may be repeated has an end, in number and in bytes.

import { describe, expect, it } from 'vitest'
import { openDatabase } from '../src/storage/database.js'

const MEBIBYTE = 1_048_576

describe('first answers', () => {
  it('are kept up to 64 MiB together, the newest of them', () => {
    const { firstAnswers } = openDatabase(':memory:', () => 0)
    const requestOf = (number: number) => ({ scope: 's', operation: 'o', key: String(number) })
    const answer = 'x'.repeat(MEBIBYTE)
    const TOTAL = 80
    for (let number = 0; number < TOTAL; number++)
      firstAnswers.keep(requestOf(number), { fingerprint: 'f', answer }, number)
    const isKept = Array.from(
      { length: TOTAL },
      (_, number) => firstAnswers.find(requestOf(number), 0) !== undefined,
    )
    expect(isKept.filter(Boolean).length).toBeLessThanOrEqual(64)
    expect(isKept.lastIndexOf(false)).toBeLessThan(TOTAL / 2)
    expect(isKept.at(-1)).toBe(true)
  })
})
