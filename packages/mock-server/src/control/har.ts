// The journal as an HTTP Archive (HAR 1.2), which browsers and proxies open. Credentials stay hidden.

import { isJsonType } from '../engine/request/media-types.js'
import type { JournalEntry } from './wire.js'

export const harOf = (entries: readonly JournalEntry[], origin: string): object => ({
  log: {
    version: '1.2',
    creator: { name: 'gosend-mock', version: '1' },
    entries: entries.map((entry) => harEntryOf(entry, origin)),
  },
})

export function harEntryOf(entry: JournalEntry, origin: string): object {
  const { at, method, path, headers, bodyText, bodyBytes, status, responseHeaders, durationMs, reason } =
    entry
  const url = new URL(`${origin}${path}`)
  const mimeType = responseHeaders['content-type'] ?? ''
  return {
    startedDateTime: at,
    time: durationMs,
    request: {
      ...{ method, url: url.href, httpVersion: 'HTTP/1.1', cookies: [], headers: pairs(headers) },
      queryString: [...url.searchParams].map(([name, value]) => ({ name, value })),
      ...(bodyText === null ? {} : { postData: { mimeType: headers['content-type'] ?? '', text: bodyText } }),
      ...{ headersSize: -1, bodySize: bodyBytes ?? 0 },
    },
    response: {
      ...{ status, statusText: '', httpVersion: 'HTTP/1.1', cookies: [], headers: pairs(responseHeaders) },
      content: { ...contentOf(entry.responseBody, mimeType), mimeType },
      ...{ redirectURL: responseHeaders.location ?? '', headersSize: -1, bodySize: -1 },
    },
    cache: {},
    timings: { send: 0, wait: durationMs, receive: 0 },
    ...(reason === null ? {} : { comment: reason }),
  }
}

const pairs = (fields: Readonly<Record<string, string>>) =>
  Object.entries(fields).map(([name, value]) => ({ name, value }))

/** The text of a body; how long it was, where it is too long or no text. */
function contentOf(body: unknown, mimeType: string): { readonly size: number; readonly text?: string } {
  const [, bytes] = (typeof body === 'string' && /^\[(\d+) bytes\]$/.exec(body)) || []
  if (bytes !== undefined) return { size: Number(bytes) }
  const isText = typeof body === 'string' && !isJsonType(mimeType)
  const text = body === null ? '' : isText ? body : JSON.stringify(body)
  return { size: Buffer.byteLength(text), text }
}
