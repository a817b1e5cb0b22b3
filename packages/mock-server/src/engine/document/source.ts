// Reads a document's files into one tree: encodings, JSON and YAML, and the files that its references name.
// References lead only to files below the document's own folder; nothing is ever fetched over a network.

import { readFileSync, realpathSync, statSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, extname, relative, resolve, sep } from 'node:path'
import { isObject, type JsonObject, lazy, member, nestsAtMost, segmentsOf, setMember } from '../json.js'
import { eachReference, type Reference } from './references.js'

// Both are loaded for YAML alone: JSON starts faster without them. js-yaml reads ten times as fast; yaml knows where
// things are, and what is wrong.
const fastYaml = lazy(() => createRequire(import.meta.url)('js-yaml') as typeof import('js-yaml'))
const yaml = lazy(() => createRequire(import.meta.url)('yaml') as typeof import('yaml'))

const MAX_BYTES = 32 * 1024 * 1024
const MAX_DEPTH = 400
const MAX_FILES = 10_000
const LOCATABLE_BYTES = 512 * 1024
const EXTENSIONS = new Set(['.json', '.yaml', '.yml'])
/** Where the trees of further files hang in the one tree. */
const FILES = 'x-mock-files'

export type DocumentErrorCode =
  | 'unreadable'
  | 'too_large'
  | 'syntax'
  | 'not_openapi'
  | 'reference_outside'
  | 'guessed'

/** A document that cannot be served at all. The message is one line and names the file. */
export class DocumentError extends Error {
  override readonly name = 'DocumentError'
  constructor(
    readonly code: DocumentErrorCode,
    message: string,
  ) {
    super(message)
  }
}

/** A place where the document contradicts itself or cannot be followed; the server starts all the same. */
export interface Warning {
  /** JSON pointer into the document. */
  readonly pointer: string
  readonly message: string
}

export interface Source {
  readonly root: JsonObject
  /** Every file read, the document first; empty for a document given as an object. */
  readonly files: readonly string[]
  readonly warnings: readonly Warning[]
  /** `file:line` of a pointer, as far as it can be told cheaply. */
  locate(pointer: string): string | undefined
}

