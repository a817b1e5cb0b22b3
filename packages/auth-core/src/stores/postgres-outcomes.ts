// Outcomes of requests in the Postgres database of their keys, with the latest refusals and addresses of each key.

import { ADDRESSES_KEPT, type OutcomeStore, REFUSALS_KEPT } from '../outcome-store.js'
import { decodeAddress, decodeCount, decodeRefusal } from './outcome-rows.js'
import { isText, type PostgresDatabase } from './postgres-database.js'

// A crash of the server may lose the last few milliseconds, as one of this process may lose more.
const LAZILY = 'SET LOCAL synchronous_commit = off'

/** In SQL: deletes what is kept of the keys $ids. To follow other statements within a `WITH`. */
export const forgetting = (schema: string, ids: string) =>
  `counts_gone AS (DELETE FROM ${schema}.outcomes WHERE key_id = ANY(${ids})),
   refusals_gone AS (DELETE FROM ${schema}.refusals WHERE key_id = ANY(${ids})),
   addresses_gone AS (DELETE FROM ${schema}.addresses WHERE key_id = ANY(${ids}))`

export function postgresOutcomes(
  { use, transact }: PostgresDatabase,
  schema: string,
  nameBatch: string,
): OutcomeStore {
  const sql = statements(schema)
  return {
    async record(counts, refusals, batch, uses = []) {
      const ids = [...new Set([...counts, ...refusals, ...uses].map(({ keyId }) => keyId))].filter(isText)
      if (ids.length === 0) return
      await use((session) =>
        transact(
          session,
          async () => {
            if ((await session.query(nameBatch, [batch])).rowCount === 0) return false
            // Whoever erases one of them waits, and then finds what is written here.
            const { rows } = await session.query(sql.lock, [ids])
            const known = new Set((rows as [string][]).map(([id]) => id))
            const isKnown = ({ keyId }: { readonly keyId: string }) => known.has(keyId)
            await session.query(sql.count, columnsOf(counts.filter(isKnown).map(rowOfCount)))
            const places = uses.filter(isKnown).filter(({ address }) => isText(address))
            if (places.length > 0) {
              const rows = places.map(({ keyId, address, at }) => [keyId, address, at])
              await session.query(sql.place, columnsOf(rows, 3))
              await session.query(sql.trimPlaces, [[...new Set(places.map(({ keyId }) => keyId))]])
            }
            const refused = refusals.filter(isKnown)
            if (refused.length === 0) return true
            await session.query(
              sql.refuse,
              columnsOf(
                refused.map(({ keyId, at, outcome, reason, address }) => [
                  keyId,
                  at,
                  outcome,
                  reason,
                  address,
                ]),
              ),
            )
            await session.query(sql.trim, [[...new Set(refused.map(({ keyId }) => keyId))]])
            return true
          },
          LAZILY,
        ),
      )
    },
    async counts(projectId, from, until, keyId) {
      if (!isText(projectId) || !isText(keyId ?? '')) return []
      const { rows } = await use((session) =>
        keyId === undefined
          ? session.read(sql.counted(''), [projectId, from, until])
          : session.read(sql.counted('AND key_id = $4'), [projectId, from, until, keyId]),
      )
      return rows.map(decodeCount)
    },
    async refusals(keyId) {
      if (!isText(keyId)) return []
      const { rows } = await use((session) => session.read(sql.refused, [keyId]))
      return rows.map(decodeRefusal)
    },
    async addresses(keyId) {
      if (!isText(keyId)) return []
      const { rows } = await use((session) => session.read(sql.placed, [keyId]))
      return rows.map(decodeAddress)
    },
    sweep: (before, limit) =>
      use(async (session) => {
        let deleted = 0
        const run = async () => {
          for (const statement of [sql.sweepCounts, sql.sweepRefusals, sql.sweepPlaces])
            deleted += (await session.query(statement, [before, limit])).rowCount ?? 0
          return true
        }
        await transact(session, run, LAZILY)
        return deleted
      }),
  }
}

