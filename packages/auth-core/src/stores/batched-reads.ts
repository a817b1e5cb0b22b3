// Reads by id, several to a statement: what is asked for while others are under way goes along with the next one.
// A statement is always sent after everything it answers was asked, so that nobody gets an answer from before.

import type { StoredKey } from '../store.js'

export type ReadMany = (ids: readonly string[]) => Promise<readonly StoredKey[]>

// A key may have 16 KiB of metadata: so many of them must fit into memory several times over.
const MAX_IDS = 100

interface Asked {
  readonly answer: Promise<StoredKey | undefined>
  resolve(row: StoredKey | undefined): void
  reject(cause: unknown): void
}

/** @param maxUnderWay how many statements, and so connections, there are at once. */
export function createReads(
  readMany: ReadMany,
  maxUnderWay: number,
): (id: string) => Promise<StoredKey | undefined> {
  const asked = new Map<string, Asked>()
  let underWay = 0
  let isDue = false

  const setOut = () => {
    // At the end of the turn, so that requests that came in together are answered together.
    if (isDue || underWay === maxUnderWay || asked.size === 0) return
    isDue = true
    setImmediate(() => {
      isDue = false
      underWay++
      void read().finally(() => {
        underWay--
        setOut()
      })
      setOut()
    })
  }

  async function read(): Promise<void> {
    const batch = new Map([...asked].slice(0, MAX_IDS))
    for (const id of batch.keys()) asked.delete(id)
    try {
      const rows = await readMany([...batch.keys()])
      const found = new Map(rows.map((row) => [row.id, row]))
      for (const [id, { resolve }] of batch) resolve(found.get(id))
    } catch (cause) {
      for (const { reject } of batch.values()) reject(cause)
    }
  }

  return (id) => {
    let waiting = asked.get(id)
    if (waiting === undefined) {
      waiting = pending()
      asked.set(id, waiting)
      setOut()
    }
    return waiting.answer
  }
}

function pending(): Asked {
  let resolve: Asked['resolve'] = () => undefined
  let reject: Asked['reject'] = () => undefined
  const answer = new Promise<StoredKey | undefined>((...settle) => {
    ;[resolve, reject] = settle
  })
  return { answer, resolve, reject }
}
