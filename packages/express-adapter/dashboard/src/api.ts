// The management API of the service that the page belongs to.

import { createApi } from './client.js'
import { settings } from './settings.js'
import { sendUnlessStarted } from './started.js'

export * from './client.js'
export const api = createApi({ baseUrl: settings.management, send: sendUnlessStarted })
