// The command that shows events, and whether a database has any.

import type { EventsOptions, EventsQuery } from '../events.js'
import type { ApiKeyStore } from '../store.js'
import type { Context } from './context.js'
import { UsageError, wholeNumber } from './flags.js'
import { columns, moment } from './output.js'

/** What `createApiKeys` is given, so that what this command changes is an event where what the app changes is one. */
export async function eventsOf({ outbox }: ApiKeyStore): Promise<EventsOptions | undefined> {
  if (outbox === undefined) return undefined
  const isUsed =
    (await outbox.consumers()).length > 0 || (await outbox.list({ order: 'desc', limit: 1 })).length > 0
  return isUsed ? {} : undefined
}

export async function events({ flags, database, apiKeys, terminal }: Context): Promise<void> {
  const { project: projectId, order, cursor } = flags
  if ((await eventsOf(database.store)) === undefined) {
    if (flags.json) terminal.printJson([])
    else terminal.note('No events: the app has to pass events to createApiKeys.')
    return
  }
  if (cursor !== undefined && !/^\d{1,15}$/.test(cursor)) throw new UsageError('--cursor: must be a sequence')
  const limit = wholeNumber('limit', flags.limit) ?? 100
  const found = await apiKeys.events({
    projectId,
    order: order as EventsQuery['order'],
    after: cursor === undefined ? undefined : Number(cursor),
    limit,
  })
  if (flags.json) terminal.printJson(found)
  else {
    const rows = found.map(({ sequence, at, type, projectId, keyId, actor }) => [
      String(sequence),
      moment(at),
      type,
      projectId,
      keyId,
      actor ?? '-',
    ])
    terminal.print(columns([['SEQUENCE', 'WHEN', 'WHAT', 'PROJECT', 'KEY', 'WHO'], ...rows]))
  }
  const last = found.at(-1)
  if (last !== undefined && found.length === limit)
    terminal.note(`There may be more: --cursor ${last.sequence} lists the next.`)
}
