// Examples that are files of their own (`externalValue`): below the document's folder, read when an answer first needs
// them, or at an address, which was read with the document.

import { readFileSync, realpathSync, statSync } from 'node:fs'
import { dirname, extname, resolve, sep } from 'node:path'
import { type JsonObject, lazy, mentions, stringMember } from '../json.js'
import type { Warning } from './document-error.js'
import { type ExamplePlace, examplesIn, IN_EXAMPLES, MAX_EXAMPLE_BYTES } from './remote-values.js'
import { shownAddress } from './resources.js'
import type { Source } from './source.js'
import { parseTree } from './tree.js'

export interface ExternalValues {
  /** What an Example Object refers to: data of JSON and YAML, text, or bytes; undefined when there is no such file. */
  valueOf(example: JsonObject, mediaType: string): unknown
  /** A warning for each file that cannot be read. Walks the document. */
  missing(): readonly Warning[]
}

export function createExternalValues({ root, folder, resourceOf, remoteValues }: Source): ExternalValues {
  const places = lazy(() => {
    // Most documents have none, and a walk with pointers costs much more.
    const isUsed = resourceOf(0) !== undefined && mentions(root, ['externalValue'])
    return isUsed ? examplesIn(root) : new Map<JsonObject, ExamplePlace>()
  })

  const fileOf = (example: JsonObject): string | undefined => {
    const address = stringMember(example, 'externalValue')
    const holder = resourceOf(places().get(example)?.file ?? 0)
    if (address === undefined || folder === undefined || holder?.kind !== 'file') return undefined
    try {
      const file = realpathSync(resolve(dirname(holder.path), decodeURIComponent(address)))
      const isBelow = file.startsWith(realpathSync(folder) + sep)
      const status = statSync(file)
      return isBelow && status.isFile() && status.size <= MAX_EXAMPLE_BYTES ? file : undefined
    } catch {
      return undefined
    }
  }

  /** The bytes of an example, and what it is called. */
  const read = (example: JsonObject): { readonly name: string; readonly bytes: Buffer } | undefined => {
    const remote = remoteValues.get(example)
    if (typeof remote === 'string') return undefined
    if (remote !== undefined) {
      const name = (stringMember(example, 'externalValue') ?? '').replace(/[?#].*/, '')
      return { name, bytes: remote }
    }
    const file = fileOf(example)
    return file === undefined ? undefined : { name: file, bytes: readFileSync(file) }
  }

  return {
    valueOf(example, mediaType) {
      try {
        const found = read(example)
        if (found === undefined) return undefined
        const { name, bytes } = found
        const isData = DATA.has(extname(name).toLowerCase())
        if (isData && /json|ya?ml|\*\/\*/i.test(mediaType)) return parseTree(name, bytes).tree
        return /^text\/|[/+](json|xml)\b|javascript|urlencoded/i.test(mediaType) ? bytes.toString() : bytes
      } catch {
        return undefined
      }
    },
    missing: () =>
      [...places()].flatMap(([example, { pointer }]) => {
        const remote = remoteValues.get(example)
        const isRead = remote === undefined ? fileOf(example) !== undefined : typeof remote !== 'string'
        if (!IN_EXAMPLES.test(pointer) || isRead) return []
        const reason =
          typeof remote === 'string' ? remote : 'names no readable file below the folder of the document'
        const shown = shownAddress(stringMember(example, 'externalValue') ?? '')
        return [{ pointer, message: `${shown} ${reason}; an example is made up` }]
      }),
  }
}

/** Addresses often name no kind. */
const DATA = new Set(['.json', '.yaml', '.yml', ''])
