// Tables of keys as earlier releases left them.

/** Takes from the tables in a SQLite file what lists, owners, erasure and events need, which schema version 3 did not have. */
export const WITHOUT_LISTS = `
  DROP TABLE api_key_outcomes; DROP TABLE api_key_refusals; DROP TABLE api_key_addresses;
  DROP TABLE api_key_outbox; DROP TABLE api_key_outbox_reports; DROP TABLE api_key_outbox_consumers;
  DROP INDEX api_keys_active; DROP INDEX api_keys_of_project_by_creation;
  DROP INDEX api_keys_of_parent; ALTER TABLE api_keys DROP COLUMN parent_id;
  ALTER TABLE api_keys DROP COLUMN delegation;
  DROP INDEX api_keys_of_creator; DROP INDEX api_keys_of_owner; DROP INDEX api_keys_by_expiry;
  ALTER TABLE api_keys DROP COLUMN disabled_at; ALTER TABLE api_keys DROP COLUMN created_by;
  ALTER TABLE api_keys DROP COLUMN owner_id; ALTER TABLE api_keys DROP COLUMN erased_at;
  DROP INDEX api_key_uses_by_day;
  DROP INDEX api_keys_by_creation;
  DROP INDEX api_keys_of_project_by_label; DROP INDEX api_keys_of_project_by_expiry;
  DROP INDEX api_keys_of_project_not_revoked;
  CREATE INDEX api_keys_of_project ON api_keys (project_id, created_at DESC);
  ALTER TABLE api_keys DROP COLUMN root_id; ALTER TABLE api_keys DROP COLUMN folded_label`

/** The same for Postgres. */
export const withoutLists = (schema: string) => `
  DROP TABLE ${schema}.outcomes, ${schema}.refusals, ${schema}.addresses, ${schema}.outbox, ${schema}.outbox_reports, ${schema}.outbox_consumers;
  DROP INDEX ${schema}.keys_of_parent, ${schema}.keys_of_creator, ${schema}.keys_of_owner, ${schema}.keys_by_expiry, ${schema}.keys_by_creation, ${schema}.keys_of_project_by_creation, ${schema}.keys_of_project_by_label,
    ${schema}.keys_of_project_by_expiry, ${schema}.keys_of_project_not_revoked;
  CREATE INDEX keys_of_project ON ${schema}.keys (project_id, created_at DESC, id);
  ALTER TABLE ${schema}.keys DROP COLUMN root_id, DROP COLUMN folded_label, DROP COLUMN disabled_at,
    DROP COLUMN created_by, DROP COLUMN owner_id, DROP COLUMN parent_id, DROP COLUMN delegation, DROP COLUMN erased_at;
  DROP INDEX ${schema}.uses_by_day`
