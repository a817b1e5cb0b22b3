// What options objects may hold, and what is said of those that hold something else.

import { runInNewContext } from 'node:vm'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  callback,
  checkOptions,
  delayMs,
  didYouMean,
  having,
  listOf,
  mapOf,
  nullable,
  OptionError,
  type OptionTable,
  object,
  oneOf,
  required,
  text,
  texts,
  wholeNumber,
} from '../src/index.js'

interface Inner {
  readonly maxAgeMs?: number | undefined
  readonly mode?: 'on' | 'off' | undefined
}

interface Options {
  readonly store: { find(id: string): unknown }
  readonly scopes?: readonly string[] | undefined
  readonly allowedIps?: readonly string[] | null | undefined
  readonly expiresAt?: string | undefined
  readonly inner?: Inner | undefined
  readonly plans?: Readonly<Record<string, Inner>> | undefined
  readonly list?: readonly Inner[] | undefined
  readonly onFailure?: (() => void) | undefined
}

const inner: OptionTable<Inner> = { maxAgeMs: wholeNumber(), mode: oneOf('on', 'off') }

const table: OptionTable<Options> = {
  store: required(having(['find'], 'pass a store')),
  scopes: texts,
  allowedIps: nullable(texts),
  expiresAt: text,
  inner: object(inner),
  plans: mapOf(object(inner)),
  list: listOf(object(inner)),
  onFailure: callback(),
}

const store = { find: () => undefined }
const check = (given: unknown) => checkOptions(table, given as Options)
const complaint = (given: unknown): string => {
  try {
    check(given)
  } catch (error) {
    expect(error).toBeInstanceOf(OptionError)
    expect(error).toBeInstanceOf(TypeError)
    return (error as Error).message
  }
  return 'accepted'
}

describe('options that there are', () => {
  it('come back as they were given, without those that were left out', () => {
    const onFailure = () => {}
    const given = { store, scopes: ['a'], allowedIps: null, inner: { mode: 'on' as const }, onFailure }
    const options = check({ ...given, expiresAt: undefined })
    expect({ ...options, inner: { ...options.inner } }).toEqual(given)
    expect(Object.keys(options)).not.toContain('expiresAt')
    expect(options.store).toBe(store)
  })

  it('are copied at every depth, and frozen: what the caller changes afterwards has no effect', () => {
    const given = { store, scopes: ['a'], plans: { basic: { maxAgeMs: 1 } }, list: [{ maxAgeMs: 1 }] }
    const options = check(given)
    given.scopes.push('b')
    given.plans.basic.maxAgeMs = 2
    given.list.pop()
    expect(options.scopes).toEqual(['a'])
    expect(options.plans?.basic?.maxAgeMs).toBe(1)
    expect(options.list).toHaveLength(1)
    expect(Object.isFrozen(options)).toBe(true)
  })

  it('may stand on a prototype, behind an accessor, in an object without prototype or from another realm', () => {
    class Configuration {
      readonly store = store
      get scopes() {
        return ['from the class']
      }
    }
    expect(check(new Configuration()).scopes).toEqual(['from the class'])
    expect(check(Object.create({ store, scopes: ['inherited'] })).scopes).toEqual(['inherited'])
    expect(check(Object.assign(Object.create(null), { store })).store).toBe(store)
    const foreign = runInNewContext('({ store: { find() {} }, scopes: ["far"], inner: { mode: "on" } })')
    expect(check(foreign).scopes).toEqual(['far'])
  })

  it('are read once, so that an accessor cannot answer the check and the use differently', () => {
    let reads = 0
    const options = check({
      store,
      get scopes() {
        reads++
        return reads === 1 ? ['admin'] : []
      },
    })
    expect(options.scopes).toEqual(['admin'])
    expect(options.scopes).toEqual(['admin'])
    expect(reads).toBe(1)
  })
})

