// A HAR on disk that grows by one entry a line. It is whole after every write: the end is written anew behind each entry.
// What was cut off, by a crash or by another program, is read up to its last complete entry.

import { closeSync, existsSync, openSync, readFileSync, renameSync, writeFileSync, writeSync } from 'node:fs'
import { isObject } from '../engine/json.js'

/** A name and its value, as HAR lists headers and parameters. */
export interface HarPair {
  readonly name: string
  readonly value: string
}

/** An entry of a HAR, as far as it is read here; other programs write more, and leave some of it out. */
export interface HarEntry {
  readonly startedDateTime?: string
  readonly request: {
    readonly method: string
    readonly url: string
    readonly headers?: readonly HarPair[]
    readonly postData?: {
      readonly mimeType?: string
      readonly text?: string
      readonly params?: readonly Partial<HarPair>[]
    }
  }
  readonly response: {
    readonly status: number
    readonly headers?: readonly HarPair[]
    readonly content?: { readonly mimeType?: string; readonly text?: string; readonly encoding?: string }
  }
}

export interface HarFile {
  /** @throws Error when the file cannot be written; what was in it stays. */
  add(entries: readonly object[]): void
  close(): void
}

const HEAD = '{"log":{"version":"1.2","creator":{"name":"gosend-mock","version":"1"},"entries":['
const TAIL = '\n]}}\n'
/** Recordings hold what people have sent. */
const OWN = 0o600

/**
 * Opens a HAR to add to it; makes it where there is none.
 *
 * @throws Error when the file is no HAR, or cannot be written.
 */
export function openHarFile(file: string): HarFile {
  const kept = existsSync(file) ? entriesIn(readFileSync(file, 'utf8'), file) : []
  const text = HEAD + kept.map((entry, i) => lineOf(entry, i === 0)).join('')
  writeFileSync(`${file}.part`, text + TAIL, { mode: OWN })
  renameSync(`${file}.part`, file)
  const descriptor = openSync(file, 'r+')
  let end = Buffer.byteLength(text)
  let isEmpty = kept.length === 0
  return {
    add(entries) {
      const lines = entries.map((entry, i) => lineOf(entry, isEmpty && i === 0)).join('')
      const bytes = Buffer.from(lines + TAIL)
      let written = 0
      while (written < bytes.length)
        written += writeSync(descriptor, bytes, written, bytes.length - written, end + written)
      end += bytes.length - TAIL.length
      isEmpty &&= entries.length === 0
    },
    close: () => closeSync(descriptor),
  }
}

const lineOf = (entry: object, isFirst: boolean): string => `${isFirst ? '' : ','}\n${JSON.stringify(entry)}`

/**
 * The entries of a HAR, whoever wrote it; those before the place where it was cut off.
 *
 * @throws Error when it is no HAR.
 */
export function entriesIn(text: string, file: string): readonly HarEntry[] {
  const entries = wholeEntries(text) ?? entriesBeforeCut(text)
  if (entries === undefined) throw new Error(`${file} is no HAR: it has no log.entries`)
  return entries.filter(isEntry)
}

function wholeEntries(text: string): readonly unknown[] | undefined {
  try {
    const har: unknown = JSON.parse(text)
    const log = isObject(har) ? har.log : undefined
    return isObject(log) && Array.isArray(log.entries) ? log.entries : []
  } catch {
    return undefined
  }
}

/** A text in JSON, or a brace of it. */
const PIECE = /"(?:[^"\\]|\\.)*"|[{}]/gs

/** Reads one entry after the other, as far as they are complete. Undefined where no entries begin. */
function entriesBeforeCut(text: string): readonly unknown[] | undefined {
  const head = /"entries"\s*:\s*\[/.exec(text)
  if (head === null) return undefined
  const entries: unknown[] = []
  let depth = 0
  let start = 0
  PIECE.lastIndex = head.index + head[0].length
  for (let piece = PIECE.exec(text); piece !== null; piece = PIECE.exec(text)) {
    if (piece[0] === '{' && depth++ === 0) start = piece.index
    if (piece[0] !== '}') continue
    if (--depth < 0) break
    if (depth === 0) entries.push(JSON.parse(text.slice(start, piece.index + 1)))
  }
  return entries
}

const isEntry = (entry: unknown): entry is HarEntry =>
  isObject(entry) &&
  isObject(entry.request) &&
  typeof entry.request.method === 'string' &&
  typeof entry.request.url === 'string' &&
  isObject(entry.response) &&
  typeof entry.response.status === 'number'
