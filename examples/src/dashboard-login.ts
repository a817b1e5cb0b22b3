// Stands for the host app's own login: two customers, a form without a password, and a cookie.

import { randomUUID } from 'node:crypto'
import { type Request, Router } from 'express'

export interface Customer {
  readonly email: string
  readonly projectId: string
}

const customers: readonly Customer[] = [
  { email: 'anna@acme.example', projectId: '1' },
  { email: 'joe@globex.example', projectId: '2' },
]
const sessions = new Map<string, Customer>()

export const login = Router()
login.get('/', (_req, res) => {
  const buttons = customers.map(({ email }) => `<button name="email" value="${email}">${email}</button>`)
  res.send(`<form method="post">Log in as ${buttons.join(' or ')}</form>`)
})
login.post('/', (req, res) => {
  const session = randomUUID()
  const customer = customers.find(({ email }) => email === req.body?.email)
  if (customer === undefined) return void res.redirect('/login')
  sessions.set(session, customer)
  res.cookie('session', session, { httpOnly: true, sameSite: 'strict' }).redirect('/settings/api-keys/')
})

export function customerOf(request: Request): Customer | undefined {
  const [, session = ''] = /(?:^|; )session=([^;]*)/.exec(request.headers.cookie ?? '') ?? []
  return sessions.get(session)
}
