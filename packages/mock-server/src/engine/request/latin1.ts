// The bytes of a body as Latin-1: the journal keeps them so, and where they are ASCII, they are the text that is read.

import { isAscii } from 'node:buffer'

/** Longer ones are not held any longer than they are needed. */
const MAX_HELD = 65_536

let latest: { readonly bytes: Buffer; readonly text: string } | undefined

export function latin1Of(bytes: Buffer): string {
  if (latest?.bytes === bytes) return latest.text
  const text = bytes.toString('latin1')
  if (bytes.length <= MAX_HELD) latest = { bytes, text }
  return text
}

/** The text of bytes that are ASCII; undefined where some are not. */
export const asciiOf = (bytes: Buffer): string | undefined => (isAscii(bytes) ? latin1Of(bytes) : undefined)
