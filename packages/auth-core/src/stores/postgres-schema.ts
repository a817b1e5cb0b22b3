// The schema that holds keys: made and kept at the newest version by whichever process comes first, in one
// transaction, while the others wait for it.

import { createHash } from 'node:crypto'
import { ApiKeysError } from '../errors.js'
import { foldLabel, NEVER_EXPIRES } from '../key-order.js'
import { IN_USE } from './key-lists.js'
import { type Connections, type Prepared, prepared, type Session } from './postgres-connections.js'

/** Tables that have a version of their own. */
export interface SchemaPart {
  /** The table that holds their version. */
  readonly versions: string
  /**
   * Entry n brings them from version n to n + 1, in the schema given: by the statements that it returns, or by those that it
   * makes itself. Entries are never edited, only added.
   */
  readonly migrations: readonly ((schema: string, session: Session) => string | Promise<void>)[]
  /** What to do when they are missing and may not be made. */
  readonly missing: (schema: string) => string
}

/** @returns after which every table is there; asked again, it does not ask the database again. */
export type Prepare = () => Promise<void>

const MIGRATION_TIMEOUT_MS = 30_000

/** In SQL: a role that may read or change `table` may do the same to `others`. */
function grantAlike(table: string, others: string): string {
  return `
    DO $body$
      DECLARE
        given record;
      BEGIN
        FOR given IN
          SELECT DISTINCT privilege_type AS privilege,
            CASE grantee WHEN 0 THEN 'PUBLIC' ELSE grantee::regrole::text END AS role
          FROM pg_class, aclexplode(relacl)
          WHERE pg_class.oid = '${table}'::regclass AND privilege_type IN ('SELECT', 'INSERT', 'UPDATE', 'DELETE')
        LOOP
          EXECUTE format('GRANT %s ON ${others} TO %s', given.privilege, given.role);
        END LOOP;
      END $body$;`
}

