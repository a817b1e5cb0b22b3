// Why requests were not served, in words for people.

import type { DashboardTranslate } from './locale.js'

const known = [
  ...['revoked', 'disabled', 'expired', 'idle', 'mismatch', 'wrong_environment', 'ip_not_allowed'],
  ...['missing_scope', 'project_inactive', 'rate_exceeded', 'project_rate_exceeded', 'owner_rate_exceeded'],
  ...['credits_exhausted', 'quota_exhausted'],
] as const

/** A reason that has no words here is shown as it is. */
export function reasonName(reason: string, t: DashboardTranslate): string {
  const name = known.find((one) => one === reason)
  return name === undefined ? reason.replaceAll('_', ' ') : t(`reason.${name}`)
}