type Count = Parameters<OutcomeStore['record']>[0][number]
const rowOfCount = ({ keyId, hour, outcome, reason, count }: Count) => [
  keyId,
  hour,
  outcome,
  reason ?? '',
  count,
]

/** The columns of rows, for `unnest`. */
const columnsOf = (rows: readonly (readonly unknown[])[], count = 5): unknown[][] =>
  Array.from({ length: count }, (_, column) => rows.map((row) => row[column]))

function statements(schema: string) {
  return {
    lock: `SELECT id FROM ${schema}.keys WHERE id = ANY($1) AND erased_at IS NULL ORDER BY id FOR KEY SHARE`,
    // In order, so that of two that count the same neither waits for the other in a circle.
    count: `INSERT INTO ${schema}.outcomes AS counted (key_id, hour, outcome, reason, count)
      SELECT * FROM unnest($1::text[], $2::bigint[], $3::text[], $4::text[], $5::bigint[])
        AS added(key_id, hour, outcome, reason, count) ORDER BY key_id, hour, outcome, reason
      ON CONFLICT (key_id, hour, outcome, reason) DO UPDATE SET count = counted.count + excluded.count`,
    refuse: `INSERT INTO ${schema}.refusals (key_id, at, outcome, reason, address)
      SELECT key_id, at, outcome, reason, address
      FROM unnest($1::text[], $2::bigint[], $3::text[], $4::text[], $5::text[])
        WITH ORDINALITY AS added(key_id, at, outcome, reason, address, place) ORDER BY place`,
    trim: `DELETE FROM ${schema}.refusals USING unnest($1::text[]) AS trimmed(of_key)
      WHERE key_id = of_key AND id <= (SELECT id FROM ${schema}.refusals AS kept WHERE kept.key_id = of_key
        ORDER BY id DESC LIMIT 1 OFFSET ${REFUSALS_KEPT})`,
    place: `INSERT INTO ${schema}.addresses AS placed (key_id, address, at)
      SELECT * FROM unnest($1::text[], $2::text[], $3::bigint[]) AS added(key_id, address, at) ORDER BY key_id, address
      ON CONFLICT (key_id, address) DO UPDATE SET at = greatest(placed.at, excluded.at)`,
    trimPlaces: `DELETE FROM ${schema}.addresses USING unnest($1::text[]) AS trimmed(of_key)
      WHERE key_id = of_key AND address NOT IN (SELECT address FROM ${schema}.addresses AS kept WHERE kept.key_id = of_key
        ORDER BY at DESC, address LIMIT ${ADDRESSES_KEPT})`,
    placed: `SELECT key_id, address, at FROM ${schema}.addresses WHERE key_id = $1
      ORDER BY at DESC, address LIMIT ${ADDRESSES_KEPT}`,
    sweepPlaces: `DELETE FROM ${schema}.addresses WHERE (key_id, address) IN
      (SELECT key_id, address FROM ${schema}.addresses WHERE at < $1 ORDER BY at LIMIT $2 FOR UPDATE SKIP LOCKED)`,
    counted: (condition: '' | 'AND key_id = $4') =>
      `SELECT key_id, hour, outcome, reason, count FROM ${schema}.outcomes JOIN ${schema}.keys ON key_id = keys.id
      WHERE project_id = $1 AND hour >= $2 AND hour < $3 ${condition} ORDER BY hour, key_id, outcome, reason`,
    refused: `SELECT key_id, at, outcome, reason, address FROM ${schema}.refusals WHERE key_id = $1
      ORDER BY id DESC LIMIT ${REFUSALS_KEPT}`,
    sweepCounts: `DELETE FROM ${schema}.outcomes WHERE (key_id, hour, outcome, reason) IN
      (SELECT key_id, hour, outcome, reason FROM ${schema}.outcomes WHERE hour < $1
       ORDER BY hour LIMIT $2 FOR UPDATE SKIP LOCKED)`,
    sweepRefusals: `DELETE FROM ${schema}.refusals WHERE id IN
      (SELECT id FROM ${schema}.refusals WHERE at < $1 ORDER BY at LIMIT $2 FOR UPDATE SKIP LOCKED)`,
  }
}