export const keyTables: SchemaPart = {
  versions: 'store',
  missing: (schema) =>
    `schema ${schema} of this database holds no API keys, or those of an earlier release; restore it, or allow it to be initialized`,
  migrations: [
    (schema) => `
    CREATE TABLE ${schema}.keys (
      id text COLLATE "C" NOT NULL PRIMARY KEY,
      project_id text COLLATE "C" NOT NULL,
      environment text NOT NULL,
      label text NOT NULL,
      hash text NOT NULL,
      tag text NOT NULL,
      created_at bigint NOT NULL,
      last_used_at bigint,
      expires_at bigint,
      revoked_at bigint,
      rotated_from text,
      replaced_by text,
      scopes text NOT NULL,
      allowed_ips text,
      metadata text NOT NULL,
      fingerprint text,
      version bigint NOT NULL
    ) WITH (fillfactor = 85);
    CREATE INDEX keys_of_project ON ${schema}.keys (project_id, created_at DESC, id);

    CREATE TABLE ${schema}.events (
      id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
      at bigint NOT NULL,
      project_id text COLLATE "C" NOT NULL,
      key_id text COLLATE "C" NOT NULL REFERENCES ${schema}.keys,
      action text NOT NULL,
      actor text,
      details text NOT NULL
    );
    CREATE INDEX events_of_project ON ${schema}.events (project_id, key_id, id);

    CREATE TABLE ${schema}.uses (
      key_id text COLLATE "C" NOT NULL REFERENCES ${schema}.keys,
      day text COLLATE "C" NOT NULL,
      count bigint NOT NULL,
      PRIMARY KEY (key_id, day)
    );

    CREATE TABLE ${schema}.batches_of_uses (
      name text NOT NULL PRIMARY KEY,
      at timestamptz NOT NULL DEFAULT now()
    );
    CREATE INDEX batches_by_time ON ${schema}.batches_of_uses (at);`,
    (schema) => `ALTER TABLE ${schema}.keys ADD COLUMN key_start text`,
    (schema) => `
    CREATE TABLE ${schema}.projects (
      id text COLLATE "C" NOT NULL PRIMARY KEY,
      name text NOT NULL,
      webhook_url text,
      status text NOT NULL,
      created_at bigint NOT NULL
    );
    CREATE TABLE ${schema}.sessions (
      id text COLLATE "C" NOT NULL PRIMARY KEY,
      ends_at bigint NOT NULL
    );
    ${grantAlike(`${schema}.keys`, `${schema}.projects, ${schema}.sessions`)}`,
    addListColumns,
    (schema) => `
    ALTER TABLE ${schema}.keys ADD COLUMN disabled_at bigint;
    ALTER TABLE ${schema}.keys ADD COLUMN created_by text COLLATE "C";
    ALTER TABLE ${schema}.keys ADD COLUMN owner_id text COLLATE "C";
    CREATE INDEX keys_of_creator ON ${schema}.keys (created_by, created_at, id) WHERE created_by IS NOT NULL;
    CREATE INDEX keys_of_owner ON ${schema}.keys (owner_id, created_at, id) WHERE owner_id IS NOT NULL;
    CREATE INDEX keys_by_expiry
      ON ${schema}.keys (coalesce(expires_at, ${NEVER_EXPIRES}), id) WHERE expires_at IS NOT NULL;`,
    (schema) => `
    ALTER TABLE ${schema}.keys ADD COLUMN parent_id text COLLATE "C";
    ALTER TABLE ${schema}.keys ADD COLUMN delegation text;
    CREATE INDEX keys_of_parent ON ${schema}.keys (parent_id, created_at, id) WHERE parent_id IS NOT NULL;`,
    (schema) => `
    ALTER TABLE ${schema}.keys ADD COLUMN erased_at bigint;
    CREATE INDEX uses_by_day ON ${schema}.uses (day);`,
    (schema) => `
    CREATE TABLE ${schema}.outbox (
      sequence bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
      id text NOT NULL,
      type text NOT NULL,
      at bigint NOT NULL,
      project_id text COLLATE "C" NOT NULL,
      key_id text COLLATE "C" NOT NULL,
      actor text,
      data text NOT NULL
    );
    CREATE INDEX outbox_of_project ON ${schema}.outbox (project_id, sequence);
    CREATE INDEX outbox_of_key ON ${schema}.outbox (key_id, sequence);
    CREATE TABLE ${schema}.outbox_reports (
      once text COLLATE "C" NOT NULL PRIMARY KEY,
      key_id text COLLATE "C" NOT NULL
    );
    CREATE INDEX outbox_reports_of_key ON ${schema}.outbox_reports (key_id);
    CREATE TABLE ${schema}.outbox_consumers (
      name text COLLATE "C" NOT NULL PRIMARY KEY,
      position bigint NOT NULL,
      holder text,
      leased_until timestamptz NOT NULL
    ) WITH (fillfactor = 50);
    ${grantAlike(`${schema}.keys`, `${schema}.outbox, ${schema}.outbox_reports, ${schema}.outbox_consumers`)}`,
    (schema) => `
    CREATE TABLE ${schema}.outcomes (
      key_id text COLLATE "C" NOT NULL REFERENCES ${schema}.keys,
      hour bigint NOT NULL,
      outcome text COLLATE "C" NOT NULL,
      reason text COLLATE "C" NOT NULL,
      count bigint NOT NULL,
      PRIMARY KEY (key_id, hour, outcome, reason)
    ) WITH (fillfactor = 85);
    CREATE INDEX outcomes_by_hour ON ${schema}.outcomes (hour);
    CREATE TABLE ${schema}.refusals (
      id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
      key_id text COLLATE "C" NOT NULL REFERENCES ${schema}.keys,
      at bigint NOT NULL,
      outcome text NOT NULL,
      reason text NOT NULL,
      address text
    );
    CREATE INDEX refusals_of_key ON ${schema}.refusals (key_id, id);
    CREATE INDEX refusals_by_time ON ${schema}.refusals (at);
    ${grantAlike(`${schema}.keys`, `${schema}.outcomes, ${schema}.refusals`)}`,
    (schema) => `
    CREATE TABLE ${schema}.addresses (
      key_id text COLLATE "C" NOT NULL REFERENCES ${schema}.keys,
      address text COLLATE "C" NOT NULL,
      at bigint NOT NULL,
      PRIMARY KEY (key_id, address)
    ) WITH (fillfactor = 85);
    CREATE INDEX addresses_by_time ON ${schema}.addresses (at);
    ${grantAlike(`${schema}.keys`, `${schema}.addresses`)}`,
    (schema) => `
    CREATE INDEX keys_active
      ON ${schema}.keys (project_id, coalesce(expires_at, ${NEVER_EXPIRES}), id) WHERE ${IN_USE};`,
  ],
}

async function addListColumns(schema: string, session: Session): Promise<void> {
  await session.query(`
    ALTER TABLE ${schema}.keys ADD COLUMN root_id text COLLATE "C";
    WITH RECURSIVE chain (id, next, root) AS (
      SELECT id, replaced_by, id FROM ${schema}.keys WHERE rotated_from IS NULL AND replaced_by IS NOT NULL
      UNION
      SELECT keys.id, keys.replaced_by, chain.root FROM chain JOIN ${schema}.keys ON keys.id = chain.next
    )
    UPDATE ${schema}.keys SET root_id = chain.root FROM chain
    WHERE keys.id = chain.id AND keys.rotated_from IS NOT NULL;
    ALTER TABLE ${schema}.keys ADD COLUMN folded_label text COLLATE "C" NOT NULL DEFAULT '';
    UPDATE ${schema}.keys SET folded_label = lower(label COLLATE "C");`)
  // The collation has made only ASCII letters lower case.
  const { rows } = await session.query(`SELECT id, label FROM ${schema}.keys WHERE label ~ '[^ -~]'`)
  const others = rows as [id: string, label: string][]
  await session.query(
    `UPDATE ${schema}.keys SET folded_label = folded.label
     FROM unnest($1::text[], $2::text[]) AS folded(id, label) WHERE keys.id = folded.id`,
    [others.map(([id]) => id), others.map(([, label]) => foldLabel(label))],
  )
  // None names last_used_at: Postgres updates a row in place only while no index has to follow.
  await session.query(`
    DROP INDEX ${schema}.keys_of_project;
    CREATE INDEX keys_by_creation ON ${schema}.keys (created_at, id);
    CREATE INDEX keys_of_project_by_creation ON ${schema}.keys (project_id, created_at, id);
    CREATE INDEX keys_of_project_by_label ON ${schema}.keys (project_id, folded_label, id);
    CREATE INDEX keys_of_project_by_expiry ON ${schema}.keys (project_id, coalesce(expires_at, ${NEVER_EXPIRES}), id);
    CREATE INDEX keys_of_project_not_revoked
      ON ${schema}.keys (project_id, created_at, id) WHERE revoked_at IS NULL;`)
}

