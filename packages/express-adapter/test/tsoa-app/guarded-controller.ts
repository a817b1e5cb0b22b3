// Routes behind every combination of security that tsoa can express.

import { Controller, Get, Request, Route, Security } from '@tsoa/runtime'
import type { Request as ExpressRequest } from 'express'

@Route('guarded')
export class GuardedController extends Controller {
  @Get('key')
  @Security('api_key', ['messages:write'])
  key(@Request() request: ExpressRequest): { admitted: string } {
    return admitted(request)
  }

  @Get('admin')
  @Security('admin_key')
  admin(@Request() request: ExpressRequest): { admitted: string } {
    return admitted(request)
  }

  @Get('either')
  @Security('api_key')
  @Security('admin_key')
  either(@Request() request: ExpressRequest): { admitted: string } {
    return admitted(request)
  }

  @Get('both')
  @Security({ api_key: [], admin_key: [] })
  both(@Request() request: ExpressRequest): { admitted: string } {
    return admitted(request)
  }

  @Get('either-scope')
  @Security('api_key', ['messages:delete'])
  @Security('api_key', ['messages:write'])
  eitherScope(@Request() request: ExpressRequest): { admitted: string } {
    return admitted(request)
  }

  @Get('either-way')
  @Security('api_key')
  @Security('api_key', ['messages:write'])
  eitherWay(@Request() request: ExpressRequest): { admitted: string } {
    return admitted(request)
  }

  @Get('any/key-admin')
  @Security('api_key', ['messages:write'])
  @Security('admin_key')
  anyKeyAdmin(@Request() request: ExpressRequest): { admitted: string } {
    return admitted(request)
  }

  @Get('any/admin-key')
  @Security('admin_key')
  @Security('api_key', ['messages:write'])
  anyAdminKey(@Request() request: ExpressRequest): { admitted: string } {
    return admitted(request)
  }

  @Get('any/key-jwt')
  @Security('api_key', ['messages:write'])
  @Security('jwt')
  anyKeyJwt(@Request() request: ExpressRequest): { admitted: string } {
    return admitted(request)
  }

  @Get('any/jwt-key')
  @Security('jwt')
  @Security('api_key', ['messages:write'])
  anyJwtKey(@Request() request: ExpressRequest): { admitted: string } {
    return admitted(request)
  }

  @Get('any/key-admin-jwt')
  @Security('api_key', ['messages:write'])
  @Security('admin_key')
  @Security('jwt')
  anyKeyAdminJwt(@Request() request: ExpressRequest): { admitted: string } {
    return admitted(request)
  }

  @Get('any/jwt-admin-key')
  @Security('jwt')
  @Security('admin_key')
  @Security('api_key', ['messages:write'])
  anyJwtAdminKey(@Request() request: ExpressRequest): { admitted: string } {
    return admitted(request)
  }

  @Get('any/admin-jwt-key')
  @Security('admin_key')
  @Security('jwt')
  @Security('api_key', ['messages:write'])
  anyAdminJwtKey(@Request() request: ExpressRequest): { admitted: string } {
    return admitted(request)
  }

  @Get('unknown-scheme')
  @Security('oauth')
  unknownScheme(@Request() request: ExpressRequest): { admitted: string } {
    return admitted(request)
  }
}

function admitted(request: ExpressRequest) {
  const { user } = request as { user?: { projectId: string } | null }
  return { admitted: user?.projectId ?? 'admin' }
}
