// Handlers that wait: Express 5 passes what they reject with to the error handlers, and Express 4 would end the process.

import type { NextFunction, Request, RequestHandler, Response } from 'express'

/** A handler whose rejection goes to the error handlers, in every version of Express. */
export const asyncHandler =
  (handler: (request: Request, response: Response, next: NextFunction) => Promise<unknown>): RequestHandler =>
  (request, response, next) => {
    handler(request, response, next).catch(next)
  }
