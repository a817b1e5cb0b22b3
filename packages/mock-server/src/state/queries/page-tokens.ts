// The tokens that lists give for their pages.

interface Token {
  readonly offset: number
  readonly lastId: string
}

const TOKEN = /^p([0-9a-z]+)_([\w-]*)$/

/** Opaque to clients: where the next page begins, and after which entry. */
export const writeToken = ({ offset, lastId }: Token): string =>
  `p${offset.toString(36)}_${Buffer.from(lastId).toString('base64url')}`

export function readToken(text: string): Token | undefined {
  const match = TOKEN.exec(text)
  if (match === null) return undefined
  const offset = Number.parseInt(match[1] ?? '', 36)
  return Number.isSafeInteger(offset)
    ? { offset, lastId: Buffer.from(match[2] ?? '', 'base64url').toString() }
    : undefined
}
