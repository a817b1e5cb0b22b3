// What went wrong between a page and its server, in words for people.

import type { Words } from './words.js'

/** The server said no, or said nothing; the message is for people. */
export class ApiFailure extends Error {
  /** 0 when there was no answer at all. */
  readonly status: number
  /** What the words of a page know the failure by: the server's code, or the status where that says enough. */
  readonly code: string

  /** @param message may be left out: the words for the status are said then. */
  constructor(status: number, message = '', code = String(status)) {
    super(message)
    this.status = status
    this.code = code
  }
}

/** The words for a failure of any kind. */
export function wordsFor(error: unknown, words: Words): string {
  if (!(error instanceof ApiFailure)) return words.broken
  const { status, message, code } = error
  if (message !== '') return words.failed?.(code, message) ?? message
  if (status === 0) return words.unreachable
  return status === 401 ? words.loggedOut : words.answered.replace('{status}', String(status))
}