/** @throws DocumentError when there is no reading the document. */
export function readSource(spec: string | URL | object): Source {
  if (typeof spec === 'object' && !(spec instanceof URL)) {
    if (!nestsAtMost(spec, MAX_DEPTH)) {
      throw new DocumentError('syntax', `document: nests deeper than ${MAX_DEPTH} levels`)
    }
    return {
      root: asRoot(structuredClone(spec), 'document'),
      files: [],
      warnings: [],
      locate: () => undefined,
    }
  }
  const file = pathOf(spec)
  const first = readTree(file)
  const root = asRoot(first.tree, file)
  const warnings: Warning[] = [...first.warnings]
  const files = [realpathSync(file)]
  const lines = new Map<string, Lines | undefined>()
  if (/["']?\$ref["']?\s*:\s*["']?[^"'#\s]/.test(first.text)) bundle(root, files, warnings)

  return {
    root,
    files,
    warnings,
    locate(pointer) {
      const segments = segmentsOf(pointer)
      const further = segments[0] === FILES
      const path = files[further ? Number(segments[1]) : 0]
      if (path === undefined) return undefined
      if (!lines.has(path)) lines.set(path, readLines(path))
      const line = lines.get(path)?.of(further ? segments.slice(2) : segments)
      return `${relative(process.cwd(), path) || path}${line === undefined ? '' : `:${line}`}`
    },
  }
}

function pathOf(spec: string | URL): string {
  if (spec instanceof URL) {
    if (spec.protocol !== 'file:') throw new DocumentError('unreadable', `${spec}: only files can be served`)
    return resolve(decodeURIComponent(spec.pathname))
  }
  if (/^[a-z][a-z0-9+.-]*:\/\//i.test(spec)) {
    throw new DocumentError('unreadable', `${spec}: only files can be served; download the document first`)
  }
  return resolve(spec)
}

function asRoot(tree: unknown, name: string): JsonObject {
  if (!isObject(tree)) throw new DocumentError('not_openapi', `${name}: not an OpenAPI document`)
  return tree
}

interface Tree {
  readonly tree: unknown
  readonly text: string
  readonly warnings: readonly Warning[]
}

function readTree(file: string): Tree {
  const text = readText(file)
  const isJson = /^\s*[{[]/.test(text)
  const tree = isJson ? parseJson(file, text) : undefined
  const parsed = tree === undefined ? parseYaml(file, text) : { tree, warnings: [] }
  if (!nestsAtMost(parsed.tree, MAX_DEPTH)) {
    throw new DocumentError('syntax', `${file}: nests deeper than ${MAX_DEPTH} levels`)
  }
  return { ...parsed, text }
}

function readText(file: string): string {
  let bytes: Buffer
  try {
    const stat = statSync(file)
    // A pipe or a device could block or never end.
    if (!stat.isFile()) throw new DocumentError('unreadable', `${file}: not a regular file`)
    if (stat.size > MAX_BYTES) {
      throw new DocumentError('too_large', `${file}: larger than ${MAX_BYTES / 1024 / 1024} MB`)
    }
    bytes = readFileSync(file)
  } catch (error) {
    if (error instanceof DocumentError) throw error
    const code = member(error, 'code')
    const reason = code === 'ENOENT' ? 'no such file' : code === 'EACCES' ? 'not readable' : String(code)
    throw new DocumentError('unreadable', `${file}: ${reason}`)
  }
  const utf16 = (bytes[0] === 0xff && bytes[1] === 0xfe) || (bytes[0] === 0xfe && bytes[1] === 0xff)
  if (utf16) throw new DocumentError('syntax', `${file}: is UTF-16; save it as UTF-8`)
  if (bytes.includes(0)) throw new DocumentError('syntax', `${file}: is not a text file`)
  const text = bytes.toString('utf8').replace(/^\uFEFF/, '')
  if (text.trim() === '') throw new DocumentError('syntax', `${file}: is empty`)
  return text
}

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

function parseYaml(file: string, text: string): { tree: unknown; warnings: Warning[] } {
  const { CORE_SCHEMA, load, Type } = fastYaml()
  try {
    const merge = new Type('tag:yaml.org,2002:merge', { kind: 'scalar', resolve: (key) => key === '<<' })
    const tree = load(text, { schema: CORE_SCHEMA.extend({ implicit: [merge] }), json: true })
    if (nestsAtMost(tree, MAX_DEPTH)) return { tree, warnings: [] }
  } catch {
    // The other parser says it better.
  }
  const { LineCounter, parseDocument } = yaml()
  try {
    const lines = new LineCounter()
    const document = parseDocument(text, {
      lineCounter: lines,
      logLevel: 'silent',
      merge: true,
      uniqueKeys: false,
    })
    const broken =
      document.errors[0] ?? document.warnings.find((warning) => warning.code === 'TAG_RESOLVE_FAILED')
    if (broken !== undefined) {
      const line = lines.linePos(broken.pos[0]).line
      throw new DocumentError('syntax', `${file}:${line}: not valid YAML: ${firstLine(broken.message)}`)
    }
    return { tree: document.toJS({ maxAliasCount: 100 }), warnings: [] }
  } catch (error) {
    if (error instanceof DocumentError) throw error
    throw new DocumentError(
      'syntax',
      `${file}: not valid YAML: ${firstLine(String((error as Error).message))}`,
    )
  }
}

const firstLine = (text: string): string => (text.split('\n')[0] ?? '').replace(/:$/, '')

const SCHEME = /^[a-z][a-z0-9+.-]*:/i

/** Hangs every referenced file into the root and rewrites the references, so that all of them are local. */
function bundle(root: JsonObject, files: string[], warnings: Warning[]): void {
  const folder = dirname(files[0] ?? '')
  const trees: unknown[] = [undefined]
  const seen = new WeakSet<object>()
  const indexes = new Map([[files[0] ?? '', 0]])
  const pending: { tree: unknown; index: number }[] = [{ tree: root, index: 0 }]

  const pointerTo = (file: string): string | undefined => {
    let index = indexes.get(file)
    if (index === undefined) {
      if (files.length >= MAX_FILES) return undefined
      index = files.push(file) - 1
      indexes.set(file, index)
      const { tree } = readTree(file)
      trees[index] = tree
      pending.push({ tree, index })
    }
    return index === 0 ? '' : `/${FILES}/${index}`
  }

  const localize = ({ target: reference, pointer }: Reference, from: number): string => {
    const hash = reference.indexOf('#')
    const path = hash < 0 ? reference : reference.slice(0, hash)
    const fragment = hash < 0 ? '' : reference.slice(hash + 1)
    if (path === '') return from === 0 ? reference : `#/${FILES}/${from}${fragment}`
    const file = insideFolder(path, dirname(files[from] ?? ''), folder, reference)
    const target = file === undefined ? undefined : pointerTo(file)
    if (target !== undefined) return `#${target}${fragment}`
    warnings.push({ pointer, message: `${reference} names no readable file; anything is accepted there` })
    return reference
  }

  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    const { index } = next
    eachReference(next.tree, index === 0 ? '' : `/${FILES}/${index}`, seen, (reference) =>
      setMember(reference.holder, reference.name, localize(reference, index)),
    )
  }
  if (trees.length > 1) setMember(root, FILES, trees)
}

function insideFolder(path: string, from: string, folder: string, reference: string): string | undefined {
  const refuse = (why: string) =>
    new DocumentError('reference_outside', `$ref ${JSON.stringify(reference)}: ${why}`)
  if (SCHEME.test(path)) throw refuse('only files below the folder of the document are read')
  if (/^[/\\]/.test(path) || path.includes('\\')) throw refuse('must be a relative path')
  let decoded = path
  try {
    decoded = decodeURIComponent(path)
  } catch {
    // A stray percent sign stands for itself.
  }
  const file = resolve(from, decoded)
  const below = (candidate: string) => candidate.startsWith(folder + sep)
  if (!below(file)) throw refuse('leads out of the folder of the document')
  if (!EXTENSIONS.has(extname(file).toLowerCase())) throw refuse('must name a .json, .yaml or .yml file')
  let real: string
  try {
    real = realpathSync(file)
    if (!statSync(real).isFile()) return undefined
  } catch {
    return undefined
  }
  // A link inside the folder may point out of it.
  if (!below(real)) throw refuse('leads out of the folder of the document')
  return real
}

interface Lines {
  /** The line of a node, or of the last of its parents that is there. */
  of(segments: readonly string[]): number
}

/** Undefined for files that would take too long to read once more. */
function readLines(file: string): Lines | undefined {
  const { isMap, isScalar, isSeq, LineCounter, parseDocument } = yaml()
  try {
    if (statSync(file).size > LOCATABLE_BYTES) return undefined
    const text = readFileSync(file, 'utf8')
    const lines = new LineCounter()
    const { contents } = parseDocument(text, { lineCounter: lines, logLevel: 'silent', uniqueKeys: false })
    return {
      of(segments) {
        let node: unknown = contents
        let offset = 0
        for (const segment of segments) {
          if (isMap(node)) {
            const pair = node.items.find(({ key }) => String(isScalar(key) ? key.value : key) === segment)
            if (pair === undefined) break
            if (isScalar(pair.key)) offset = pair.key.range?.[0] ?? offset
            node = pair.value
          } else if (isSeq(node)) {
            node = node.items[Number(segment)]
            offset = (node as { range?: [number] } | undefined)?.range?.[0] ?? offset
          } else break
        }
        return lines.linePos(offset).line
      },
    }
  } catch {
    return undefined
  }
}

/** Data of one JSON or YAML file. @throws DocumentError when it cannot be read. */
export function readData(file: string): unknown {
  return readTree(resolve(file)).tree
}
