// Where the databases behind Kysely differ: one row per kind of SQL, with the statements that make its tables.

import { readColumns } from './columns.js'
import type { Dialect } from './key-lists.js'

export type KyselyDialect = 'mysql' | 'postgres' | 'sqlite'

export interface SqlDialect {
  /** How lists of keys are put into SQL. */
  readonly lists: Dialect
  /** For a read whose rows nobody else may change until the transaction ends. */
  readonly forUpdate: string
  /** The same, but leaves out rows that another transaction holds. */
  readonly skipLocked: string
  /** Adds a count where there is one with the same key: ends an INSERT. */
  addCount(table: string, key: string): string
  /** Takes the place of a row that exists already: ends an INSERT. */
  readonly keepExisting: string
  /** Whether a transaction that only reads at first could lose its turn to write. */
  readonly writesFirst: boolean
  /** The clock that all processes share, in milliseconds since the epoch. */
  readonly now: string
  /** Makes what is missing. */
  readonly tables: readonly string[]
}

/** Words for the types of columns; `sized`, `longer` and `word` are text that an index holds. */
interface Types {
  readonly integer: string
  readonly sized: string
  readonly longer: string
  readonly word: string
  readonly text: string
  /** Ends the statement that makes a table. */
  readonly options: string
  readonly serial: string
}

const types: Readonly<Record<KyselyDialect, (collation: string) => Types>> = {
  mysql: (collation) => ({
    integer: 'BIGINT',
    sized: 'VARCHAR(256)',
    longer: 'VARCHAR(512)',
    word: 'VARCHAR(32)',
    text: 'LONGTEXT',
    options: ` ENGINE=InnoDB CHARACTER SET utf8mb4 COLLATE ${collation}`,
    serial: 'BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY',
  }),
  postgres: () => ({
    integer: 'bigint',
    sized: 'text COLLATE "C"',
    longer: 'text COLLATE "C"',
    word: 'text COLLATE "C"',
    text: 'text',
    options: '',
    serial: 'bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY',
  }),
  sqlite: () => ({
    integer: 'INTEGER',
    sized: 'TEXT',
    longer: 'TEXT',
    word: 'TEXT',
    text: 'TEXT',
    options: '',
    serial: 'INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT',
  }),
}

