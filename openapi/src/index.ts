// The contracts as types, and the typed clients made from them.

export {
  createGosendClient,
  createManagementClient,
  type Fetch,
  type GosendClient,
  type GosendClientOptions,
  type ManagementClient,
  type ManagementClientOptions,
} from './client.js'
export type { components as GosendComponents, paths as GosendPaths } from './generated/gosend.js'
export type { components as ManagementComponents, paths as ManagementPaths } from './generated/management.js'
