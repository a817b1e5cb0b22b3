// Single keys that do things, and the dialog that lists them. Off while somebody types or a dialog is open.

import { Dialog } from '@gosend/dashboard-ui'
import { useEffect, useRef } from 'preact/hooks'
import type { DashboardPage } from '../../../src/dashboard/page.js'
import { isThere } from '../navigation.js'

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

const help: readonly (readonly [keys: string, meaning: string, section?: string])[] = [
  ['c', 'Create a key'],
  ['/', 'Search'],
  ['j k', 'Next and previous key'],
  ['o', 'Open the selected key'],
  ['x', 'Choose it, to change several'],
  ['g k', 'Go to API keys'],
  ['g u', 'Go to usage', 'usage'],
  ['g v', 'Go to checking a key'],
  ['g a', 'Go to activity'],
  ['g s', 'Go to settings', 'settings'],
  ['Ctrl K', 'Go to a view, a project or a key'],
  ['Esc', 'Close a dialog'],
  ['?', 'Show this list'],
]

export interface ShortcutHelpProps {
  /** Those that were added. */
  readonly pages: readonly DashboardPage[]
  readonly onClose: () => void
}

export function ShortcutHelp({ pages, onClose }: ShortcutHelpProps) {
  const added = pages.flatMap(({ title, shortcut }) =>
    shortcut === undefined ? [] : [[`g ${shortcut}`, `Go to ${title.toLowerCase()}`] as const],
  )
  return (
    <Dialog title="Keyboard shortcuts" onClose={onClose}>
      <dl class="shortcuts">
        {[...help.filter(([, , section]) => isThere(section ?? '')), ...added].map(([keys, meaning]) => (
          <div key={keys}>
            <dt>
              {keys.split(' ').map((key) => (
                <kbd key={key}>{key}</kbd>
              ))}
            </dt>
            <dd>{meaning}</dd>
          </div>
        ))}
      </dl>
    </Dialog>
  )
}
