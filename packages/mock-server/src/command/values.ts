// What stands behind a flag, as what it means. Each throws a UsageError that says how it is written.

import { readFileSync } from 'node:fs'
import { parseEnv } from 'node:util'
import { didYouMean } from '@gosend/options'
import { durationOf } from '../control/durations.js'
import { readData } from '../engine/document/tree.js'
import { grouped, isObject } from '../engine/json.js'
import type { Scenario } from '../index.js'
import type { Flags } from './flags.js'
import { UsageError } from './usage-error.js'

export function oneOf<const Word extends string>(
  flag: string,
  text: string | undefined,
  words: readonly Word[],
): Word | undefined {
  const word = words.find((one) => one === text)
  if (text === undefined || word !== undefined) return word
  throw new UsageError(`${flag} must be ${words.join(', ').replace(/, (\w+)$/, ' or $1')}`)
}

export function portFrom(text: string): number {
  const port = Number(text)
  if (!/^\d{1,5}$/.test(text) || port > 65_535)
    throw new UsageError(`--port must be 0 to 65535, not ${JSON.stringify(text)}`)
  return port
}

export function countFrom(text: string | undefined): number | undefined {
  if (text === undefined) return undefined
  if (!/^\d{1,3}$/.test(text))
    throw new UsageError(`--seed-items must be 0 to 999, not ${JSON.stringify(text)}`)
  return Number(text)
}

/** How long `wait` waits. */
export function waitingTimeFrom({ timeout = '30s' }: Flags): number {
  const milliseconds = durationOf(timeout)
  if (milliseconds === undefined)
    throw new UsageError(`--timeout must be a time such as 30s, not ${JSON.stringify(timeout)}`)
  return milliseconds
}

export function upstreamTimeoutFrom(text: string | undefined): number | undefined {
  if (text === undefined) return undefined
  const milliseconds = durationOf(text)
  if (milliseconds === undefined || milliseconds < 1 || milliseconds > 600_000)
    throw new UsageError(
      `--upstream-timeout must be a time such as 30s, at most 10m, not ${JSON.stringify(text)}`,
    )
  return milliseconds
}

const UNITS: Readonly<Record<string, number>> = { '': 1, k: 1024, m: 1024 ** 2, g: 1024 ** 3 }

export function sizeFrom(flag: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined
  const [, digits = '', unit = ''] = /^(\d{1,9}) ?([kmg]?)(?:i?b)?$/i.exec(text) ?? []
  if (digits === '') throw new UsageError(`${flag} must be a size such as 20MB, not ${JSON.stringify(text)}`)
  return Number(digits) * (UNITS[unit.toLowerCase()] ?? 1)
}

export function credentialsFrom(pairs: readonly string[]): Record<string, string[]> {
  const credentials = pairs.map((pair) => {
    const equals = pair.indexOf('=')
    if (equals < 1) throw new UsageError('--credential must be SCHEME=VALUE')
    return [pair.slice(0, equals), pair.slice(equals + 1)] as const
  })
  return Object.fromEntries(grouped(credentials))
}

/** A client that has no secret stands there by its id alone. */
export function clientFrom(pair: string): { readonly id: string; readonly secret?: string } {
  const colon = pair.indexOf(':')
  if (pair === '' || colon === 0)
    throw new UsageError('--client must be ID:SECRET, or ID for a public client')
  return colon < 0 ? { id: pair } : { id: pair.slice(0, colon), secret: pair.slice(colon + 1) }
}

export function pemOf(flag: string, file: string | undefined): string | undefined {
  try {
    return file === undefined ? undefined : readFileSync(file, 'utf8')
  } catch (error) {
    throw new UsageError(`${flag} ${file}: ${error instanceof Error ? error.message : String(error)}`)
  }
}

const PREFIX = 'GOSEND_MOCK_'
const VARIABLES = ['KEY_TEST', 'KEY_LIVE', 'ADMIN_KEY', 'WEBHOOK_SECRET', 'RATE_LIMITS']

/** The variables of the process and, before them, of a file. @throws UsageError for one that is a misspelt one of ours. */
export function readEnvironment(file: string | undefined): NodeJS.Dict<string> {
  const environment = { ...process.env, ...(file === undefined ? {} : variablesIn(file)) }
  for (const name of Object.keys(environment)) {
    const own = name.startsWith(PREFIX) ? name.slice(PREFIX.length) : undefined
    if (own === undefined || VARIABLES.includes(own)) continue
    // Others may be the tests' own, such as the address of the mock.
    const meant = didYouMean(own, VARIABLES)
    if (meant !== '')
      throw new UsageError(`${name}: no such variable${meant.replace('mean ', `mean ${PREFIX}`)}`)
  }
  return environment
}

function variablesIn(file: string): NodeJS.Dict<string> {
  try {
    return parseEnv(readFileSync(file, 'utf8'))
  } catch (error) {
    throw new UsageError(`--env ${file}: ${error instanceof Error ? error.message : String(error)}`)
  }
}

export function seedDataFrom(file: string | undefined): Record<string, unknown[]> | undefined {
  if (file === undefined) return undefined
  const data = readData(file)
  if (!isObject(data) || !Object.values(data).every(Array.isArray)) {
    throw new UsageError(`--seed-data ${file}: must be an object of lists, by the paths of collections`)
  }
  return data as Record<string, unknown[]>
}

export function scenariosFrom(file: string): readonly Scenario[] {
  const data = readData(file)
  const list = isObject(data) && Array.isArray(data.scenarios) ? data.scenarios : data
  if (!Array.isArray(list)) throw new UsageError(`--scenario ${file}: must be a list of scenarios`)
  return list as readonly Scenario[]
}
