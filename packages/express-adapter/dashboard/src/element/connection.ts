// The management API as an element in somebody else's page calls it: with the host's own login, and never with an admin key.

import type { GosendKeysElement } from '../../../element/src/index.js'
import { type Answer, type Client, createApi, fetchAnswer } from '../client.js'
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
  const send = async (request: Request): Promise<Answer> => {
    for (const [name, value] of new Headers(await headers()?.())) {
      if (name === 'x-admin-key')
        return { response: new Response(null, { status: 403 }), content: { message: ADMIN_KEY } }
      request.headers.set(name, value)
    }
    return fetchAnswer(request)
  }
  const api = createApi({
    baseUrl: address.href.replace(/\/$/, ''),
    credentials: elsewhere === undefined ? 'same-origin' : 'include',
    async send(request) {
      try {
        const answer = await send(request)
        const { response, content } = answer
        if (!response.ok) fail(response.status, Object(content).message ?? response.statusText)
        return answer
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
