// What tsoa's generated routes import, over the keys of the contract.

import type { ApiKey } from '@gosend/auth-core'
import { type ExpressAuthentication, tsoaAuthentication } from '../../src/index.js'
import { createContractKeys } from '../contract.js'

export const ADMIN_KEY = 'an-admin-key-of-at-least-32-characters'

export const keys = await createContractKeys()

const byKey = tsoaAuthentication({
  apiKeys: keys.apiKeys,
  adminKey: ADMIN_KEY,
  environment: 'production',
})

/** The hook, with a scheme of the application's own beside it. */
export const expressAuthentication: ExpressAuthentication = async (request, name, scopes, response) => {
  if (name !== 'jwt') return byKey(request, name, scopes, response)
  if (request.headers.authorization === 'Bearer good') return { projectId: 'jwt' } as ApiKey
  throw Object.assign(new Error('No valid token'), { status: 401 })
}
