// Reads a document, and all that its references lead to, into one tree.

import { realpathSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { isObject, type JsonObject, nestsAtMost, segmentsOf } from '../json.js'
import { bundle, FILES, type Part, readPart } from './bundle.js'
import { DocumentError, type Warning } from './document-error.js'
import { type RemoteValues, readRemoteValues } from './remote-values.js'
import { type Access, type Resource, shownAddress } from './resources.js'
import { MAX_DEPTH } from './tree.js'
import { type Lines, readLines } from './yaml.js'

export { DocumentError, type DocumentErrorCode, type Warning } from './document-error.js'

export interface Source {
  readonly root: JsonObject
  /** What the document is called in messages: its file, or its address without secrets. */
  readonly name: string
  /** Every file that was read, the document first, or that is missing; none for a document given as an object. */
  readonly files: readonly string[]
  /** When reading it began, in milliseconds since 1970: what was written later may not have been read. */
  readonly readAt: number
  readonly warnings: readonly Warning[]
  /** The folder that files may be read below; undefined for a document that has none. */
  readonly folder: string | undefined
  /** Where the document was read, or one of those that `bundle` added to it; undefined for an object. */
  resourceOf(part: number): Resource | undefined
  /** What examples name by address. */
  readonly remoteValues: RemoteValues
  /** `file:line` of a pointer, as far as it can be told cheaply. */
  locate(pointer: string): string | undefined
  /** A reference as people write it: `types.yaml#/Pet` where it leads to another file. */
  spell(reference: string): string
}

/** A document: a file, an `http` or `https` address, or an object. */
export type Spec = string | URL | object

/** @throws DocumentError when it nests too deeply or is no document. */
export function sourceOfObject(spec: object): Source {
  return {
    root: rootOf(spec),
    name: 'document',
    ...{ files: [], readAt: Date.now(), warnings: [], folder: undefined },
    resourceOf: () => undefined,
    remoteValues: new Map(),
    locate: () => undefined,
    spell: (reference) => reference,
  }
}

/** @throws DocumentError when there is no reading the document. */
export async function readSource(spec: Spec, access: Access): Promise<Source> {
  const readAt = Date.now()
  const resource = resourceOf(spec)
  if (resource === undefined) {
    const isPlain = access.root === undefined && !access.allowRemoteRefs && !access.overlays?.length
    if (isPlain) return sourceOfObject(spec as object)
    const root = rootOf(spec as object)
    // Only with a root can an object refer to files.
    const place: Resource = { kind: 'file', path: join(resolve(access.root ?? '.'), 'document') }
    return { ...(await bundled(root, { resource: place, tree: root, text: '' }, 'document', access)), readAt }
  }
  const part = await readPart(resource, access.readRemote, 'document')
  const name = resource.kind === 'file' ? resource.path : shownAddress(resource.url)
  if (!isObject(part.tree)) throw new DocumentError('not_openapi', `${name}: not an OpenAPI document`)
  const own: Part =
    part.resource.kind === 'remote'
      ? part
      : { ...part, resource: { kind: 'file', path: realpathSync(part.resource.path) } }
  return { ...(await bundled(part.tree, own, name, access)), readAt }
}

/** Names another file or address, or what it is itself called. */
const LEADS_FURTHER = /["']?\$(?:ref["']?\s*:\s*["']?[^"'#\s]|self["']?\s*:)/

const IN_FURTHER = new RegExp(`^#/${FILES}/(\\d+)(.*)$`)

async function bundled(
  root: JsonObject,
  part: Part,
  name: string,
  access: Access,
): Promise<Omit<Source, 'readAt'>> {
  const overlays = await Promise.all((access.overlays ?? []).map((overlay) => readOverlay(overlay, access)))
  const unused = await overlaid(root, overlays)
  const isWhole = part.text !== '' && ![part, ...overlays].some(({ text }) => LEADS_FURTHER.test(text))
  const { parts, warnings, missing } = isWhole
    ? { parts: [part], warnings: [], missing: [] }
    : await bundle(root, part, access)
  const mayHaveExamples = [...parts, ...overlays].some(
    ({ text }) => text === '' || text.includes('externalValue'),
  )
  const resources = parts.map(({ resource }) => resource)
  const remoteValues = mayHaveExamples ? await readRemoteValues(root, resources, access) : new Map()
  // What is on disk is read again when a line is asked for.
  const places = parts.map(({ resource, text }) =>
    resource.kind === 'file' ? { resource } : { resource, text },
  )
  const lines = new Map<number, Lines | undefined>()
  return {
    root,
    name,
    files: part.text === '' ? [] : [...filesOf([...parts, ...overlays]), ...missing],
    warnings: [...unused, ...warnings],
    folder: access.root === undefined ? folderOf(part.resource) : resolve(access.root),
    resourceOf: (index) => places[index]?.resource,
    remoteValues,
    locate(pointer) {
      const segments = segmentsOf(pointer)
      const isFurther = segments[0] === FILES
      const index = isFurther ? Number(segments[1]) : 0
      const place = places[index]
      if (place === undefined || (index === 0 && part.text === '')) return undefined
      const { resource, text } = { text: '', ...place }
      if (!lines.has(index))
        lines.set(index, readLines(resource.kind === 'file' ? { file: resource.path } : { text }))
      const line = lines.get(index)?.of(isFurther ? segments.slice(2) : segments)
      return `${nameOf(resource)}${line === undefined ? '' : `:${line}`}`
    },
    spell(reference) {
      const [, index = '', pointer = ''] = IN_FURTHER.exec(reference) ?? []
      const place = places[Number(index)]
      return index === '' || place === undefined ? reference : `${nameOf(place.resource)}#${pointer}`
    },
  }
}

function readOverlay(overlay: string, { readRemote }: Access): Promise<Part> {
  const resource = resourceOf(overlay)
  if (resource === undefined) throw new DocumentError('overlay', 'an overlay must be a file or an address')
  return readPart(resource, readRemote, 'document')
}

/** Changes the document by its overlays. */
async function overlaid(root: JsonObject, overlays: readonly Part[]): Promise<readonly Warning[]> {
  if (overlays.length === 0) return []
  const { applyOverlay } = await import('./overlay.js')
  const warnings = overlays.flatMap(({ resource, tree }) =>
    applyOverlay(root, { name: nameOf(resource), tree }),
  )
  if (!nestsAtMost(root, MAX_DEPTH))
    throw new DocumentError('overlay', `the overlays nest the document deeper than ${MAX_DEPTH} levels`)
  return warnings
}

const folderOf = (resource: Resource): string | undefined =>
  resource.kind === 'file' ? dirname(resource.path) : undefined

const filesOf = (parts: readonly Part[]): readonly string[] =>
  parts.flatMap(({ resource }) => (resource.kind === 'file' ? [resource.path] : []))

const nameOf = (resource: Resource): string =>
  resource.kind === 'file'
    ? relative(process.cwd(), resource.path) || resource.path
    : shownAddress(resource.url)

/** Where a document is; undefined for an object. @throws DocumentError when it is neither a file nor an address. */
export function resourceOf(spec: Spec): Resource | undefined {
  if (typeof spec === 'object' && !(spec instanceof URL)) return undefined
  const isAddress = spec instanceof URL || /^[a-z][a-z0-9+.-]*:\/\//i.test(spec)
  if (!isAddress) return { kind: 'file', path: resolve(spec) }
  if (!URL.canParse(String(spec)))
    throw new DocumentError('unreadable', `${shownAddress(spec)}: is not an address`)
  const url = new URL(spec)
  if (url.protocol === 'file:') return { kind: 'file', path: resolve(decodeURIComponent(url.pathname)) }
  if (url.protocol !== 'http:' && url.protocol !== 'https:')
    throw new DocumentError(
      'unreadable',
      `${url.protocol}//…: only files, http and https addresses can be served`,
    )
  url.hash = ''
  return { kind: 'remote', url }
}

function rootOf(spec: object): JsonObject {
  if (!nestsAtMost(spec, MAX_DEPTH))
    throw new DocumentError('syntax', `document: nests deeper than ${MAX_DEPTH} levels`)
  const root: unknown = structuredClone(spec)
  if (!isObject(root)) throw new DocumentError('not_openapi', 'document: not an OpenAPI document')
  return root
}
