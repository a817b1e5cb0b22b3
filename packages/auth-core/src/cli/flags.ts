// What can be typed behind the command, and what it means.

import { readFileSync } from 'node:fs'
import { type ParseArgsConfig, parseArgs } from 'node:util'
import { didYouMean, instantOf, NO_INSTANT } from '@gosend/options'
import type { Terminal } from './terminal.js'

export const OPTIONS = {
  db: { type: 'string' },
  'database-url': { type: 'string' },
  schema: { type: 'string' },
  redis: { type: 'string' },
  'redis-prefix': { type: 'string' },
  prefix: { type: 'string' },
  environments: { type: 'string' },
  'pepper-file': { type: 'string' },
  project: { type: 'string' },
  environment: { type: 'string' },
  label: { type: 'string' },
  scope: { type: 'string', multiple: true },
  'allow-ip': { type: 'string', multiple: true },
  expires: { type: 'string' },
  metadata: { type: 'string' },
  owner: { type: 'string' },
  parent: { type: 'string' },
  'acting-for': { type: 'string' },
  rate: { type: 'string', multiple: true },
  budget: { type: 'string' },
  amount: { type: 'string' },
  credits: { type: 'string' },
  refill: { type: 'string' },
  'shared-by': { type: 'string' },
  'limits-table': { type: 'string' },
  'if-version': { type: 'string' },
  'created-by': { type: 'string' },
  'expires-within': { type: 'string' },
  history: { type: 'string' },
  uses: { type: 'string' },
  yes: { type: 'boolean' },
  status: { type: 'string' },
  search: { type: 'string' },
  sort: { type: 'string' },
  order: { type: 'string' },
  limit: { type: 'string' },
  cursor: { type: 'string' },
  all: { type: 'boolean' },
  grace: { type: 'string' },
  age: { type: 'string' },
  unused: { type: 'string' },
  check: { type: 'boolean' },
  cache: { type: 'boolean' },
  actor: { type: 'string' },
  json: { type: 'boolean' },
  help: { type: 'boolean', short: 'h' },
  version: { type: 'boolean' },
} as const satisfies ParseArgsConfig['options']

/** The variables that stand in for flags, besides `DATABASE_URL`. */
const VARIABLES = [
  'GOSEND_KEYS_PREFIX',
  'GOSEND_KEYS_ENVIRONMENTS',
  'GOSEND_KEYS_PEPPER',
  'GOSEND_KEYS_REDIS_URL',
  'GOSEND_KEYS_REDIS_PREFIX',
]
/** What Kubernetes tells every container of a service that is named gosend-keys. */
const OF_KUBERNETES = /^GOSEND_KEYS_(?:SERVICE_|PORT(?:_|$))/

/** @throws UsageError for a variable that nobody reads: it could be the pepper. */
export function checkVariables({ env }: Pick<Terminal, 'env'>): void {
  for (const [name, value = ''] of Object.entries(env)) {
    if (!name.startsWith('GOSEND_KEYS_') || value === '' || OF_KUBERNETES.test(name)) continue
    if (VARIABLES.includes(name)) continue
    const meant = didYouMean(name, VARIABLES) || `; there are ${VARIABLES.join(', ')}`
    throw new UsageError(`${name}: no such variable${meant}`)
  }
}

export type Flag = keyof typeof OPTIONS
export type Flags = ReturnType<typeof readArguments>['values']

/** A mistake in the typed command: reported in one line, without a stack. */
export class UsageError extends Error {}

export function readArguments(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options: OPTIONS, allowPositionals: true })
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error)
    const [, unknown] = /^Unknown option '(--?[^']*)'/.exec(message) ?? []
    const meant =
      unknown === undefined
        ? ''
        : didYouMean(
            unknown,
            Object.keys(OPTIONS).map((name) => `--${name}`),
          )
    // Node adds advice about its own syntax after the first sentence.
    throw new UsageError(
      (message.split('. ')[0] ?? message).replace(/^[UO]/, (letter) => letter.toLowerCase()) + meant,
    )
  }
}

export function required(flags: Flags, name: 'project' | 'label' | 'amount'): string {
  const value = flags[name]
  if (value === undefined) throw new UsageError(`--${name} is missing`)
  return value
}

