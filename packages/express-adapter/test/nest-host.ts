// A Nest application with the guarded route that the other hosts have, on Express and on Fastify.

import 'reflect-metadata'
import type { AddressInfo } from 'node:net'
import type { ApiKey, ApiKeys } from '@gosend/auth-core'
import type { GateOptions } from '@gosend/auth-core/http'
import { ApiKeysModule, CurrentApiKey, RequireApiKey } from '@gosend/auth-core/nest'
import {
  All,
  Controller,
  type INestApplication,
  Module,
  type ModuleMetadata,
  Req,
  Res,
  type Type,
} from '@nestjs/common'
import { NestFactory } from '@nestjs/core'
import { ExpressAdapter } from '@nestjs/platform-express'
import { FastifyAdapter } from '@nestjs/platform-fastify'
import { onTestFinished } from 'vitest'
import { credentialsIn, type Host } from './other-hosts.js'

export const platforms = {
  express: () => new ExpressAdapter(),
  fastify: () => new FastifyAdapter({ forceCloseConnections: true }),
} as const

export type Platform = keyof typeof platforms

/** Listens until the test ends. */
export async function startNest(
  platform: Platform,
  metadata: ModuleMetadata,
  configure: (app: INestApplication) => void = () => {},
): Promise<{ readonly port: number }> {
  class AppModule {}
  Module(metadata)(AppModule)
  const adapter = platforms[platform]()
  const app: INestApplication = await NestFactory.create(AppModule as Type, adapter, {
    logger: false,
    abortOnError: false,
    forceCloseConnections: true,
  })
  onTestFinished(() => app.close())
  if (platform === 'express') app.getHttpAdapter().getInstance().disable('x-powered-by')
  configure(app)
  await app.listen(0, '127.0.0.1')
  return app.getHttpServer().address() as AddressInfo
}

export const nestHost =
  (platform: Platform): Host =>
  (apiKeys: ApiKeys, { scopes, resource, ...options }: GateOptions<unknown>) => {
    class MessagesController {
      all(
        key: ApiKey | null,
        request: { headers: Record<string, string> },
        response: { header(name: string, value: string): unknown },
      ) {
        response.header('X-Found', credentialsIn(new Headers(request.headers)))
        return { admitted: key?.projectId }
      }
    }
    const method = Object.getOwnPropertyDescriptor(MessagesController.prototype, 'all') ?? {}
    Controller()(MessagesController)
    All(platform === 'express' ? '{*path}' : '*')(MessagesController.prototype, 'all', method)
    RequireApiKey(scopes, { resource })(MessagesController.prototype, 'all', method)
    CurrentApiKey()(MessagesController.prototype, 'all', 0)
    Req()(MessagesController.prototype, 'all', 1)
    Res({ passthrough: true })(MessagesController.prototype, 'all', 2)
    return startNest(platform, {
      imports: [ApiKeysModule.forRoot({ apiKeys, ...options })],
      controllers: [MessagesController],
    })
  }
