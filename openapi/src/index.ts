// GoSendAPI's contract as types, and the typed client made from it.

export { createGosendClient, type Fetch, type GosendClient, type GosendClientOptions } from './client.js'
export type { components as GosendComponents, paths as GosendPaths } from './generated/gosend.js'
