// The commands that take things out of the database for good.

import type { EraseSelection } from '../erasure.js'
import { ApiKeysError } from '../errors.js'
import type { Context } from './context.js'
import { duration, type Flags, UsageError } from './flags.js'
import { keyId, versionOf } from './key-commands.js'
import { count } from './output.js'

export async function erase(context: Context): Promise<void> {
  const { flags, apiKeys, terminal } = context
  const selection = selectionOf(context)
  if (!flags.yes) {
    const keys = 'keyId' in selection ? 'the key and those that it replaced' : `${await totalOf(context)}`
    throw new UsageError(
      `keys erase: this takes ${keys} away for good, with audit log and uses; repeat it with --yes`,
    )
  }
  await refuseOtherVersion(context, selection)
  const erased = await apiKeys.erase(selection)
  if (flags.json) terminal.printJson(erased)
  else
    terminal.note(
      `Erased ${count(erased.keys, 'key')}, ${count(erased.events, 'event')} and ${count(erased.uses, 'count')} of uses.`,
    )
}

async function refuseOtherVersion({ flags, apiKeys }: Context, selection: EraseSelection): Promise<void> {
  const ifVersion = versionOf(flags)
  if (ifVersion === undefined) return
  if (!('keyId' in selection)) throw new UsageError('keys erase: --if-version goes with the id of a key')
  const record = await apiKeys.find(selection.keyId)
  if (record === undefined || record.version === ifVersion) return
  throw new ApiKeysError(
    'version_mismatch',
    `key ${record.id} has version ${record.version} by now, not ${ifVersion}; read it again`,
  )
}

function selectionOf({ flags, operand, terminal }: Context): EraseSelection {
  const { project, owner, 'created-by': createdBy } = flags
  const given: EraseSelection[] = [
    ...(operand === undefined ? [] : [{ keyId: keyId(operand, flags, terminal) }]),
    ...(project === undefined ? [] : [{ projectId: project }]),
    ...(owner === undefined ? [] : [{ ownerId: owner }]),
    ...(createdBy === undefined ? [] : [{ createdBy }]),
  ]
  const [selection] = given
  if (selection !== undefined && given.length === 1) return selection
  throw new UsageError('keys erase: give the id of a key, or one of --project, --owner and --created-by')
}

async function totalOf(context: Context): Promise<string> {
  const { total } = await context.apiKeys.list({ ...selectionOf(context), limit: 1, total: true })
  return count(total ?? 0, 'key')
}

/** What is kept for how long, for `createApiKeys`. */
export const retentionOf = (flags: Flags) => ({
  historyMs: period('history', flags),
  usesMs: period('uses', flags),
})

function period(flag: 'history' | 'uses', flags: Flags): number | undefined {
  const given = flags[flag]
  return given === undefined ? undefined : duration(flag, given)
}

export async function sweep({ flags, apiKeys, terminal }: Context): Promise<void> {
  if (flags.history === undefined && flags.uses === undefined) {
    throw new UsageError('sweep: what is kept for how long? --history 365d, --uses 90d')
  }
  const swept = await apiKeys.sweep()
  if (flags.json) terminal.printJson(swept)
  else terminal.note(`Deleted ${count(swept.events, 'event')} and ${count(swept.uses, 'count')} of uses.`)
}
