// What can be read of keys: one, lists of them, their uses, and their audit log.

import { type OptionTable, required, text, wholeNumber } from '@gosend/options'
import type { ApiKey } from './api-key.js'
import { checkArguments, instant, name } from './attributes.js'
import { isKeyId } from './key-format.js'
import { createKeyList, type KeyListParts, type KeyPage, type ListQuery } from './key-list.js'
import { type LastUsed, utcDay } from './last-used.js'
import type { ApiKeyStore, DailyUse, KeyEvent } from './store.js'

export interface UsageQuery {
  readonly projectId: string
  /** First day, inclusive, in UTC. */
  readonly from: Date
  /** Last day, inclusive, in UTC. */
  readonly to: Date
  /** Only uses of this key. */
  readonly keyId?: string | undefined
}

const usageQuery: OptionTable<UsageQuery> = {
  projectId: required(name),
  from: required(instant),
  to: required(instant),
  keyId: text,
}

export interface HistoryQuery {
  readonly projectId: string
  /** Only what happened to this key. */
  readonly keyId?: string | undefined
  /** Only what this person or program did. */
  readonly actor?: string | undefined
  /** Only events of this instant and later ones. */
  readonly from?: Date | undefined
  /** Only events before this instant. */
  readonly to?: Date | undefined
  /** Only events with a lower `sequence`: for the next page, that of the last event of this one. */
  readonly before?: number | undefined
  /** How many events at the most. Default 100. */
  readonly limit?: number | undefined
}

const historyQuery: OptionTable<HistoryQuery> = {
  projectId: required(name),
  keyId: text,
  actor: name,
  from: instant,
  to: instant,
  before: wholeNumber(),
  limit: wholeNumber(),
}

export interface ReadingMethods {
  /** The record of a key, or undefined. */
  find(id: string): Promise<ApiKey | undefined>

  /**
   * One page of the keys of a project, or of all projects, the newest first unless sorted otherwise. Each key comes once,
   * whatever is issued and revoked meanwhile; only a key whose place in the list changes, because it is used or renamed,
   * can be passed over or come twice. A page ends early when its keys hold more than 2.6 kB each on average.
   * @throws ApiKeysError `invalid_argument`.
   */
  list(query: ListQuery): Promise<KeyPage>

  /**
   * The whole list, read page by page.
   * @example for await (const record of apiKeys.listAll({ projectId })) console.log(record.label)
   */
  listAll(query: Omit<ListQuery, 'cursor' | 'total'>): AsyncIterable<ApiKey>

  /** Successful verifications per key and UTC day. */
  usage(query: UsageQuery): Promise<readonly DailyUse[]>

  /** Who issued, rotated, disabled, enabled, revoked and updated the keys of a project, page by page, the latest first. */
  history(query: HistoryQuery): Promise<readonly KeyEvent[]>
}

interface ReadingParts extends KeyListParts {
  readonly store: ApiKeyStore
  readonly lastUsed: Pick<LastUsed, 'flush'>
}

/** What is read also shows the uses that are still in memory. */
export function createReading({ lastUsed, ...parts }: ReadingParts): ReadingMethods {
  const { store, recordOf } = parts
  const readPage = createKeyList(parts)
  const list: ReadingMethods['list'] = async (query) => {
    await lastUsed.flush()
    return readPage(query)
  }
  return {
    async find(id) {
      if (!isKeyId(id)) return undefined
      await lastUsed.flush()
      const row = await store.find(id)
      return row && recordOf(row)
    },
    list,
    async *listAll(query) {
      for (let cursor: string | null | undefined; cursor !== null; ) {
        const page = await list({ ...query, cursor })
        yield* page
        cursor = page.next
      }
    },
    async usage(query) {
      const { projectId, from, to, keyId } = checkArguments(usageQuery, query)
      await lastUsed.flush()
      return store.usage(projectId, utcDay(from.getTime()), utcDay(to.getTime()), keyId)
    },
    async history(query) {
      const checked = checkArguments(historyQuery, query)
      const { projectId, keyId = null, limit = 100, actor, before } = checked
      return store.history(projectId, keyId, limit, {
        ...{ actor, before, from: checked.from?.getTime(), to: checked.to?.getTime() },
      })
    },
  }
}
