// Documents that were read over the network, kept on disk. Each copy is one file that carries its own digest: what is
// half written or damaged counts as not there. Several processes may share a folder.

import { createHash, randomUUID } from 'node:crypto'
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { stringMember } from '../engine/json.js'
import type { Downloaded } from './download.js'

export interface KeptDocument extends Downloaded {
  /** When it was read. */
  readonly at: Date
}

export interface DocumentCache {
  find(url: URL): Promise<KeptDocument | undefined>
  /** @throws the file system's error when it cannot be kept. */
  keep(url: URL, document: Downloaded, at: Date): Promise<void>
}

export const digestOf = (content: string | Buffer): string =>
  createHash('sha256').update(content).digest('hex')

export function createDocumentCache(folder: string): DocumentCache {
  // Addresses can be secrets, and longer than a file's name may be.
  const fileOf = (url: URL): string => join(folder, `${digestOf(url.href)}.document`)

  return {
    async find(url) {
      const content = await readFile(fileOf(url)).catch(() => undefined)
      return content && parse(content)
    },
    async keep(url, document, at) {
      await mkdir(folder, { recursive: true, mode: 0o700 })
      const file = fileOf(url)
      const draft = `${file}.${randomUUID()}`
      try {
        await writeFile(draft, format(document, at), { mode: 0o600, flag: 'wx' })
        // Readers see the old copy or the new one, and of two writers the last one wins.
        await rename(draft, file)
      } catch (error) {
        await rm(draft, { force: true })
        throw error
      }
    },
  }
}

/** One line of JSON, then the document as it was sent. */
function format({ url, bytes }: Downloaded, at: Date): Buffer {
  const head = { url: url.href, at: at.toISOString(), sha256: digestOf(bytes) }
  return Buffer.concat([Buffer.from(`${JSON.stringify(head)}\n`), bytes])
}

function parse(content: Buffer): KeptDocument | undefined {
  const end = content.indexOf('\n')
  if (end < 0) return undefined
  let head: unknown
  try {
    head = JSON.parse(content.toString('utf8', 0, end))
  } catch {
    return undefined
  }
  const bytes = content.subarray(end + 1)
  const url = stringMember(head, 'url') ?? ''
  const at = new Date(stringMember(head, 'at') ?? '')
  const isWhole = stringMember(head, 'sha256') === digestOf(bytes)
  return isWhole && URL.canParse(url) && !Number.isNaN(at.getTime())
    ? { url: new URL(url), bytes, at }
    : undefined
}
