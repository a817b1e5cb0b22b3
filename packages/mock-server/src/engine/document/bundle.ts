// Bundles the files and addresses that a document refers to into its tree. A reference that cannot be followed is a
// warning: it costs the operations that need it, and no others.

import { type JsonObject, setMember, stringMember } from '../json.js'
import { DocumentError, type Warning } from './document-error.js'
import { eachReference, type Reference } from './references.js'
import {
  type Access,
  createResourceRules,
  identityOf,
  type ReadRemote,
  type RemotePlace,
  type Resource,
  shownAddress,
} from './resources.js'
import { parseTree, readTree } from './tree.js'

const MAX_FILES = 10_000
/** Where the trees of further files are in the one tree. */
export const FILES = 'x-mock-files'

/** A resource that has been read. */
export interface Part {
  readonly resource: Resource
  readonly tree: unknown
  readonly text: string
}

export interface Bundled {
  /** All that has been read, the document first. */
  readonly parts: readonly Part[]
  readonly warnings: readonly Warning[]
  /** Files that references lead to and that are not there. */
  readonly missing: readonly string[]
}

/** A reference to another resource, rewritten once that has been read. */
interface Wanted {
  readonly reference: Reference
  readonly resource: Resource
  readonly fragment: string
}

/** Adds every referenced resource to the document's tree and rewrites the references, so that all of them are local. */
export async function bundle(root: JsonObject, document: Part, access: Access): Promise<Bundled> {
  const rules = createResourceRules(document.resource, access)
  const parts: Part[] = [document]
  /** By identity: where a resource is among the parts, or why it is not. */
  const found = new Map<string, number | string>([[identityOf(document.resource), 0]])
  const warnings = new Map<string, Warning>()
  const missing = new Set<string>()
  const selves = createSelves()
  const seen = new WeakSet<object>()

  const warn = ({ target, pointer }: Reference, reason: string) => {
    const shown = shownAddress(target)
    if (!warnings.has(shown))
      warnings.set(shown, { pointer, message: `${shown} ${reason}; anything is accepted there` })
  }

  /** What a reference leads to in another resource; undefined where it leads to what is known, and is rewritten. */
  const wantedAt = (reference: Reference, index: number): Wanted | undefined => {
    const { path, fragment } = split(reference.target)
    const known = path === '' ? index : selves.find(path, index)
    if (known !== undefined) {
      if (path !== '' || index !== 0) pointTo(reference, known, fragment)
      return undefined
    }
    const moved = selves.rebase(path) ?? { path, index }
    const resource = rules.locate(moved.path, (parts[moved.index] ?? document).resource)
    if (resource.kind !== 'refused') return { reference, resource, fragment }
    warn(reference, resource.reason)
    if (resource.missing !== undefined) missing.add(resource.missing)
    return undefined
  }

  const wantedBy = (part: Part, index: number): Wanted[] => {
    selves.add(part.tree, index)
    const wanted: Wanted[] = []
    eachReference(part.tree, index === 0 ? '' : `/${FILES}/${index}`, seen, (reference) => {
      const one = wantedAt(reference, index)
      if (one !== undefined) wanted.push(one)
    })
    return wanted
  }

  const readMissing = async (wanted: readonly Wanted[]): Promise<void> => {
    const unread = new Map<string, Resource>()
    for (const { resource } of wanted) {
      const isNew = !found.has(identityOf(resource)) && parts.length + unread.size < MAX_FILES
      if (isNew) unread.set(identityOf(resource), resource)
    }
    const reading = [...unread.values()].map((resource) =>
      readPart(resource, access.readRemote, rules.placeOf(resource)).catch(reasonOf),
    )
    for (const [i, part] of (await Promise.all(reading)).entries()) {
      const identity = [...unread.keys()][i] ?? ''
      found.set(identity, typeof part === 'string' ? part : parts.push(part) - 1)
    }
  }

  for (let done = 0; done < parts.length; ) {
    const wanted = parts.slice(done).flatMap((part, i) => wantedBy(part, done + i))
    done = parts.length
    await readMissing(wanted)
    for (const { reference, resource, fragment } of wanted) {
      const at = found.get(identityOf(resource)) ?? `is one of more than ${MAX_FILES} files`
      if (typeof at === 'number') pointTo(reference, at, fragment)
      else warn(reference, at)
    }
  }
  if (parts.length > 1) setMember(root, FILES, [undefined, ...parts.slice(1).map(({ tree }) => tree)])
  return { parts, warnings: [...warnings.values()], missing: [...missing] }
}

function reasonOf(error: unknown): string {
  if (error instanceof DocumentError) return `cannot be read (${error.message})`
  throw error
}

/** @throws DocumentError when it cannot be read. */
export async function readPart(
  resource: Resource,
  readRemote: ReadRemote | undefined,
  place: RemotePlace,
): Promise<Part> {
  if (resource.kind === 'file') return { resource, ...readTree(resource.path) }
  if (readRemote === undefined) throw new DocumentError('unreadable', 'nothing is read over the network')
  const { url, bytes } = await readRemote(resource.url, place)
  return { resource: { kind: 'remote', url }, ...parseTree(shownAddress(url), bytes) }
}

/** An anchor is found in the whole tree, whatever file it is in. */
function pointTo({ holder, name }: Reference, index: number, fragment: string): void {
  const isAnchor = fragment !== '' && !fragment.startsWith('/')
  const pointer = isAnchor || index === 0 ? fragment : `/${FILES}/${index}${fragment}`
  setMember(holder, name, `#${pointer}`)
}

function split(target: string): { readonly path: string; readonly fragment: string } {
  const hash = target.indexOf('#')
  return hash < 0
    ? { path: target, fragment: '' }
    : { path: target.slice(0, hash), fragment: target.slice(hash + 1) }
}

/**
 * The addresses that documents give themselves (`$self`, OpenAPI 3.2, section 4.1.1): references to them, and to what is
 * beside them, lead to the files that were read.
 */
function createSelves() {
  const addresses: { readonly url: URL; readonly index: number }[] = []
  return {
    add(tree: unknown, index: number): void {
      const self = stringMember(tree, '$self')
      if (self !== undefined && /^https?:/i.test(self) && URL.canParse(self))
        addresses.push({ url: new URL(self), index })
    },
    /** The document that a reference in another one names by its own address. */
    find(path: string, from: number): number | undefined {
      if (addresses.length === 0) return undefined
      const base = addresses.find(({ index }) => index === from)?.url.href
      if (!URL.canParse(path, base)) return undefined
      const { href } = new URL(path, base)
      return addresses.find(({ url }) => url.href === href)?.index
    },
    /** A reference to what is beside a document that gives itself an address, as seen from where it was read. */
    rebase(path: string): { readonly path: string; readonly index: number } | undefined {
      for (const { url, index } of addresses) {
        const folder = new URL('.', url).href
        if (path.startsWith(folder)) return { path: path.slice(folder.length), index }
      }
      return undefined
    },
  }
}
