// What a Nest application has besides the guarded route that all hosts have.

import type { ApiKey, ApiKeys } from '@gosend/auth-core'
import {
  API_KEYS,
  ApiKeyException,
  ApiKeyGuard,
  ApiKeysModule,
  CurrentApiKey,
  RequireApiKey,
  WithoutApiKey,
} from '@gosend/auth-core/nest'
import {
  type ArgumentsHost,
  Catch,
  Controller,
  type ExceptionFilter,
  Get,
  HttpException,
  Inject,
  Param,
} from '@nestjs/common'
import { APP_GUARD } from '@nestjs/core'
import { describe, expect, it } from 'vitest'
import { UNAUTHORIZED_BODY } from './contract.js'
import { createTestKeys } from './host.js'
import { type Platform, startNest } from './nest-host.js'

@RequireApiKey(['messages:read'])
@Controller('messages')
class MessagesController {
  @Get()
  list(@CurrentApiKey() key: ApiKey) {
    return { id: key.id }
  }

  @RequireApiKey(['messages:write'])
  @Get('write')
  write(@CurrentApiKey('projectId') projectId: string) {
    return { projectId }
  }

  @RequireApiKey(['messages:read'], { resource: ({ url = '' }) => ['project', url.split('/').at(-1) ?? ''] })
  @Get('of/:project')
  of(@Param('project') project: string) {
    return { project }
  }
}

@Controller()
class PagesController {
  constructor(@Inject(API_KEYS) readonly apiKeys: ApiKeys) {}

  @WithoutApiKey()
  @Get('health')
  health() {
    return { environments: this.apiKeys.environments }
  }

  @Get('private')
  private() {
    return {}
  }

  @WithoutApiKey()
  @Get('forgotten')
  forgotten(@CurrentApiKey() key: ApiKey) {
    return { id: key.id }
  }

  @WithoutApiKey()
  @RequireApiKey([], { optional: true })
  @Get('optional')
  optional(@CurrentApiKey() key: ApiKey | null) {
    return { key: key?.projectId ?? 'nobody' }
  }
}

@Catch()
class WrappingFilter implements ExceptionFilter {
  catch(error: unknown, host: ArgumentsHost) {
    const [status, body] =
      error instanceof HttpException ? [error.getStatus(), error.getResponse()] : [500, 'unexpected']
    const answer = { wrapped: body, isOurs: error instanceof ApiKeyException }
    const response = host.switchToHttp().getResponse()
    if ('json' in response) response.status(status).json(answer)
    else response.code(status).send(answer)
  }
}

async function application(platform: Platform, options = {}, configure?: Parameters<typeof startNest>[2]) {
  const { apiKeys } = createTestKeys()
  const issue = (...scopes: string[]) =>
    apiKeys.issue({ projectId: '42', environment: 'production', label: 'nest', scopes })
  const { port } = await startNest(
    platform,
    {
      imports: [ApiKeysModule.forRoot({ apiKeys, ...options })],
      controllers: [MessagesController, PagesController],
      providers: [{ provide: APP_GUARD, useClass: ApiKeyGuard }],
    },
    configure,
  )
  const call = (path: string, key?: string) =>
    fetch(`http://127.0.0.1:${port}${path}`, { headers: key === undefined ? {} : { 'X-API-Key': key } })
  return { apiKeys, issue, call }
}

describe.each(['express', 'fastify'] as const)('a Nest application on %s', (platform) => {
  it('holds a route to what its controller demands, and to what it demands itself', async () => {
    const { issue, call, apiKeys } = await application(platform)
    const reader = await issue('messages:read')
    const [writer, both] = [await issue('messages:write'), await issue('messages:read', 'messages:write')]
    const limited = await issue('messages:read@project/7')

    expect(await (await call('/messages', reader.key)).json()).toEqual({ id: reader.record.id })
    expect((await call('/messages/write', reader.key)).status).toBe(403)
    expect((await call('/messages/write', writer.key)).status).toBe(403)
    expect(await (await call('/messages/write', both.key)).json()).toEqual({ projectId: '42' })
    // The controller's demand is for no resource.
    expect((await call('/messages/of/7', limited.key)).status).toBe(403)
    const { key, record } = await issue('messages:read')
    expect((await call('/messages', key)).status).toBe(200)
    await apiKeys.revoke(record.id)
    expect((await call('/messages', key)).status).toBe(401)
    // Three guards stand before /messages/write: the one for all routes, the controller's, and its own.
    const usage = await apiKeys.usage({ projectId: '42', from: new Date(0), to: new Date('2100-01-01') })
    expect(usage.filter(({ keyId }) => keyId === both.record.id)).toMatchObject([{ count: 1 }])
  })

  it('guards all routes but those that are opened', async () => {
    const { issue, call, apiKeys } = await application(platform)
    const { key } = await issue()

    const refused = await call('/private')
    expect([refused.status, await refused.text()]).toEqual([401, UNAUTHORIZED_BODY])
    expect((await call('/private', key)).status).toBe(200)
    expect(await (await call('/health')).json()).toEqual({ environments: apiKeys.environments })
    expect(await (await call('/optional')).json()).toEqual({ key: 'nobody' })
    expect(await (await call('/optional', key)).json()).toEqual({ key: '42' })
    expect((await call('/optional', 'nonsense')).status).toBe(401)
  })

  it('fails where a handler asks for a key that no guard has seen', async () => {
    const { issue, call } = await application(platform)
    expect((await call('/forgotten', (await issue()).key)).status).toBe(500)
  })

  it('leaves refusals to a filter of the host, with the challenge and without the standard type', async () => {
    const { call } = await application(platform, {}, (app) => void app.useGlobalFilters(new WrappingFilter()))
    const refused = await call('/private', 'nonsense')
    expect([refused.status, await refused.json()]).toEqual([
      401,
      { wrapped: JSON.parse(UNAUTHORIZED_BODY), isOurs: true },
    ])
    expect(Object.fromEntries(refused.headers)).toMatchObject({
      'www-authenticate': 'ApiKey realm="api"',
      'cache-control': 'no-store',
      vary: 'X-API-Key',
    })
    expect((await call('/nowhere')).status).toBe(404)
  })

  it('answers as any other exception where the module is told to leave it', async () => {
    const { call } = await application(platform, { answers: false })
    const refused = await call('/private')
    expect([refused.status, await refused.text()]).toEqual([401, UNAUTHORIZED_BODY])
  })

  it('takes its options from other providers', async () => {
    const { apiKeys } = createTestKeys()
    const { port } = await startNest(platform, {
      imports: [
        ApiKeysModule.forRootAsync({
          inject: ['settings'],
          imports: [{ module: class Settings {}, ...settings }],
          useFactory: async ({ realm }: { realm: string }) => ({ apiKeys, realm }),
        }),
      ],
      controllers: [MessagesController],
    })
    const refused = await fetch(`http://127.0.0.1:${port}/messages`)
    expect(refused.headers.get('www-authenticate')).toBe('ApiKey realm="acme"')
  })
})

const settings = { providers: [{ provide: 'settings', useValue: { realm: 'acme' } }], exports: ['settings'] }

it('refuses wrong options of the module and of a route when they are made', () => {
  const { apiKeys } = createTestKeys()
  expect(() => ApiKeysModule.forRoot({ apiKeys, realms: 'acme' } as never)).toThrow('did you mean realm?')
  expect(() => ApiKeysModule.forRoot({} as never)).toThrow('apiKeys')
  expect(() => RequireApiKey([], { scopes: ['a'] } as never)).toThrow('scopes')
})
