// The tables behind caches over Postgres: a log of changed keys, written by a trigger within the transaction that
// changes them, and a list of the processes that keep keys in memory. A store without a cache has neither.

import type { ApiKeyStore } from '../store.js'
import { SERVER } from './postgres-connections.js'
import { partsOf } from './postgres-parts.js'
import { prepare, type SchemaPart } from './postgres-schema.js'

/** On which a change is announced, so that nobody has to wait for the next poll. It says nothing but that there is one. */
export const changesChannel = (schema: string) => `${schema}_changes`

/**
 * Set by the trigger to the id of its transaction, for the rest of that transaction. A statement that changes a key
 * returns it, and so finds out without another question whether there may be caches to wait for.
 */
export const CHANGE_SETTING = 'gosend_keys.change'

// The log need not survive a crash: its readers begin anew when the server does. The list must, so that a change
// made after a failover waits for those who still follow the server of before.
//
// The triggers come in one transaction, which waits for those that are changing keys: a process that is on the list
// reads nothing that a transaction without the trigger has yet to change.
export const cacheTables: SchemaPart = {
  versions: 'cache_tables',
  missing: (schema) =>
    `schema ${schema} has no tables for caches, or those of an earlier release; gosend-keys migrate --cache makes them`,
  migrations: [
    (schema) => `
    SET LOCAL lock_timeout = '1s';

    CREATE TABLE ${schema}.caches (
      id text NOT NULL PRIMARY KEY,
      session text NOT NULL,
      server text NOT NULL,
      seen txid_snapshot NOT NULL,
      max_staleness_ms integer NOT NULL
    ) WITH (fillfactor = 50);

    CREATE UNLOGGED TABLE ${schema}.changes (
      xid bigint NOT NULL,
      key_id text COLLATE "C"
    );
    CREATE INDEX changes_by_xid ON ${schema}.changes (xid);

    CREATE FUNCTION ${schema}.log_change() RETURNS trigger LANGUAGE plpgsql
      SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $body$
      BEGIN
        IF TG_OP = 'TRUNCATE' THEN
          INSERT INTO ${schema}.changes (xid, key_id) VALUES (txid_current(), NULL);
        ELSE
          IF TG_OP = 'UPDATE' THEN
            -- Uses are many and harmless. Every other column counts, also those of later releases.
            OLD.last_used_at := NEW.last_used_at;
            IF OLD IS NOT DISTINCT FROM NEW THEN
              RETURN NEW;
            END IF;
          END IF;
          INSERT INTO ${schema}.changes (xid, key_id) VALUES (txid_current(), OLD.id);
        END IF;
        ${announce(schema)}
      END $body$;
    CREATE TRIGGER log_change
      BEFORE DELETE OR UPDATE ON ${schema}.keys FOR EACH ROW EXECUTE FUNCTION ${schema}.log_change();
    CREATE TRIGGER log_truncation
      AFTER TRUNCATE ON ${schema}.keys FOR EACH STATEMENT EXECUTE FUNCTION ${schema}.log_change();

    -- A role that may change keys may also wait for caches, and have one.
    DO $body$
      DECLARE
        role text;
      BEGIN
        FOR role IN
          SELECT DISTINCT CASE grantee WHEN 0 THEN 'PUBLIC' ELSE grantee::regrole::text END
          FROM pg_class, aclexplode(relacl)
          WHERE pg_class.oid = '${schema}.keys'::regclass AND privilege_type = 'UPDATE'
        LOOP
          EXECUTE 'GRANT SELECT, INSERT, UPDATE, DELETE
            ON ${schema}.caches, ${schema}.changes, ${schema}.cache_tables TO ' || role;
        END LOOP;
      END $body$;`,
    // All keys, and not those of the project: one of a transaction that is still open would be missing among them.
    (schema) => `
    SET LOCAL lock_timeout = '1s';

    CREATE FUNCTION ${schema}.log_project() RETURNS trigger LANGUAGE plpgsql
      SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $body$
      BEGIN
        IF TG_OP = 'UPDATE' THEN
          IF OLD.status = NEW.status AND OLD.id = NEW.id THEN
            RETURN NEW;
          END IF;
        ELSIF TG_OP = 'INSERT' THEN
          IF NOT EXISTS (SELECT FROM ${schema}.keys WHERE project_id = NEW.id) THEN
            RETURN NEW;
          END IF;
        END IF;
        INSERT INTO ${schema}.changes (xid, key_id) VALUES (txid_current(), NULL);
        ${announce(schema)}
      END $body$;
    CREATE TRIGGER log_project BEFORE INSERT OR DELETE OR UPDATE ON ${schema}.projects
      FOR EACH ROW EXECUTE FUNCTION ${schema}.log_project();
    CREATE TRIGGER log_truncation
      AFTER TRUNCATE ON ${schema}.projects FOR EACH STATEMENT EXECUTE FUNCTION ${schema}.log_change();`,
  ],
}

/** How a trigger that has logged a change ends: the setting names the transaction to the process that makes the change. */
const announce = (schema: string) => `PERFORM set_config('${CHANGE_SETTING}', txid_current()::text, true);
        PERFORM pg_notify('${changesChannel(schema)}', '');
        IF TG_OP = 'DELETE' THEN
          RETURN OLD;
        END IF;
        RETURN NEW;`

/**
 * Caches that have not seen the transaction $1, or do not follow this server, and so may have rows of before it. A
 * snapshot of another server says nothing about a transaction of this one.
 */
export const isPending = `NOT (server = ${SERVER} AND txid_visible_in_snapshot($1::bigint, seen))`

/**
 * Makes the tables, so that roles that may not can have caches.
 * @param store what `postgresStore` returned.
 */
export async function makeCacheTables(store: ApiKeyStore): Promise<void> {
  const { connections, schema, prepare: prepareKeys } = partsOf(store)
  await prepareKeys()
  await prepare(connections, schema, cacheTables, true)
}
