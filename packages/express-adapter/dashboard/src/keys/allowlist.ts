// IP allowlists as people type them, checked while they type. The API has the last word, with the same rules.

import { type Translate, translateToEnglish } from '../locale.js'

export interface AllowlistDraft {
  readonly entries: readonly string[]
  /** One sentence for each line that is no address or block. */
  readonly problems: readonly string[]
}

const MAX_ENTRIES = 1_000

/** Reads one entry a line; commas and spaces separate, too. */
export function readAllowlist(text: string, t: Translate = translateToEnglish): AllowlistDraft {
  const entries = [...new Set(text.split(/[\s,]+/).filter((entry) => entry !== ''))]
  const problems = entries.flatMap((entry) => problemWith(entry, t) ?? [])
  if (entries.length > MAX_ENTRIES)
    problems.push(t('addressesTooMany', { count: entries.length, max: MAX_ENTRIES }))
  return { entries, problems }
}

function problemWith(entry: string, t: Translate): string | undefined {
  const [text = '', length, ...rest] = entry.split('/')
  const groups = groupsOf(text)
  if (
    groups === undefined ||
    rest.length > 0 ||
    (length !== undefined && !/^(?:0|[1-9]\d{0,2})$/.test(length))
  ) {
    return t('addressWrong', { entry })
  }
  const { value, width } = groups
  if (width === 128 && value >> 32n === 0xffffn) return t('addressMapped', { entry })
  const bits = length === undefined ? width : Number(length)
  if (bits > width) return t('addressPrefix', { entry, bits: width })
  const hostBits = BigInt(width - bits)
  const network = (value >> hostBits) << hostBits
  if (network === value) return undefined
  if (width === 128) return t('addressHostBits', { entry })
  return t('addressMeant', { entry, meant: `${inOctets(network)}/${bits}` })
}

/** The address as a number, or undefined when it is none in its usual notation. */
function groupsOf(text: string): { readonly value: bigint; readonly width: 32 | 128 } | undefined {
  const octets = text.split('.')
  if (
    octets.length === 4 &&
    octets.every((octet) => /^(?:0|[1-9]\d{0,2})$/.test(octet) && Number(octet) < 256)
  ) {
    return { value: join(octets.map(Number), 8n), width: 32 }
  }
  if (!/^[0-9a-f:.]+$/i.test(text) || !text.includes(':') || !URL.canParse(`http://[${text}]`))
    return undefined
  // The browser's own parser writes an address in its shortest form, in hexadecimal groups only.
  const [head = '', tail] = new URL(`http://[${text}]`).hostname.slice(1, -1).split('::')
  const read = (part: string) =>
    part === '' ? [] : part.split(':').map((group) => Number.parseInt(group, 16))
  const before = read(head)
  const after = read(tail ?? '')
  const zeros = new Array<number>(8 - before.length - after.length).fill(0)
  return { value: join([...before, ...zeros, ...after], 16n), width: 128 }
}

const join = (parts: readonly number[], bits: bigint) =>
  parts.reduce((sum, part) => (sum << bits) | BigInt(part), 0n)

const inOctets = (address: bigint) => [24n, 16n, 8n, 0n].map((shift) => (address >> shift) & 255n).join('.')
