// Reads a document and the files that its references name into one tree.

import { realpathSync } from 'node:fs'
import { relative, resolve } from 'node:path'
import { isObject, type JsonObject, nestsAtMost, segmentsOf } from '../json.js'
import { bundle, FILES } from './bundle.js'
import { DocumentError, type Warning } from './document-error.js'
import { MAX_DEPTH, readTree } from './tree.js'
import { type Lines, readLines } from './yaml.js'

export { DocumentError, type DocumentErrorCode, type Warning } from './document-error.js'

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
  const warnings: Warning[] = []
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
