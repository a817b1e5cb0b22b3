// The parts of a multipart body as bytes (RFC 2046, section 5.1).

export interface Part {
  /** By their names in lower case. */
  readonly headers: ReadonlyMap<string, string>
  readonly content: Buffer
}

const [LF, CR, DASH, SPACE, TAB] = [0x0a, 0x0d, 0x2d, 0x20, 0x09]
const MAX_HEAD_BYTES = 16_384
const MAX_BOUNDARY_LENGTH = 70

/**
 * Undefined for bytes that are no such body.
 *
 * @param most how many parts are read; one more says that there are too many.
 */
export function partsIn(bytes: Buffer, boundary: string, most: number): readonly Part[] | undefined {
  const parts: Part[] = []
  let begin: number | undefined
  for (const { from, to } of delimitersIn(bytes, boundary)) {
    const isLast = bytes[to] === DASH && bytes[to + 1] === DASH
    const next = isLast ? to : lineAfter(bytes, to)
    // Only the beginning of a longer line.
    if (next === undefined) continue
    if (begin !== undefined) {
      const part = partOf(bytes.subarray(begin, Math.max(begin, from)))
      if (part === undefined) return undefined
      parts.push(part)
    }
    if (isLast || parts.length > most) return parts
    begin = next
  }
  return undefined
}

/** Where the delimiters are. The line break before one belongs to it. */
function* delimitersIn(
  bytes: Buffer,
  boundary: string,
): Generator<{ readonly from: number; readonly to: number }> {
  if (boundary === '' || boundary.length > MAX_BOUNDARY_LENGTH) return
  const line = Buffer.from(`\n--${boundary}`, 'latin1')
  if (bytes.subarray(0, line.length - 1).equals(line.subarray(1))) yield { from: 0, to: line.length - 1 }
  for (let at = bytes.indexOf(line); at >= 0; at = bytes.indexOf(line, at + 1))
    yield { from: bytes[at - 1] === CR ? at - 1 : at, to: at + line.length }
}

/** Where the line after a delimiter begins; undefined where something else follows it. */
function lineAfter(bytes: Buffer, from: number): number | undefined {
  let at = from
  while (bytes[at] === SPACE || bytes[at] === TAB) at++
  if (bytes[at] === CR) at++
  return bytes[at] === LF ? at + 1 : undefined
}

function partOf(bytes: Buffer): Part | undefined {
  const isBare = bytes[0] === LF || (bytes[0] === CR && bytes[1] === LF)
  if (isBare) return { headers: new Map(), content: decoded(bytes.subarray(bytes[0] === LF ? 1 : 2), '') }
  const head = bytes.toString('latin1', 0, MAX_HEAD_BYTES)
  const end = /\r?\n\r?\n/.exec(head)
  if (end === null) return undefined
  const headers = new Map<string, string>()
  // A line that begins with a space goes on with the one before.
  for (const line of head
    .slice(0, end.index)
    .replace(/\r?\n[ \t]+/g, ' ')
    .split('\n')) {
    const colon = line.indexOf(':')
    if (colon < 1) return undefined
    headers.set(line.slice(0, colon).trim().toLowerCase(), line.slice(colon + 1).trim())
  }
  const content = bytes.subarray(end.index + end[0].length)
  return { headers, content: decoded(content, headers.get('content-transfer-encoding') ?? '') }
}

/** Mail writes files in Base64 (RFC 2045, section 6). */
const decoded = (bytes: Buffer, encoding: string): Buffer =>
  encoding.toLowerCase() === 'base64' ? Buffer.from(bytes.toString('latin1'), 'base64') : bytes

/** The names that a part and its file have of their own: `Content-Disposition: form-data; name="photo"`. */
export function namesIn({ headers }: Part): {
  readonly part: string | undefined
  readonly file: string | undefined
} {
  const text = Buffer.from(headers.get('content-disposition') ?? '', 'latin1').toString()
  return { part: parameterIn(text, 'name'), file: parameterIn(text, 'filename') }
}

function parameterIn(text: string, name: string): string | undefined {
  const [, quoted, bare] = new RegExp(`;\\s*${name}=(?:"([^"]*)"|([^";\\s]+))`, 'i').exec(text) ?? []
  return quoted ?? bare
}
