// A sentence about trouble, and one for when there is nothing to see.

import type { ComponentChildren } from 'preact'
import { Icon, type IconName } from './icon.js'

export function Problem({ text, onRetry }: { readonly text: string; readonly onRetry?: () => void }) {
  return (
    <div class="notice bad" role="alert">
      <Icon name="warning" />
      <p>{text}</p>
      {onRetry && (
        <button type="button" class="button small" onClick={onRetry}>
          Try again
        </button>
      )}
    </div>
  )
}

export interface EmptyProps {
  readonly icon: IconName
  readonly title: string
  readonly children?: ComponentChildren
}

export function Empty({ icon, title, children }: EmptyProps) {
  return (
    <div class="empty card">
      <Icon name={icon} />
      <h2>{title}</h2>
      {children}
    </div>
  )
}
