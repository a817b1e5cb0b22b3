// The buttons for what can be done with a key.

import { useTranslate } from '../locale.js'
import type { KeyAction } from './status.js'

export interface ActionButtonProps {
  readonly action: KeyAction
  readonly isSmall?: boolean
  /** The id of the element that says which key it is, where there are several. */
  readonly describedBy?: string
  readonly onClick: () => void
}

export function ActionButton({ action, isSmall = false, describedBy, onClick }: ActionButtonProps) {
  const t = useTranslate()
  return (
    <button
      type="button"
      class={`button${isSmall ? ' small' : ''}${action === 'revoke' ? ' danger-text' : ''}`}
      aria-describedby={describedBy}
      onClick={onClick}
    >
      {t(`action.${action}`)}
    </button>
  )
}
