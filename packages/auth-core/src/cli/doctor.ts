// `doctor`: what is wrong, or could be better, about the machine, the database and the keys in it. It changes nothing.

import { existsSync, statSync } from 'node:fs'
import { statusOf } from '../api-key.js'
import { acceptForeign, isForeign } from '../foreign-hashes.js'
import { argon2Hasher, type Hasher } from '../hasher.js'
import type { ApiKeyStore, KeyQuery, StoredKey } from '../store.js'
import type { PostgresDiagnosis } from '../stores/postgres-diagnosis.js'
import { openSqlite, type SqliteConnection } from '../stores/sqlite.js'
import { readValue } from '../stores/sqlite-connection.js'
import { checkVersion, keyTablesIn } from '../stores/sqlite-database.js'
import { NEWEST_SCHEMA } from '../stores/sqlite-schema.js'
import { createTags, type Tags } from '../tag.js'
import { locationOf, noFile, openDatabase } from './database.js'
import { type Flags, peppers } from './flags.js'
import { columns, count, plain } from './output.js'
import { diagnosisOf, redisOf } from './redis.js'
import type { Terminal } from './terminal.js'

type Verdict = 'ok' | 'warning' | 'problem'

interface Finding {
  readonly about: string
  readonly verdict: Verdict
  readonly says: string
}

type Row = Pick<StoredKey, 'hash' | 'tag' | 'createdAt' | 'expiresAt' | 'revokedAt' | 'disabledAt'>

const ROTATION_PERIOD_MS = 90 * 86_400_000

export async function doctor(flags: Flags, terminal: Terminal): Promise<void> {
  const location = locationOf(flags, terminal)
  const keysIn = createSurvey(peppers(flags, terminal))
  const findings = [nodeVersion(process.versions.node)]
  if ('file' in location) {
    if (!existsSync(location.file)) throw noFile(location.file)
    findings.push(...filesOf(location.file))
    const { size } = statSync(location.file)
    if (size === 0) findings.push(problem('content', 'the file is empty; restore it from a backup'))
    else findings.push(...(await inspectSqlite(location.file, keysIn)))
  } else findings.push(...(await inspectServer(flags, terminal, keysIn)))
  findings.push(...(await inspectRedis(flags, terminal)))

  if (flags.json) terminal.printJson(findings)
  else terminal.print(columns(findings.map(({ about, verdict, says }) => [verdict, about, says])))
  if (findings.some(({ verdict }) => verdict === 'problem')) terminal.fail()
}

const ok = (about: string, says: string): Finding => ({ about, verdict: 'ok', says })
const warning = (about: string, says: string): Finding => ({ about, verdict: 'warning', says })
const problem = (about: string, says: string): Finding => ({ about, verdict: 'problem', says })

function nodeVersion(version: string): Finding {
  const [major = 0, minor = 0] = version.split('.').map(Number)
  if (major < 20 || (major === 20 && minor < 19))
    return problem('Node.js', `${version}; 20.19 or later is needed`)
  return major < 22
    ? warning('Node.js', `${version} gets no security fixes any more`)
    : ok('Node.js', version)
}

/** Who else can read the files. */
function filesOf(file: string): readonly Finding[] {
  const open = ['', '-wal', '-shm', '.initialized']
    .map((ending) => file + ending)
    .filter((path) => existsSync(path) && (statSync(path).mode & 0o077) !== 0)
  const mode =
    open.length === 0 ? ok('file mode', 'private to its owner') : warning('file mode', exposed(open))
  const isMarked = existsSync(`${file}.initialized`)
  return [
    mode,
    isMarked
      ? ok('marker', 'an emptied file would be refused')
      : warning('marker', `${file}.initialized is missing; opening the store once makes it`),
  ]
}

function exposed(paths: readonly string[]): string {
  return `others can read ${paths.join(', ')}: chmod 600 ${paths.join(' ')}`
}

async function inspectSqlite(file: string, keysIn: Survey): Promise<readonly Finding[]> {
  const connection = openSqlite(file, { readOnly: true })
  try {
    const findings = [...databaseIn(connection)]
    if (findings.some(({ verdict }) => verdict === 'problem')) return findings
    return [...findings, ...(await keysIn(connection.prepare(rowsIn(connection)).all() as Row[]))]
  } catch (error) {
    return [problem('content', error instanceof Error ? error.message : String(error))]
  } finally {
    connection.close()
  }
}

