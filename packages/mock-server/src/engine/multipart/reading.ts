// Reads multipart bodies as what their parts say: an object of named parts, or a list of parts in their order.

import { setMember } from '../json.js'
import { type Decoded, refused, type UploadedFile } from '../request/decoded.js'
import { bestMatch, type MediaRange, parseMediaType } from '../request/media-types.js'
import type { Violation } from '../request/violations.js'
import type { PartDescription, PartDescriptions } from './descriptions.js'
import { namesIn, type Part, partsIn } from './parts.js'

export const MAX_PARTS = 10_000
const MALFORMED = refused(400, 'Malformed multipart body')

export interface PartReading {
  /** How many parts there may still be, those within parts included. */
  readonly left: { parts: number }
  /** Reads the content of one part. */
  read(content: Buffer, sent: MediaRange, description: PartDescription): Decoded | Promise<Decoded>
}

export async function readParts(
  bytes: Buffer,
  sent: MediaRange,
  descriptions: PartDescriptions,
  { left, read }: PartReading,
): Promise<Decoded> {
  const parts = partsIn(bytes, sent.parameters.get('boundary') ?? '', left.parts)
  if (parts === undefined) return MALFORMED
  if (parts.length > left.parts) return refused(413, `The body has more than ${MAX_PARTS} parts`)
  left.parts -= parts.length
  const found: FoundPart[] = []
  for (const [index, part] of parts.entries()) {
    const one = await readPart(part, index, descriptions, read)
    if ('why' in one) return one
    found.push(one)
  }
  const value = descriptions.names === undefined ? found.map((part) => part.value) : objectOf(found)
  return {
    ...{ ok: true, value },
    files: found.flatMap(({ files }) => files),
    violations: found.flatMap(({ violations }) => violations),
  }
}

interface FoundPart {
  readonly name: string
  readonly value: unknown
  readonly files: readonly UploadedFile[]
  readonly violations: readonly Violation[]
}

async function readPart(
  part: Part,
  index: number,
  descriptions: PartDescriptions,
  read: PartReading['read'],
): Promise<FoundPart | (Decoded & { readonly ok: false })> {
  const { names } = descriptions
  const own = namesIn(part)
  const name = names === undefined ? String(index) : (own.part ?? names[index] ?? String(index))
  const description = names === undefined ? descriptions.at(index) : descriptions.named(name)
  const { type, violations } = typeOf(part, description)
  const decoded = await read(part.content, type, description)
  if (!decoded.ok) return inPart(index, decoded)
  return {
    ...{ name, value: decoded.value },
    files: (decoded.files ?? []).map((file) => ({ ...file, field: name, name: own.file ?? file.name })),
    violations: [...violations, ...(decoded.violations ?? [])].map((one) => ({
      ...one,
      location: `/${name}${one.location}`,
    })),
  }
}

const inPart = (
  index: number,
  { why }: Decoded & { readonly ok: false },
): Decoded & { readonly ok: false } => ({
  ok: false,
  why: { ...why, message: `Part ${index + 1}: ${why.message}` },
})

const TEXT: MediaRange = { type: 'text/plain', parameters: new Map() }

/** What a part is to be read as, and what is wrong with that. */
function typeOf(
  { headers }: Part,
  { types }: PartDescription,
): { readonly type: MediaRange; readonly violations: readonly Violation[] } {
  const sent = parseMediaType(headers.get('content-type') ?? '')
  const [first, ...others] = types
  if (sent === undefined) {
    const isOne = first !== undefined && others.length === 0 && !first.includes('*')
    return { type: (isOne ? parseMediaType(first) : undefined) ?? TEXT, violations: [] }
  }
  const fits =
    types.length === 0 ||
    bestMatch(
      types.map((type) => ({ type })),
      sent,
    ) !== undefined
  const message = `must be sent as ${types.join(' or ')}, and not as ${sent.type}`
  return { type: sent, violations: fits ? [] : [{ in: 'body', location: '', message }] }
}

/** Parts of one name are the items of a list. */
function objectOf(parts: readonly { readonly name: string; readonly value: unknown }[]): object {
  const all = new Map<string, unknown[]>()
  for (const { name, value } of parts) {
    const values = all.get(name)
    if (values === undefined) all.set(name, [value])
    else values.push(value)
  }
  const object = {}
  for (const [name, values] of all) setMember(object, name, values.length === 1 ? values[0] : values)
  return object
}
