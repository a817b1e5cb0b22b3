// A sentence about trouble, with a way out.

import type { ComponentChildren } from 'preact'
import { Icon } from './icon.js'

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

export function Warning({ children }: { readonly children: ComponentChildren }) {
  return (
    <div class="notice caution">
      <Icon name="warning" />
      <p>{children}</p>
    </div>
  )
}
