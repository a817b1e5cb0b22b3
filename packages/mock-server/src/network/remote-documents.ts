// Documents by address: which hosts they may be read from, and when a copy on disk takes the place of the network.

import { lookup } from 'node:dns/promises'
import { isIP } from 'node:net'
import { createWebhookTargets, type WebhookTargets } from '@gosend/auth-core/webhooks'
import { DocumentError } from '../engine/document/document-error.js'
import { type ReadRemote, type RemotePlace, shownAddress } from '../engine/document/resources.js'
import { MAX_BYTES } from '../engine/document/tree.js'
import { createDocumentCache, digestOf, type KeptDocument } from './document-cache.js'
import {
  ALLOW_HOST,
  createDownloader,
  DownloadError,
  type Downloaded,
  type Downloader,
  type Validators,
} from './download.js'

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
  /** Whether what has been read from the document's own server is something else by now. */
  hasChanged(): Promise<boolean>
  /** How long to wait before that is asked again. */
  readonly pollMs: number
  close(): void
}

/** What was at an address when it was asked last. */
interface Known {
  readonly url: URL
  readonly digest: string
  readonly validators: Validators
}

const TIMEOUT_MS = 30_000
/** A server on this machine or in this network is somebody's own; others are asked no more than twice a minute. */
const [NEAR_POLL_MS, FAR_POLL_MS] = [1_000, 30_000]
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

  const known = createKnown(downloader)

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

  /** @throws DocumentError where no copy will do. */
  const copyInstead = async (url: URL, { message, isPassing }: DownloadError): Promise<KeptDocument> => {
    const copy = isPassing ? await cache.find(url) : undefined
    if (copy === undefined) throw new DocumentError('unreadable', `${shownAddress(url)}: ${message}`)
    onWarning(
      `${shownAddress(url)} cannot be read (${message}); the copy of ${copy.at.toISOString()} is served`,
    )
    return copy
  }

  /** What was kept of other addresses is not asked for again. */
  const readOwn = async (url: URL, place: RemotePlace): Promise<Downloaded> => {
    await prepare()
    const document = await fresh(url, place)
    known.note(url, document)
    return document
  }

  return {
    pollMs: named !== undefined && isNear(named) ? NEAR_POLL_MS : FAR_POLL_MS,
    hasChanged: known.hasChanged,
    async read(url, place) {
      try {
        if (place === 'elsewhere') return (await cache.find(url)) ?? (await fresh(url, place))
        return await readOwn(url, place)
      } catch (error) {
        if (!(error instanceof DownloadError)) throw error
        const copy = await copyInstead(url, error)
        if (place !== 'elsewhere') known.note(url, { url: copy.url, bytes: copy.bytes })
        return copy
      }
    },
    close: () => downloader.close(),
  }
}

/** What has been read, to be asked for again. */
function createKnown(downloader: Downloader) {
  const known = new Map<string, Known>()
  const note = (url: URL, { bytes, validators = {} }: Downloaded): void => {
    known.set(url.href, { url, digest: digestOf(bytes), validators })
  }
  const isChanged = async ({ url, digest, validators }: Known): Promise<boolean> => {
    const found = await downloader.readAgain(url, validators)
    if (found === undefined) return false
    note(url, found)
    return digestOf(found.bytes) !== digest
  }
  return {
    note,
    async hasChanged(): Promise<boolean> {
      let isOther = false
      // A server that does not answer may be about to start again.
      for (const one of known.values()) isOther = (await isChanged(one).catch(() => false)) || isOther
      return isOther
    },
  }
}

/** Whether a host is this machine, or at a private address. */
const isNear = ({ hostname }: URL): boolean =>
  /(^|\.)localhost$/.test(hostname) || targetsFor([]).refuse(new URL(`https://${hostname}`)) !== undefined

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
