// The page that `--help` prints.

export const HELP = `gosend-keys: the API keys in a database, from the command line

Usage
  gosend-keys migrate                        create the tables, or bring them up to date
  gosend-keys keys list                      the keys of one project, or of all
  gosend-keys keys create                    make a key, and print it for the only time
  gosend-keys keys create-child ID           make a key from another, for an agent or a job
  gosend-keys keys show ID                   all that is known of a key
  gosend-keys keys verify FILE               whether a key works; - reads it from standard input
  gosend-keys keys update ID                 change what can be chosen of a key
  gosend-keys keys top-up ID                 give a key more credits
  gosend-keys keys history ID                who did what to a key, the latest first
  gosend-keys keys rotate ID                 replace a key; the old one stops at once
  gosend-keys keys disable ID                refuse a key until it is enabled again
  gosend-keys keys enable ID                 let a disabled key work again
  gosend-keys keys revoke ID                 end a key for good
  gosend-keys keys erase ID                  take a key away, with all that is kept of it
  gosend-keys events                         what happened to keys, where the app keeps events
  gosend-keys sweep                          delete what has been kept long enough
  gosend-keys stale                          keys that are old, or that nobody uses
  gosend-keys import FILE                    take over keys of another library, by their hashes
  gosend-keys leaks gitleaks|trufflehog      a rule that makes a scanner find leaked keys
  gosend-keys doctor                         check the database, its keys and this machine
  gosend-keys COMMAND --help                 what goes with one command
  gosend-keys help                           this; with --json for programs

Which database
      --db FILE              a SQLite file
      --database-url URL     postgres://… or mysql://…; better in DATABASE_URL, since flags are
                             visible in \`ps\`
      --schema NAME          the schema of PostgreSQL that the tables are in             [api_keys]
      --redis URL            redis://… of the app's redisCache, so that changes reach its caches at
                             once; better in GOSEND_KEYS_REDIS_URL
      --redis-prefix TEXT    the prefix of that cache, or GOSEND_KEYS_REDIS_PREFIX       [api-keys]

What your keys are like, as in createApiKeys
      --prefix TEXT          what they start with; a,b when it was b before              [gsk]
      --environments TABLE   tag=environment, …              [test=sandbox,live=production]
                             with former tables behind a semicolon
                             or the variables GOSEND_KEYS_PREFIX, GOSEND_KEYS_ENVIRONMENTS
      --pepper-file FILE     a pepper per line, the current one first
                             or the variable GOSEND_KEYS_PEPPER, with one

migrate
      --cache                the tables behind caches over PostgreSQL, too

keys list
      --project ID           only this project's
      --status STATUS        only those that are active, disabled, expired or revoked
      --environment NAME     only those of this environment
      --owner ID             only this owner's
      --parent ID            only those that were made from this key
      --created-by NAME      only those that this person or program made
      --expires-within TIME  only those that expire within this time, or have expired
      --unused TIME          only those that nobody has used for this long
      --search TEXT          part of a label, the beginning of an id, or a scope
      --sort FIELD           createdAt, lastUsedAt, label or expiresAt                   [createdAt]
      --order asc|desc       the latest first, or the first in the alphabet or to expire
      --limit NUMBER         how many at once, up to 1000                                      [100]
      --cursor CURSOR        go on where the page before ended, which says how
      --all                  all of them; with --json, one JSON document per line

keys create
      --project ID           whose it is
      --environment NAME     where it works                                        [production]
      --label TEXT           what people call it
      --scope TEXT           what it may do: messages:read, messages:*, messages:read@project/7;
                             may be repeated
      --allow-ip CIDR        where it may be used from; may be repeated
      --expires WHEN         2027-01-15T10:00:00Z, a time from now: 90d, or never         [never]
      --metadata JSON        anything worth keeping with it: '{"team":"billing"}'
      --owner ID             whom it belongs to within the project
      --created-by NAME      who makes it                                      [as --actor]

keys create-child ID
      --label, --scope, --allow-ip, --expires, --metadata, --owner     as above, within the key ID
      --acting-for NAME      on whose behalf, for the history of the key
      --rate NUMBER/TIME     how often: 60/1m, 5000/day; may be repeated
      --budget NUMBER        how many requests in all

keys update
      --label, --scope, --allow-ip, --expires, --metadata, --owner     as above; the rest stays
      --if-version NUMBER    only if keys show still says this version; also with rotate, disable,
                             enable, revoke and erase
      A list is replaced as a whole: --scope '' leaves none, --allow-ip anywhere lifts the limit.
      ID is the id of a key, or its hint: gsk_live_k33RZpKCogvn…

keys top-up ID
      --amount NUMBER        how many credits it gets, to its own budget or those of its plan
      --credits NUMBER       what the plan of the key begins with; not for a key with a budget
      --refill NUMBER/TIME   what the plan gives back: 100/1d, 5000/month               [nothing]
      --shared-by WHO        who shares the credits of the plan: key, project or owner      [key]
      --limits-table NAME    where the app counts                                [api_key_limits]

keys rotate
      --grace TIME           how long the old key goes on working: 30s, 15m, 24h, 7d        [0]
      --expires WHEN         when the new one ends, or never              [when the old one does]
                             An expired key cannot be rotated without it.

keys erase
      --project ID, --owner ID, --created-by NAME     all keys of one, in place of ID
      --yes                  do it; without it the command says what it would take

events
      --project ID           only of this project's keys
      --order asc|desc       the oldest first, or the latest                              [desc]
      --limit NUMBER         how many at once, up to 1000                                  [100]
      --cursor SEQUENCE      go on behind this one

sweep
      --history TIME         delete entries of the audit log that are older
      --uses TIME            delete counts of uses that are older

stale
      --project ID           only this project's
      --age TIME             older than this                                              [90d]
      --unused TIME          not used for this long, or not at all since it was made      [90d]
      --check                exit with 1 when there is one

import
      --project ID, --environment NAME, --label TEXT     for entries that do not say
      FILE holds a JSON array, or one JSON object per line; - reads standard input:
      {"sha256":"9f86…","projectId":"42","label":"backend","createdAt":"2025-03-01T00:00:00Z"}
      The hash is of the whole key, or of what the group "secret" of importedKeys matches. In place
      of sha256: sha512, hmacSha256 or bcrypt; with salt, and the lookup that leads to the key.
      Also environment, expiresAt, revokedAt, lastUsedAt, scopes, allowedIps, metadata. Keys that
      are known stay as they are.

Everywhere
      --json                 one JSON document on standard output
      --actor NAME           who does this, for the audit log                [cli: and your login]
      --help, --version

Results go to standard output, everything else to standard error. A new key is the only line on
standard output, so that it can be piped:  gosend-keys keys create … | wl-copy

Exit status   0  done
              1  doctor found a problem, stale --check a key, keys verify one that does not work, or
                 something unforeseen happened
              2  the command or a value in it is wrong
              3  there is no such key, or it is revoked, replaced or disabled
              4  the database is missing, refused or out of reach
`
