// Follows a document's files and swaps in what they say, as long as it can be served.

import { unwatchFile, watchFile } from 'node:fs'
import type { ApiDocument } from './document.js'

export interface DocumentWatch {
  close(): void
}

const INTERVAL_MS = 200

/**
 * @param read reads the document anew.
 * @param onDocument called with every new version that can be read.
 * @param onProblem called with the reason when one cannot; the last good one stays.
 */
export function watchDocument(
  document: ApiDocument,
  read: () => Promise<ApiDocument>,
  onDocument: (document: ApiDocument) => void,
  onProblem: (reason: string) => void,
): DocumentWatch {
  let watched: readonly string[] = []
  let timer: NodeJS.Timeout | undefined

  let isClosed = false
  let latest = 0

  const reload = async () => {
    const own = ++latest
    try {
      const next = await read()
      // What was changed meanwhile has been read later.
      if (isClosed || own !== latest) return
      follow(next.source.files)
      onDocument(next)
    } catch (error) {
      if (!isClosed && own === latest) onProblem(error instanceof Error ? error.message : String(error))
    }
  }
  // Editors write in several steps: what counts is the state after the last one.
  const schedule = () => {
    clearTimeout(timer)
    timer = setTimeout(reload, INTERVAL_MS / 2)
  }
  const follow = (files: readonly string[]) => {
    for (const file of watched) if (!files.includes(file)) unwatchFile(file, schedule)
    for (const file of files)
      if (!watched.includes(file)) watchFile(file, { interval: INTERVAL_MS }, schedule)
    watched = files
  }
  follow(document.source.files)
  return {
    close() {
      isClosed = true
      clearTimeout(timer)
      for (const file of watched) unwatchFile(file, schedule)
    },
  }
}