/**
 * @param initialize whether to make what is missing.
 * @returns a function that rejects with what is wrong, and looks again when it is called again.
 */
export function createPrepare(connections: Connections, schema: string, initialize: boolean): Prepare {
  let done: Promise<void> | undefined
  return () => {
    done ??= prepare(connections, schema, keyTables, initialize).catch((cause) => {
      done = undefined
      throw cause
    })
    return done
  }
}

/** Resolves when the tables of `part` have the newest version. */
export async function prepare(
  connections: Connections,
  schema: string,
  part: SchemaPart,
  initialize: boolean,
): Promise<void> {
  const version = await connections.use((session) => versionOf(session, schema, part))
  if (version === part.migrations.length) return
  if (!initialize) throw unavailable(part.missing(schema))
  await connections.use((session) => migrate(session, schema, part), MIGRATION_TIMEOUT_MS)
}

/** A check that throws when a newer release has changed the schema: then this one may read, but no longer write. */
export function createVersionCheck(schema: string): (session: Session) => Promise<void> {
  const statement: Prepared = prepared(`SELECT version FROM ${schema}.${keyTables.versions}`)
  return async (session) => {
    const { rows } = await session.query(statement)
    checkVersion(Number((rows[0] as [unknown] | undefined)?.[0]), schema, keyTables)
  }
}

async function versionOf(session: Session, schema: string, part: SchemaPart): Promise<number> {
  // Read from the catalogue, since to_regclass may go by what this connection knew before it waited for the lock.
  const { rows } = await session.query(`SELECT FROM pg_tables WHERE schemaname = $1 AND tablename = $2`, [
    schema,
    part.versions,
  ])
  if (rows.length === 0) return 0
  const { rows: versions } = await session.query(`SELECT version FROM ${schema}.${part.versions}`)
  return checkVersion(Number((versions[0] as [unknown] | undefined)?.[0] ?? 0), schema, part)
}

async function migrate(session: Session, schema: string, part: SchemaPart): Promise<void> {
  await session.query('BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE')
  // Other processes that migrate this schema wait here, and then find it done.
  await session.query('SELECT pg_advisory_xact_lock($1)', [lockOf(schema)])
  const version = await versionOf(session, schema, part)
  if (version === 0) {
    await session.query(`CREATE SCHEMA IF NOT EXISTS ${schema}`).catch((cause) => refuseName(schema, cause))
    await session.query(`CREATE TABLE ${schema}.${part.versions} (version integer NOT NULL)`)
    await session.query(`INSERT INTO ${schema}.${part.versions} VALUES (0)`)
  }
  for (const migration of part.migrations.slice(version)) {
    const made = migration(schema, session)
    await (typeof made === 'string' ? session.query(made) : made)
  }
  await session.query(`UPDATE ${schema}.${part.versions} SET version = $1`, [part.migrations.length])
  await session.query('COMMIT')
}

// Of a word that the language has taken, such as `user`, and of a name that begins with `pg_`.
const TAKEN = ['42601', '42939']

function refuseName(schema: string, cause: unknown): never {
  const { code } = Object(cause) as { code?: unknown }
  if (!TAKEN.some((taken) => taken === code)) throw cause
  throw unavailable(`schema ${schema}: Postgres has this name for itself; choose another one`)
}

/** The number of an advisory lock, which all programs on a database have in common. */
export function lockOf(name: string): string {
  return createHash('sha256').update(`gosend api keys ${name}`).digest().readBigInt64BE().toString()
}

function checkVersion(version: number, schema: string, { versions, migrations }: SchemaPart): number {
  if (version > migrations.length) {
    throw unavailable(
      `schema ${schema} has version ${version} in ${versions}, made by a newer release; upgrade @gosend/auth-core`,
    )
  }
  return version
}

function unavailable(message: string): ApiKeysError {
  return new ApiKeysError('store_unavailable', message)
}
