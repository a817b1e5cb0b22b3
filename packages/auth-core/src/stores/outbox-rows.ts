// Events as rows of a table: the columns that SQLite and Postgres have alike, and the statement that lists them.

import type { OutboxEvent, OutboxQuery, OutgoingEvent } from '../outbox.js'
import type { Statement } from './key-lists.js'

/** In this order, after the sequence. */
export const outboxColumns = 'id, type, at, project_id, key_id, actor, data'

export const outboxValues = ({ id, type, at, projectId, keyId, actor, data }: OutgoingEvent) =>
  [id, type, at, projectId, keyId, actor, JSON.stringify(data)] as const

// Postgres gives bigint as text, unless the host has told its driver otherwise.
type Integer = number | string

/** A row of the sequence and `outboxColumns` as an event. */
export function decodeEvent(row: unknown): OutboxEvent {
  const [sequence, id, type, at, projectId, keyId, actor, data] = row as readonly [
    sequence: Integer,
    id: string,
    type: string,
    at: Integer,
    projectId: string,
    keyId: string,
    actor: string | null,
    data: string,
  ]
  return {
    sequence: Number(sequence),
    id,
    type,
    at: Number(at),
    projectId,
    keyId,
    actor,
    data: JSON.parse(data),
  }
}

export function outboxStatement(query: OutboxQuery, table: string, place: (n: number) => string): Statement {
  const { projectId, keyId, type, actor, from, until, after, order, limit } = query
  const conditions = (
    [
      ['project_id =', projectId],
      ['key_id =', keyId],
      ['type =', type],
      ['actor =', actor],
      ['at >=', from],
      ['at <', until],
      [order === 'asc' ? 'sequence >' : 'sequence <', after],
    ] as const
  ).filter(([, value]) => value !== undefined)
  const where = conditions.map(([condition], i) => `${condition} ${place(i + 1)}`).join(' AND ')
  return {
    sql: `SELECT sequence, ${outboxColumns} FROM ${table} ${where && `WHERE ${where}`}
      ORDER BY sequence ${order === 'asc' ? 'ASC' : 'DESC'} LIMIT ${place(conditions.length + 1)}`,
    values: [...conditions.map(([, value]) => value), limit] as Statement['values'],
  }
}
