// A hasher for tests: the real argon2id with the least work it allows.

import { argon2Hasher, type Hasher } from '../hasher.js'

/**
 * argon2id with m=8 KiB and t=1, some 50 times cheaper than the default. For tests only.
 *
 * @throws TypeError when `NODE_ENV` is `production`.
 */
export function fastHasher(): Hasher {
  if (process.env.NODE_ENV === 'production') {
    throw new TypeError('fastHasher: is for tests; use argon2Hasher() where NODE_ENV is production')
  }
  return argon2Hasher({ memoryKiB: 8, iterations: 1 })
}
