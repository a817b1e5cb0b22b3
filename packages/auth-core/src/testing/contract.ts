// What every store of API keys promises, as runnable cases. They throw errors of node:assert, so any test runner will do.

import { erasurePromises } from './erasure-promises.js'
import { keyPromises } from './key-promises.js'
import { listPromises } from './list-promises.js'
import type { ApiKeyStorePromise } from './promise.js'
import { usePromises } from './use-promises.js'

/**
 * The contract of `ApiKeyStore`, one promise per entry.
 *
 * @example
 * for (const promise of apiKeyStoreContract) it(promise.name, () => promise.run(createStore))
 */
export const apiKeyStoreContract: readonly ApiKeyStorePromise[] = Object.entries({
  ...keyPromises,
  ...listPromises,
  ...usePromises,
  ...erasurePromises,
}).map(([name, run]) => ({ name, run }))
