// Opens documents, wherever they are. What reads over the network is loaded only for a document that needs it.

import { statSync } from 'node:fs'
import { fitting, flag, matching, type OptionTable, object, required, text, texts } from '@gosend/options'
import { type ApiDocument, readApiDocument } from './engine/document/document.js'
import type { Access, ReadRemote } from './engine/document/resources.js'
import { resourceOf, type Spec } from './engine/document/source.js'
import type { Learned } from './learning/learned-file.js'
import type { RemoteDocuments } from './network/remote-documents.js'

/** What a document may be made of. */
export interface DocumentOptions {
  /** Overlays (OpenAPI Overlay 1.0 or 1.1) that change the document one after the other: files or addresses. */
  readonly overlays?: readonly string[] | undefined
  /** The folder that references may lead to, with all that is below it. Default: the document's own. */
  readonly root?: string | undefined
  /**
   * Whether references may lead to any public `https` address. What they lead to is kept in `documentCache` and not asked for
   * again. Default false.
   */
  readonly allowRemoteRefs?: boolean | undefined
  /** Host names, addresses or networks that references may lead to although they are private, and over `http` too. */
  readonly allowRefHosts?: readonly string[] | undefined
  /** The folder that documents from the network are kept in. Default `.gosend/documents`. */
  readonly documentCache?: string | undefined
}

/** One of several documents. */
export interface ServedDocument {
  /** A file, an `http` or `https` address, or an object. */
  readonly spec: Spec
  /** The path that it is served below. Default: the base path of its servers. */
  readonly mount?: string | undefined
  readonly overlays?: readonly string[] | undefined
  /** What `gosend-mock learn` has made of its recorded traffic: a file, or what is in it. */
  readonly learned?: string | Learned | undefined
}

export const specOption = fitting<Spec>(
  (value) => typeof value === 'string' || (typeof value === 'object' && value !== null),
  'must be a file, an address or an object',
)

export const learnedOption = fitting<string | Learned>(
  (value) => typeof value === 'string' || (typeof value === 'object' && value !== null),
  'must be a learned file, or what is in one',
)

export const servedDocument = object<ServedDocument>({
  spec: required(specOption),
  mount: matching(/^(\/[\w.~-]+)+$/, 'must be a path such as /crm'),
  overlays: texts,
  learned: learnedOption,
})

export const documentOptions: OptionTable<DocumentOptions> = {
  overlays: texts,
  root: fitting((value) => typeof value === 'string' && isFolder(value), 'must be a folder'),
  allowRemoteRefs: flag,
  allowRefHosts: texts,
  documentCache: text,
}

const isFolder = (path: string): boolean => statSync(path, { throwIfNoEntry: false })?.isDirectory() === true

/** Whether reading a document takes the network. */
export const isRemote = (spec: Spec): boolean => resourceOf(spec)?.kind === 'remote'

/** A document that has been read. */
export interface OpenedDocument {
  readonly document: ApiDocument
  /** Asks the server that it comes from for changes; undefined where nothing comes over the network. */
  readonly remote: Pick<RemoteDocuments, 'hasChanged' | 'pollMs'> | undefined
}

/**
 * Reads a document with all that its references lead to.
 *
 * @param onWarning told when a copy on disk takes the place of the network.
 * @throws DocumentError when it cannot be read.
 */
export async function openDocument(
  { spec, mount, overlays }: ServedDocument,
  options: DocumentOptions,
  onWarning: (message: string) => void,
): Promise<OpenedDocument> {
  const { root, allowRemoteRefs = false, allowRefHosts = [], documentCache = '.gosend/documents' } = options
  const resource = resourceOf(spec)
  let network: RemoteDocuments | undefined
  const open = async (): Promise<RemoteDocuments> => {
    const { createRemoteDocuments } = await import('./network/remote-documents.js')
    network ??= createRemoteDocuments({
      named: resource?.kind === 'remote' ? resource.url : undefined,
      ...{ allowRemoteRefs, allowHosts: allowRefHosts, cacheFolder: documentCache, onWarning },
    })
    return network
  }
  const readRemote: ReadRemote = async (url, place) => (await open()).read(url, place)
  const access: Access = { overlays: overlays ?? options.overlays, root, allowRemoteRefs, readRemote }
  try {
    const document = await readApiDocument(spec, access, mount)
    return { document, remote: network }
  } finally {
    network?.close()
  }
}
