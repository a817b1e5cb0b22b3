// The tables in a SQLite file, and how a file of an earlier release gets them.

import { foldLabel, NEVER_EXPIRES } from '../key-order.js'
import { IN_USE } from './key-lists.js'
import { prepare, query, type SqliteDriver } from './sqlite-connection.js'

// Entry n brings a file from schema version n to n + 1. Entries are never edited, only added.
export const migrations: readonly ((driver: SqliteDriver) => unknown)[] = [
  (driver) =>
    driver.exec(`CREATE TABLE api_keys (
     id TEXT NOT NULL PRIMARY KEY,
     project_id TEXT NOT NULL,
     environment TEXT NOT NULL,
     label TEXT NOT NULL,
     hash TEXT NOT NULL,
     tag TEXT NOT NULL,
     created_at INTEGER NOT NULL,
     last_used_at INTEGER,
     expires_at INTEGER,
     revoked_at INTEGER,
     rotated_from TEXT,
     replaced_by TEXT,
     scopes TEXT NOT NULL,
     allowed_ips TEXT,
     metadata TEXT NOT NULL,
     fingerprint TEXT,
     version INTEGER NOT NULL
   ) STRICT, WITHOUT ROWID;
   CREATE INDEX api_keys_of_project ON api_keys (project_id, created_at DESC);
   CREATE TABLE api_key_events (
     id INTEGER NOT NULL PRIMARY KEY,
     at INTEGER NOT NULL,
     project_id TEXT NOT NULL,
     key_id TEXT NOT NULL REFERENCES api_keys,
     action TEXT NOT NULL,
     actor TEXT,
     details TEXT NOT NULL
   ) STRICT;
   CREATE INDEX api_key_events_of_project ON api_key_events (project_id, key_id);
   CREATE TABLE api_key_uses (
     key_id TEXT NOT NULL REFERENCES api_keys,
     day TEXT NOT NULL,
     count INTEGER NOT NULL,
     PRIMARY KEY (key_id, day)
   ) STRICT, WITHOUT ROWID;`),
  (driver) => driver.exec('ALTER TABLE api_keys ADD COLUMN key_start TEXT'),
  (driver) =>
    driver.exec(`CREATE TABLE api_key_projects (
     id TEXT NOT NULL PRIMARY KEY,
     name TEXT NOT NULL,
     webhook_url TEXT,
     status TEXT NOT NULL,
     created_at INTEGER NOT NULL
   ) STRICT, WITHOUT ROWID;
   CREATE TABLE api_key_sessions (
     id TEXT NOT NULL PRIMARY KEY,
     ends_at INTEGER NOT NULL
   ) STRICT, WITHOUT ROWID;
   ALTER TABLE api_keys ADD COLUMN project_status TEXT;`),
  addListColumns,
  (driver) =>
    driver.exec(`ALTER TABLE api_keys ADD COLUMN disabled_at INTEGER;
   ALTER TABLE api_keys ADD COLUMN created_by TEXT;
   ALTER TABLE api_keys ADD COLUMN owner_id TEXT;
   CREATE INDEX api_keys_of_creator ON api_keys (created_by, created_at, id) WHERE created_by IS NOT NULL;
   CREATE INDEX api_keys_of_owner ON api_keys (owner_id, created_at, id) WHERE owner_id IS NOT NULL;
   CREATE INDEX api_keys_by_expiry
     ON api_keys (coalesce(expires_at, ${NEVER_EXPIRES}), id) WHERE expires_at IS NOT NULL;`),
  (driver) =>
    driver.exec(`ALTER TABLE api_keys ADD COLUMN parent_id TEXT;
   ALTER TABLE api_keys ADD COLUMN delegation TEXT;
   CREATE INDEX api_keys_of_parent ON api_keys (parent_id, created_at, id) WHERE parent_id IS NOT NULL;`),
  (driver) =>
    driver.exec(`ALTER TABLE api_keys ADD COLUMN erased_at INTEGER;
   CREATE INDEX api_key_uses_by_day ON api_key_uses (day);`),
  (driver) =>
    // A sequence is never given twice, also when the newest events were deleted.
    driver.exec(`CREATE TABLE api_key_outbox (
     sequence INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
     id TEXT NOT NULL,
     type TEXT NOT NULL,
     at INTEGER NOT NULL,
     project_id TEXT NOT NULL,
     key_id TEXT NOT NULL,
     actor TEXT,
     data TEXT NOT NULL
   ) STRICT;
   CREATE INDEX api_key_outbox_of_project ON api_key_outbox (project_id, sequence);
   CREATE INDEX api_key_outbox_of_key ON api_key_outbox (key_id, sequence);
   CREATE TABLE api_key_outbox_reports (
     once TEXT NOT NULL PRIMARY KEY,
     key_id TEXT NOT NULL
   ) STRICT, WITHOUT ROWID;
   CREATE INDEX api_key_outbox_reports_of_key ON api_key_outbox_reports (key_id);
   CREATE TABLE api_key_outbox_consumers (
     name TEXT NOT NULL PRIMARY KEY,
     position INTEGER NOT NULL,
     holder TEXT,
     leased_until INTEGER NOT NULL
   ) STRICT, WITHOUT ROWID;`),
  (driver) =>
    driver.exec(`CREATE TABLE api_key_outcomes (
     key_id TEXT NOT NULL REFERENCES api_keys,
     hour INTEGER NOT NULL,
     outcome TEXT NOT NULL,
     reason TEXT NOT NULL,
     count INTEGER NOT NULL,
     PRIMARY KEY (key_id, hour, outcome, reason)
   ) STRICT, WITHOUT ROWID;
   CREATE INDEX api_key_outcomes_by_hour ON api_key_outcomes (hour);
   CREATE TABLE api_key_refusals (
     id INTEGER NOT NULL PRIMARY KEY,
     key_id TEXT NOT NULL REFERENCES api_keys,
     at INTEGER NOT NULL,
     outcome TEXT NOT NULL,
     reason TEXT NOT NULL,
     address TEXT
   ) STRICT;
   CREATE INDEX api_key_refusals_of_key ON api_key_refusals (key_id, id);
   CREATE INDEX api_key_refusals_by_time ON api_key_refusals (at);`),
  (driver) =>
    driver.exec(`CREATE TABLE api_key_addresses (
     key_id TEXT NOT NULL REFERENCES api_keys,
     address TEXT NOT NULL,
     at INTEGER NOT NULL,
     PRIMARY KEY (key_id, address)
   ) STRICT, WITHOUT ROWID;
   CREATE INDEX api_key_addresses_by_time ON api_key_addresses (at);`),
  (driver) =>
    // A list that few of a project's keys belong to reads this index, and only their rows.
    driver.exec(`DROP INDEX api_keys_of_project_by_creation;
   CREATE INDEX api_keys_of_project_by_creation ON api_keys
     (project_id, created_at, id, environment, revoked_at, disabled_at, expires_at, folded_label, scopes);
   -- Last, as above.
   DROP INDEX api_keys_of_project_not_revoked;
   CREATE INDEX api_keys_of_project_not_revoked
     ON api_keys (project_id, created_at, id) WHERE revoked_at IS NULL;
   CREATE INDEX api_keys_active
     ON api_keys (project_id, coalesce(expires_at, ${NEVER_EXPIRES}), id) WHERE ${IN_USE};`),
]

