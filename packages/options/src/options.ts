// Checks an object of options against a table of those that there are. What is misspelt or unknown is refused, whatever
// its value: an option that nobody reads could be the one that was to protect something.

import { type Check, OptionError, type RequiredCheck, shown } from './checks.js'
import { didYouMean } from './did-you-mean.js'

/**
 * The options of a function, with a check for each. It does not compile while an option of the type is missing, or one is
 * in it that the type does not have; so the two cannot drift apart.
 */
export type OptionTable<Options> = {
  readonly [Name in keyof Options]-?: undefined extends Options[Name]
    ? Check<Exclude<Options[Name], undefined>>
    : RequiredCheck<Options[Name]>
}

/** Options as they were given: those that were left out are not there. */
export type GivenOptions<Options> = { readonly [Name in keyof Options]: Exclude<Options[Name], undefined> }

/**
 * A frozen copy of the options that were given, read once and without prototype, so that nothing changes or adds to
 * them afterwards. `undefined` is the same as leaving an option out.
 *
 * All properties count that can be read from the object, also those of its class; only symbols are passed over, for
 * nobody misspells a symbol.
 *
 * @param path what comes before the names in a complaint, for options inside of others.
 * @throws OptionError (a `TypeError`) that begins with the path: `allowedIPs: no such option; did you mean allowedIps?`
 */
export function checkOptions<Options extends object>(
  table: OptionTable<Options>,
  given: Options | undefined,
  path = '',
): GivenOptions<Options> {
  const source: unknown = given === undefined ? {} : given
  if (typeof source !== 'object' || source === null || Array.isArray(source)) {
    throw new OptionError(path === '' ? 'options' : path, 'must be an object')
  }
  const checks = table as Readonly<Record<string, Partial<RequiredCheck<unknown>> & Check<unknown>>>
  const within = (name: string) => (path === '' ? shown(name) : `${path}.${shown(name)}`)
  const names = namesIn(source)
  for (const name of names) {
    if (!Object.hasOwn(checks, name)) throw new OptionError(within(name), unknownOption(name, checks))
  }
  const copy: Record<string, unknown> = Object.create(null)
  for (const [name, check] of Object.entries(checks)) {
    const value = names.has(name) ? (source as Record<string, unknown>)[name] : undefined
    if (value !== undefined || check.isRequired) copy[name] = check(value, within(name))
  }
  return Object.freeze(copy) as GivenOptions<Options>
}

/** Options inside of options. */
export function object<Options extends object>(table: OptionTable<Options>): Check<GivenOptions<Options>> {
  return (value, path) => {
    if (value === undefined) throw new OptionError(path, 'must be an object')
    return checkOptions(table, value as Options, path)
  }
}

/** What is wrong with a name that is not in the table. */
export function unknownOption(name: string, known: object): string {
  const names = Object.keys(known)
  const suggestion = didYouMean(name, names)
  if (suggestion !== '' || names.length === 0) return `no such option${suggestion}`
  return `no such option; ${names.length === 1 ? 'the only one is' : 'there are'} ${names.join(', ')}`
}

/** The names that can be read from an object, its class's included, but for what every object has. */
function namesIn(source: object): Set<string> {
  const names = new Set(Object.getOwnPropertyNames(source))
  let owner = Object.getPrototypeOf(source)
  for (; owner !== null && !isRoot(owner); owner = Object.getPrototypeOf(owner)) {
    for (const name of Object.getOwnPropertyNames(owner)) if (!(name in Object.prototype)) names.add(name)
  }
  return names
}

// Not by identity: an object of another realm has another `Object.prototype`.
const isRoot = (owner: object) =>
  Object.getPrototypeOf(owner) === null && Object.hasOwn(owner, 'hasOwnProperty')
