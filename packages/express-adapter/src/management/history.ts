// The audit log as the management API shows it.

import type { ApiKeys, KeyEvent } from '@gosend/auth-core'
import { whenOf } from './key-body.js'
import { nextPage } from './page-link.js'
import type { KeyEventBody, ListHistoryQuery } from './wire.js'

const MAX_ENTRIES = 1_000

/** One page of the log of a project, or of one of its keys, and the link to the next, where there is one. */
export async function historyPage(
  apiKeys: Pick<ApiKeys, 'history'>,
  of: { readonly projectId: string; readonly keyId?: string },
  query: ListHistoryQuery,
): Promise<{ readonly entries: KeyEventBody[]; readonly link: string | undefined }> {
  const { limit = 100, actor, from, to, before } = query
  const found = await apiKeys.history({
    ...of,
    ...{ actor, before, limit: Math.min(limit, MAX_ENTRIES) + 1 },
    from: whenOf('from', from),
    to: whenOf('to', to),
  })
  const entries = found.slice(0, limit).map(bodyOf)
  const last = entries.at(-1)
  const hasMore = found.length > limit && last !== undefined
  return { entries, link: hasMore ? nextPage(query, String(last.sequence), 'before') : undefined }
}

function bodyOf({ sequence = 0, at, projectId, keyId, action, actor, details }: KeyEvent): KeyEventBody {
  return { sequence, at: new Date(at), projectId, keyId, action, actor, details }
}
