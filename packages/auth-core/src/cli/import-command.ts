// `import`: entries from a file to keys. What an entry may say is `ImportEntry`, with its instants written out.

import type { ImportEntry } from '../imported-keys.js'
import type { Context } from './commands.js'
import { type Flags, instant, readText, UsageError } from './flags.js'
import { count, note, printJson } from './output.js'

export async function importKeys({ flags, apiKeys, actor, operand }: Context): Promise<void> {
  if (operand === undefined) throw new UsageError('import: which file? - reads standard input')
  const entries = parseEntries(readText('import', operand)).map((entry, i) => entryOf(entry, i, flags))
  const result = await apiKeys.import(entries, { actor })
  if (flags.json) return printJson(result)
  const known = result.known === 0 ? '' : ` ${count(result.known, 'key')} had been there before.`
  note(`${count(result.imported, 'key')} imported.${known}`)
  note('They work once createApiKeys is told what they look like: importedKeys: /…/')
}

function parseEntries(text: string): readonly unknown[] {
  const isList = /^\s*\[/.test(text)
  try {
    if (isList) return JSON.parse(text)
    return text.split('\n').flatMap((line) => (line.trim() === '' ? [] : [JSON.parse(line)]))
  } catch {
    // What JSON.parse says quotes the text.
    throw new UsageError('import: must be a JSON array, or one JSON object per line')
  }
}

const FIELDS = new Set([
  'sha256',
  'projectId',
  'environment',
  'label',
  'createdAt',
  'expiresAt',
  'scopes',
  'allowedIps',
  'metadata',
])

function entryOf(entry: unknown, index: number, flags: Flags): ImportEntry {
  const where = `import: entry ${index + 1}`
  if (typeof entry !== 'object' || entry === null || Array.isArray(entry)) {
    throw new UsageError(`${where} is not an object`)
  }
  const unknown = Object.keys(entry).find((field) => !FIELDS.has(field))
  if (unknown !== undefined)
    throw new UsageError(`${where} has an unknown field; there is ${[...FIELDS].join(', ')}`)
  const { createdAt, expiresAt, ...rest } = entry as Record<string, unknown>
  return {
    projectId: flags.project,
    environment: flags.environment ?? 'production',
    label: flags.label,
    ...rest,
    createdAt: date(`${where}: createdAt`, createdAt),
    expiresAt: expiresAt === null ? null : date(`${where}: expiresAt`, expiresAt),
    // Whatever is wrong with the rest, the core says which entry it is.
  } as ImportEntry
}

function date(what: string, value: unknown): Date | undefined {
  if (value === undefined || value === null) return undefined
  if (typeof value === 'number') return new Date(value)
  try {
    return instant('expires', String(value))
  } catch {
    throw new UsageError(`${what}: must be a date, an instant with its zone, or milliseconds since 1970`)
  }
}
