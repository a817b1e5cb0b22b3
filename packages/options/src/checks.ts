// What a value may be: small checks that tables of options are made of, each with the one wording for its complaint.

/**
 * Returns the value as it is to be used, or throws `OptionError`.
 *
 * @param path the option's name, and in front of it those of the options that it is in: `plans.basic.perSecond`.
 */
export type Check<Value> = (value: unknown, path: string) => Value

/** A check of an option that cannot be left out. */
export type RequiredCheck<Value> = Check<Value> & { readonly isRequired: true }

/** A wrong option. A `TypeError`, so that functions can throw it as it is. */
export class OptionError extends TypeError {
  /** @param complaint what the value must be, as in `must be true or false`. */
  constructor(path: string, complaint: string) {
    super(path === '' ? complaint : `${path}: ${complaint}`)
  }
}

/** A check by a condition of your own. A complaint that takes time to write is a function. */
export function fitting<Value>(
  fits: (value: unknown) => boolean,
  complaint: string | (() => string),
): Check<Value> {
  return (value, path) => {
    if (!fits(value)) throw new OptionError(path, typeof complaint === 'string' ? complaint : complaint())
    return value as Value
  }
}

/** For an option that cannot be left out. */
export function required<Value>(check: Check<Value>): RequiredCheck<Value> {
  return Object.assign((value: unknown, path: string) => check(value, path), { isRequired: true as const })
}

/** Also takes null. */
export function nullable<Value>(check: Check<Value>): Check<Value | null> {
  return (value, path) => (value === null ? null : check(value, path))
}

/** Accepts everything: the code that uses the value checks it. */
export const anything: Check<never> = (value) => value as never

export const flag: Check<boolean> = fitting((value) => typeof value === 'boolean', 'must be true or false')

export const text: Check<string> = fitting((value) => typeof value === 'string', 'must be a string')

/** A string that a pattern matches. */
export function matching(pattern: RegExp, complaint: string): Check<string> {
  return fitting((value) => typeof value === 'string' && pattern.test(value), complaint)
}

/** A safe integer between two bounds, both included. */
export function wholeNumber(least = 1, most = Number.MAX_SAFE_INTEGER): Check<number> {
  return fitting(
    (value) => Number.isSafeInteger(value) && Number(value) >= least && Number(value) <= most,
    () => `must be ${wholeNumbers(least, most)}`,
  )
}

function wholeNumbers(least: number, most: number): string {
  if (most < Number.MAX_SAFE_INTEGER) {
    return `a whole number from ${grouped(least)} to ${grouped(most)}`
  }
  return least === 1 ? 'a positive whole number' : `a whole number, ${least} or more`
}

const grouped = (value: number) => value.toLocaleString('en', { useGrouping: value >= 100_000 })

/** Timers keep their delay in 31 bits, and end at once when it does not fit. */
export const MAX_DELAY_MS = 2_147_483_647

/** Milliseconds that a timer can wait: not quite 25 days at the most. */
export const delayMs = (least = 1): Check<number> => wholeNumber(least, MAX_DELAY_MS)

/** A function. What it takes and returns cannot be checked. */
export function callback<Callback extends (...given: never[]) => unknown>(
  complaint = 'must be a function',
): Check<Callback> {
  return fitting((value) => typeof value === 'function', complaint)
}

/** One of a few words. */
export function oneOf<const Word extends string>(...words: readonly Word[]): Check<Word> {
  const known: readonly unknown[] = words
  return fitting(
    (value) => known.includes(value),
    () => `must be ${alternatives(words.map((word) => JSON.stringify(word)))}`,
  )
}

// Formats load their data when they are made, which takes longer than all the checks.
const alternatives = (words: readonly string[]) =>
  new Intl.ListFormat('en-GB', { type: 'disjunction' }).format(words)

/** An object with certain methods, of whatever class: a store, a client, what another function returned. */
export function having<Value>(methods: readonly (keyof Value & string)[], complaint: string): Check<Value> {
  const hasMethods = (value: unknown) =>
    methods.every((method) => typeof Object(value)[method] === 'function')
  return fitting(hasMethods, complaint)
}

/** A copy of an array whose elements pass a check. */
export function listOf<Value>(check: Check<Value>, complaint = 'must be a list'): Check<Value[]> {
  return (value, path) => {
    if (!Array.isArray(value)) throw new OptionError(path, complaint)
    // Also where the list has holes, which `map` passes over.
    return Array.from(value, (element, i) => check(element, `${path}[${i}]`))
  }
}

/** A list of strings. */
export const texts: Check<string[]> = listOf(text, 'must be a list of strings')

/** A copy of an object whose names are free and whose values pass a check. */
export function mapOf<Value>(
  check: Check<Value>,
  complaint = 'must be an object',
): Check<Record<string, Value>> {
  return (value, path) => {
    if (typeof value !== 'object' || value === null || Array.isArray(value) || hidesMembers(value)) {
      throw new OptionError(path, complaint)
    }
    // A prototype of its own would lose a member named __proto__.
    const copy: Record<string, Value> = Object.create(null)
    for (const [name, member] of Object.entries(value)) copy[name] = check(member, `${path}.${shown(name)}`)
    return copy
  }
}

/** Whether an object has a class and no names of its own, as a `Map` or `Headers`: what it holds would be passed over. */
export function hidesMembers(value: object): boolean {
  const prototype = Object.getPrototypeOf(value)
  // Not by identity: an object of another realm has another `Object.prototype`.
  const isPlain = prototype === null || Object.getPrototypeOf(prototype) === null
  return !isPlain && Object.keys(value).length === 0
}

const MAX_SHOWN = 32

/** A name as it stands in a path. It may be a value that has slipped into its place, so a long one is cut short. */
export function shown(name: string): string {
  const printable = /^[\w$-]+$/.test(name) ? name : JSON.stringify(name)
  return printable.length > MAX_SHOWN ? `${printable.slice(0, 8)}…` : printable
}
