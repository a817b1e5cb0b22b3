// `gosend-mock wait URL`: until something answers at an address, for scripts and the health checks of containers.

import { type IncomingMessage, request as requestPlain } from 'node:http'
import { request as requestSecure } from 'node:https'
import { setTimeout as sleep } from 'node:timers/promises'

const PAUSE_MS = 100
const MAX_ATTEMPT_MS = 5_000

/**
 * Asks until there is an answer below 500. What is answered does not matter, so certificates are not checked.
 *
 * @param now the time in milliseconds.
 * @returns undefined, or why there was none in time.
 */
export async function waitFor(
  url: string,
  timeoutMs: number,
  now: () => number = () => performance.now(),
): Promise<string | undefined> {
  const end = now() + timeoutMs
  let reason: string | undefined
  do {
    const result = await attempt(url, Math.min(MAX_ATTEMPT_MS, Math.max(1, end - now())))
    if (typeof result === 'number' && result < 500) return undefined
    // The last attempt has little time left, and would hide what was wrong before.
    if (result !== undefined) reason = typeof result === 'number' ? `it answers ${result}` : result
    await sleep(PAUSE_MS)
  } while (now() < end)
  return reason ?? 'no answer'
}

/** A status, what went wrong, or undefined when there was no answer in time. */
function attempt(url: string, timeoutMs: number): Promise<number | string | undefined> {
  const options = {
    signal: AbortSignal.timeout(Math.ceil(timeoutMs)),
    agent: false,
    rejectUnauthorized: false,
  }
  return new Promise((resolve) => {
    const answered = (response: IncomingMessage) => {
      response.resume()
      resolve(response.statusCode ?? 0)
    }
    const sent = url.startsWith('https:')
      ? requestSecure(url, options, answered)
      : requestPlain(url, options, answered)
    sent.on('error', (error: NodeJS.ErrnoException) =>
      resolve(error.name === 'AbortError' ? undefined : (error.code ?? error.message)),
    )
    sent.end()
  })
}
