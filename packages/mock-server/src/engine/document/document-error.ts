// Why a document cannot be served, and what is wrong with one that can.

export type DocumentErrorCode =
  | 'unreadable'
  | 'too_large'
  | 'syntax'
  | 'not_openapi'
  | 'overlay'
  | 'same_path'
  | 'guessed'

/** A document that cannot be served at all. The message is one line and names the file. */
export class DocumentError extends Error {
  override readonly name = 'DocumentError'
  constructor(
    readonly code: DocumentErrorCode,
    message: string,
  ) {
    super(message)
  }
}

/** A place where the document contradicts itself or cannot be followed. The server starts all the same. */
export interface Warning {
  /** JSON pointer into the document. */
  readonly pointer: string
  readonly message: string
}

export const firstLine = (text: string): string => (text.split('\n')[0] ?? '').replace(/:$/, '')
