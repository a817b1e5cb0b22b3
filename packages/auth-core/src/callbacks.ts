// Functions of the host. Where an answer depends on one, its failure is an error that names it, and is never told as if something
// else had failed. Where none does, a warning names it.

import { isPromise } from './awaitable.js'
import { ApiKeysError } from './errors.js'

/** How it is told that somebody did not answer. */
export interface Fault {
  readonly code: 'store_unavailable' | 'callback_failed'
  readonly message: string
}

export const faultOf = (name: string): Fault => ({
  code: 'callback_failed',
  message: `${name}: the function that you passed failed; see cause`,
})

/** @param cause what was thrown. A store may say itself what has happened; what a function throws is about something else. */
export function failed({ code, message }: Fault, cause: unknown): ApiKeysError {
  const isTold = code === 'store_unavailable' && cause instanceof ApiKeysError
  return isTold ? cause : new ApiKeysError(code, message, { cause })
}

/** Asks a function of the host, which answers now or later. */
export function ask<T>(name: string, call: () => T): T {
  const rethrow = (cause: unknown): never => {
    throw failed(faultOf(name), cause)
  }
  try {
    const answer = call()
    return isPromise(answer) ? (answer.catch(rethrow) as T) : answer
  } catch (cause) {
    return rethrow(cause)
  }
}

/** A clock of the host. Were it to show no time, what has expired would not be older than that. */
export const clockOf = (now: () => number) => (): number => {
  const at = ask('now', now)
  if (Number.isFinite(at)) return at
  throw new ApiKeysError('callback_failed', 'now: must return milliseconds since the epoch')
}

/** Tells a function of the host, if there is one, which can neither delay nor break what it is told of. */
export function notify<Arguments extends readonly unknown[]>(
  name: string,
  hook: ((...told: Arguments) => unknown) | undefined,
  ...told: Arguments
): void {
  if (hook === undefined) return
  try {
    const result = hook(...told)
    if (isPromise(result)) result.then(undefined, (error) => warnOf(name, error))
  } catch (error) {
    warnOf(name, error)
  }
}

const warned = new Set<string>()

/** Once for each function, for it may fail at every request. */
function warnOf(name: string, error: unknown): void {
  if (warned.has(name)) return
  warned.add(name)
  const why = error instanceof Error ? error.message : String(error)
  process.emitWarning(`${name}: the function that you passed failed, which changes no answer: ${why}`, {
    type: 'ApiKeysWarning',
    code: 'CALLBACK_FAILED',
  })
}
