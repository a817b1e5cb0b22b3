// What a JSON text holds, counted before it is parsed: a small text can become a value of a hundred times its size, and
// each name that is not like the others takes an engine as long as a hundred values.

export interface StructureLimits {
  readonly maxDepth: number
  /** Of objects, lists and scalars; each member of an object counts twice. */
  readonly maxValues: number
  /** Of different names of members, in all objects together. */
  readonly maxNames: number
}

export type Excess = keyof StructureLimits

const [QUOTE, BACKSLASH, COMMA, COLON] = [0x22, 0x5c, 0x2c, 0x3a]
const [OPEN_LIST, CLOSE_LIST, OPEN_OBJECT, CLOSE_OBJECT] = [0x5b, 0x5d, 0x7b, 0x7d]

/** Counts one text after the other, all of them together, and says which limit they exceed, if one. Reads each once. */
export type StructureCounter = (text: string) => Excess | undefined

/** It does not matter to a counter whether a text is JSON. */
export function createCounter({ maxDepth, maxValues, maxNames }: StructureLimits): StructureCounter {
  const names = createNames()
  let values = 0
  let depth = 0
  let hash = 0

  const count = (code: number): Excess | undefined => {
    switch (code) {
      case OPEN_LIST:
      case OPEN_OBJECT:
        values++
        if (++depth > maxDepth) return 'maxDepth'
        break
      case CLOSE_LIST:
      case CLOSE_OBJECT:
        // What closes more than it opens is no JSON, as its parser will say.
        depth = Math.max(0, depth - 1)
        break
      case COLON:
        values++
        if (names.add(hash) > maxNames) return 'maxNames'
        break
      case COMMA:
        values++
    }
    return values > maxValues ? 'maxValues' : undefined
  }
  /** Where a string ends that begins here. It may be the name of a member, so that it is hashed. */
  const endOfString = (text: string, start: number): number => {
    hash = 0
    let i = start
    for (; i < text.length; i++) {
      const code = text.charCodeAt(i)
      if (code === QUOTE) break
      if (code === BACKSLASH) i++
      hash = Math.imul(hash ^ code, 0x01000193)
    }
    return i
  }

  return (text) => {
    values++
    depth = 0
    hash = 0
    for (let i = 0; i < text.length; i++) {
      const code = text.charCodeAt(i)
      if (code === QUOTE) i = endOfString(text, i + 1)
      else {
        const excess = count(code)
        if (excess !== undefined) return excess
      }
    }
    return values > maxValues ? 'maxValues' : undefined
  }
}

const NAME_BITS = 20

/** Counts different names by a hash of them, some of which are the same by chance. */
function createNames() {
  const seen = new Uint8Array(2 ** NAME_BITS / 8)
  let count = 0
  return {
    /** How many there are now. */
    add(hash: number): number {
      const slot = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d) >>> (32 - NAME_BITS)
      const [index, bit] = [slot >>> 3, 1 << (slot & 7)]
      if (((seen[index] ?? 0) & bit) === 0) {
        seen[index] = (seen[index] ?? 0) | bit
        count++
      }
      return count
    },
  }
}
