// Follows what a document is made of, files and what is at its address, and swaps in what they say, as long as it can be
// served.

import { unwatchFile, watchFile } from 'node:fs'
import { stat } from 'node:fs/promises'
import type { ApiDocument } from './document.js'
import type { Source } from './source.js'

export interface DocumentWatch {
  close(): void
}

/** A document, and whom to ask whether what came over the network is something else by now. */
export interface WatchedDocument {
  readonly document: ApiDocument
  readonly remote: { hasChanged(): Promise<boolean>; readonly pollMs: number } | undefined
}

const INTERVAL_MS = 200

/**
 * @param read reads the document anew.
 * @param onDocument called with every new version that can be read.
 * @param onProblem called with the reason when one cannot; the last good one stays.
 */
export function watchDocument(
  { document, remote }: WatchedDocument,
  read: () => Promise<WatchedDocument>,
  onDocument: (document: ApiDocument) => void,
  onProblem: (reason: string) => void,
): DocumentWatch {
  let watched: readonly string[] = []
  let asked = remote
  let timer: NodeJS.Timeout | undefined
  let poll: NodeJS.Timeout | undefined
  let isClosed = false
  let latest = 0

  const reload = async () => {
    const own = ++latest
    try {
      const next = await read()
      // What was changed meanwhile has been read later.
      if (isClosed || own !== latest) return
      follow(next.document.source)
      asked = next.remote
      onDocument(next.document)
    } catch (error) {
      if (!isClosed && own === latest) onProblem(error instanceof Error ? error.message : String(error))
    }
  }
  // Editors write in several steps: what counts is the state after the last one.
  const schedule = () => {
    clearTimeout(timer)
    timer = setTimeout(reload, INTERVAL_MS / 2)
  }
  const follow = ({ files, readAt }: Pick<Source, 'files' | 'readAt'>) => {
    for (const file of watched) if (!files.includes(file)) unwatchFile(file, schedule)
    const added = files.filter((file) => !watched.includes(file))
    for (const file of added) watchFile(file, { interval: INTERVAL_MS }, schedule)
    watched = files
    if (added.length > 0) checkLater(added, readAt)
  }
  /** A file that was written after it was read and before anything watched it has a new time, and nothing tells of that. */
  const checkLater = (files: readonly string[], readAt: number) => {
    const check = setTimeout(async () => {
      const times = await Promise.all(
        files.map((file) =>
          stat(file).then(
            ({ mtimeMs }) => mtimeMs,
            () => 0,
          ),
        ),
      )
      if (!isClosed && times.some((time) => time > readAt)) schedule()
    }, INTERVAL_MS)
    check.unref()
  }
  /** One question after the other, so that a slow server is asked less often. */
  const ask = () => {
    if (asked === undefined || isClosed) return
    poll = setTimeout(async () => {
      if (await asked?.hasChanged()) await reload()
      ask()
    }, asked.pollMs)
    poll.unref()
  }
  follow(document.source)
  ask()
  return {
    close() {
      isClosed = true
      clearTimeout(timer)
      clearTimeout(poll)
      for (const file of watched) unwatchFile(file, schedule)
    },
  }
}
