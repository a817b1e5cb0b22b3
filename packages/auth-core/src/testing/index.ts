export { apiKeyStoreContract } from './contract.js'
export { fastHasher } from './fast-hasher.js'
export type { ApiKeyStorePromise, CreateStore } from './promise.js'