const columnsOf: Readonly<Record<string, (types: Types) => string>> = {
  api_keys: ({ integer, sized, text }) => `
    id ${sized} NOT NULL PRIMARY KEY, project_id ${sized} NOT NULL, environment ${sized} NOT NULL, key_start ${text},
    label ${text} NOT NULL, hash ${text} NOT NULL, tag ${text} NOT NULL, created_at ${integer} NOT NULL,
    expires_at ${integer}, revoked_at ${integer}, disabled_at ${integer}, created_by ${sized}, owner_id ${sized},
    rotated_from ${sized}, replaced_by ${sized}, root_id ${sized}, scopes ${text} NOT NULL, allowed_ips ${text},
    metadata ${text} NOT NULL, fingerprint ${text}, version ${integer} NOT NULL, parent_id ${sized}, delegation ${text},
    folded_label ${sized} NOT NULL, last_used_at ${integer}, erased_at ${integer}`,
  api_key_events: ({ integer, sized, text, serial }) => `
    id ${serial}, at ${integer} NOT NULL, project_id ${sized} NOT NULL, key_id ${sized} NOT NULL, action ${text} NOT NULL,
    actor ${text}, details ${text} NOT NULL`,
  api_key_uses: ({ integer, sized }) => `
    key_id ${sized} NOT NULL, day ${sized} NOT NULL, count ${integer} NOT NULL, PRIMARY KEY (key_id, day)`,
  api_key_batches: ({ integer, sized }) => `name ${sized} NOT NULL PRIMARY KEY, at ${integer} NOT NULL`,
  api_key_projects_locked: ({ sized }) => `project_id ${sized} NOT NULL PRIMARY KEY`,
  api_key_projects: ({ integer, sized, text, word }) => `
    id ${sized} NOT NULL PRIMARY KEY, name ${text} NOT NULL, webhook_url ${text}, status ${word} NOT NULL,
    created_at ${integer} NOT NULL`,
  api_key_sessions: ({ integer, sized }) => `id ${sized} NOT NULL PRIMARY KEY, ends_at ${integer} NOT NULL`,
  api_key_outbox: ({ integer, sized, text }) => `
    sequence ${integer} NOT NULL PRIMARY KEY, id ${text} NOT NULL, type ${text} NOT NULL, at ${integer} NOT NULL,
    project_id ${sized} NOT NULL, key_id ${sized} NOT NULL, actor ${text}, data ${text} NOT NULL`,
  api_key_outbox_sequence: ({ integer }) => `id ${integer} NOT NULL PRIMARY KEY, last ${integer} NOT NULL`,
  api_key_outbox_reports: ({ sized, longer }) =>
    `once ${longer} NOT NULL PRIMARY KEY, key_id ${sized} NOT NULL`,
  api_key_outbox_consumers: ({ integer, sized, text }) => `
    name ${sized} NOT NULL PRIMARY KEY, position ${integer} NOT NULL, holder ${text}, leased_until ${integer} NOT NULL`,
  api_key_outcomes: ({ integer, sized, word }) => `
    key_id ${sized} NOT NULL, hour ${integer} NOT NULL, outcome ${word} NOT NULL, reason ${sized} NOT NULL,
    count ${integer} NOT NULL, PRIMARY KEY (key_id, hour, outcome, reason)`,
  api_key_refusals: ({ integer, sized, text, word, serial }) => `
    id ${serial}, key_id ${sized} NOT NULL, at ${integer} NOT NULL, outcome ${word} NOT NULL, reason ${text} NOT NULL,
    address ${text}`,
  api_key_addresses: ({ integer, sized }) => `
    key_id ${sized} NOT NULL, address ${sized} NOT NULL, at ${integer} NOT NULL, PRIMARY KEY (key_id, address)`,
  api_key_counters: ({ integer, sized }) => `
    name ${sized} NOT NULL PRIMARY KEY, used ${integer} NOT NULL, at ${integer}, expires_at ${integer}`,
}

/** The tables, for those who empty a database. */
export const kyselyTables: readonly string[] = Object.keys(columnsOf)

/** Table → index → columns. */
const indexes: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  api_keys: {
    api_keys_by_creation: 'created_at, id',
    api_keys_of_project_by_creation: 'project_id, created_at, id',
    api_keys_of_project_by_label: 'project_id, folded_label, id',
    api_keys_of_creator: 'created_by, created_at, id',
    api_keys_of_owner: 'owner_id, created_at, id',
    api_keys_of_parent: 'parent_id, created_at, id',
    api_keys_active: 'project_id, revoked_at, disabled_at, expires_at, id',
  },
  api_key_events: { api_key_events_of_project: 'project_id, key_id', api_key_events_of_key: 'key_id' },
  api_key_uses: { api_key_uses_by_day: 'day' },
  api_key_outbox: {
    api_key_outbox_of_project: 'project_id, sequence',
    api_key_outbox_of_key: 'key_id, sequence',
  },
  api_key_outbox_reports: { api_key_outbox_reports_of_key: 'key_id' },
  api_key_outcomes: { api_key_outcomes_by_hour: 'hour' },
  api_key_refusals: { api_key_refusals_of_key: 'key_id, id', api_key_refusals_by_time: 'at' },
  api_key_addresses: { api_key_addresses_by_time: 'at' },
  api_key_counters: { api_key_counters_by_end: 'expires_at' },
}

/** MySQL has no IF NOT EXISTS for an index, which is therefore made with its table. */
function tablesWithIndexes(types: Types): string[] {
  return Object.entries(columnsOf).map(([table, columns]) => {
    const lines = Object.entries(indexes[table] ?? {}).map(([name, list]) => `, INDEX ${name} (${list})`)
    return `CREATE TABLE IF NOT EXISTS ${table} (${columns(types)}${lines.join('')})${types.options}`
  })
}

