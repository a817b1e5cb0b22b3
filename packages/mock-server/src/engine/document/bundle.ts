// Bundles the files that a document refers to into its tree. References lead only to files below the document's own
// folder; nothing is ever fetched over a network.

import { realpathSync, statSync } from 'node:fs'
import { dirname, extname, resolve, sep } from 'node:path'
import { type JsonObject, setMember } from '../json.js'
import { DocumentError, type Warning } from './document-error.js'
import { eachReference, type Reference } from './references.js'
import { readTree } from './tree.js'

const MAX_FILES = 10_000
const EXTENSIONS = new Set(['.json', '.yaml', '.yml'])
/** Where the trees of further files are in the one tree. */
export const FILES = 'x-mock-files'
const SCHEME = /^[a-z][a-z0-9+.-]*:/i

/** Adds every referenced file to the root and rewrites the references, so that all of them are local. */
export function bundle(root: JsonObject, files: string[], warnings: Warning[]): void {
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
