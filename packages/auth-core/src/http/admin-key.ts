// The admin key of the management API and the sandbox: one secret, compared in constant time.

import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto'

/**
 * A check of the admin key that takes the same time whatever is presented.
 *
 * @throws TypeError when the admin key has fewer than 32 characters or some that a header cannot carry.
 */
export function createAdminKeyCheck(adminKey: string): (presented: unknown) => boolean {
  const trimmed = typeof adminKey === 'string' ? adminKey.trim() : ''
  if (!/^[\x21-\x7e]{32,}$/.test(trimmed)) {
    throw new TypeError('adminKey: must have at least 32 characters, all of them visible ASCII')
  }
  const secret = randomBytes(32)
  const digest = (text: string) => createHmac('sha256', secret).update(text).digest()
  const expected = digest(trimmed)
  return (presented) => typeof presented === 'string' && timingSafeEqual(digest(presented), expected)
}
