// Whether anything was committed to a database since it was last asked, by this connection or any other: what is
// remembered of the file may be used only until then.

import { closeSync, fstatSync, openSync, readSync } from 'node:fs'
import { isMainThread } from 'node:worker_threads'
import type { SqliteDriver } from './sqlite-database.js'

export interface Changes {
  /**
   * True when nothing has been committed since the last call.
   *
   * @param isThorough asks SQLite itself, whatever the shortcut says.
   */
  areNone(isThorough: boolean): boolean
}

/**
 * SQLite tells of another connection's commits by `data_version`, of this one's by `total_changes()`. Where the index
 * of the write-ahead log can be read, its header tells of both at a quarter of the price.
 */
export function createChanges(driver: SqliteDriver, walIndex: WalIndex | undefined): Changes {
  const foreign = driver.prepare('PRAGMA data_version')
  const own = driver.prepare('SELECT total_changes()')
  for (const statement of [foreign, own]) statement.raw?.()
  let seenForeign: unknown
  let seenOwn: unknown

  const askSqlite = (): boolean => {
    const nowForeign = firstCell(foreign.get())
    const nowOwn = firstCell(own.get())
    const areNone = nowForeign === seenForeign && nowOwn === seenOwn
    seenForeign = nowForeign
    seenOwn = nowOwn
    return areNone
  }

  return {
    areNone(isThorough) {
      const isSame = walIndex?.isSame() === true
      if (isSame && !isThorough) return true
      const areNone = askSqlite()
      // A transaction of the host's reads the past: what it shows must not be taken for what this header stands for.
      const isPast = driver.inTransaction === true || driver.isTransaction === true
      if (isPast || (!isSame && areNone)) walIndex?.forget()
      return areNone && !isPast
    },
  }
}

export interface WalIndex {
  /** Whether the header is the one that was read last. False too when it is being written. */
  isSame(): boolean
  /** Makes the next header count as another one. */
  forget(): void
}

// Two copies of 48 bytes, written one after the other by every commit before it is acknowledged
// (https://sqlite.org/walformat.html, section 2.2).
const HEADER_BYTES = 96
const COPY_WORDS = HEADER_BYTES / 2 / 4

// SQLite's locks on a file are dropped when this process closes any descriptor of it (POSIX), so these are closed only
// when the file is gone from its folder, as it is once the last connection has been closed. A worker thread closes all
// of its own when it ends, and so has none.
const descriptors = new Set<number>()

/** Reads the header of the `-shm` file at a path; undefined where there is none or where that is not known to work. */
export function openWalIndex(path: string): WalIndex | undefined {
  if (process.platform !== 'linux' || !isMainThread) return undefined
  closeAbandoned()
  let descriptor: number
  try {
    descriptor = openSync(path, 'r')
  } catch {
    return undefined
  }
  descriptors.add(descriptor)
  const bytes = new Uint8Array(HEADER_BYTES)
  const words = new Int32Array(bytes.buffer)
  const seen = new Int32Array(COPY_WORDS)
  let isKnown = false

  return {
    isSame() {
      if (readSync(descriptor, bytes, 0, HEADER_BYTES, 0) !== HEADER_BYTES) return false
      let isSame = isKnown
      isKnown = true
      for (let i = 0; i < COPY_WORDS; i++) {
        const word = words[i]
        if (word !== words[i + COPY_WORDS]) isKnown = false
        if (word !== seen[i]) isSame = false
      }
      if (isKnown && isSame) return true
      seen.set(words.subarray(0, COPY_WORDS))
      return false
    },
    forget() {
      isKnown = false
    },
  }
}

function closeAbandoned(): void {
  for (const descriptor of descriptors) {
    if (fstatSync(descriptor).nlink > 0) continue
    closeSync(descriptor)
    descriptors.delete(descriptor)
  }
}

function firstCell(row: unknown): unknown {
  return Array.isArray(row) ? row[0] : Object.values(row as object)[0]
}
