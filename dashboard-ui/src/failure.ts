// What went wrong between a page and its server, in words for people.

import type { Words } from './words.js'

/** The server said no, or said nothing; the message is for people. */
export class ApiFailure extends Error {
  /** 0 when there was no answer at all. */
  readonly status: number

  /** @param message may be left out: the words for the status are said then. */
  constructor(status: number, message = '') {
    super(message)
    this.status = status
  }
}

/** The words for a failure of any kind. */
export function wordsFor(error: unknown, words: Words): string {
  if (!(error instanceof ApiFailure)) return words.broken
  const { status, message } = error
  if (message !== '') return message
  if (status === 0) return words.unreachable
  return status === 401 ? words.loggedOut : words.answered.replace('{status}', String(status))
}
