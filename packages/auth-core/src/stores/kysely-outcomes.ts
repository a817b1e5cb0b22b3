// Outcomes of requests in the database of their keys, behind Kysely, with the latest refusals and addresses of each key.

import { ADDRESSES_KEPT, type AddressUse, type OutcomeStore, REFUSALS_KEPT } from '../outcome-store.js'
import type { KyselyDatabase, Row, Session } from './kysely-database.js'
import { chunksOf, insertAll, isText, lockKeys, nameBatch, places } from './kysely-statements.js'
import { decodeAddress, decodeCount, decodeRefusal } from './outcome-rows.js'

const counted = ['key_id', 'hour', 'outcome', 'reason', 'count']
const placed = ['key_id', 'address', 'at']
const refused = ['key_id', 'at', 'outcome', 'reason', 'address']

/** Deletes what is kept of a key. */
export async function forget({ write }: Session, keyId: string): Promise<void> {
  await write('DELETE FROM api_key_outcomes WHERE key_id = ?', [keyId])
  await write('DELETE FROM api_key_refusals WHERE key_id = ?', [keyId])
  await write('DELETE FROM api_key_addresses WHERE key_id = ?', [keyId])
}

export function kyselyOutcomes({ read, transact }: KyselyDatabase): OutcomeStore {
  return {
    async record(counts, refusals, batch, uses = []) {
      const ids = [...counts, ...refusals, ...uses].map(({ keyId }) => keyId)
      if (ids.length === 0) return
      await transact(async (session) => {
        if (!(await nameBatch(session, batch))) return undefined
        // Whoever erases one of them waits, and then finds what is written here.
        const known = await lockKeys(session, ids)
        await addCounts(
          session,
          counts.filter(({ keyId }) => known.has(keyId)),
        )
        await addRefusals(
          session,
          refusals.filter(({ keyId }) => known.has(keyId)),
        )
        await addAddresses(
          session,
          uses.filter(({ keyId, address }) => known.has(keyId) && isText(address)),
        )
        return true
      })
    },

    async counts(projectId, from, until, keyId) {
      if (!isText(projectId) || !isText(keyId ?? null)) return []
      const [ofKey, values] = keyId === undefined ? ['', []] : ['AND key_id = ?', [keyId]]
      const rows = await read((session) =>
        session.read(
          `SELECT ${counted.join(', ')} FROM api_key_outcomes JOIN api_keys ON api_keys.id = api_key_outcomes.key_id
            WHERE project_id = ? AND hour >= ? AND hour < ? ${ofKey} ORDER BY hour, key_id, outcome, reason`,
          [projectId, from, until, ...values],
        ),
      )
      return rows.map((row) => decodeCount(listOf(row, counted)))
    },

    async refusals(keyId) {
      if (!isText(keyId)) return []
      const rows = await read((session) =>
        session.read(
          `SELECT ${refused.join(', ')} FROM api_key_refusals WHERE key_id = ? ORDER BY id DESC LIMIT ?`,
          [keyId, REFUSALS_KEPT],
        ),
      )
      return rows.map((row) => decodeRefusal(listOf(row, refused)))
    },

    async addresses(keyId) {
      if (!isText(keyId)) return []
      const rows = await read((session) =>
        session.read(
          `SELECT ${placed.join(', ')} FROM api_key_addresses WHERE key_id = ? ORDER BY at DESC, address LIMIT ?`,
          [keyId, ADDRESSES_KEPT],
        ),
      )
      return rows.map((row) => decodeAddress(listOf(row, placed)))
    },

    sweep: async (before, limit) => (await transact((session) => sweepOld(session, before, limit))) ?? 0,
  }
}

const listOf = (row: Row, columns: readonly string[]) => columns.map((column) => row[column])

async function addCounts(session: Session, counts: Parameters<OutcomeStore['record']>[0]): Promise<void> {
  const rows = counts.map(({ keyId, hour, outcome, reason, count }) => [
    keyId,
    hour,
    outcome,
    reason ?? '',
    count,
  ])
  const ending = session.dialect.addCount('api_key_outcomes', 'key_id, hour, outcome, reason')
  await insertAll(session, 'api_key_outcomes', counted, rows, ending)
}

async function addRefusals(session: Session, refusals: Parameters<OutcomeStore['record']>[1]): Promise<void> {
  const rows = refusals.map(({ keyId, at, outcome, reason, address }) => [
    keyId,
    at,
    outcome,
    reason,
    address,
  ])
  await insertAll(session, 'api_key_refusals', refused, rows)
  for (const keyId of new Set(refusals.map(({ keyId }) => keyId))) {
    const [latest] = await session.read(
      `SELECT id FROM api_key_refusals WHERE key_id = ? ORDER BY id DESC LIMIT 1 OFFSET ${REFUSALS_KEPT}`,
      [keyId],
    )
    if (latest !== undefined)
      await session.write('DELETE FROM api_key_refusals WHERE key_id = ? AND id <= ?', [keyId, latest.id])
  }
}

async function addAddresses(session: Session, uses: readonly AddressUse[]): Promise<void> {
  const keyIds = new Set(uses.map(({ keyId }) => keyId))
  for (const part of chunksOf([...keyIds])) {
    const known = await session.read(
      `SELECT ${placed.join(', ')} FROM api_key_addresses WHERE key_id IN (${places(part)})`,
      part,
    )
    const all = [...known.map((row) => decodeAddress(listOf(row, placed))), ...uses]
    const rows = part.flatMap((keyId) => latestOf(all.filter((use) => use.keyId === keyId)))
    await session.write(`DELETE FROM api_key_addresses WHERE key_id IN (${places(part)})`, part)
    await insertAll(session, 'api_key_addresses', placed, rows)
  }
}

/** The rows of one key that are kept. */
function latestOf(uses: readonly AddressUse[]): unknown[][] {
  const latest = new Map<string, AddressUse>()
  for (const use of uses) if (use.at >= (latest.get(use.address)?.at ?? use.at)) latest.set(use.address, use)
  return [...latest.values()]
    .sort((a, b) => b.at - a.at || (a.address < b.address ? -1 : 1))
    .slice(0, ADDRESSES_KEPT)
    .map(({ keyId, address, at }) => [keyId, address, at])
}

async function sweepOld(session: Session, before: number, limit: number): Promise<number> {
  const { dialect, read, write } = session
  let rows = 0
  const counts = await read(
    `SELECT key_id, hour, outcome, reason FROM api_key_outcomes WHERE hour < ? ORDER BY hour LIMIT ?${dialect.skipLocked}`,
    [before, limit],
  )
  for (const row of counts) {
    rows += await write(
      'DELETE FROM api_key_outcomes WHERE key_id = ? AND hour = ? AND outcome = ? AND reason = ?',
      listOf(row, ['key_id', 'hour', 'outcome', 'reason']),
    )
  }
  const old = await read(
    `SELECT id FROM api_key_refusals WHERE at < ? ORDER BY at LIMIT ?${dialect.skipLocked}`,
    [before, limit],
  )
  for (const part of chunksOf(old.map(({ id }) => id))) {
    rows += await write(`DELETE FROM api_key_refusals WHERE id IN (${places(part)})`, part)
  }
  const unused = await read(
    `SELECT key_id, address FROM api_key_addresses WHERE at < ? ORDER BY at LIMIT ?${dialect.skipLocked}`,
    [before, limit],
  )
  for (const row of unused)
    rows += await write(
      'DELETE FROM api_key_addresses WHERE key_id = ? AND address = ?',
      listOf(row, ['key_id', 'address']),
    )
  return rows
}
