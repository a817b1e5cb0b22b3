// Projects as rows of a table, which all databases have alike.

import type { Project, ProjectStatus } from '../projects.js'

/** In this order. */
export const projectColumns = 'id, name, webhook_url, status, created_at'

/** A row of `projectColumns` as a project. */
export function decodeProject(row: unknown): Project {
  const [id, name, webhookUrl, status, createdAt] = row as readonly [
    id: string,
    name: string,
    webhookUrl: string | null,
    status: ProjectStatus,
    createdAt: unknown,
  ]
  return { id, name, webhookUrl, status, createdAt: new Date(Number(createdAt)) }
}

/** Where a list goes on. No id has a NUL in it, so what is behind one is behind the text before it. */
export const placeOf = (after: string) => (after.split('\0')[0] ?? '').replace(/\p{Cs}/gu, '\ufffd')
