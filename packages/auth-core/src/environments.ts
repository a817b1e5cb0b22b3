// One table maps the tag inside a key to the environment it belongs to. Nothing else lists environments.

/** Tag in the key → environment, e.g. `{ test: 'sandbox', live: 'production' }`. */
export type EnvironmentTable<Environment extends string = string> = Readonly<Record<string, Environment>>

/** The environments of a product that configures none. */
export const defaultEnvironments = { test: 'sandbox', live: 'production' } as const

export interface Environments {
  readonly tags: readonly string[]
  readonly environments: readonly string[]
  /** The environment of a tag, or undefined for a tag that is not in the table. */
  ofTag(tag: string): string | undefined
  /** The tag of an environment, or undefined for an environment that is not in the table. */
  tagOf(environment: string): string | undefined
}

const TAG = /^[a-z][a-z0-9]{0,15}$/

/**
 * Checks an environment table and makes it searchable in both directions.
 * Maps, not objects, hold it: a tag such as `constructor` must find nothing.
 *
 * @throws TypeError when the table is empty, a tag is malformed, or two tags name one environment.
 */
export function createEnvironments(table: EnvironmentTable): Environments {
  const byTag = new Map(Object.entries(table))
  const byEnvironment = new Map<string, string>()
  if (byTag.size === 0) throw new TypeError('environments: name at least one, e.g. { live: "production" }')
  for (const [tag, environment] of byTag) {
    if (!TAG.test(tag)) {
      throw new TypeError(
        `environments: tag ${JSON.stringify(tag)} must be 1 to 16 of a-z and 0-9, starting with a letter`,
      )
    }
    if (typeof environment !== 'string' || environment === '') {
      throw new TypeError(`environments: tag "${tag}" must name an environment`)
    }
    if (byEnvironment.has(environment)) {
      throw new TypeError(`environments: "${environment}" has two tags; a key is written in one way only`)
    }
    byEnvironment.set(environment, tag)
  }
  return {
    tags: [...byTag.keys()],
    environments: [...byTag.values()],
    ofTag: (tag) => byTag.get(tag),
    tagOf: (environment) => byEnvironment.get(environment),
  }
}
