// Group commit: all that is written in one turn of the event loop shares one transaction, and whoever tells of it waits
// until that is committed. Units of work inside it are undone by themselves.

import type { Connection } from './connection.js'

export interface Transactions {
  /** To be called before statements that read: all of a turn see the same, and the file is locked for them once. */
  read(): void
  /** Another number once what is stored may be different: this process wrote, or another one has by this turn. */
  stamp(): number
  /** To be called before each statement that writes: it will be committed at the end of this turn, or by `commit`. */
  begin(): void
  /** What `work` writes counts together; when it throws, none of it does. */
  unit<T>(work: () => T): T
  /** Commits now what has been written. */
  commit(): void
  /** Settles when all that has been written so far is committed; undefined when it is already. */
  committed(): Promise<void> | undefined
  /** How often something that had been written was lost, because it could not be committed. */
  failures(): number
  /** Called after every commit. */
  onCommit(listener: () => void): void
  /** Called when something that had been written was undone: what is remembered of it is not true any more. */
  onUndo(listener: () => void): void
}

interface Wait {
  readonly promise: Promise<void>
  readonly settle: (error?: Error) => void
}

export function createTransactions(db: Connection): Transactions {
  const run = (sql: string) => {
    const statement = db.prepare(sql)
    return () => void statement.run()
  }
  const [look, begin] = [run('BEGIN'), run('BEGIN IMMEDIATE')]
  const [commit, rollback] = [run('COMMIT'), run('ROLLBACK')]
  const [save, release, undo] = [run('SAVEPOINT unit'), run('RELEASE unit'), run('ROLLBACK TO unit')]
  const commitListeners: (() => void)[] = []
  const undoListeners: (() => void)[] = []
  /** Whether a savepoint has been set, for each unit at work, the outermost first. */
  const units: boolean[] = []
  const foreign = db.prepare<number>('PRAGMA data_version').pluck()
  /** Changes of this process, and of others as they were counted in this turn. Neither ever counts down. */
  let changes = 0
  let foreignChanges: number | undefined
  let isReading = false
  /** Whether something has been written that is not committed. */
  let isOpen = false
  let failures = 0
  let wait: Wait | undefined

  const close = (error?: Error) => {
    isOpen = false
    // Savepoints end with their transaction.
    units.fill(false)
    const waited = wait
    wait = undefined
    if (error !== undefined) {
      failures++
      changes++
      for (const listener of undoListeners) listener()
    }
    waited?.settle(error)
  }

  const commitNow = () => {
    if (isReading) {
      isReading = false
      commit()
    }
    if (!isOpen) return
    try {
      // SQLite gives a transaction up by itself when the disk is full.
      if (!db.inTransaction) throw new Error('The transaction was given up by SQLite')
      commit()
    } catch (error) {
      if (db.inTransaction) rollback()
      return close(error instanceof Error ? error : new Error(String(error)))
    }
    close()
    for (const listener of commitListeners) listener()
  }

  return {
    read() {
      if (isReading || isOpen) return
      look()
      isReading = true
      setImmediate(commitNow)
    },
    stamp() {
      if (foreignChanges === undefined) {
        foreignChanges = foreign.get() ?? 0
        setImmediate(() => {
          foreignChanges = undefined
        })
      }
      return changes + foreignChanges
    },
    begin() {
      changes++
      if (isReading) {
        // What was read may be outdated: then SQLite would not let it become a transaction that writes.
        isReading = false
        commit()
      }
      if (!db.inTransaction) {
        if (isOpen) close(new Error('The transaction was given up by SQLite'))
        begin()
        isOpen = true
        setImmediate(commitNow)
      }
      for (let i = 0; i < units.length; i++) {
        if (units[i]) continue
        save()
        units[i] = true
      }
    },
    unit(work) {
      units.push(false)
      try {
        const result = work()
        if (units.at(-1)) release()
        return result
      } catch (error) {
        if (units.at(-1) && db.inTransaction) {
          undo()
          release()
          changes++
          for (const listener of undoListeners) listener()
        }
        throw error
      } finally {
        units.pop()
      }
    },
    commit: commitNow,
    committed() {
      if (!isOpen) return undefined
      wait ??= newWait()
      return wait.promise
    },
    failures: () => failures,
    onCommit: (listener) => void commitListeners.push(listener),
    onUndo: (listener) => void undoListeners.push(listener),
  }
}

function newWait(): Wait {
  let settle: Wait['settle'] = () => {}
  const promise = new Promise<void>((resolve, reject) => {
    settle = (error) => (error === undefined ? resolve() : reject(error))
  })
  // Those who wait hear of it; that nobody does any more is no fault.
  promise.catch(() => {})
  return { promise, settle }
}