function addListColumns(driver: SqliteDriver): void {
  driver.exec(`ALTER TABLE api_keys ADD COLUMN root_id TEXT;
   WITH RECURSIVE chain (id, next, root) AS (
     SELECT id, replaced_by, id FROM api_keys WHERE rotated_from IS NULL AND replaced_by IS NOT NULL
     UNION
     SELECT api_keys.id, replaced_by, root FROM chain JOIN api_keys ON api_keys.id = chain.next
   )
   UPDATE api_keys SET root_id = root FROM chain
   WHERE api_keys.id = chain.id AND api_keys.rotated_from IS NOT NULL;
   ALTER TABLE api_keys ADD COLUMN folded_label TEXT NOT NULL DEFAULT '';
   UPDATE api_keys SET folded_label = lower(label);`)
  // SQLite has made only ASCII letters lower case.
  const others = query(driver, `SELECT id, label FROM api_keys WHERE label GLOB '*[^ -~]*'`).all()
  const fold = prepare(driver, 'UPDATE api_keys SET folded_label = ? WHERE id = ?')
  for (const [id, label] of others) fold.run(foldLabel(String(label)), id)
  driver.exec(`DROP INDEX api_keys_of_project;
   CREATE INDEX api_keys_by_creation ON api_keys (created_at, id);
   CREATE INDEX api_keys_of_project_by_creation ON api_keys (project_id, created_at, id);
   CREATE INDEX api_keys_of_project_by_label ON api_keys (project_id, folded_label, id);
   CREATE INDEX api_keys_of_project_by_expiry
     ON api_keys (project_id, coalesce(expires_at, ${NEVER_EXPIRES}), id);
   -- Last, for of two indexes that serve a query alike SQLite takes the newer one.
   CREATE INDEX api_keys_of_project_not_revoked
     ON api_keys (project_id, created_at, id) WHERE revoked_at IS NULL;`)
}

export const NEWEST_SCHEMA = migrations.length
