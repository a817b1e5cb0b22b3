// How far a message has come, as a coloured word, and as the ticks that people know from their phones.

import type { Message } from './data.js'

const CLASSES: Readonly<Record<string, string>> = {
  queued: '',
  sent: 'tint-0',
  delivered: 'tint-0',
  read: 'active',
  failed: 'revoked',
  received: 'tint-live',
}

export function MessageStatus({ status }: { readonly status: Message['status'] }) {
  return <span class={`badge ${CLASSES[status] ?? ''}`}>{status}</span>
}

const TICKS: Readonly<Record<string, string>> = {
  queued: 'M12 8v4l2.5 1.5M12 19a7 7 0 1 1 0-14 7 7 0 0 1 0 14Z',
  sent: 'm6 12.5 4 4L18 8',
  delivered: 'm2 12.5 4 4L14 8m-3 7.5 1 1L20 8',
  read: 'm2 12.5 4 4L14 8m-3 7.5 1 1L20 8',
  failed: 'M12 7v6m0 3v.01',
}

export function Ticks({ status }: { readonly status: Message['status'] }) {
  const path = TICKS[status]
  if (path === undefined) return null
  return (
    <svg class={`icon ticks ${status}`} viewBox="0 0 24 24" role="img" aria-label={status}>
      <path d={path} />
    </svg>
  )
}
