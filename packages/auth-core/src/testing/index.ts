export { apiKeyStoreContract } from './contract.js'
export { fastHasher } from './fast-hasher.js'
export { type CreateLimitStore, type LimitStorePromise, limitStoreContract } from './limit-contract.js'
export { eventOutboxContract } from './outbox-promises.js'
export { outcomeContract } from './outcome-promises.js'
export {
  type CreateProjectStore,
  type ProjectStorePromise,
  projectStoreContract,
} from './project-contract.js'
export type { ApiKeyStorePromise, CreateStore } from './promise.js'
export { storedKey } from './rows.js'
