// What tsoa's generated routes import, over the keys of the contract.

import { tsoaAuthentication } from '../../src/index.js'
import { createContractKeys } from '../contract.js'

export const ADMIN_KEY = 'an-admin-key-of-at-least-32-characters'

export const keys = await createContractKeys()

export const expressAuthentication = tsoaAuthentication({
  apiKeys: keys.apiKeys,
  adminKey: ADMIN_KEY,
  environment: 'production',
})
