// The files of a SQLite database as the operating system sees them: whose they are, whether they held keys before, and
// whether they are still the ones that were opened. Never through a descriptor that is closed again: that drops SQLite's
// locks.

import { chmodSync, existsSync, type Stats, statSync, writeFileSync } from 'node:fs'
import { basename } from 'node:path'
import { ApiKeysError } from '../errors.js'

export interface SqliteFile {
  readonly name: string
  readonly path: string
  /** Whether it is in memory or temporary, and so no other connection has it. */
  readonly isPrivate: boolean
  isEmpty(): boolean
  /**
   * The sign beside the file that it held keys, where there was one before anything else was looked at: later, another
   * process may have made it for tables that were not yet there when this one looked for them.
   */
  readonly marker: string | undefined
  mark(): void
  /** Leaves reading and writing to the owner. */
  makePrivate(): void
  /** A check that throws once the files are no longer those of now. */
  watch(): () => void
}

/**
 * @param path empty for a database that is in memory or temporary.
 * @throws ApiKeysError `store_unavailable` when it leads to something else than a file.
 */
export function sqliteFile(path: string): SqliteFile {
  const name = basename(path)
  const marker = `${path}.initialized`
  const files = [path, `${path}-wal`, `${path}-shm`]
  const look = () => files.map((file) => statSync(file, { throwIfNoEntry: false }))

  if (path === '') {
    return {
      name: 'the database in memory',
      path,
      isPrivate: true,
      isEmpty: () => false,
      marker: undefined,
      mark: () => undefined,
      makePrivate: () => undefined,
      watch: () => () => undefined,
    }
  }
  // A second connection would make another one.
  if (!existsSync(path)) throw unavailable(`${name} was deleted after it had been opened; open it again`)
  // A device or a pipe would be made private as well: as root, `/dev/null` for every program on the machine.
  if (look()[0]?.isFile() === false) throw unavailable(`${name} is a device or a pipe; keys need a file`)
  return {
    name,
    path,
    isPrivate: false,
    isEmpty: () => (look()[0]?.size ?? 0) === 0,
    marker: existsSync(marker) ? marker : undefined,
    mark() {
      if (existsSync(marker)) return
      try {
        // Not through a link: it would be made wherever that leads.
        const options = { mode: 0o600, flag: 'wx' }
        writeFileSync(
          marker,
          `While this file is here, ${name} is refused when its API keys are gone.\n`,
          options,
        )
      } catch (cause) {
        // Another process has made it meanwhile.
        if (!existsSync(marker)) throw cause
      }
    },
    makePrivate() {
      for (const [i, stats] of look().entries()) {
        if (((stats?.mode ?? 0) & 0o077) !== 0) chmodSync(files[i] ?? path, 0o600)
      }
    },
    watch() {
      const opened = look()
      let emptied = false
      return () => {
        const found = look()
        emptied ||= found[0]?.size === 0
        // For good, because what is written into the file later does not match what SQLite remembers of it.
        if (emptied)
          throw unavailable(`${name} was emptied while open; restore it from a backup, then restart`)
        for (const [i, before] of opened.entries()) requireSame(files[i] ?? path, name, before, found[i])
      }
    },
  }
}

function requireSame(file: string, name: string, before: Stats | undefined, after: Stats | undefined): void {
  if (before !== undefined && after === undefined) {
    throw unavailable(`${basename(file)} is gone; put it back, or restart`)
  }
  if (before?.ino !== after?.ino || before?.dev !== after?.dev) {
    throw unavailable(`another file has taken the place of ${name} while it was open; restart to use it`)
  }
}

export function unavailable(message: string, options?: ErrorOptions): ApiKeysError {
  return new ApiKeysError('store_unavailable', message, options)
}