// A file of an earlier release is inspected as it is.
const rowsIn = (connection: SqliteConnection) => {
  const has = (column: string) =>
    readValue(connection, `SELECT count(*) FROM pragma_table_info('api_keys') WHERE name = '${column}'`) === 1
  const disabledAt = has('disabled_at') ? 'disabled_at' : 'NULL'
  const isThere = has('erased_at') ? 'erased_at IS NULL' : 'true'
  return `SELECT hash, tag, created_at AS createdAt, expires_at AS expiresAt, revoked_at AS revokedAt,
    ${disabledAt} AS disabledAt FROM api_keys WHERE ${isThere}`
}

function* databaseIn(connection: SqliteConnection): Generator<Finding> {
  const version = String(readValue(connection, 'SELECT sqlite_version()'))
  yield attempt('SQLite', version, () => checkVersion(version))

  const tables = keyTablesIn(connection)
  if (tables.state === 'lost') {
    return yield problem('tables', 'the file held API keys and has lost them; restore it from a backup')
  }
  if (tables.state !== 'present') return yield problem('tables', 'there are no API keys in this file')
  yield tables.version === NEWEST_SCHEMA
    ? ok('schema', `version ${tables.version}, the newest`)
    : tables.version < NEWEST_SCHEMA
      ? warning('schema', `version ${tables.version}; gosend-keys migrate brings it to ${NEWEST_SCHEMA}`)
      : problem('schema', `version ${tables.version}, made by a newer release: upgrade @gosend/auth-core`)

  const mode = readValue(connection, 'PRAGMA journal_mode')
  yield mode === 'wal'
    ? ok('journal', 'a write-ahead log')
    : warning('journal', `mode ${mode}; opening the store once makes it a write-ahead log`)

  const damage = connection
    .prepare('PRAGMA integrity_check(10)')
    .all()
    .map((row) => Object.values(row as object)[0])
  yield damage.length === 1 && damage[0] === 'ok'
    ? ok('integrity', 'no damage found')
    : problem('integrity', `${damage.join('; ')}; restore it from a backup`)
  const orphans = connection.prepare('PRAGMA foreign_key_check').all().length
  if (orphans > 0)
    yield problem('integrity', `${count(orphans, 'event or use', 'events or uses')} of keys that are gone`)
}

async function inspectServer(flags: Flags, terminal: Terminal, keysIn: Survey): Promise<readonly Finding[]> {
  const database = await openDatabase(flags, terminal, false)
  try {
    const rows = await rowsOf(database.store)
    return [
      ok(database.product, `${database.name} answers, and its schema is the newest`),
      ...connectionOf(await database.diagnose?.()),
      ...(await keysIn(rows)),
    ]
  } finally {
    await database.close()
  }
}

async function inspectRedis(flags: Flags, terminal: Terminal): Promise<readonly Finding[]> {
  const location = redisOf(flags, terminal)
  if (location === undefined) return []
  try {
    const { version, problem: wrong, caches } = await diagnosisOf(location)
    const server = `Redis ${version} at ${location.name}`
    return [
      wrong === null ? ok('Redis', `${server} answers`) : problem('Redis', `${server}: ${wrong}`),
      ok('Redis caches', `${count(caches, 'process', 'processes')} on the list that changes wait for`),
    ]
  } catch (error) {
    const { message, cause } = error as Error
    const why = cause instanceof Error ? `: ${cause.message}` : ''
    return [problem('Redis', `${message}${why}; while it does not, no key can be changed`)]
  }
}

const routes: Readonly<Record<PostgresDiagnosis['route'], Finding>> = {
  direct: ok('connection', 'straight to PostgreSQL'),
  sessions: ok('connection', 'through a pooler of sessions'),
  transactions: warning(
    'connection',
    'through a pooler of transactions: with a cache, changes take up to half of maxStalenessMs longer; give postgresCache a pool that leads straight to PostgreSQL as listen',
  ),
}

