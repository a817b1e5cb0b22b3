// How a request ended, as a coloured number.

import { outcomeOf } from './log.js'

const CLASSES = { good: 'active', refused: 'ending', failed: 'revoked' } as const

export function Status({ of: status }: { readonly of: number }) {
  return (
    <span class={`badge status-code ${CLASSES[outcomeOf(status)]}`}>{status === 0 ? 'none' : status}</span>
  )
}