function tablesAndIndexes(types: Types): string[] {
  return Object.entries(columnsOf).flatMap(([table, columns]) => [
    `CREATE TABLE IF NOT EXISTS ${table} (${columns(types)})`,
    ...Object.entries(indexes[table] ?? {}).map(
      ([name, list]) => `CREATE INDEX IF NOT EXISTS ${name} ON ${table} (${list})`,
    ),
  ])
}

const addCount: SqlDialect['addCount'] = (table, key) =>
  ` ON CONFLICT (${key}) DO UPDATE SET count = ${table}.count + excluded.count`

const common = {
  table: 'api_keys',
  columns: `${readColumns}, (SELECT status FROM api_key_projects WHERE api_key_projects.id = api_keys.project_id) AS project_status`,
} as const

/** @param collation of MySQL and MariaDB: compares byte by byte, with the spaces at the end. */
export function sqlDialect(kind: KyselyDialect, collation: string): SqlDialect {
  return dialects[kind](collation)
}

const dialects: Readonly<Record<KyselyDialect, (collation: string) => SqlDialect>> = {
  mysql: (collation) => ({
    lists: {
      ...common,
      place: () => '?',
      hasIdIn: (place) =>
        `id IN (SELECT CONVERT(list.id USING utf8mb4) COLLATE ${collation}
          FROM JSON_TABLE(${place}, '$[*]' COLUMNS (id VARCHAR(256) PATH '$')) AS list)`,
      listOf: (values) => JSON.stringify(values),
      contains: (column, place) =>
        `instr(${column}, CONVERT(${place} USING utf8mb4) COLLATE ${collation}) > 0`,
      hasScope: (place) =>
        `CONVERT(${place} USING utf8mb4) COLLATE ${collation} IN (SELECT CONVERT(list.scope USING utf8mb4) COLLATE ${collation}
          FROM JSON_TABLE(scopes, '$[*]' COLUMNS (scope VARCHAR(256) PATH '$')) AS list)`,
    },
    forUpdate: ' FOR UPDATE',
    skipLocked: ' FOR UPDATE SKIP LOCKED',
    addCount: () => ' ON DUPLICATE KEY UPDATE count = count + VALUES(count)',
    keepExisting: '',
    writesFirst: false,
    // Not UNIX_TIMESTAMP, which goes by the time zone of the session and is an hour off where summer time ends.
    now: "TIMESTAMPDIFF(MICROSECOND, '1970-01-01', UTC_TIMESTAMP(3)) DIV 1000",
    tables: tablesWithIndexes(types.mysql(collation)),
  }),
  postgres: (collation) => ({
    lists: {
      ...common,
      place: (n) => `$${n}`,
      hasIdIn: (place) => `id IN (SELECT json_array_elements_text(${place}::json))`,
      listOf: (values) => JSON.stringify(values),
      contains: (column, place) => `strpos(${column}, ${place}) > 0`,
      hasScope: (place) => `scopes::jsonb @> to_jsonb(${place}::text)`,
    },
    forUpdate: ' FOR UPDATE',
    skipLocked: ' FOR UPDATE SKIP LOCKED',
    addCount,
    keepExisting: ' ON CONFLICT DO NOTHING',
    writesFirst: false,
    now: 'CAST(extract(epoch FROM clock_timestamp()) * 1000 AS bigint)',
    tables: tablesAndIndexes(types.postgres(collation)),
  }),
  sqlite: (collation) => ({
    lists: {
      ...common,
      place: () => '?',
      hasIdIn: (place) => `id IN (SELECT value FROM json_each(${place}))`,
      listOf: (values) => JSON.stringify(values),
      contains: (column, place) => `instr(${column}, ${place}) > 0`,
      hasScope: (place) => `EXISTS (SELECT 1 FROM json_each(scopes) WHERE json_each.value = ${place})`,
    },
    forUpdate: '',
    skipLocked: '',
    addCount,
    keepExisting: ' ON CONFLICT DO NOTHING',
    writesFirst: true,
    now: "CAST(round((julianday('now') - 2440587.5) * 86400000) AS INTEGER)",
    tables: tablesAndIndexes(types.sqlite(collation)),
  }),
}
