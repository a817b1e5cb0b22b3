// What can be done with all keys that are chosen.

import { Icon, useNow } from '@gosend/dashboard-ui'
import { useState } from 'preact/hooks'
import type { Key } from '../client.js'
import { useTexts } from '../locale.js'
import { icons } from '../ui/icons.js'
import { lazy } from '../ui/lazy.js'
import type { Selection } from './selection.js'
import { actionsOf, type BulkAction, bulkActions, statusOf } from './status.js'

const BulkDialog = lazy(async () => (await import('./bulk-dialog.js')).BulkDialog)

export interface SelectionBarProps {
  readonly projectId: string
  readonly selection: Selection
  readonly onChange: (changed: readonly Key[]) => void
}

export function SelectionBar({ projectId, selection, onChange }: SelectionBarProps) {
  const now = useNow()
  const t = useTexts()
  const [task, setTask] = useState<{ readonly action: BulkAction; readonly keys: readonly Key[] }>()
  const { keys } = selection
  return (
    <>
      {keys.length > 0 && (
        <div class="selection-bar" role="toolbar" aria-label={t('selection')}>
          <p role="status">{t('selected', { count: keys.length })}</p>
          {bulkActions.map((action) => {
            const fit = keys.filter((key) => actionsOf[statusOf(key, now)].includes(action))
            return (
              fit.length > 0 && (
                <button
                  key={action}
                  type="button"
                  class={`button small ${action === 'revoke' ? 'danger-text' : ''}`}
                  onClick={() => setTask({ action, keys: fit })}
                >
                  {t(`action.${action}`)}
                  {fit.length < keys.length && ` ${fit.length}`}
                </button>
              )
            )
          })}
          <button type="button" class="icon-button" aria-label={t('selectNone')} onClick={selection.clear}>
            <Icon path={icons.close} />
          </button>
        </div>
      )}
      {task && (
        <BulkDialog {...task} projectId={projectId} onChange={onChange} onClose={() => setTask(undefined)} />
      )}
    </>
  )
}