const UNIT_MS: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 }

/** Milliseconds of `30s`, `15m`, `24h`, `7d` or `0`. */
export function duration(flag: Flag, text: string): number {
  const [, count, unit = 's'] = /^(\d{1,6})([smhd])$/.exec(text) ?? /^(0)$/.exec(text) ?? []
  if (count === undefined) throw new UsageError(`--${flag}: must be like 30s, 15m, 24h or 7d`)
  return Number(count) * (UNIT_MS[unit] ?? 0)
}

/** A whole number. Whether it is too large is for the core to say. */
export function wholeNumber(flag: Flag, text: string | undefined): number | undefined {
  if (text === undefined) return undefined
  if (!/^\d{1,9}$/.test(text)) throw new UsageError(`--${flag}: must be a whole number`)
  return Number(text)
}

/** An instant as RFC 3339 writes it, or a time from now. */
export function instant(flag: Flag, text: string | undefined, now = Date.now()): Date | undefined {
  if (text === undefined) return undefined
  if (/^\d+[smhd]$/.test(text)) return new Date(now + duration(flag, text))
  const at = instantOf(text)
  if (at === undefined) throw new UsageError(`--${flag}: ${NO_INSTANT}, or a time from now such as 90d`)
  return at
}

/** When a key ends: an instant as above, or null for never. */
export function expiry({ expires }: Flags): Date | null | undefined {
  return expires === 'never' ? null : instant('expires', expires)
}

/** A JSON object. Whether it is too large is for the core to say. */
export function object(flag: Flag, text: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text)
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return { ...value }
  } catch {
    // What JSON.parse says quotes the text.
  }
  throw new UsageError(`--${flag}: must be a JSON object, such as '{"team":"billing"}'`)
}

/** `test=sandbox,live=production` as a table. Whether it makes sense is for `createApiKeys` to say. */
function environmentTable(text: string): Record<string, string> {
  const pairs = text.split(',').map((pair) => pair.trim().split('='))
  if (!pairs.every((pair) => pair.length === 2)) {
    throw new UsageError('--environments: must be like test=sandbox,live=production')
  }
  return Object.fromEntries(pairs)
}

const oneOrMore = <T>(values: readonly T[]): T | readonly T[] => {
  const [only, ...others] = values
  return only === undefined || others.length > 0 ? values : only
}

/** What `createApiKeys` is told of a product, by flags or once for all commands by the environment. */
export function formatOptions(flags: Flags, { env }: Pick<Terminal, 'env'>) {
  const { GOSEND_KEYS_PREFIX, GOSEND_KEYS_ENVIRONMENTS } = env
  const prefix = flags.prefix ?? (GOSEND_KEYS_PREFIX || undefined)
  const environments = flags.environments ?? (GOSEND_KEYS_ENVIRONMENTS || undefined)
  // The current one first, then those that keys were made with before.
  return {
    prefix: prefix === undefined ? undefined : oneOrMore(prefix.split(',').map((name) => name.trim())),
    environments:
      environments === undefined ? undefined : oneOrMore(environments.split(';').map(environmentTable)),
  }
}

/** Peppers come from a file or the environment and never from a flag, which everybody on the machine can read. */
export function peppers(flags: Flags, terminal: Terminal): readonly string[] {
  const file = flags['pepper-file']
  if (file === undefined) {
    const { GOSEND_KEYS_PEPPER: pepper = '' } = terminal.env
    return pepper === '' ? [] : [pepper]
  }
  const lines = readText('--pepper-file', file, terminal).split(/\r?\n/)
  const peppers = lines.filter((line) => line !== '')
  if (peppers.length === 0) throw new UsageError('--pepper-file: the file holds no pepper')
  return peppers
}

/**
 * @param file a path, or `-` for standard input.
 * @throws UsageError that does not repeat it: it may be a secret that somebody took for the argument.
 */
export function readText(what: string, file: string, { readInput }: Terminal): string {
  try {
    return file === '-' ? readInput() : readFileSync(file, 'utf8')
  } catch (error) {
    const { code = 'unknown' } = error as NodeJS.ErrnoException
    throw new UsageError(
      `${what}: there is no file to be read (${code}); pass the name of one, or - for a pipe`,
    )
  }
}
