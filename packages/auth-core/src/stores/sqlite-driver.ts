// Which SQLite driver there is: better-sqlite3, or the one that comes with Node where that has no binary.

import { createRequire } from 'node:module'
import { checkOptions, fitting, flag, type OptionTable } from '@gosend/options'
import type { ApiKeysError } from '../errors.js'
import { nativeModuleProblem, unsupportedNode } from '../native-module.js'
import type { SqliteDriver } from './sqlite-connection.js'
import { isRecentEnough } from './sqlite-database.js'
import { unavailable } from './sqlite-file.js'

export interface SqliteConnection extends SqliteDriver {
  close(): void
}

export interface OpenSqliteOptions {
  /** Refuses to write, and to create the file. Default false. */
  readonly readOnly?: boolean | undefined
}

const optionTable: OptionTable<OpenSqliteOptions> = { readOnly: flag }
/** SQLite takes an empty name for a temporary file. */
const fileName = fitting<string>(
  (value) => typeof value === 'string',
  'must be the path of a file, :memory:, or empty for a temporary file',
)

type Constructor = new (path: string, options: object) => SqliteConnection

const load = createRequire(import.meta.url)
const LAST_FOR_NODE_20 = '12'

/**
 * A connection to a file, by better-sqlite3, or by node:sqlite (Node 22 or later) if better-sqlite3 is not installed or has no
 * binary for this Node, as after `npm install --ignore-scripts`.
 *
 * @example
 * const store = sqliteStore(openSqlite('keys.db'))
 *
 * @throws TypeError when an option is wrong.
 * @throws ApiKeysError `store_unavailable` when there is no driver, saying what to install, or the file cannot be opened.
 */
export function openSqlite(path: string, options: OpenSqliteOptions = {}): SqliteConnection {
  const { readOnly = false } = checkOptions(optionTable, options)
  fileName(path, 'path')
  let problem = unsupportedNode(load, 'better-sqlite3', LAST_FOR_NODE_20)
  if (problem === undefined) {
    try {
      const Database: Constructor = load('better-sqlite3')
      return new Database(path, { readonly: readOnly })
    } catch (cause) {
      problem = nativeModuleProblem('better-sqlite3', cause)
      if (problem === undefined) throw notOpened(path, cause)
    }
  }
  const DatabaseSync = ofNode()
  if (DatabaseSync === undefined) throw unavailable(problem)
  try {
    return new DatabaseSync(path, { readOnly })
  } catch (cause) {
    throw notOpened(path, cause)
  }
}

/** Undefined before Node 22, and where its SQLite is too old. */
function ofNode(): Constructor | undefined {
  if (!isRecentEnough(process.versions.sqlite)) return undefined
  const { DatabaseSync }: { readonly DatabaseSync: Constructor } = load('node:sqlite')
  return DatabaseSync
}

function notOpened(path: string, cause: unknown): ApiKeysError {
  const problem = cause instanceof Error ? cause.message : String(cause)
  return unavailable(`${path} cannot be opened: ${problem}`, { cause })
}
