// The journal as an HTTP Archive (HAR 1.2), which browsers and proxies open. Credentials stay hidden.

import type { JournalEntry } from './wire.js'

export const harOf = (entries: readonly JournalEntry[], origin: string): object => ({
  log: {
    version: '1.2',
    creator: { name: 'gosend-mock', version: '1' },
    entries: entries.map((entry) => harEntryOf(entry, origin)),
  },
})

function harEntryOf(entry: JournalEntry, origin: string): object {
  const { at, method, path, headers, bodyText, bodyBytes, status, responseHeaders, durationMs, reason } =
    entry
  const url = new URL(`${origin}${path}`)
  const answer = bodyOf(entry.responseBody)
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
      content: {
        size: Buffer.byteLength(answer),
        mimeType: responseHeaders['content-type'] ?? '',
        text: answer,
      },
      ...{ redirectURL: responseHeaders.location ?? '', headersSize: -1, bodySize: -1 },
    },
    cache: {},
    timings: { send: 0, wait: durationMs, receive: 0 },
    ...(reason === null ? {} : { comment: reason }),
  }
}

const pairs = (fields: Readonly<Record<string, string>>) =>
  Object.entries(fields).map(([name, value]) => ({ name, value }))

const bodyOf = (body: unknown): string =>
  body === null ? '' : typeof body === 'string' ? body : JSON.stringify(body)
