// Notices: errors with a way to retry, and empty lists.

import type { ComponentChildren } from 'preact'
import { Icon, icons } from './icon.js'
import { useWords } from './words.js'

export interface NoticeProps {
  readonly tone: 'bad' | 'caution'
  readonly children: ComponentChildren
}

export function Notice({ tone, children }: NoticeProps) {
  return (
    <div class={`notice ${tone}`}>
      <Icon path={icons.warning} />
      <p>{children}</p>
    </div>
  )
}

export interface ProblemProps {
  readonly text: string
  readonly onRetry?: () => void
}

/** Screen readers speak it at once. */
export function Problem({ text, onRetry }: ProblemProps) {
  const { retry } = useWords()
  return (
    <div class="notice bad" role="alert">
      <Icon path={icons.warning} />
      <p>{text}</p>
      {onRetry && (
        <button type="button" class="button small" onClick={onRetry}>
          {retry}
        </button>
      )}
    </div>
  )
}

export interface EmptyProps {
  readonly icon: string
  readonly title: string
  readonly children?: ComponentChildren
}

export function Empty({ icon, title, children }: EmptyProps) {
  return (
    <div class="empty card">
      <Icon path={icon} />
      <h2>{title}</h2>
      {children}
    </div>
  )
}
