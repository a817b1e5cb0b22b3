// Sessions for people in a browser who have shown the admin key: a random token in a cookie that no script can read. The session
// itself is kept where projects are, so that every process knows of it, and of its end.

import { createHash, createHmac, randomBytes } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import type { SessionStore } from '@gosend/auth-core'

export interface Sessions {
  /** When the session that a request carries ends; undefined without a valid one. */
  find(request: IncomingMessage): Promise<Date | undefined>
  /** A new session, with the value of `Set-Cookie`. */
  start(isSecure: boolean): Promise<{ readonly cookie: string; readonly endsAt: Date }>
  /** Ends the session that a request carries. Resolves with the cookie that removes it from the browser. */
  end(request: IncomingMessage): Promise<string>
}

const LIFETIME_MS = 12 * 3_600_000
// Without a Path the browser takes the folder of the request as it sees it, which no proxy in front can have changed:
// the cookie goes to the management API and nowhere else.
const ATTRIBUTES = 'HttpOnly; SameSite=Strict'
const TOKEN = /^[\w-]{43}$/

export function createSessions(adminKey: string, store: SessionStore): Sessions {
  const secret = createHmac('sha256', adminKey.trim()).update('management session').digest()
  // Ports share cookies: two services on one machine must not sign each other out.
  const name = `management_${createHash('sha256').update(secret).digest('hex').slice(0, 8)}`
  // What is stored is useless to anyone who reads it, and is valid for this admin key only.
  const idOf = (token: string) => createHmac('sha256', secret).update(token).digest('base64url')

  const sessionOf = ({ headers }: IncomingMessage): string | undefined => {
    const token = headers.cookie
      ?.split(';')
      .map((pair) => pair.trim())
      .find((pair) => pair.startsWith(`${name}=`))
      ?.slice(name.length + 1)
    return token !== undefined && TOKEN.test(token) ? idOf(token) : undefined
  }

  return {
    async find(request) {
      const id = sessionOf(request)
      const endsAt = id === undefined ? undefined : await store.find(id)
      return endsAt !== undefined && endsAt > Date.now() ? new Date(endsAt) : undefined
    },
    async start(isSecure) {
      const endsAt = Date.now() + LIFETIME_MS
      const token = randomBytes(32).toString('base64url')
      await store.start(idOf(token), endsAt)
      const secure = isSecure ? '; Secure' : ''
      const cookie = `${name}=${token}; Max-Age=${LIFETIME_MS / 1_000}; ${ATTRIBUTES}${secure}`
      return { cookie, endsAt: new Date(endsAt) }
    },
    async end(request) {
      const id = sessionOf(request)
      if (id !== undefined) await store.end(id)
      return `${name}=; Max-Age=0; ${ATTRIBUTES}`
    },
  }
}
