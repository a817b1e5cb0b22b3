// `import`: entries from a file to keys. What an entry may say is `ImportEntry`, with its instants written out.

import { instantOf, NO_INSTANT } from '@gosend/options'
import type { ImportEntry } from '../imported-keys.js'
import type { Context } from './context.js'
import { type Flags, readText, UsageError } from './flags.js'
import { count } from './output.js'

export async function importKeys({ flags, apiKeys, actor, operand, terminal }: Context): Promise<void> {
  if (operand === undefined) throw new UsageError('import: which file? - reads standard input')
  const entries = parseEntries(readText('import', operand, terminal)).map((entry, i) =>
    entryOf(entry, i, flags),
  )
  const result = await apiKeys.import(entries, { actor })
  if (flags.json) return terminal.printJson(result)
  const known = result.known === 0 ? '' : ` ${count(result.known, 'key')} had been there before.`
  const erased = result.erased === 0 ? '' : ` ${count(result.erased, 'key')} had been erased, and stays so.`
  terminal.note(`${count(result.imported, 'key')} imported.${known}${erased}`)
  terminal.note('They work once createApiKeys is told what they look like: importedKeys: /…/')
}

function parseEntries(text: string): readonly unknown[] {
  if (/^\s*\[/.test(text)) return parseJson(text, '')
  return text
    .split('\n')
    .flatMap((line, i) => (line.trim() === '' ? [] : [parseJson(line, `line ${i + 1} `)]))
}

function parseJson(text: string, where: string) {
  try {
    return JSON.parse(text)
  } catch {
    // What JSON.parse says quotes the text.
    const is = where === '' ? '' : `${where}is no JSON; the file `
    throw new UsageError(`import: ${is}must be a JSON array, or one JSON object per line`)
  }
}

const INSTANTS = ['createdAt', 'expiresAt', 'lastUsedAt', 'revokedAt', 'disabledAt'] as const

function entryOf(entry: unknown, index: number, flags: Flags): ImportEntry {
  const where = `import: entry ${index + 1}`
  if (typeof entry !== 'object' || entry === null || Array.isArray(entry)) {
    throw new UsageError(`${where} is not an object`)
  }
  const given = entry as Record<string, unknown>
  const instants = INSTANTS.filter((name) => given[name] !== undefined && given[name] !== null).map(
    (name) => [name, date(`${where}: ${name}`, given[name])],
  )
  return {
    projectId: flags.project,
    environment: flags.environment ?? 'production',
    label: flags.label,
    ...given,
    // A table says null where it does not know when a key was made.
    createdAt: given.createdAt ?? undefined,
    ...Object.fromEntries(instants),
    // Whatever is wrong with the rest, the core says which entry it is.
  } as ImportEntry
}

// What is less says seconds, or means nothing by a zero.
const EARLIEST_MS = 1e11

function date(what: string, value: unknown): Date {
  if (typeof value === 'number' && !(value >= EARLIEST_MS))
    throw new UsageError(
      `${what}: must be milliseconds since 1970; multiply seconds by 1000, and write null for what never was`,
    )
  const at =
    typeof value === 'number' ? new Date(value) : typeof value === 'string' ? instantOf(value) : undefined
  if (at === undefined) throw new UsageError(`${what}: ${NO_INSTANT}, or milliseconds since 1970`)
  return at
}
