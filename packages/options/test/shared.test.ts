import { describe, expect, it } from 'vitest'
import { shared, shareInstances } from '../src/index.js'

describe('what copies of a package share', () => {
  it('is made by the first that asks', () => {
    const first = shared('test: state', () => new Map([['made by', 'the first']]))
    const second = shared('test: state', () => new Map([['made by', 'the second']]))

    expect(second).toBe(first)
    expect(shared('test: other state', () => new Map())).not.toBe(first)
  })

  it('makes instances of each copy of a class instances of all', () => {
    const copy = () => {
      class Failure extends Error {}
      shareInstances(Failure, 'test: Failure')
      return Failure
    }
    const [First, Second] = [copy(), copy()]
    class Special extends Second {}

    expect(new First()).toBeInstanceOf(Second)
    expect(new Special()).toBeInstanceOf(First)
    expect(new First()).not.toBeInstanceOf(Special)
    expect(new Special()).toBeInstanceOf(Special)
    for (const other of [new Error(), undefined, null, 'text', Object.create(null)]) {
      expect(other instanceof First).toBe(false)
    }
  })
})
