// Examples that are elsewhere (`externalValue`): where they stand in a document, and those that are read by address. These
// are read with the document, by the rules for references.

import { escapeSegment, isNested, isObject, type JsonObject, stringMember } from '../json.js'
import { FILES } from './bundle.js'
import { DocumentError } from './document-error.js'
import { type Access, createResourceRules, identityOf, type Resource } from './resources.js'

/** What is at the address of an example: its bytes, or in words why it cannot be read. */
export type RemoteValues = ReadonlyMap<JsonObject, Buffer | string>

export const MAX_EXAMPLE_BYTES = 10 * 1024 * 1024
const SCHEME = /^[a-z][a-z0-9+.-]*:/i

/** @param resources what the document is made of, itself first. */
export async function readRemoteValues(
  root: JsonObject,
  resources: readonly Resource[],
  access: Access,
): Promise<RemoteValues> {
  const rules = createResourceRules(resources[0], access)
  const reading = new Map<string, Promise<Buffer | string>>()

  const read = async (resource: Resource & { readonly kind: 'remote' }): Promise<Buffer | string> => {
    if (access.readRemote === undefined) return 'cannot be read (nothing is read over the network)'
    try {
      const { bytes } = await access.readRemote(resource.url, rules.placeOf(resource))
      return bytes.length <= MAX_EXAMPLE_BYTES ? bytes : TOO_LARGE
    } catch (error) {
      if (error instanceof DocumentError) return `cannot be read (${error.message})`
      throw error
    }
  }

  /** Undefined for an example that is a file, or none. */
  const valueAt = (
    address: string,
    { pointer, file }: ExamplePlace,
  ): Promise<Buffer | string> | undefined => {
    const holder = resources[file]
    const isFile = holder?.kind === 'file' && !SCHEME.test(address)
    if (holder === undefined || isFile || !IN_EXAMPLES.test(pointer)) return undefined
    const resource = rules.locate(address, holder)
    if (resource.kind === 'refused') return Promise.resolve(resource.reason)
    if (resource.kind === 'file') return undefined
    const identity = identityOf(resource)
    const value = reading.get(identity) ?? read(resource)
    reading.set(identity, value)
    return value
  }

  const values = new Map<JsonObject, Buffer | string>()
  const found = [...examplesIn(root)].map(async ([example, place]) => {
    const value = await valueAt(stringMember(example, 'externalValue') ?? '', place)
    if (value !== undefined) values.set(example, value)
  })
  await Promise.all(found)
  return values
}

const TOO_LARGE = `is larger than ${MAX_EXAMPLE_BYTES / 1024 / 1024} MB`

/** Elsewhere such a member is data. */
export const IN_EXAMPLES = /\/examples\/[^/]+$/

export interface ExamplePlace {
  readonly pointer: string
  /** The index of the file that the example stands in. */
  readonly file: number
}

export function examplesIn(root: JsonObject): ReadonlyMap<JsonObject, ExamplePlace> {
  const found = new Map<JsonObject, ExamplePlace>()
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
