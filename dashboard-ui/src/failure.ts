// What went wrong between a page and its server, in words for people.

/** The server said no, or said nothing; the message is for people. */
export class ApiFailure extends Error {
  /** 0 when there was no answer at all. */
  readonly status: number

  constructor(status: number, message: string) {
    super(message)
    this.status = status
  }
}

/** The words for a failure of any kind. */
export const wordsFor = (error: unknown): string =>
  error instanceof ApiFailure ? error.message : 'Something went wrong in this page. Reload it.'
