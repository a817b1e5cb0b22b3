// Finds credentials in any text, however they are written there: as they are, percent-encoded, escaped as in JSON or
// HTML, encoded so more than once, or in Base64.

/** Puts something in the place of every credential in a text. */
export type SecretFilter = (text: string) => string

export const REDACTED = '[redacted]'
/** Keys and admin keys of any mock, and what its authorization server issues besides tokens. */
const KEY = 'gsk_[a-z]+_[0-9a-z]{48,}'
/** Signed tokens, whoever issued them. They begin where a run of such letters does, so that no text is read twice. */
const JWT = '(?<![\\w-])eyJ[\\w-]{8,}\\.[\\w-]{8,}\\.[\\w-]{16,}'
/** Characters of the shortest of them; keys are longer. */
const JWT_LENGTH = 37
/** One character that is written as something else: `%5F`, `\u005f`, `\x5f`, `&#x5f;`, `&#95;`. */
const ENCODED =
  /%([0-9a-f]{2})|\\u([0-9a-f]{4})|\\u\{([0-9a-f]{1,6})\}|\\x([0-9a-f]{2})|&#x([0-9a-f]{1,6});|&#([0-9]{1,7});/gi
/** What somebody encodes more often is no mistake any more. */
const MAX_ROUNDS = 3
/** Shorter credentials would hide half of what is shown. */
const MIN_SECRET_LENGTH = 8
/** Characters of the shortest key in Base64. */
const KEY_RUN = 72
const ANY_ENCODED = /%[0-9a-f]{2}|\\[ux]|&#/i

/** A text, and where each of its characters stands in the one that it was decoded from. */
interface Decoded {
  readonly text: string
  readonly places: readonly Place[] | undefined
}

interface Place {
  readonly start: number
  readonly end: number
}

/** @param known credentials besides keys. */
export function createSecretFilter(known: readonly string[]): SecretFilter {
  const secrets = [...new Set(known)].filter((secret) => secret.length >= MIN_SECRET_LENGTH)
  const escaped = secrets.map((secret) => secret.replace(/\W/g, '\\$&'))
  const pattern = new RegExp([KEY, JWT, ...escaped].join('|'), 'gi')
  // A secret in Base64 has at least four characters for each three of its own, whatever surrounds it there.
  const shortest = secrets.reduce(
    (least, { length }) => Math.min(least, Math.ceil((length * 4) / 3)),
    KEY_RUN,
  )
  const base64 = new RegExp(`[A-Za-z0-9+/_-]{${shortest},}={0,2}`, 'g')
  const holdsOne = (text: string): boolean => text.search(pattern) >= 0
  const least = secrets.reduce((least, { length }) => Math.min(least, length), JWT_LENGTH)
  /** Most texts hold nothing that could be one, and most lines of a log are too short for it. */
  const isHarmless = (text: string): boolean =>
    text.length < least ||
    (!holdsOne(text) && !ANY_ENCODED.test(text) && (text.length < shortest || text.search(base64) < 0))

  /** Where credentials are in a text, after `round` times of decoding. */
  const placesIn = (whole: string, round: number): readonly Place[] => {
    const found: Place[] = []
    let decoded: Decoded | undefined = { text: whole, places: undefined }
    for (let at = round; decoded !== undefined; at++) {
      const { text, places }: Decoded = decoded
      const runs = at < MAX_ROUNDS ? [...text.matchAll(base64)] : []
      const hidden = runs.filter(([run]) => readings(run).some((one) => isIn(one, at + 1)))
      for (const { start, end } of [...text.matchAll(pattern), ...hidden].map(placeOf))
        found.push(places === undefined ? { start, end } : spanOf(places, start, end))
      decoded = at < MAX_ROUNDS ? decode(decoded) : undefined
    }
    return found
  }
  const isIn = (text: string, round: number): boolean =>
    !isHarmless(text) && (holdsOne(text) || placesIn(text, round).length > 0)

  return (text) => {
    const found = isHarmless(text) ? [] : placesIn(text, 0)
    return found.length === 0 ? text : without(text, found)
  }
}

const placeOf = (match: RegExpExecArray): Place => ({
  start: match.index,
  end: match.index + match[0].length,
})

const spanOf = (places: readonly Place[], start: number, end: number): Place => ({
  start: places[start]?.start ?? 0,
  end: places[end - 1]?.end ?? 0,
})

/** What a run of Base64 may say: it is not known where in it the first of four characters is. */
const readings = (run: string): readonly string[] =>
  [0, 1, 2, 3].map((offset) => Buffer.from(run.slice(offset), 'base64').toString('latin1'))

/** Undefined when nothing in it is encoded. */
function decode({ text, places }: Decoded): Decoded | undefined {
  const matches = [...text.matchAll(ENCODED)]
  if (matches.length === 0) return undefined
  let decoded = ''
  const found: Place[] = []
  const copy = (from: number, to: number) => {
    decoded += text.slice(from, to)
    for (let i = from; i < to; i++) found.push(places?.[i] ?? { start: i, end: i + 1 })
  }
  let at = 0
  for (const match of matches) {
    copy(at, match.index)
    at = match.index + match[0].length
    const [, percent, unicode, braced, byte, hex, decimal] = match
    const point =
      decimal === undefined
        ? Number.parseInt(percent ?? unicode ?? braced ?? byte ?? hex ?? '', 16)
        : Number(decimal)
    // What is no ASCII is in no credential.
    decoded += point < 128 ? String.fromCharCode(point) : '\u{fffd}'
    found.push(places === undefined ? placeOf(match) : spanOf(places, match.index, at))
  }
  copy(at, text.length)
  return { text: decoded, places: found }
}

function without(text: string, places: readonly Place[]): string {
  let shown = ''
  let at = 0
  for (const { start, end } of [...places].sort((a, b) => a.start - b.start)) {
    if (start >= at) shown += text.slice(at, start) + REDACTED
    at = Math.max(at, end)
  }
  return shown + text.slice(at)
}
