// Reads JSON, after counting what it holds where it is long enough to hold much.

import { nestsAtMost } from '../json.js'
import { type Decoded, refused } from './decoded.js'
import type { UnreadableBody } from './reading.js'
import { createCounter, type Excess, type StructureLimits } from './structure.js'

export interface JsonReader {
  readonly limits: StructureLimits
  read(text: string): Decoded
  /** Reads several texts, and counts what all of them hold together. */
  together(): (text: string) => Decoded
}

export const MAX_JSON_DEPTH = 100
/** Shorter texts have no room for more levels: each takes a bracket at its beginning and one at its end. */
const SHALLOW_LENGTH = 2 * MAX_JSON_DEPTH
/** Shorter texts hold too little to be counted. */
const MAX_UNCOUNTED_LENGTH = 16_384
/** The least that a value takes in a body that is no bomb, on the average. */
const BYTES_PER_VALUE = 10
/** The same for a name of a member that is unlike the others. */
const BYTES_PER_NAME = 200

const NOT_JSON = refused(400, 'The body is not valid JSON')

const tooMany = (number: number, what: string): UnreadableBody => ({
  status: 413,
  message: `The body holds more than ${number} ${what}; a larger --max-body (maxBodyBytes) allows more`,
})

export function createJsonReader(maxBytes: number): JsonReader {
  const limits = {
    maxDepth: MAX_JSON_DEPTH,
    maxValues: Math.ceil(maxBytes / BYTES_PER_VALUE),
    maxNames: Math.ceil(maxBytes / BYTES_PER_NAME),
  }
  const excesses: Readonly<Record<Excess, UnreadableBody>> = {
    maxDepth: { status: 400, message: `The body nests deeper than ${MAX_JSON_DEPTH} levels` },
    maxValues: tooMany(limits.maxValues, 'values'),
    maxNames: tooMany(limits.maxNames, 'different names'),
  }
  const together = () => {
    const count = createCounter(limits)
    return (text: string): Decoded => {
      const excess = count(text)
      return excess === undefined ? parse(text) : { ok: false, why: excesses[excess] }
    }
  }
  return {
    limits,
    together,
    read(text) {
      if (text.length > MAX_UNCOUNTED_LENGTH) return together()(text)
      const found = parse(text)
      return !found.ok || text.length <= SHALLOW_LENGTH || nestsAtMost(found.value, MAX_JSON_DEPTH)
        ? found
        : { ok: false, why: excesses.maxDepth }
    },
  }
}

function parse(text: string): Decoded {
  try {
    return { ok: true, value: JSON.parse(text) as unknown }
  } catch {
    return NOT_JSON
  }
}
