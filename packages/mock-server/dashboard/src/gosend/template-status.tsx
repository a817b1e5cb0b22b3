// What Meta has decided on a template, as a coloured word.

import type { Template } from './data.js'

const CLASSES: Readonly<Record<string, string>> = {
  APPROVED: 'active',
  PENDING: 'ending',
  REJECTED: 'revoked',
  PAUSED: '',
}

export function TemplateStatus({ status }: { readonly status: Template['status'] }) {
  return <span class={`badge ${CLASSES[status] ?? ''}`}>{status.toLowerCase()}</span>
}
