// The keys of a list as a file for spreadsheets (RFC 4180), read from the service page by page.

import { answerPage, type Client, type Key } from '../client.js'
import { conditionsOf, type KeyFilter, shownOf } from './filter.js'
import { statusOf } from './status.js'

const PAGE = 1_000

type Cell = string | number | null

const columns: Readonly<Record<string, (key: Key, now: number) => Cell>> = {
  id: ({ id }) => id,
  label: ({ label }) => label,
  key: ({ hint }) => hint,
  environment: ({ environment }) => environment,
  status: statusOf,
  created_at: ({ createdAt }) => createdAt,
  created_by: ({ createdBy }) => createdBy,
  owner_id: ({ ownerId }) => ownerId,
  last_used_at: ({ lastUsedAt }) => lastUsedAt,
  expires_at: ({ expiresAt }) => expiresAt,
  disabled_at: ({ disabledAt }) => disabledAt,
  revoked_at: ({ revokedAt }) => revokedAt,
  scopes: ({ scopes }) => scopes.join(' '),
  allowed_ips: ({ allowedIps }) => allowedIps?.join(' ') ?? null,
  rotated_from: ({ rotatedFrom }) => rotatedFrom,
  replaced_by: ({ replacedBy }) => replacedBy,
}

/** @param onProgress told how many keys have been read. */
export async function csvOf(
  api: Client,
  projectId: string,
  filter: KeyFilter,
  now: number,
  onProgress: (keys: number) => void,
): Promise<Blob> {
  const parts = [line(Object.keys(columns))]
  let read = 0
  for (let cursor: string | null | undefined; cursor !== null; ) {
    const query = { ...conditionsOf(filter), limit: PAGE, ...(cursor !== undefined && { cursor }) }
    const params = { path: { projectId }, query }
    const page = await answerPage(api.GET('/projects/{projectId}/keys', { params }))
    for (const key of shownOf(page.data, filter, now))
      parts.push(line(Object.values(columns).map((cell) => cell(key, now))))
    read += page.data.length
    onProgress(read)
    cursor = page.next
  }
  return new Blob(parts, { type: 'text/csv;charset=utf-8' })
}

const line = (cells: readonly Cell[]) => `${cells.map(cellOf).join(',')}\r\n`

/** A spreadsheet calculates what begins like a formula, also where somebody else has written it: an apostrophe makes it text. */
export function cellOf(cell: Cell): string {
  const text = String(cell ?? '')
  const plain = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text
  return /[",\r\n]/.test(plain) ? `"${plain.replaceAll('"', '""')}"` : plain
}
