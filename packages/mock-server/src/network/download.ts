// Reads what is at an address: with limits on time, size and redirects, and no farther than the rules for targets let it.

import { Agent as HttpAgent, type IncomingMessage, request as requestByHttp } from 'node:http'
import { Agent as HttpsAgent, request as requestByHttps } from 'node:https'
import type { WebhookTargets } from '@gosend/auth-core/webhooks'
import { shownAddress } from '../engine/document/resources.js'

export interface DownloadOptions {
  /** Which addresses may be reached from an origin. Asked again after each redirect. */
  readonly targetsOf: (url: URL) => WebhookTargets
  readonly timeoutMs: number
  readonly maxBytes: number
}

/** What a server says of the state of what it has sent (RFC 9110, section 8.8). */
export interface Validators {
  readonly etag?: string | undefined
  readonly modified?: string | undefined
}

export interface Downloaded {
  /** The address after all redirects. */
  readonly url: URL
  readonly bytes: Buffer
  readonly validators?: Validators | undefined
}

/** Why an address could not be read. The message names no secret. */
export class DownloadError extends Error {
  constructor(
    message: string,
    /** Whether it may be read later: a copy will do until then. */
    readonly isPassing: boolean,
  ) {
    super(message)
  }
}

export interface Downloader {
  /** @throws DownloadError when it cannot be read. */
  read(url: URL): Promise<Downloaded>
  /** The same, or undefined where the server says that nothing has changed. */
  readAgain(url: URL, known: Validators): Promise<Downloaded | undefined>
  /** Closes connections that are kept open between reads. */
  close(): void
}

const MAX_REDIRECTS = 5
const MAX_CONNECTIONS = 8
const ACCEPT =
  'application/openapi+yaml, application/openapi+json, application/yaml, application/json, */*;q=0.5'

export function createDownloader(options: DownloadOptions): Downloader {
  const { targetsOf, timeoutMs } = options
  const kept = { keepAlive: true, maxSockets: MAX_CONNECTIONS }
  const ways = {
    'http:': { request: requestByHttp, agent: new HttpAgent(kept) },
    'https:': { request: requestByHttps, agent: new HttpsAgent(kept) },
  } as const

  const open = (url: URL, signal: AbortSignal, known: Validators): Promise<IncomingMessage> => {
    const targets = targetsOf(url)
    const refused = targets.refuse(url)
    if (refused !== undefined) return Promise.reject(new DownloadError(refused, false))
    const { request, agent } = url.protocol === 'https:' ? ways['https:'] : ways['http:']
    const { username, password } = url
    return new Promise((resolve, reject) => {
      const sent = request({
        ...{ agent, signal, lookup: targets.lookup },
        hostname: url.hostname.replace(/^\[|\]$/g, ''),
        port: url.port,
        path: `${url.pathname}${url.search}`,
        auth: username === '' ? undefined : `${decoded(username)}:${decoded(password)}`,
        headers: {
          ...{ accept: ACCEPT, 'accept-encoding': 'identity', 'user-agent': 'gosend-mock' },
          ...(known.etag === undefined ? {} : { 'if-none-match': known.etag }),
          ...(known.modified === undefined ? {} : { 'if-modified-since': known.modified }),
        },
      })
      sent.on('response', resolve)
      sent.on('error', reject)
      sent.end()
    })
  }

  const readAgain = async (start: URL, known: Validators): Promise<Downloaded | undefined> => {
    const signal = AbortSignal.timeout(timeoutMs)
    let url = start
    try {
      for (let hops = 0; hops <= MAX_REDIRECTS; hops++) {
        const response = await open(url, signal, known)
        const next = redirectOf(response, url)
        if (next === undefined) return await receivedFrom(response, url, known, options.maxBytes)
        response.destroy()
        url = next
      }
    } catch (error) {
      throw signal.aborted
        ? new DownloadError(`no answer within ${timeoutMs / 1000} seconds`, true)
        : asDownloadError(error)
    }
    throw new DownloadError(`more than ${MAX_REDIRECTS} redirects`, false)
  }

  return {
    readAgain,
    async read(url) {
      const found = await readAgain(url, {})
      if (found === undefined) throw new DownloadError('the answer has status 304', false)
      return found
    },
    close() {
      for (const { agent } of Object.values(ways)) agent.destroy()
    },
  }
}

/** Where a redirect leads; undefined for an answer that is none. */
function redirectOf({ statusCode = 0, headers }: IncomingMessage, url: URL): URL | undefined {
  if (![301, 302, 303, 307, 308].includes(statusCode)) return undefined
  const { location = '' } = headers
  if (!URL.canParse(location, url.href)) throw new DownloadError('a redirect to no address', false)
  const next = new URL(location, url)
  next.hash = ''
  // What was sent to one origin in confidence is none of another one's business.
  if (next.origin !== url.origin) Object.assign(next, { username: '', password: '' })
  if (url.protocol === 'https:' && next.protocol === 'http:')
    throw new DownloadError(`a redirect from https to ${shownAddress(next)}`, false)
  return next
}

async function receivedFrom(
  response: IncomingMessage,
  url: URL,
  known: Validators,
  maxBytes: number,
): Promise<Downloaded | undefined> {
  if (response.statusCode === 304 && (known.etag ?? known.modified) !== undefined) {
    response.resume()
    return undefined
  }
  const { etag, 'last-modified': modified } = response.headers
  return { url, bytes: await bytesOf(response, maxBytes), validators: { etag, modified } }
}

async function bytesOf(response: IncomingMessage, maxBytes: number): Promise<Buffer> {
  const { statusCode = 0, headers } = response
  const refuse = (message: string, isPassing = false): DownloadError => {
    response.destroy()
    return new DownloadError(message, isPassing)
  }
  if (statusCode !== 200)
    throw refuse(`the answer has status ${statusCode}`, statusCode >= 500 || statusCode === 429)
  const { 'content-encoding': encoding = 'identity' } = headers
  if (encoding !== 'identity') throw refuse(`the answer is compressed with ${JSON.stringify(encoding)}`)
  const tooLarge = `larger than ${maxBytes / 1024 / 1024} MB`
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of response as AsyncIterable<Buffer>) {
    size += chunk.length
    if (size > maxBytes) throw refuse(tooLarge)
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}

const PHRASES: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'the connection was refused',
  ECONNRESET: 'the connection was closed before there was an answer',
  ENOTFOUND: 'the host name is not known',
  EAI_AGAIN: 'the host name could not be resolved',
}

function asDownloadError(error: unknown): DownloadError {
  if (error instanceof DownloadError) return error
  const { code = 'unknown', message } = error as NodeJS.ErrnoException
  if (code === 'TARGET_REFUSED') return new DownloadError(`${message}; ${ALLOW_HOST}`, false)
  return new DownloadError(PHRASES[code] ?? `it could not be reached (${code})`, true)
}

/** What the user can do about an address that may not be reached. */
export const ALLOW_HOST = 'allow its address with --allow-ref-host (option allowRefHosts)'

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
