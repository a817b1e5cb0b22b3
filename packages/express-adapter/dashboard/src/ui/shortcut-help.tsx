// The dialog that lists the shortcuts.

import { Dialog } from '@gosend/dashboard-ui'
import type { DashboardPage } from '../../../src/dashboard/page.js'
import { useTexts } from '../locale.js'
import { isThere } from '../navigation.js'

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
