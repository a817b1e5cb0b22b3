// Single keys that do things, and the dialog that lists them. Off while somebody types or a dialog is open.

import { Dialog } from '@gosend/dashboard-ui'
import { useEffect, useRef } from 'preact/hooks'
import type { DashboardPage } from '../../../src/dashboard/page.js'
import { useTexts } from '../locale.js'
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

/** Those that lead to a view have its name. */
const help = [
  ['c', 'shortcut.create'],
  ['/', 'shortcut.search'],
  ['j k', 'shortcut.step'],
  ['o', 'shortcut.open'],
  ['x', 'shortcut.choose'],
  ['g k', 'keys'],
  ['g u', 'usage'],
  ['g v', 'check'],
  ['g a', 'activity'],
  ['g s', 'settings'],
  ['Ctrl K', 'shortcut.goTo'],
  ['Esc', 'shortcut.closeDialog'],
  ['?', 'shortcut.help'],
] as const

export interface ShortcutHelpProps {
  /** Those that were added. */
  readonly pages: readonly DashboardPage[]
  readonly onClose: () => void
}

export function ShortcutHelp({ pages, onClose }: ShortcutHelpProps) {
  const t = useTexts()
  const own = help
    .filter(([, name]) => isThere(name))
    .map(
      ([keys, name]) =>
        [keys, keys.startsWith('g ') ? t('shortcut.view', { view: t(name) }) : t(name)] as const,
    )
  const added = pages.flatMap(({ title, shortcut }) =>
    shortcut === undefined ? [] : [[`g ${shortcut}`, t('shortcut.view', { view: title })] as const],
  )
  return (
    <Dialog title={t('shortcutsTitle')} onClose={onClose}>
      <dl class="shortcuts">
        {[...own, ...added].map(([keys, meaning]) => (
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
