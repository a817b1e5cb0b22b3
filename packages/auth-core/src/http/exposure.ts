// Keys that turn up in browsers: whoever reads the page has them. Reported, never refused, since a header that a client
// may leave out or invent is no means of access control.

import type { ApiKey } from '../api-key.js'

/** A key that a browser sent. */
export interface Exposure {
  readonly record: ApiKey
  /** The page it was sent from, as `Origin` tells; null when the browser did not say. */
  readonly origin: string | null
}

/** Tells of an exposure, or of none, when a key has been accepted. */
export type ExposureWatch<Request> = (
  record: ApiKey,
  header: (name: string) => string | null | undefined,
  request: Request,
) => void

const MAXIMUM_KEYS = 10_000
const DAY_MS = 86_400_000

/**
 * Watches for keys of every environment but the sandbox. Each is reported once per day and process.
 *
 * A browser adds `Origin` or `Sec-Fetch-Site`. `Sec-Fetch-Mode` means nothing: the fetch of Node.js sends it too.
 */
export function createExposureWatch<Request>(
  report: (exposure: Exposure, request: Request) => void,
): ExposureWatch<Request> {
  const reported = new Set<string>()
  let today = 0
  return (record, header, request) => {
    const origin = header('origin') ?? null
    if (origin === null && (header('sec-fetch-site') ?? null) === null) return
    if (record.environment === 'sandbox') return
    const day = Math.floor(Date.now() / DAY_MS)
    if (day !== today || reported.size >= MAXIMUM_KEYS) reported.clear()
    today = day
    if (reported.has(record.id)) return
    reported.add(record.id)
    report({ record, origin }, request)
  }
}
