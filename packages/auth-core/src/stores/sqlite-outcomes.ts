// Outcomes of requests in the SQLite file of their keys, with the latest refusals and addresses of each key.

import { ADDRESSES_KEPT, type AddressUse, type OutcomeStore, REFUSALS_KEPT } from '../outcome-store.js'
import { decodeAddress, decodeCount, decodeRefusal } from './outcome-rows.js'
import type { SqliteDatabase } from './sqlite-database.js'

export interface SqliteOutcomes {
  readonly outcomes: OutcomeStore
  /** Within a transaction of the store. */
  forget(keyId: string): void
}

export function sqliteOutcomes(database: SqliteDatabase): SqliteOutcomes {
  const isKey = 'EXISTS (SELECT 1 FROM api_keys WHERE id = ? AND erased_at IS NULL)'
  const count = database.prepare(
    `INSERT INTO api_key_outcomes (key_id, hour, outcome, reason, count) SELECT ?, ?, ?, ?, ? WHERE ${isKey}
     ON CONFLICT (key_id, hour, outcome, reason) DO UPDATE SET count = count + excluded.count`,
  )
  const refuse = database.prepare(
    `INSERT INTO api_key_refusals (key_id, at, outcome, reason, address) SELECT ?, ?, ?, ?, ? WHERE ${isKey}`,
  )
  const trim = database.prepare(
    `DELETE FROM api_key_refusals WHERE key_id = ? AND id <=
     (SELECT id FROM api_key_refusals WHERE key_id = ? ORDER BY id DESC LIMIT 1 OFFSET ${REFUSALS_KEPT})`,
  )
  const place = database.prepare(
    `INSERT INTO api_key_addresses (key_id, address, at) SELECT ?, ?, ? WHERE ${isKey}
     ON CONFLICT (key_id, address) DO UPDATE SET at = max(at, excluded.at)`,
  )
  const trimPlaces = database.prepare(
    `DELETE FROM api_key_addresses WHERE key_id = ? AND address NOT IN
     (SELECT address FROM api_key_addresses WHERE key_id = ? ORDER BY at DESC, address LIMIT ${ADDRESSES_KEPT})`,
  )
  const placed = database.query(
    'SELECT key_id, address, at FROM api_key_addresses WHERE key_id = ? ORDER BY at DESC, address',
  )
  const countedStatement = (condition: string) =>
    `SELECT key_id, hour, outcome, reason, count FROM api_keys JOIN api_key_outcomes ON key_id = id
     WHERE project_id = ? AND hour >= ? AND hour < ? ${condition} ORDER BY hour, key_id, outcome, reason`
  const counted = database.query(countedStatement(''))
  const countedOfKey = database.query(countedStatement('AND key_id = ?'))
  const refused = database.query(
    'SELECT key_id, at, outcome, reason, address FROM api_key_refusals WHERE key_id = ? ORDER BY id DESC',
  )
  const sweepCounts = database.prepare(
    `DELETE FROM api_key_outcomes WHERE (key_id, hour, outcome, reason) IN
     (SELECT key_id, hour, outcome, reason FROM api_key_outcomes WHERE hour < ? ORDER BY hour LIMIT ?)`,
  )
  const sweepRefusals = database.prepare(
    'DELETE FROM api_key_refusals WHERE id IN (SELECT id FROM api_key_refusals WHERE at < ? ORDER BY at LIMIT ?)',
  )
  const sweepPlaces = database.prepare(
    `DELETE FROM api_key_addresses WHERE (key_id, address) IN
     (SELECT key_id, address FROM api_key_addresses WHERE at < ? ORDER BY at LIMIT ?)`,
  )
  const forgetPlaces = database.prepare('DELETE FROM api_key_addresses WHERE key_id = ?')
  const forgetCounts = database.prepare('DELETE FROM api_key_outcomes WHERE key_id = ?')
  const forgetRefusals = database.prepare('DELETE FROM api_key_refusals WHERE key_id = ?')

  const recordUses = (uses: readonly AddressUse[]): void => {
    for (const { keyId, address, at } of uses) place.run(keyId, address, at, keyId)
    for (const id of new Set(uses.map(({ keyId }) => keyId))) trimPlaces.run(id, id)
  }

  return {
    forget(keyId) {
      forgetCounts.run(keyId)
      forgetRefusals.run(keyId)
      forgetPlaces.run(keyId)
    },
    outcomes: {
      record(counts, refusals, _batch, uses = []) {
        database.transact(() => {
          for (const { keyId, hour, outcome, reason, count: by } of counts)
            count.run(keyId, hour, outcome, reason ?? '', by, keyId)
          for (const { keyId, at, outcome, reason, address } of refusals)
            refuse.run(keyId, at, outcome, reason, address, keyId)
          for (const id of new Set(refusals.map(({ keyId }) => keyId))) trim.run(id, id)
          recordUses(uses)
          return true
        })
      },
      counts(projectId, from, until, keyId) {
        database.watch()
        const rows =
          keyId === undefined
            ? counted.all(projectId, from, until)
            : countedOfKey.all(projectId, from, until, keyId)
        return rows.map(decodeCount)
      },
      refusals(keyId) {
        database.watch()
        return refused.all(keyId).map(decodeRefusal)
      },
      addresses(keyId) {
        database.watch()
        return placed.all(keyId).map(decodeAddress)
      },
      sweep(before, limit) {
        let deleted = 0
        database.transact(() => {
          deleted = Number(sweepCounts.run(before, limit).changes)
          deleted += Number(sweepRefusals.run(before, limit).changes)
          deleted += Number(sweepPlaces.run(before, limit).changes)
          return true
        })
        return deleted
      },
    },
  }
}
