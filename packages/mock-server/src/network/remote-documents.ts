// Documents by address: which hosts they may be read from, and when a copy on disk takes the place of the network.

import { lookup } from 'node:dns/promises'
import { isIP } from 'node:net'
import { createWebhookTargets, type WebhookTargets } from '@gosend/auth-core/webhooks'
import { DocumentError } from '../engine/document/document-error.js'
import { type ReadRemote, type RemotePlace, shownAddress } from '../engine/document/resources.js'
import { MAX_BYTES } from '../engine/document/tree.js'
import { createDocumentCache } from './document-cache.js'
import { ALLOW_HOST, createDownloader, DownloadError, type Downloaded } from './download.js'

export interface RemoteDocumentsOptions {
  /** The address that the user named; undefined when the document is a file. */
  readonly named: URL | undefined
  /** Whether references may lead to other origins. */
  readonly allowRemoteRefs: boolean
  /** Hosts, addresses and networks that may be read from although they are private, and over `http` too. */
  readonly allowHosts: readonly string[]
  /** The folder that copies are kept in. */
  readonly cacheFolder: string
  /** Told when a copy is used in place of the network, or when none can be kept. */
  readonly onWarning: (message: string) => void
}

export interface RemoteDocuments {
  readonly read: ReadRemote
  close(): void
}

const TIMEOUT_MS = 30_000
/** How long the reading of all documents may go on, so that a chain of references ends. */
const MAX_TOTAL_MS = 120_000
/** What all documents that are read together may have. */
const MAX_TOTAL_BYTES = 256 * 1024 * 1024

export function createRemoteDocuments(options: RemoteDocumentsOptions): RemoteDocuments {
  const { named, allowRemoteRefs, allowHosts, onWarning } = options
  const cache = createDocumentCache(options.cacheFolder)
  const others = targetsFor(allowHosts)
  let own: WebhookTargets | undefined
  let left = MAX_TOTAL_BYTES
  const started = performance.now()

  const downloader = createDownloader({
    targetsOf: (url) => (own !== undefined && url.origin === named?.origin ? own : others),
    timeoutMs: TIMEOUT_MS,
    maxBytes: MAX_BYTES,
  })

  /** Whoever names an address means it: the addresses that its host has now are allowed, and later ones are not. */
  const prepare = async (): Promise<void> => {
    if (named === undefined || own !== undefined) return
    const host = named.hostname.replace(/^\[|\]$|\.$/g, '')
    const found = isIP(host) ? [] : await lookup(host, { all: true }).catch(() => [])
    const addresses = found.map(({ address }) => address).filter((address) => !address.includes('%'))
    own = targetsFor([...allowHosts, host, ...addresses])
  }

  const fresh = async (url: URL, place: RemotePlace): Promise<Downloaded> => {
    if (performance.now() - started > MAX_TOTAL_MS)
      throw new DownloadError(`reading has taken ${MAX_TOTAL_MS / 1000} seconds already`, true)
    const document = await downloader.read(url)
    if (place === 'part' && !allowRemoteRefs && document.url.origin !== url.origin)
      throw new DownloadError(
        `it redirects to ${shownAddress(document.url)}; allow it with --allow-remote-refs (option allowRemoteRefs)`,
        false,
      )
    left -= document.bytes.length
    if (left < 0)
      throw new DownloadError(
        `all documents together are larger than ${MAX_TOTAL_BYTES / 1024 / 1024} MB`,
        false,
      )
    await cache.keep(url, document, new Date()).catch((error: NodeJS.ErrnoException) => {
      onWarning(
        `${shownAddress(url)} cannot be kept in ${options.cacheFolder}: ${error.code ?? error.message}`,
      )
    })
    return document
  }

  return {
    async read(url, place) {
      try {
        if (place === 'elsewhere') return (await cache.find(url)) ?? (await fresh(url, place))
        await prepare()
        return await fresh(url, place)
      } catch (error) {
        if (!(error instanceof DownloadError)) throw error
        const copy = error.isPassing ? await cache.find(url) : undefined
        if (copy === undefined)
          throw new DocumentError('unreadable', `${shownAddress(url)}: ${error.message}`)
        onWarning(
          `${shownAddress(url)} cannot be read (${error.message}); the copy of ${copy.at.toISOString()} is served`,
        )
        return copy
      }
    },
    close: () => downloader.close(),
  }
}

/** @throws TypeError when an entry is no host name, address or network. */
function targetsFor(allow: readonly string[]): WebhookTargets {
  try {
    return createWebhookTargets({
      ...{ reach: 'public', allow, allowHttp: true },
      use: { subject: 'Documents', verb: 'read from' },
      advice: () => ALLOW_HOST,
    })
  } catch (error) {
    throw new TypeError(String((error as Error).message).replace(/^allow:/, 'allowRefHosts:'))
  }
}
