// Examples that are files of their own (`externalValue`). Files are read below the document's folder only, when an
// answer first needs them.

import { readFileSync, realpathSync, statSync } from 'node:fs'
import { dirname, extname, resolve, sep } from 'node:path'
import { escapeSegment, isNested, isObject, type JsonObject, lazy, mentions, stringMember } from '../json.js'
import { FILES } from './bundle.js'
import type { Warning } from './document-error.js'
import type { Source } from './source.js'
import { readData } from './tree.js'

export interface ExternalValues {
  /** What an Example Object refers to: data of JSON and YAML, text, or bytes; undefined when there is no such file. */
  valueOf(example: JsonObject, mediaType: string): unknown
  /** A warning for each file that cannot be read. Walks the document. */
  missing(): readonly Warning[]
}

const MAX_BYTES = 10 * 1024 * 1024

export function createExternalValues({ root, folder, fileOf: fileOfPart }: Source): ExternalValues {
  const places = lazy(() => {
    // Most documents have none, and a walk with pointers costs much more.
    const isUsed = folder !== undefined && mentions(root, ['externalValue'])
    return isUsed ? examplesIn(root) : new Map<JsonObject, Place>()
  })

  const fileOf = (example: JsonObject): string | undefined => {
    const address = stringMember(example, 'externalValue')
    const place = places().get(example)
    const holder = fileOfPart(place?.file ?? 0)
    if (address === undefined || folder === undefined || holder === undefined) return undefined
    try {
      const file = realpathSync(resolve(dirname(holder), decodeURIComponent(address)))
      const isBelow = file.startsWith(realpathSync(folder) + sep)
      const status = statSync(file)
      return isBelow && status.isFile() && status.size <= MAX_BYTES ? file : undefined
    } catch {
      return undefined
    }
  }

  return {
    valueOf(example, mediaType) {
      const file = fileOf(example)
      if (file === undefined) return undefined
      try {
        if (/json|ya?ml|\*\/\*/i.test(mediaType) && DATA.has(extname(file).toLowerCase()))
          return readData(file)
        const bytes = readFileSync(file)
        return /^text\/|[/+](json|xml)\b|javascript|urlencoded/i.test(mediaType) ? bytes.toString() : bytes
      } catch {
        return undefined
      }
    },
    missing: () =>
      [...places()].flatMap(([example, { pointer }]) => {
        const message = `${stringMember(example, 'externalValue')} names no readable file below the folder of the document; an example is made up`
        return IN_EXAMPLES.test(pointer) && fileOf(example) === undefined ? [{ pointer, message }] : []
      }),
  }
}

/** Elsewhere such a member is data. */
const IN_EXAMPLES = /\/examples\/[^/]+$/
const DATA = new Set(['.json', '.yaml', '.yml'])

interface Place {
  readonly pointer: string
  /** The index of the file that the example stands in. */
  readonly file: number
}

function examplesIn(root: JsonObject): ReadonlyMap<JsonObject, Place> {
  const found = new Map<JsonObject, Place>()
  const seen = new WeakSet<object>()
  const stack: { readonly node: unknown; readonly pointer: string; readonly file: number }[] = [
    { node: root, pointer: '', file: 0 },
  ]
  for (let at = stack.pop(); at !== undefined; at = stack.pop()) {
    const { node, pointer, file } = at
    if (!isNested(node) || seen.has(node)) continue
    seen.add(node)
    if (isObject(node) && typeof node.externalValue === 'string') found.set(node, { pointer, file })
    for (const [name, child] of Object.entries(node)) {
      const isFile = pointer === `/${FILES}`
      stack.push({
        node: child,
        pointer: `${pointer}/${escapeSegment(name)}`,
        file: isFile ? Number(name) : file,
      })
    }
  }
  return found
}
