// The two YAML readers: js-yaml reads ten times as fast; yaml knows where things are, and what is wrong.

import { readFileSync, statSync } from 'node:fs'
import { createRequire } from 'node:module'
import { loadLibrary } from '../../libraries.js'
import { lazy, nestsAtMost } from '../json.js'
import { DocumentError, firstLine } from './document-error.js'

// Both are loaded only for YAML: JSON starts faster without them.
const fastYaml = lazy(() => loadLibrary<typeof import('js-yaml')>('js-yaml'))
const yaml = lazy(() => createRequire(import.meta.url)('yaml') as typeof import('yaml'))

const LOCATABLE_BYTES = 512 * 1024

/** The value of a YAML text; js-yaml reads it, and yaml words the error if js-yaml cannot. */
export function parseYaml(file: string, text: string, maxDepth: number): unknown {
  const { CORE_SCHEMA, load, Type } = fastYaml()
  try {
    const merge = new Type('tag:yaml.org,2002:merge', { kind: 'scalar', resolve: (key) => key === '<<' })
    const tree = load(text, { schema: CORE_SCHEMA.extend({ implicit: [merge] }), json: true })
    if (nestsAtMost(tree, maxDepth)) return tree
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
    return document.toJS({ maxAliasCount: 100 })
  } catch (error) {
    if (error instanceof DocumentError) throw error
    throw new DocumentError(
      'syntax',
      `${file}: not valid YAML: ${firstLine(String((error as Error).message))}`,
    )
  }
}

export interface Lines {
  /** The line of a node, or of its last parent that exists. */
  of(segments: readonly string[]): number
}

/** Undefined for texts that would take too long to read again. */
export function readLines(source: { readonly file: string } | { readonly text: string }): Lines | undefined {
  const { LineCounter, parseDocument } = yaml()
  try {
    const size = 'text' in source ? source.text.length : statSync(source.file).size
    if (size > LOCATABLE_BYTES) return undefined
    const text = 'text' in source ? source.text : readFileSync(source.file, 'utf8')
    const counter = new LineCounter()
    const { contents } = parseDocument(text, { lineCounter: counter, logLevel: 'silent', uniqueKeys: false })
    return { of: (segments) => counter.linePos(offsetOf(contents, segments)).line }
  } catch {
    return undefined
  }
}

function offsetOf(contents: unknown, segments: readonly string[]): number {
  let node: unknown = contents
  let offset = 0
  for (const segment of segments) {
    const child = childOf(node, segment)
    if (child === undefined) break
    node = child.node
    offset = child.offset ?? offset
  }
  return offset
}

function childOf(node: unknown, segment: string) {
  const { isMap, isScalar, isSeq } = yaml()
  if (isMap(node)) {
    const pair = node.items.find(({ key }) => String(isScalar(key) ? key.value : key) === segment)
    return pair && { node: pair.value, offset: isScalar(pair.key) ? pair.key.range?.[0] : undefined }
  }
  if (!isSeq(node)) return undefined
  const item = node.items[Number(segment)]
  return { node: item, offset: (item as { range?: [number] } | undefined)?.range?.[0] }
}
