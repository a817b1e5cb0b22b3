// How a delivery stands, as a coloured word.

import type { Delivery } from './data.js'

const CLASSES = { delivered: 'active', pending: 'ending', failed: 'revoked' } as const

export function DeliveryStatus({ delivery }: { readonly delivery: Delivery }) {
  const { status, attempt } = delivery
  return (
    <span class={`badge ${CLASSES[status]}`}>
      {status}
      {attempt > 1 && ` (${attempt})`}
    </span>
  )
}
