// The management API as an element in somebody else's page calls it: with the host's own login, and never with an admin key.

import type { GosendKeysElement } from '../../../element/src/index.js'
import { type Client, createApi } from '../client.js'
import type { Tell } from './keys.js'

export interface ConnectionOptions {
  readonly management: string
  /** Read with each request. */
  readonly headers: () => GosendKeysElement['headers']
  readonly tell: Tell
}

export interface Connection {
  readonly api: Client
  /** Where the API is when that is another origin. */
  readonly elsewhere: string | undefined
}

export function connect({ management, headers, tell }: ConnectionOptions): Connection {
  const address = new URL(management, document.baseURI)
  const elsewhere = address.origin === location.origin ? undefined : address.origin
  const fail = (status: number, message: unknown) =>
    tell('gosend-keys:error', { status, message: String(message) })
  const send = async (request: Request): Promise<Response> => {
    for (const [name, value] of new Headers(await headers()?.())) {
      if (name === 'x-admin-key') return Response.json({ message: ADMIN_KEY }, { status: 403 })
      request.headers.set(name, value)
    }
    return fetch(request)
  }
  const api = createApi({
    baseUrl: address.href.replace(/\/$/, ''),
    credentials: elsewhere === undefined ? 'same-origin' : 'include',
    async send(request) {
      try {
        const response = await send(request)
        if (response.ok) return response
        const said: unknown = await response
          .clone()
          .json()
          .catch(() => null)
        fail(response.status, Object(said).message ?? response.statusText)
        return response
      } catch (error) {
        fail(0, error)
        throw error
      }
    },
  })
  return { api, elsewhere }
}

const ADMIN_KEY =
  'headers: an admin key must not be in a page, whose users could read it. Let authorize of managementRouter decide by your login.'
