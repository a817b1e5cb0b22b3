// Express without authentication: what the others are measured against. It is sent as many bytes as auth-core is.

import { randomBytes } from 'node:crypto'

export async function seed(_file, { keys }) {
  return Array.from({ length: keys }, () => randomBytes(52).toString('base64url'))
}

export async function open() {
  return { middleware: (_request, _response, next) => next(), close() {} }
}
