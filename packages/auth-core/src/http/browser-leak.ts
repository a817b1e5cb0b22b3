// Keys that browsers send: anyone who reads the page has them. They are reported and not refused, because a client may
// leave these headers out or invent them.

import type { ApiKey } from '../api-key.js'

/** A key that a browser sent. */
export interface BrowserLeak {
  readonly record: ApiKey
  /** The `Origin` of the page that sent it; null when the browser did not say. */
  readonly origin: string | null
}

/** Looks at an accepted request, and reports a leak if there is one. */
export type BrowserLeakWatch<Request> = (
  record: ApiKey,
  header: (name: string) => string | null | undefined,
  request: Request,
) => void

const MAX_KEYS = 10_000
const DAY_MS = 86_400_000

/**
 * Watches for keys of every environment but the sandbox. Each is reported once per day and process.
 *
 * A browser adds `Origin` or `Sec-Fetch-Site`. `Sec-Fetch-Mode` means nothing: the fetch of Node.js sends it too.
 */
export function createBrowserLeakWatch<Request>(
  report: (leak: BrowserLeak, request: Request) => void,
): BrowserLeakWatch<Request> {
  const reported = new Set<string>()
  let today = 0
  return (record, header, request) => {
    const origin = header('origin') ?? null
    if (origin === null && (header('sec-fetch-site') ?? null) === null) return
    if (record.environment === 'sandbox') return
    const day = Math.floor(Date.now() / DAY_MS)
    if (day !== today || reported.size >= MAX_KEYS) reported.clear()
    today = day
    if (reported.has(record.id)) return
    reported.add(record.id)
    report({ record, origin }, request)
  }
}
