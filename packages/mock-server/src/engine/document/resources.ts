// Where a reference leads, and whether it may lead there: to files below one folder, and over the network to what lies
// below the document's own address or, if the user allows it, to any other.

import { realpathSync, statSync } from 'node:fs'
import { dirname, extname, resolve, sep } from 'node:path'

/** One document of those that are read together. */
export type Resource =
  | { readonly kind: 'file'; readonly path: string }
  | { readonly kind: 'remote'; readonly url: URL }

/** The document that the user named, a part of it (below its own address), or any other address. */
export type RemotePlace = 'document' | 'part' | 'elsewhere'

/**
 * Reads what is at an address. The address that it resolves with is the one after all redirects.
 *
 * @throws DocumentError when it cannot be read, with the reason.
 */
export type ReadRemote = (
  url: URL,
  place: RemotePlace,
) => Promise<{ readonly url: URL; readonly bytes: Buffer }>

/** What a document is made of, and what its references may lead to. By default: to files below its own folder. */
export interface Access {
  /** Files or addresses of overlays, which change the document one after the other. */
  readonly overlays?: readonly string[] | undefined
  /** A folder that references may lead to as well, with all that is below it. */
  readonly root?: string | undefined
  /** Whether references may lead to any address. */
  readonly allowRemoteRefs?: boolean | undefined
  /** Undefined where nothing is read over the network. */
  readonly readRemote?: ReadRemote | undefined
}

/** A reference that is not followed, and why: words that come after it. */
export interface Refused {
  readonly kind: 'refused'
  readonly reason: string
  /** The file that is missing, where one is. */
  readonly missing?: string
}

export interface ResourceRules {
  /** Where a reference leads. The path has no fragment. */
  locate(path: string, from: Resource): Resource | Refused
  placeOf(resource: Resource): RemotePlace
}

const EXTENSIONS = new Set(['.json', '.yaml', '.yml'])
const SCHEME = /^[a-z][a-z0-9+.-]*:/i
const ROOT_HINT = 'let references lead further up with --root DIR (option root)'
const REMOTE_HINT = 'allow it with --allow-remote-refs (option allowRemoteRefs)'

const refused = (reason: string): Refused => ({ kind: 'refused', reason })

/** What identifies a resource: two references to one resource read it once. */
export const identityOf = (resource: Resource): string =>
  resource.kind === 'file' ? resource.path : resource.url.href

/** A reference or an address without what may be a secret: credentials and the query. */
export const shownAddress = (address: string | URL): string =>
  String(address)
    .replace(/^((?:[a-z][a-z0-9+.-]*:)?[\\/]{2})[^\\/?#]*@/i, '$1')
    .replace(/^([^#?]*)\?[^#]*/, '$1?…')

/** @param document what the user named, which decides where its references may lead. */
export function createResourceRules(document: Resource | undefined, access: Access): ResourceRules {
  const folders = [
    ...(document?.kind === 'file' ? [dirname(document.path)] : []),
    ...(access.root === undefined ? [] : [realFolder(access.root)]),
  ]
  const isBelow = (path: string): boolean =>
    folders.some((folder) => path.startsWith(folder.endsWith(sep) ? folder : folder + sep))

  function locateFile(path: string, from: string): Resource | Refused {
    if (/^[/\\]/.test(path) || path.includes('\\')) return refused('must be a relative path')
    const file = resolve(dirname(from), decoded(path))
    if (!isBelow(file)) return refused(`leads out of the folder of the document; ${ROOT_HINT}`)
    if (!EXTENSIONS.has(extname(file).toLowerCase())) return refused('must name a .json, .yaml or .yml file')
    let real: string
    try {
      real = realpathSync(file)
      if (!statSync(real).isFile()) return refused('names no readable file')
    } catch {
      return { ...refused('names no readable file'), missing: file }
    }
    // A link inside the folder may point out of it.
    return isBelow(real)
      ? { kind: 'file', path: real }
      : refused(`leads out of the folder of the document; ${ROOT_HINT}`)
  }

  function locateRemote(url: URL): Resource | Refused {
    if (url.protocol !== 'http:' && url.protocol !== 'https:')
      return refused('is neither a file nor an http or https address')
    url.hash = ''
    const resource: Resource = { kind: 'remote', url }
    return placeOf(resource) === 'part' || access.allowRemoteRefs
      ? resource
      : refused(
          `${document?.kind === 'remote' ? 'is not below the address of the document' : 'leads to the network'}; ${REMOTE_HINT}`,
        )
  }

  function placeOf(resource: Resource): RemotePlace {
    if (resource.kind === 'file' || document?.kind !== 'remote') return 'elsewhere'
    const { url } = resource
    if (url.origin !== document.url.origin) return 'elsewhere'
    const folder = document.url.pathname.replace(/[^/]*$/, '')
    // A server may take an encoded slash for one, and then follow the dots before it.
    return url.pathname.startsWith(folder) && !/%(2f|5c)/i.test(url.pathname) ? 'part' : 'elsewhere'
  }

  return {
    locate(path, from) {
      const isFile = from.kind === 'file' && !SCHEME.test(path)
      if (isFile) return locateFile(path, from.path)
      const base = from.kind === 'remote' ? from.url.href : undefined
      if (!URL.canParse(path, base)) return refused('is not an address')
      return locateRemote(new URL(path, base))
    },
    placeOf,
  }
}

function realFolder(folder: string): string {
  const path = resolve(folder)
  try {
    return realpathSync(path)
  } catch {
    return path
  }
}

function decoded(path: string): string {
  try {
    return decodeURIComponent(path)
  } catch {
    // A stray percent sign stands for itself.
    return path
  }
}
