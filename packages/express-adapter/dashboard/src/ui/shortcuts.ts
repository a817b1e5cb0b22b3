// Single keys that do things. Off while somebody types or a dialog is open.

import { useEffect, useRef } from 'preact/hooks'

export type Shortcuts = Readonly<Record<string, () => void>>

const PAIR_MS = 1_000

/** @param shortcuts by key, or by two keys pressed one after the other, such as `g k`. */
export function useShortcuts(shortcuts: Shortcuts): void {
  const latest = useRef(shortcuts)
  latest.current = shortcuts

  useEffect(() => {
    let before: { key: string; at: number } | undefined
    const press = (event: KeyboardEvent) => {
      if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || isTyping(event.target))
        return
      const pair = before && event.timeStamp - before.at < PAIR_MS ? `${before.key} ${event.key}` : undefined
      before = { key: event.key, at: event.timeStamp }
      const run = (pair && latest.current[pair]) || latest.current[event.key]
      if (run === undefined) return
      event.preventDefault()
      before = undefined
      run()
    }
    addEventListener('keydown', press)
    return () => removeEventListener('keydown', press)
  }, [])
}

/** ⌘K or Ctrl+K, also while somebody types; not over another dialog, which has to be answered first. */
export function useCommandK(open: () => void): void {
  const latest = useRef(open)
  latest.current = open
  useEffect(() => {
    const press = (event: KeyboardEvent) => {
      const isCommand = (event.ctrlKey || event.metaKey) && !event.altKey && !event.shiftKey
      if (!isCommand || event.key.toLowerCase() !== 'k' || document.querySelector('dialog[open]') !== null)
        return
      event.preventDefault()
      latest.current()
    }
    addEventListener('keydown', press)
    return () => removeEventListener('keydown', press)
  }, [])
}

function isTyping(target: EventTarget | null): boolean {
  // A list of choices or a box to tick takes no letters that would be lost.
  const isField =
    target instanceof Element &&
    target.matches('input:not([type="checkbox"], [type="radio"]), textarea, [contenteditable]')
  return isField || document.querySelector('dialog[open]') !== null
}
