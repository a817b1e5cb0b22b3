// Lists of keys put into SQL, as far as databases agree; a dialect says where they do not.

import { NEVER_EXPIRES, NEVER_USED } from '../key-order.js'
import type { KeyQuery, KeySearch, KeySort, KeyStatus } from '../store.js'

export interface Dialect {
  /** The table of keys. */
  readonly table: string
  /** What a row is read from. */
  readonly columns: string
  /** How the statement refers to its n-th value, from 1 on. */
  place(n: number): string
  /** Whether the id of a row is in the list at a place. */
  hasIdIn(place: string): string
  /** A list of strings as the driver takes it. */
  listOf(values: readonly string[]): BoundValue
  /** Whether a column holds the text at a place somewhere. */
  contains(column: string, place: string): string
  /** Whether the scopes of a row are a list with the text at a place in it. */
  hasScope(place: string): string
}

export type BoundValue = string | number | readonly string[]

export interface Statement {
  readonly sql: string
  readonly values: readonly BoundValue[]
}

// Each is one that an index has, word by word, wherever an index is worth it: see the schemas.
const sortColumns: Readonly<Record<KeySort, string>> = {
  createdAt: 'created_at',
  lastUsedAt: `coalesce(last_used_at, ${NEVER_USED})`,
  label: 'folded_label',
  expiresAt: `coalesce(expires_at, ${NEVER_EXPIRES})`,
}

type Bind = (value: BoundValue) => string

/** Whether a row is active at the moment at a place. */
export const ACTIVE = (now: string) =>
  `revoked_at IS NULL AND disabled_at IS NULL AND (expires_at IS NULL OR expires_at > ${now})`

const statuses: Readonly<Record<KeyStatus, (now: () => string) => string>> = {
  active: (now) => ACTIVE(now()),
  disabled: () => 'revoked_at IS NULL AND disabled_at IS NOT NULL',
  expired: (now) => `revoked_at IS NULL AND disabled_at IS NULL AND expires_at <= ${now()}`,
  revoked: () => 'revoked_at IS NOT NULL',
}

/** The rows of a page. */
export function pageStatement(query: KeyQuery, dialect: Dialect): Statement {
  const { sort, order, after, limit } = query
  return statement(dialect, (bind) => {
    const conditions = conditionsOf(query, bind, dialect)
    if (after !== undefined) {
      const [column, side] = [sortColumns[sort], order === 'asc' ? '>' : '<']
      conditions.push(`(${column}, id) ${side} (${bind(after.value)}, ${bind(after.id)})`)
      // SQLite finds its way into an index on an expression by this, and not by a pair with the expression in it.
      if (sort === 'expiresAt') conditions.push(`${column} ${side}= ${bind(after.value)}`)
    }
    return `SELECT ${dialect.columns} FROM ${dialect.table}${where(conditions)}
      ORDER BY ${sortColumns[sort]} ${order}, id ${order} LIMIT ${bind(limit)}`
  })
}

/** How many rows the list has in all: one row with one number. */
export function totalStatement(query: KeyQuery, dialect: Dialect): Statement {
  return statement(
    dialect,
    (bind) => `SELECT count(*) FROM ${dialect.table}${where(conditionsOf(query, bind, dialect))}`,
  )
}

function statement(dialect: Dialect, write: (bind: Bind) => string): Statement {
  const values: BoundValue[] = []
  const sql = write((value) => dialect.place(values.push(value)))
  return { sql, values }
}

const where = (conditions: readonly string[]) =>
  conditions.length === 0 ? '' : ` WHERE ${conditions.join(' AND ')}`

function conditionsOf(query: KeyQuery, bind: Bind, dialect: Dialect): string[] {
  const { projectId, environment, ids, status, createdBy, ownerId, parentId, expiresBefore, unusedSince } =
    query
  const { search, now } = query
  const conditions: string[] = []
  conditions.push(projectId === undefined ? 'erased_at IS NULL' : `project_id = ${bind(projectId)}`)
  if (environment !== undefined) conditions.push(`environment = ${bind(environment)}`)
  if (ids !== undefined) conditions.push(dialect.hasIdIn(bind(dialect.listOf(ids))))
  if (status !== undefined) conditions.push(statuses[status](() => bind(now)))
  if (createdBy !== undefined) conditions.push(`created_by = ${bind(createdBy)}`)
  if (ownerId !== undefined) conditions.push(`owner_id = ${bind(ownerId)}`)
  if (parentId !== undefined) conditions.push(`parent_id = ${bind(parentId)}`)
  if (expiresBefore !== undefined) {
    conditions.push(`expires_at IS NOT NULL AND ${sortColumns.expiresAt} < ${bind(expiresBefore)}`)
  }
  if (unusedSince !== undefined) conditions.push(`coalesce(last_used_at, created_at) < ${bind(unusedSince)}`)
  if (search !== undefined) conditions.push(`(${alternativesOf(search, bind, dialect).join(' OR ')})`)
  return conditions
}

function alternativesOf({ label, idStart, scope }: KeySearch, bind: Bind, dialect: Dialect): string[] {
  return [
    ...(label === null ? [] : [dialect.contains('folded_label', bind(label))]),
    ...(idStart === null ? [] : [`substr(id, 1, ${idStart.length}) = ${bind(idStart)}`]),
    ...(scope === null ? [] : [dialect.hasScope(bind(scope))]),
  ]
}
