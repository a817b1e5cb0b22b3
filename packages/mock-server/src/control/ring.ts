// A list that the first one leaves whenever another one comes: none of those between them moves.

export interface Ring<Entry> {
  size(): number
  add(entry: Entry): void
  /** By its place behind the first. */
  at(index: number): Entry | undefined
  takeFirst(): Entry | undefined
  latestFirst(): Entry[]
  clear(): void
}

/** @param most how many it holds, and one more until somebody takes the first. */
export function createRing<Entry>(most: number): Ring<Entry> {
  const length = most + 1
  let slots: (Entry | undefined)[] = []
  let first = 0
  let size = 0
  const at = (index: number): Entry | undefined =>
    index < 0 || index >= size ? undefined : slots[(first + index) % length]
  return {
    size: () => size,
    at,
    add(entry) {
      slots[(first + size) % length] = entry
      size++
    },
    takeFirst() {
      const entry = at(0)
      if (size === 0) return undefined
      slots[first] = undefined
      first = (first + 1) % length
      size--
      return entry
    },
    latestFirst() {
      const entries: Entry[] = []
      for (let index = size - 1; index >= 0; index--) {
        const entry = at(index)
        if (entry !== undefined) entries.push(entry)
      }
      return entries
    },
    clear() {
      slots = []
      first = 0
      size = 0
    },
  }
}
