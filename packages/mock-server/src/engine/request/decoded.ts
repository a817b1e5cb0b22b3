// What the bytes of a body are read as.

import type { UnreadableBody } from './reading.js'
import type { Violation } from './violations.js'

/** A file of a form, or a body that is one. */
export interface UploadedFile {
  /** The field of the form; empty for a body that is nothing but the file. */
  readonly field: string
  readonly name: string | undefined
  readonly type: string | undefined
  /** Its bytes as Latin-1, as they stand in the decoded value. */
  readonly content: string
}

export type Decoded =
  | {
      readonly ok: true
      readonly value: unknown
      readonly files?: readonly UploadedFile[]
      /** What is wrong with how it was sent, whatever it says. */
      readonly violations?: readonly Violation[]
    }
  | { readonly ok: false; readonly why: UnreadableBody }

export const refused = (status: UnreadableBody['status'], message: string): Decoded => ({
  ok: false,
  why: { status, message },
})
