// Which methods a path has, and which parameters an operation takes in its query. What the contract does not name is refused,
// because a filter that is passed over looks like an answer.

import { Router } from 'express'
import { ManagementError } from './errors.js'
import { operations } from './generated/operations.js'

/** Lets those requests pass whose path is unknown, or whose method and parameters are known. */
export function knownOperations(): Router {
  const router = Router()
  for (const [path, methods] of Object.entries(operations)) {
    const allowed = Object.keys(methods).flatMap((name) => (name === 'GET' ? [name, 'HEAD'] : [name]))
    router.all(path, ({ method, query }, response, next) => {
      // Express answers this one by itself, from the routes.
      if (method === 'OPTIONS') return next()
      const parameters = methods[method === 'HEAD' ? 'GET' : method]
      if (parameters === undefined) {
        response.set('Allow', allowed.join(', '))
        const message = `${method} is not allowed here, only ${allowed.join(', ')}`
        throw new ManagementError({ status: 405, message })
      }
      const unknown = Object.keys(query).find((name) => !parameters.includes(name))
      if (unknown !== undefined) {
        const message = `${unknown}: is not a known parameter; there is ${parameters.join(', ') || 'none'}`
        throw new ManagementError({ status: 400, message })
      }
      next()
    })
  }
  return router
}
