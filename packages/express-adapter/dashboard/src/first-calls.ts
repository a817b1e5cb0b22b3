// What the first view asks the service for, each call written once: start.ts sends them before the view is there.

import type { Client } from './client.js'
import { conditionsOf, type KeyFilter } from './keys/filter.js'

// As many as fit into a menu, and more than most have.
export const LISTED_PROJECTS = 1_000

const PAGE = 100
// Where most keys of a page are not shown.
export const LONG_PAGE = 1_000

export const pageLength = ({ show }: KeyFilter) => (show === 'attention' ? LONG_PAGE : PAGE)

export const getSession = (api: Client) => api.GET('/session')

export const postSession = (api: Client, adminKey: string) =>
  api.POST('/session', { headers: { 'X-Admin-Key': adminKey } })

export const getProjects = (api: Client) =>
  api.GET('/projects', { params: { query: { limit: LISTED_PROJECTS } } })

export const getKeys = (api: Client, projectId: string, filter: KeyFilter, page: KeysPage) =>
  api.GET('/projects/{projectId}/keys', {
    params: { path: { projectId }, query: { ...conditionsOf(filter), ...page } },
  })

/** The first keys that a filter leaves, and how many there are. */
export const firstPage = (filter: KeyFilter): KeysPage => ({ limit: pageLength(filter), total: true })

export interface KeysPage {
  readonly limit: number
  readonly total?: boolean
  readonly cursor?: string
}
