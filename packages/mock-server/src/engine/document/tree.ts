// Reads one JSON or YAML file as a tree of values.

import { readFileSync, statSync } from 'node:fs'
import { extname, resolve } from 'node:path'
import { member, nestsAtMost } from '../json.js'
import { DocumentError, firstLine } from './document-error.js'
import { parseYaml } from './yaml.js'

/** What a document may have. */
export const MAX_BYTES = 32 * 1024 * 1024
export const MAX_DEPTH = 400

export interface Tree {
  readonly tree: unknown
  readonly text: string
}

/** @throws DocumentError when the file cannot be read. */
export const readTree = (file: string): Tree => parseTree(file, readBytes(file))

/**
 * @param name what the bytes are called in an error: a file, or an address without secrets.
 * @throws DocumentError when they are neither JSON nor YAML.
 */
export function parseTree(name: string, bytes: Buffer): Tree {
  const text = textOf(name, bytes)
  const isJson = /^\s*[{[]/.test(text)
  if (/^\s*</.test(text)) throw new DocumentError('syntax', `${name}: is a web page or XML, not JSON or YAML`)
  const tree = (isJson ? parseJson(name, text) : undefined) ?? parseYaml(name, text, MAX_DEPTH)
  if (!nestsAtMost(tree, MAX_DEPTH)) {
    throw new DocumentError('syntax', `${name}: nests deeper than ${MAX_DEPTH} levels`)
  }
  return { tree, text }
}

/** The value of one JSON or YAML file. @throws DocumentError when it cannot be read. */
export const readData = (file: string): unknown => readTree(resolve(file)).tree

/** The text of UTF-8 bytes. */
function textOf(file: string, bytes: Buffer): string {
  const utf16 = (bytes[0] === 0xff && bytes[1] === 0xfe) || (bytes[0] === 0xfe && bytes[1] === 0xff)
  if (utf16) throw new DocumentError('syntax', `${file}: is UTF-16; save it as UTF-8`)
  if (bytes.includes(0)) throw new DocumentError('syntax', `${file}: is not a text file`)
  const text = bytes.toString('utf8').replace(/^\uFEFF/, '')
  if (text.trim() === '') throw new DocumentError('syntax', `${file}: is empty`)
  return text
}

function readBytes(file: string): Buffer {
  try {
    const stat = statSync(file)
    // A pipe or a device could block or never end.
    if (!stat.isFile()) throw new DocumentError('unreadable', `${file}: not a regular file`)
    if (stat.size > MAX_BYTES) {
      throw new DocumentError('too_large', `${file}: larger than ${MAX_BYTES / 1024 / 1024} MB`)
    }
    return readFileSync(file)
  } catch (error) {
    if (error instanceof DocumentError) throw error
    const code = String(member(error, 'code'))
    throw new DocumentError('unreadable', `${file}: ${REASONS.get(code) ?? code}`)
  }
}

const REASONS: ReadonlyMap<string, string> = new Map([
  ['ENOENT', 'no such file'],
  ['EACCES', 'not readable'],
])

/** Undefined for text that may be YAML. */
function parseJson(file: string, text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    // A YAML flow mapping begins like JSON does.
    if (extname(file) !== '.json') return undefined
    const reason = String((error as Error).message)
    const position = /position (\d+)/.exec(reason)?.[1]
    const line = text.slice(0, position === undefined ? text.length : Number(position)).split('\n').length
    throw new DocumentError('syntax', `${file}:${line}: not valid JSON: ${firstLine(reason)}`)
  }
}
