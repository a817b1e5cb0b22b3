// Which keys of a list are chosen, to do the same with all of them.

import { useMemo, useRef, useState } from 'preact/hooks'
import type { Key } from '../client.js'

export interface Selection {
  /** Those that are chosen, as they are now. What is no longer in the list is not chosen either. */
  readonly keys: readonly Key[]
  has(id: string): boolean
  /** Chooses a key, or no longer; with `isRange` all from the one before to this. */
  toggle(id: string, isRange: boolean): void
  /** All that are loaded, or none. */
  toggleAll(): void
  clear(): void
}

export function useSelection(listed: readonly Key[]): Selection {
  const [ids, setIds] = useState<ReadonlySet<string>>(new Set())
  const before = useRef<string>(undefined)
  const keys = useMemo(() => listed.filter(({ id }) => ids.has(id)), [listed, ids])
  return {
    keys,
    has: (id) => ids.has(id),
    toggle(id, isRange) {
      const place = (one: string | undefined) => listed.findIndex(({ id }) => id === one)
      const [from, to] = [place(before.current), place(id)].sort((a, b) => a - b)
      const isWhole = isRange && from !== undefined && from >= 0 && to !== undefined
      const range = isWhole ? listed.slice(from, to + 1).map((key) => key.id) : [id]
      const next = new Set(keys.map((key) => key.id))
      const isChosen = ids.has(id)
      for (const one of range) {
        if (isChosen) next.delete(one)
        else next.add(one)
      }
      before.current = id
      setIds(next)
    },
    toggleAll: () => setIds(new Set(keys.length === listed.length ? [] : listed.map(({ id }) => id))),
    clear: () => setIds(new Set()),
  }
}
