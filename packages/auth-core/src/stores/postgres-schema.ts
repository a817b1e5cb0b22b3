// The schema that holds keys: made and kept at the newest version by whichever process comes first, in one
// transaction, while the others wait for it.

import { createHash } from 'node:crypto'
import { ApiKeysError } from '../errors.js'
import type { Connections, Session } from './postgres-connections.js'

/** Tables and channels of one schema. */
export interface PostgresNames {
  readonly schema: string
  /** What changed: `key <id>`, `all`, or `ask <token>` by somebody who waits until it has been heard. */
  readonly changes: string
  /** On which the heartbeats of one cache return. */
  beats(cache: string): string
  /** On which caches answer `ask <token>`. */
  answers(token: string): string
  /** Under which a statement is prepared: another schema on the same connection has others. */
  statement(name: string): string
}

export function postgresNames(schema: string): PostgresNames {
  return {
    schema,
    changes: `${schema}_changes`,
    beats: (cache) => `${schema}_beats_${cache}`,
    answers: (token) => `${schema}_answers_${token}`,
    statement: (name) => `${schema}_${name}`,
  }
}

/** @returns after which every table is there; asked again, it does not ask the database again. */
export type Prepare = () => Promise<void>

const MIGRATION_TIMEOUT_MS = 30_000

// Entry n brings a schema from version n to n + 1. Entries are never edited, only added.
const migrations: readonly ((names: PostgresNames) => string)[] = [
  ({ schema, changes }) => `
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
    CREATE INDEX batches_by_time ON ${schema}.batches_of_uses (at);

    CREATE TABLE ${schema}.caches (
      id text NOT NULL PRIMARY KEY,
      session text NOT NULL,
      pid integer NOT NULL,
      max_staleness_ms integer NOT NULL
    );

    CREATE FUNCTION ${schema}.tell() RETURNS trigger LANGUAGE plpgsql AS $body$
      BEGIN
        IF TG_LEVEL = 'ROW' THEN
          PERFORM pg_notify('${changes}', 'key ' || OLD.id);
        ELSE
          PERFORM pg_notify('${changes}', 'all');
        END IF;
        RETURN NULL;
      END $body$;
    CREATE TRIGGER tell_of_change
      AFTER DELETE OR UPDATE OF id, project_id, environment, label, hash, tag, created_at, expires_at, revoked_at,
        rotated_from, replaced_by, scopes, allowed_ips, metadata, fingerprint, version
      ON ${schema}.keys FOR EACH ROW EXECUTE FUNCTION ${schema}.tell();
    CREATE TRIGGER tell_of_truncation
      AFTER TRUNCATE ON ${schema}.keys FOR EACH STATEMENT EXECUTE FUNCTION ${schema}.tell();`,
  ({ schema }) => `ALTER TABLE ${schema}.keys ADD COLUMN key_start text`,
]

/**
 * @param initialize whether to make what is missing.
 * @returns a function that rejects with what is wrong, and looks again when it is called again.
 */
export function createPrepare(connections: Connections, names: PostgresNames, initialize: boolean): Prepare {
  let prepared: Promise<void> | undefined
  const prepare = async () => {
    const version = await connections.use((session) => versionOf(session, names))
    if (version === migrations.length) return
    if (!initialize) {
      throw refusal(
        `schema ${names.schema} of this database holds no API keys, or those of an earlier release; restore it, or allow it to be initialized`,
      )
    }
    await connections.use((session) => migrate(session, names), MIGRATION_TIMEOUT_MS)
  }
  return () => {
    prepared ??= prepare().catch((cause) => {
      prepared = undefined
      throw cause
    })
    return prepared
  }
}

/** Throws when a newer release has changed the schema: then this one may read, but no longer write. */
export async function checkVersion(session: Session, names: PostgresNames): Promise<void> {
  const { rows } = await session.query(
    `SELECT version FROM ${names.schema}.store`,
    [],
    names.statement('version'),
  )
  refuseNewer(Number((rows[0] as [unknown] | undefined)?.[0]), names)
}

async function versionOf(session: Session, names: PostgresNames): Promise<number> {
  // Read from the catalogue, since to_regclass may go by what this connection knew before it waited for the lock.
  const { rows } = await session.query(
    `SELECT FROM pg_tables WHERE schemaname = $1 AND tablename = 'store'`,
    [names.schema],
  )
  if (rows.length === 0) return 0
  const { rows: versions } = await session.query(`SELECT version FROM ${names.schema}.store`)
  return refuseNewer(Number((versions[0] as [unknown] | undefined)?.[0] ?? 0), names)
}

async function migrate(session: Session, names: PostgresNames): Promise<void> {
  await session.query('BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE')
  // Whoever else wants to migrate this schema waits here, and then finds it done.
  await session.query('SELECT pg_advisory_xact_lock($1)', [lockOf(names.schema)])
  const version = await versionOf(session, names)
  if (version === 0) {
    await session.query(`CREATE SCHEMA IF NOT EXISTS ${names.schema}`)
    await session.query(`CREATE TABLE ${names.schema}.store (version integer NOT NULL)`)
    await session.query(`INSERT INTO ${names.schema}.store VALUES (0)`)
  }
  for (const migration of migrations.slice(version)) await session.query(migration(names))
  await session.query(`UPDATE ${names.schema}.store SET version = $1`, [migrations.length])
  await session.query('COMMIT')
}

function lockOf(schema: string): string {
  return createHash('sha256').update(`gosend api keys ${schema}`).digest().readBigInt64BE().toString()
}

function refuseNewer(version: number, { schema }: PostgresNames): number {
  if (version > migrations.length) {
    throw refusal(
      `schema ${schema} has version ${version}, made by a newer release; upgrade @gosend/auth-core`,
    )
  }
  return version
}

function refusal(message: string): ApiKeysError {
  return new ApiKeysError('store_unavailable', message)
}