function connectionOf(diagnosis: PostgresDiagnosis | undefined): readonly Finding[] {
  if (diagnosis === undefined) return []
  const { route, caches, isAbandonedWorkKept } = diagnosis
  return [
    routes[route],
    ...(isAbandonedWorkKept
      ? [
          warning(
            'time limits',
            'a read that waits for a lock goes on after its caller has given up: ALTER ROLE … SET client_connection_check_interval = 500, or a statement_timeout',
          ),
        ]
      : []),
    caches === null
      ? ok('caches', 'none, and no tables for them')
      : ok('caches', `${count(caches, 'process', 'processes')} on the list that changes wait for`),
  ]
}

// Only what is looked at is kept of each row.
async function rowsOf(store: ApiKeyStore): Promise<readonly Row[]> {
  const found: Row[] = []
  let after: KeyQuery['after']
  do {
    const query = {
      sort: 'createdAt',
      order: 'asc',
      after,
      limit: 1_000,
      total: false,
      now: Date.now(),
    } as const
    const { rows } = await store.list(query)
    found.push(
      ...rows.map(({ hash, tag, createdAt, expiresAt, revokedAt, disabledAt }) => {
        return { hash, tag, createdAt, expiresAt, revokedAt, disabledAt }
      }),
    )
    const last = rows.at(-1)
    after = last && { value: last.createdAt, id: last.id }
  } while (after !== undefined)
  return found
}

type Survey = (rows: readonly Row[]) => Promise<readonly Finding[]>

function createSurvey(given: readonly string[]): Survey {
  const tags = createTags(given)
  const hasher = acceptForeign(argon2Hasher())
  return async (rows) => {
    const now = Date.now()
    const active = rows.filter((row) => statusOf(row, now) === 'active')
    const old = active.filter(({ createdAt }) => now - createdAt >= ROTATION_PERIOD_MS).length
    return [
      ok('keys', `${count(active.length, 'active key')} of ${rows.length}`),
      ...(await hashesOf(active, hasher)),
      old === 0
        ? ok('rotation', 'no active key is older than 90 days')
        : warning('rotation', `${count(old, 'active key')} older than 90 days; gosend-keys stale lists them`),
      pepperOf(active, given.length > 0, tags),
    ]
  }
}

async function hashesOf(rows: readonly Row[], hasher: Hasher): Promise<readonly Finding[]> {
  const imported = rows.filter(({ hash }) => isForeign(hash)).length
  const outdated = rows.filter(({ hash }) => !isForeign(hash) && hasher.needsRehash(hash)).length
  // One of each kind is tried: those with parameters that are not allowed are refused before any work is done.
  const kinds = new Map(rows.map(({ hash }) => [hash.split('$').slice(0, 4).join('$'), hash]))
  const refused: string[] = []
  for (const [kind, hash] of kinds) {
    if (!isForeign(hash)) await hasher.verify(hash, '').catch(() => refused.push(plain(kind)))
  }
  return [
    ...(refused.length > 0
      ? [problem('hashes', `verification refuses those made with ${refused.join(', ')}`)]
      : []),
    outdated === 0
      ? ok('hashes', 'all argon2id with the default parameters')
      : warning(
          'hashes',
          `${count(outdated, 'key')} with other parameters than the default; renewed on their next use`,
        ),
    ...(imported > 0
      ? [warning('imported', `${count(imported, 'key')} not used since the import, kept as SHA-256`)]
      : []),
  ]
}

function pepperOf(rows: readonly Row[], isGiven: boolean, tags: Tags): Finding {
  const tagged = rows.filter(({ hash }) => !isForeign(hash))
  const unreadable = tagged.filter(({ tag }) => tags.compare(tag, '') === 'unknown').length
  if (unreadable > 0) {
    return warning(
      'pepper',
      `${count(unreadable, 'key')} tagged with a pepper that was not given: GOSEND_KEYS_PEPPER`,
    )
  }
  if (!isGiven) return ok('pepper', 'none, and no key needs one')
  const earlier = tagged.filter(({ tag }) => !tags.isCurrent(tag)).length
  return earlier === 0
    ? ok('pepper', 'all keys are tagged with it')
    : warning(
        'pepper',
        `${count(earlier, 'key')} tagged without it or with an earlier one; renewed on their next use`,
      )
}

function attempt(about: string, says: string, check: () => void): Finding {
  try {
    check()
    return ok(about, says)
  } catch (error) {
    return problem(about, error instanceof Error ? error.message : String(error))
  }
}
