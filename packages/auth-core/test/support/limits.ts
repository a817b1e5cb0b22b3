// Limits over a clock that is moved by hand, and keys to be limited.

import type { ApiKey } from '../../src/index.js'
import { memoryLimitStore } from '../../src/limits/memory.js'
import { createLimits, type Limits, type LimitsOptions, type Plan } from '../../src/limits.js'

export const noon = Date.parse('2026-01-15T12:00:00Z')

const typical: ApiKey = {
  id: 'aaaaaaaaaaaa',
  projectId: '42',
  environment: 'production',
  label: 'backend-prod',
  hint: 'gsk_live_aaaaaaaaaaaa…',
  createdAt: new Date(noon),
  lastUsedAt: null,
  expiresAt: null,
  revokedAt: null,
  disabledAt: null,
  createdBy: null,
  ownerId: null,
  version: 1,
  rotatedFrom: null,
  replacedBy: null,
  rootId: 'aaaaaaaaaaaa',
  scopes: [],
  allowedIps: null,
  metadata: {},
  rotationDue: false,
}

export const recordOf = (attributes: Partial<ApiKey> = {}): ApiKey => ({
  ...typical,
  ...(attributes.id !== undefined && { rootId: attributes.id }),
  ...attributes,
})

/** Limits of one plan, or of several; every key has the first. */
export function limited(
  plan: Plan,
  options: Partial<LimitsOptions<'standard'>> = {},
): { readonly limits: Limits; readonly clock: { now: number } } {
  const clock = { now: noon }
  const limits = createLimits({
    store: memoryLimitStore(),
    plans: { standard: plan },
    planOf: () => 'standard',
    now: () => clock.now,
    ...options,
  })
  return { limits, clock }
}

/** Takes so many units at once, and says how many were allowed. */
export async function takeAtOnce(limits: Limits, times: number, record = recordOf()): Promise<number> {
  const results = await Promise.all(Array.from({ length: times }, async () => limits.consume(record)))
  return results.filter(({ ok }) => ok).length
}
