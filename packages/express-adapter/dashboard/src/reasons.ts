// Why requests were not served, in words for people.

const NAMES: Readonly<Record<string, string>> = {
  revoked: 'revoked key',
  disabled: 'disabled key',
  expired: 'expired key',
  mismatch: 'wrong secret',
  wrong_environment: 'key of another environment',
  ip_not_allowed: 'address not on the allowlist',
  missing_scope: 'missing scope',
  project_inactive: 'suspended project',
}

/** A reason that has no words here is shown as words. */
export const reasonName = (reason: string): string => NAMES[reason] ?? reason.replaceAll('_', ' ')
