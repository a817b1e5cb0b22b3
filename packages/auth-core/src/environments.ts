// One table maps the tag inside a key to the environment it belongs to. Nothing else lists environments.

/**
 * Tag in the key → environment, e.g. `{ test: 'sandbox', live: 'production' }`. The empty tag is for keys without one: with
 * `{ '': 'production' }` they are `acme_` and 61 characters.
 */
export type EnvironmentTable<Environment extends string = string> = Readonly<Record<string, Environment>>

/** The environments of a product that configures none. */
export const defaultEnvironments = { test: 'sandbox', live: 'production' } as const

export interface Environments {
  /** The tags of new keys first, then those that only former keys have. */
  readonly tags: readonly string[]
  readonly environments: readonly string[]
  /** The environment of a tag, or undefined for a tag that is in no table. */
  ofTag(tag: string): string | undefined
  /** The tag of new keys of an environment, or undefined for an environment that is not in the table. */
  tagOf(environment: string): string | undefined
  /** The tag that keys of an environment had at first. */
  firstTagOf(environment: string): string | undefined
}

const TAG = /^(?:[a-z][a-z0-9]{0,15})?$/

/**
 * Checks environment tables and makes them searchable in both directions.
 * Maps, not objects, hold them: a tag such as `constructor` must find nothing.
 *
 * @param tables that of new keys first, then former ones, the latest first.
 * @throws TypeError when a table is empty, a tag is malformed or names two environments, two tags of a table name one
 * environment, or a former one names an environment that there is no more.
 */
export function createEnvironments([current, ...former]: readonly EnvironmentTable[]): Environments {
  if (current === undefined)
    throw new TypeError('environments: name at least one, e.g. { live: "production" }')
  const tagOf = byEnvironment('environments', current)
  const byTag = new Map(Object.entries(current))
  let firstTagOf = tagOf
  for (const [i, table] of former.entries()) {
    const path = `environments[${i + 1}]`
    firstTagOf = new Map([...firstTagOf, ...byEnvironment(path, table)])
    for (const [tag, environment] of Object.entries(table)) {
      const other = byTag.get(tag)
      if (other !== undefined && other !== environment) {
        throw new TypeError(`${path}: tag "${tag}" is that of "${other}" already; keys must not change sides`)
      }
      if (!tagOf.has(environment)) {
        throw new TypeError(`${path}: "${environment}" must be an environment of the first table`)
      }
      byTag.set(tag, environment)
    }
  }
  return {
    tags: [...byTag.keys()],
    environments: [...tagOf.keys()],
    ofTag: (tag) => byTag.get(tag),
    tagOf: (environment) => tagOf.get(environment),
    firstTagOf: (environment) => firstTagOf.get(environment),
  }
}

function byEnvironment(path: string, table: EnvironmentTable): Map<string, string> {
  const tags = new Map<string, string>()
  if (Object.keys(table).length === 0) {
    throw new TypeError(`${path}: name at least one, e.g. { live: "production" }`)
  }
  for (const [tag, environment] of Object.entries(table)) {
    if (!TAG.test(tag)) {
      throw new TypeError(
        `${path}: tag ${JSON.stringify(tag)} must be 1 to 16 of a-z and 0-9, starting with a letter, or empty`,
      )
    }
    if (environment === '') throw new TypeError(`${path}: tag "${tag}" must name an environment`)
    if (tags.has(environment)) {
      throw new TypeError(`${path}: "${environment}" has two tags; a key is written in one way only`)
    }
    tags.set(environment, tag)
  }
  return tags
}
