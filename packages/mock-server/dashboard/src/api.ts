// The pages' back end: the sandbox's routes below the management API.

import { ApiFailure } from '@gosend/dashboard-ui'

export interface Api {
  get<Data>(path: string, query?: Query): Promise<Data>
  /** What is sent is JSON; undefined sends nothing. */
  send<Data>(method: 'POST' | 'PUT' | 'DELETE', path: string, body?: unknown, query?: Query): Promise<Data>
  /** Where all of it is. */
  readonly base: string
  /** Where changes are streamed from. */
  readonly changes: string
}

export type Query = Readonly<Record<string, string | number>>

export function createApi(management: string): Api {
  const base = `${management}/sandbox`
  const call = async (method: string, path: string, query: Query, body?: unknown) => {
    const search = new URLSearchParams(Object.entries(query).map(([name, value]) => [name, String(value)]))
    const response = await fetch(`${base}${path}${search.size === 0 ? '' : `?${search}`}`, {
      method,
      ...(body === undefined
        ? {}
        : { headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body) }),
    }).catch(() => {
      throw new ApiFailure(0, 'The mock cannot be reached. Is it still running?')
    })
    if (response.status === 204) return undefined
    const answer: unknown = await response.json().catch(() => undefined)
    if (response.ok) return answer
    const { status } = response
    if (status === 401) {
      dispatchEvent(new Event('gosend-session-ended'))
      throw new ApiFailure(status, 'Your session has ended. Sign in again.')
    }
    const { message } = Object(answer) as { message?: unknown }
    throw new ApiFailure(status, typeof message === 'string' ? message : `The mock answered ${status}.`)
  }
  return {
    base,
    changes: `${base}/changes`,
    get: <Data>(path: string, query: Query = {}) => call('GET', path, query) as Promise<Data>,
    send: <Data>(method: string, path: string, body?: unknown, query: Query = {}) =>
      call(method, path, query, body) as Promise<Data>,
  }
}
