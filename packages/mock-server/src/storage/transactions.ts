// Group commit: everything written in one turn of the event loop shares one transaction, and answers wait until it is
// committed. Each unit of work inside the transaction is rolled back alone.

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

/** Counts the changes of other processes, once in a turn. */
function createForeignChanges(db: Connection): () => number {
  const version = db.prepare<number>('PRAGMA data_version').pluck()
  let counted: number | undefined
  return () => {
    if (counted === undefined) {
      counted = version.get() ?? 0
      setImmediate(() => {
        counted = undefined
      })
    }
    return counted
  }
}

export function createTransactions(db: Connection): Transactions {
  const { look, beginWriting, commit, rollback, save, release, undo } = statementsOf(db)
  const commitListeners: (() => void)[] = []
  const undoListeners: (() => void)[] = []
  /** Whether a savepoint has been set, for each unit at work, the outermost first. */
  const units: boolean[] = []
  const foreignChanges = createForeignChanges(db)
  /** Of this process; as those of others, it never counts down. */
  let changes = 0
  let isReading = false
  /** Whether something has been written that is not committed. */
  let isOpen = false
  let failures = 0
  let wait: Wait | undefined

  const undone = () => {
    changes++
    for (const listener of undoListeners) listener()
  }
  const close = (error?: Error) => {
    isOpen = false
    // Savepoints end with their transaction.
    units.fill(false)
    const waiting = wait
    wait = undefined
    if (error !== undefined) {
      failures++
      undone()
    }
    waiting?.settle(error)
  }
  const endReading = () => {
    if (!isReading) return
    isReading = false
    commit()
  }
  const commitNow = () => {
    endReading()
    if (!isOpen) return
    const error = tryCommit(db, commit, rollback)
    close(error)
    if (error === undefined) for (const listener of commitListeners) listener()
  }

  return {
    read() {
      if (isReading || isOpen) return
      look()
      isReading = true
      setImmediate(commitNow)
    },
    stamp: () => changes + foreignChanges(),
    begin() {
      changes++
      // SQLite lets no transaction write that has read what another process has changed since.
      endReading()
      if (!db.inTransaction) {
        if (isOpen) close(new Error(GIVEN_UP))
        beginWriting()
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
          undone()
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

const GIVEN_UP = 'The transaction was given up by SQLite'

function statementsOf(db: Connection) {
  const run = (sql: string) => {
    const statement = db.prepare(sql)
    return () => void statement.run()
  }
  return {
    look: run('BEGIN'),
    beginWriting: run('BEGIN IMMEDIATE'),
    commit: run('COMMIT'),
    rollback: run('ROLLBACK'),
    save: run('SAVEPOINT unit'),
    release: run('RELEASE unit'),
    undo: run('ROLLBACK TO unit'),
  }
}

/** Commits, or rolls back and returns the reason. */
function tryCommit(db: Connection, commit: () => void, rollback: () => void): Error | undefined {
  try {
    // SQLite ends a transaction by itself when the disk is full.
    if (!db.inTransaction) throw new Error(GIVEN_UP)
    commit()
    return undefined
  } catch (error) {
    if (db.inTransaction) rollback()
    return error instanceof Error ? error : new Error(String(error))
  }
}

function newWait(): Wait {
  let settle: Wait['settle'] = () => {}
  const promise = new Promise<void>((resolve, reject) => {
    settle = (error) => (error === undefined ? resolve() : reject(error))
  })
  // Nobody may be waiting for it any more.
  promise.catch(() => {})
  return { promise, settle }
}
