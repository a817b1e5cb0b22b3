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
export const sortColumns: Readonly<Record<KeySort, string>> = {
  createdAt: 'created_at',
  lastUsedAt: `coalesce(last_used_at, ${NEVER_USED})`,
  label: 'folded_label',
  expiresAt: `coalesce(expires_at, ${NEVER_EXPIRES})`,
}

/** Binds a value, and says how the statement refers to it. */
export type Bind = (value: BoundValue) => string

/** Whether a row is active at the moment at a place. */
export const ACTIVE = (now: string) => `${IN_USE} AND (expires_at IS NULL OR expires_at > ${now})`

/** Active, or expired: what the index of active keys has. */
export const IN_USE = 'revoked_at IS NULL AND disabled_at IS NULL'

// The same as a range of an index by expiry, so that keys which are over are not even read, however many there are.
const ACTIVE_IN_RANGE = (now: string) => `${IN_USE} AND ${sortColumns.expiresAt} > ${now}`

/** Which rows are active keys of a project, for counting them. */
export const ACTIVE_OF_PROJECT = (projectId: string, now: string) =>
  `project_id = ${projectId} AND ${ACTIVE_IN_RANGE(now)}`

const statuses: Readonly<Record<Exclude<KeyStatus, 'active'>, (now: () => string) => string>> = {
  disabled: () => 'revoked_at IS NULL AND disabled_at IS NOT NULL',
  expired: (now) => `revoked_at IS NULL AND disabled_at IS NULL AND expires_at <= ${now()}`,
  revoked: () => 'revoked_at IS NOT NULL',
}

/** More conditions of a statement. */
export type Conditions = (bind: Bind) => readonly string[]

const none: Conditions = () => []

/** The rows of a page. */
export function pageStatement(query: KeyQuery, dialect: Dialect, more = none): Statement {
  const { sort, order, limit } = query
  return statement(dialect, (bind) => {
    const conditions = [...conditionsOf(query, bind, dialect), ...behind(query, bind), ...more(bind)]
    return `SELECT ${dialect.columns} FROM ${dialect.table}${where(conditions)}
      ORDER BY ${sortColumns[sort]} ${order}, id ${order} LIMIT ${bind(limit)}`
  })
}

/** The conditions that hold for what comes behind the last page. */
function behind({ sort, order, after }: KeyQuery, bind: Bind): string[] {
  if (after === undefined) return []
  const [column, side] = [sortColumns[sort], order === 'asc' ? '>' : '<']
  const conditions = [`(${column}, id) ${side} (${bind(after.value)}, ${bind(after.id)})`]
  // SQLite finds its way into an index on an expression by this, and not by a pair with the expression in it.
  if (sort === 'expiresAt') conditions.push(`${column} ${side}= ${bind(after.value)}`)
  return conditions
}

/** How many rows the list has in all: one row with one number. */
export function totalStatement(query: KeyQuery, dialect: Dialect, more = none): Statement {
  return statement(dialect, (bind) => {
    const conditions = [...conditionsOf(query, bind, dialect, ACTIVE_IN_RANGE), ...more(bind)]
    return `SELECT count(*) FROM ${dialect.table}${where(conditions)}`
  })
}

export function statement(dialect: Pick<Dialect, 'place'>, write: (bind: Bind) => string): Statement {
  const values: BoundValue[] = []
  const sql = write((value) => dialect.place(values.push(value)))
  return { sql, values }
}

export const where = (conditions: readonly string[]) =>
  conditions.length === 0 ? '' : ` WHERE ${conditions.join(' AND ')}`

function conditionsOf(query: KeyQuery, bind: Bind, dialect: Dialect, active = ACTIVE): string[] {
  const { projectId, environment, ids, status, createdBy, ownerId, parentId, expiresBefore, unusedSince } =
    query
  const { search, now } = query
  const conditions: string[] = []
  conditions.push(projectId === undefined ? 'erased_at IS NULL' : `project_id = ${bind(projectId)}`)
  if (environment !== undefined) conditions.push(`environment = ${bind(environment)}`)
  if (ids !== undefined) conditions.push(dialect.hasIdIn(bind(dialect.listOf(ids))))
  if (status === 'active') {
    conditions.push((expiresBefore === undefined ? active : ACTIVE_IN_RANGE)(bind(now)))
  } else if (status !== undefined) conditions.push(statuses[status](() => bind(now)))
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