describe('a name that is no option is refused', () => {
  it.each([
    [{ store, scope: ['a'] }, 'scope: no such option; did you mean scopes?'],
    [{ store, allowedIPs: [] }, 'allowedIPs: no such option; did you mean allowedIps?'],
    [{ store, expireAt: 'x' }, 'expireAt: no such option; did you mean expiresAt?'],
    [{ store, expires_at: 'x' }, 'expires_at: no such option; did you mean expiresAt?'],
    [{ sotre: store }, 'sotre: no such option; did you mean store?'],
    [{ store, inner: { maxAge: 1 } }, 'inner.maxAge: no such option; did you mean maxAgeMs?'],
    [{ store, plans: { basic: { mod: 'on' } } }, 'plans.basic.mod: no such option; did you mean mode?'],
    [{ store, list: [{}, { mdoe: 'on' }] }, 'list[1].mdoe: no such option; did you mean mode?'],
    [{ store, inner: { colour: 'red' } }, 'inner.colour: no such option; there are maxAgeMs, mode'],
  ])('%j: %s', (given, message) => {
    expect(complaint(given)).toBe(message)
  })

  it('even if its value is undefined, or it is inherited, hidden or named like a member of every object', () => {
    expect(complaint({ store, scope: undefined })).toMatch(/^scope: no such option/)
    expect(complaint(Object.assign(Object.create({ scope: [] }), { store }))).toMatch(/^scope: /)
    expect(complaint(Object.defineProperty({ store }, 'scope', { value: [] }))).toMatch(/^scope: /)
    expect(complaint(JSON.parse('{"__proto__":{"scopes":[]}}'))).toMatch(/^__proto__: /)
    expect(complaint({ store, constructor: 1 })).toMatch(/^constructor: /)
    class Configuration {
      readonly store = store
      get scop() {
        return ['admin']
      }
    }
    expect(complaint(new Configuration())).toMatch(/^scop: no such option; did you mean scopes\?/)
  })

  it('but a symbol is passed over: nobody misspells one', () => {
    expect(complaint({ store, [Symbol.for('nodejs.util.inspect.custom')]: () => 'hidden' })).toBe('accepted')
  })

  it('and is not shown in full when it is as long as a secret', () => {
    const secret = `gsk_live_${'x'.repeat(61)}`
    expect(complaint({ store, [secret]: true })).toBe(
      'gsk_live…: no such option; there are store, scopes, allowedIps, expiresAt, inner, plans, list, onFailure',
    )
  })

  it('nothing that pollutes the prototype of all objects becomes an option', () => {
    const everybody = Object.prototype as { scopes?: unknown }
    try {
      Object.defineProperty(everybody, 'scopes', { value: ['polluted'], configurable: true })
      expect(check({ store }).scopes).toBeUndefined()
      expect(check(Object.create(null, { store: { value: store } })).scopes).toBeUndefined()
    } finally {
      delete everybody.scopes
    }
  })

  it('wherever it stands, and however a known name was misspelt', () => {
    const slips: readonly ((name: string, at: number) => string)[] = [
      (name, at) => name.slice(0, at) + name.slice(at + 1),
      (name, at) => name.slice(0, at) + name.charAt(at) + name.slice(at),
      (name, at) => name.slice(0, at) + name.charAt(at + 1) + name.charAt(at) + name.slice(at + 2),
      (name, at) =>
        name.slice(0, at) +
        (name.charAt(at) === name.charAt(at).toUpperCase()
          ? name.charAt(at).toLowerCase()
          : name.charAt(at).toUpperCase()) +
        name.slice(at + 1),
      (name) => (name.endsWith('s') ? name.slice(0, -1) : `${name}s`),
      (name) => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`),
    ]
    const places: readonly (readonly [object, string, (name: string) => unknown])[] = [
      [table, '', (name) => ({ store, [name]: undefined })],
      [inner, 'inner.', (name) => ({ store, inner: { [name]: undefined } })],
      [inner, 'plans.basic.', (name) => ({ store, plans: { basic: { [name]: undefined } } })],
      [inner, 'list[0].', (name) => ({ store, list: [{ [name]: undefined }] })],
    ]
    fc.assert(
      fc.property(
        fc.constantFrom(...places),
        fc.nat(),
        fc.nat(),
        fc.constantFrom(...slips),
        ([known, path, place], which, where, slip) => {
          const names = Object.keys(known)
          const name = names[which % names.length] ?? ''
          const misspelt = slip(name, where % (name.length - 1))
          fc.pre(!names.includes(misspelt))
          expect(complaint(place(misspelt))).toContain(`${path}${misspelt}: no such option`)
        },
      ),
      { numRuns: 1_000 },
    )
  })
})

describe('a value that an option cannot have is refused', () => {
  it.each([
    [undefined, 'store: pass a store'],
    [{}, 'store: pass a store'],
    [null, 'options: must be an object'],
    [[], 'options: must be an object'],
    ['scopes', 'options: must be an object'],
    [() => {}, 'options: must be an object'],
    [{ store: {} }, 'store: pass a store'],
    [{ store, scopes: 'admin' }, 'scopes: must be a list of strings'],
    [{ store, scopes: [1] }, 'scopes[0]: must be a string'],
    [{ store, inner: [] }, 'inner: must be an object'],
    [{ store, inner: null }, 'inner: must be an object'],
    [{ store, inner: { maxAgeMs: 0 } }, 'inner.maxAgeMs: must be a positive whole number'],
    [{ store, inner: { maxAgeMs: '1' } }, 'inner.maxAgeMs: must be a positive whole number'],
    [{ store, inner: { mode: 'auto' } }, 'inner.mode: must be "on" or "off"'],
    [{ store, plans: [] }, 'plans: must be an object'],
    [{ store, plans: new Map([['a', {}]]) }, 'plans: must be an object'],
    [{ store, plans: new Headers({ a: 'b' }) }, 'plans: must be an object'],
    [{ store, onFailure: 'log' }, 'onFailure: must be a function'],
  ])('%j: %s', (given, message) => {
    expect(complaint(given)).toBe(message)
  })

  it.each([
    [wholeNumber(), 'must be a positive whole number'],
    [wholeNumber(0), 'must be a whole number, 0 or more'],
    [wholeNumber(0, 65_535), 'must be a whole number from 0 to 65535'],
    [wholeNumber(1, 1_000_000_000), 'must be a whole number from 1 to 1,000,000,000'],
    [delayMs(), 'must be a whole number from 1 to 2,147,483,647'],
  ])('a number, in the same words everywhere (%#)', (numberCheck, message) => {
    for (const wrong of [-1, 0.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 60, '5', null]) {
      expect(() => numberCheck(wrong, 'n')).toThrow(`n: ${message}`)
    }
  })
})

it('a hole in a list is looked at like any other element', () => {
  expect(complaint({ store, scopes: new Array(2) })).toBe('scopes[0]: must be a string')
  expect(complaint({ store, list: new Array(1) })).toBe('list[0]: must be an object')
})

describe('a suggestion', () => {
  it.each([
    ['prot', 'port'],
    ['SCOPES', 'scopes'],
    ['rate-limits', 'rateLimits'],
    ['meta', 'metadata'],
    ['environement', 'environment'],
  ])('for %s is %s', (name, meant) => {
    const known = ['port', 'host', 'scopes', 'rateLimits', 'metadata', 'environment', 'projectId']
    expect(didYouMean(name, known)).toBe(`; did you mean ${meant}?`)
  })

  it('is not made when nothing is close, or the name is too short to tell', () => {
    expect(didYouMean('colour', ['port', 'host'])).toBe('')
    expect(didYouMean('a', ['b'])).toBe('')
  })
})
