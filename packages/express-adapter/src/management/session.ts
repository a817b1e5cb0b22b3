// Sessions for people in a browser who have shown the admin key: a signed cookie in its place, which no script can
// read and which says nothing of the key.

import { createHash, createHmac, randomBytes, timingSafeEqual } from 'node:crypto'
import type { IncomingMessage } from 'node:http'

export interface Sessions {
  /** When the session that a request carries ends; undefined without a valid one. */
  find(request: IncomingMessage): Date | undefined
  /** A new session, as the value of `Set-Cookie`. */
  start(isSecure: boolean): { readonly cookie: string; readonly endsAt: Date }
  /** Ends the session that a request carries, and answers what makes the browser forget it. */
  end(request: IncomingMessage): string
}

const LIFETIME_MS = 12 * 3_600_000
// Without a Path the browser takes the folder of the request as it sees it, which no proxy in front can have changed:
// the cookie goes to the management API and nowhere else.
const ATTRIBUTES = 'HttpOnly; SameSite=Strict'

// Signed rather than remembered, so that a session outlives a restart and holds in every process that has the key.
// What this process was told to end it does remember, until it would have ended anyway.
const ended = new Map<string, number>()

export function createSessions(adminKey: string): Sessions {
  const secret = createHmac('sha256', adminKey.trim()).update('management session').digest()
  // Ports share cookies: two services on one machine must not sign each other out.
  const name = `management_${createHash('sha256').update(secret).digest('hex').slice(0, 8)}`
  const sign = (text: string) => createHmac('sha256', secret).update(text).digest('base64url')

  const tokenOf = ({ headers }: IncomingMessage): string | undefined =>
    headers.cookie
      ?.split(';')
      .map((pair) => pair.trim())
      .find((pair) => pair.startsWith(`${name}=`))
      ?.slice(name.length + 1)

  const endOf = (token: string): number | undefined => {
    const [claim = '', signature = ''] = split(token)
    const expected = Buffer.from(sign(claim))
    const presented = Buffer.from(signature)
    if (presented.length !== expected.length || !timingSafeEqual(presented, expected)) return undefined
    const endsAt = Number.parseInt(claim, 36)
    return endsAt > Date.now() && !ended.has(token) ? endsAt : undefined
  }

  return {
    find(request) {
      const token = tokenOf(request)
      const endsAt = token === undefined ? undefined : endOf(token)
      return endsAt === undefined ? undefined : new Date(endsAt)
    },
    start(isSecure) {
      const endsAt = Date.now() + LIFETIME_MS
      const claim = `${endsAt.toString(36)}-${randomBytes(16).toString('base64url')}`
      const secure = isSecure ? '; Secure' : ''
      const cookie = `${name}=${claim}.${sign(claim)}; Max-Age=${LIFETIME_MS / 1_000}; ${ATTRIBUTES}${secure}`
      return { cookie, endsAt: new Date(endsAt) }
    },
    end(request) {
      for (const [token, endsAt] of ended) if (endsAt <= Date.now()) ended.delete(token)
      const token = tokenOf(request)
      const endsAt = token === undefined ? undefined : endOf(token)
      if (token !== undefined && endsAt !== undefined) ended.set(token, endsAt)
      return `${name}=; Max-Age=0; ${ATTRIBUTES}`
    },
  }
}

function split(token: string): [string, string] {
  const dot = token.lastIndexOf('.')
  return [token.slice(0, Math.max(0, dot)), token.slice(dot + 1)]
}
