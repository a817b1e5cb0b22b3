import { rm } from 'node:fs/promises'
import path from 'node:path'
import express, { type Express, type Router } from 'express'
import { generateRoutes } from 'tsoa'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { apiKeyErrorHandler, type FailureEvent, requireApiKey } from '../src/index.js'
import { type ContractCase, type ContractKeys, contract, UNAUTHORIZED_BODY } from './contract.js'
import { listen } from './host.js'
import { nestHost } from './nest-host.js'
import { fastifyHost, honoHost, nodeHost } from './other-hosts.js'
import { ADMIN_KEY, keys } from './tsoa-app/authentication.js'
import { exchange, get, type RawResponse } from './wire.js'

let registerTsoaRoutes: (app: Router) => void
const generated = path.join(import.meta.dirname, 'generated', String(process.pid))

beforeAll(async () => {
  await generateRoutes({
    entryFile: 'unused.ts',
    controllerPathGlobs: [path.join(import.meta.dirname, 'tsoa-app/guarded-controller.ts')],
    noImplicitAdditionalProperties: 'throw-on-extras',
    routesDir: generated,
    authenticationModule: path.join(import.meta.dirname, 'tsoa-app/authentication'),
    bodyCoercion: false,
    esm: true,
  })
  const module: { RegisterRoutes: typeof registerTsoaRoutes } = await import(
    path.join(generated, 'routes.js')
  )
  registerTsoaRoutes = module.RegisterRoutes
}, 30_000)

afterAll(() => rm(generated, { recursive: true, force: true }))

interface Guard {
  readonly name: string
  readonly path: string
  /** Listens until the test ends. */
  listen(onFailure: (event: FailureEvent) => void): Promise<{ readonly port: number }>
}

const requirements = { environment: 'production', scopes: ['messages:write'] }

function onExpress(mount: (app: Express, onFailure: (event: FailureEvent) => void) => void): Guard['listen'] {
  return (onFailure) => {
    const app = express()
    app.disable('x-powered-by')
    mount(app, onFailure)
    return listen(app)
  }
}

const guards: readonly Guard[] = [
  {
    name: 'requireApiKey',
    path: '/messages',
    listen: onExpress((app, onFailure) => {
      app.use(requireApiKey(keys.apiKeys, { ...requirements, onFailure }))
      app.get('/messages', (request, response) => void response.json({ admitted: request.apiKey?.projectId }))
    }),
  },
  {
    name: 'tsoaAuthentication',
    path: '/guarded/key',
    listen: onExpress((app, onFailure) => {
      registerTsoaRoutes(app)
      app.use(apiKeyErrorHandler({ onFailure }))
    }),
  },
  {
    name: 'createAuthenticate, on Hono',
    path: '/messages',
    listen: (onFailure) => honoHost(keys.apiKeys, { ...requirements, onFailure }),
  },
  {
    name: 'apiKeyPlugin, on Fastify',
    path: '/messages',
    listen: (onFailure) => fastifyHost(keys.apiKeys, { ...requirements, onFailure }),
  },
  {
    name: 'createNodeGuard',
    path: '/messages',
    listen: (onFailure) => nodeHost(keys.apiKeys, { ...requirements, onFailure }),
  },
  {
    name: 'ApiKeysModule, in Nest on Express',
    path: '/messages',
    listen: (onFailure) => nestHost('express')(keys.apiKeys, { ...requirements, onFailure }),
  },
  {
    name: 'ApiKeysModule, in Nest on Fastify',
    path: '/messages',
    listen: (onFailure) => nestHost('fastify')(keys.apiKeys, { ...requirements, onFailure }),
  },
]

async function host(guard: Guard) {
  const events: FailureEvent[] = []
  const { port } = await guard.listen((event) => events.push(event))
  return { port, events }
}

function present(contractCase: Pick<ContractCase, 'present'>, contractKeys: ContractKeys): string[] {
  const key = contractCase.present(contractKeys)
  return key === undefined ? [] : [`X-API-Key: ${key}`]
}

describe.each(guards)('$name keeps the wire contract', (guard) => {
  it.each(contract)('for $name', async (expected) => {
    const { port, events } = await host(guard)
    const [response] = await exchange(port, get(guard.path, ...present(expected, keys)))

    expect(response?.status).toBe(expected.status)
    expect(response?.body).toBe(expected.body ?? '{"admitted":"42"}')
    for (const [name, value] of Object.entries(expected.headers))
      expect(response?.headers[name], name).toBe(value)
    expect(events.map(({ reason, status }) => ({ reason, status }))).toEqual(
      expected.reason === undefined ? [] : [{ reason: expected.reason, status: expected.status }],
    )
  })

  it('answers every failure of the credential with the same bytes', async () => {
    const { port } = await host(guard)
    const unlike = new Set<string>()
    let count = 0
    for (const failure of contract.filter(({ status }) => status === 401)) {
      for (let repetition = 0; repetition < 20; repetition++) {
        const [response] = await exchange(port, get(guard.path, ...present(failure, keys)))
        unlike.add(JSON.stringify({ ...response, headers: { ...response?.headers, date: '' } }))
        count += 1
      }
    }
    expect(count).toBe(220)
    expect(unlike.size).toBe(1)
  })

  it('answers HEAD like GET, without a body', async () => {
    const { port } = await host(guard)
    for (const refused of contract.filter(({ status }) => status !== 200)) {
      const request = get(guard.path, ...present(refused, keys))
      const [toGet] = await exchange(port, request)
      const [toHead, ...more] = await exchange(port, request.replace('GET', 'HEAD'), () => false)
      expect(more).toEqual([])
      expect(toHead).toEqual({
        ...toGet,
        body: '',
        headers: { ...toGet?.headers, date: toHead?.headers.date },
      })
    }
  })
})

describe('all guards answer alike', () => {
  it.each(contract.filter(({ status }) => status !== 200))('for $name', async (refused) => {
    const answers: (RawResponse | undefined)[] = []
    for (const guard of guards) {
      const { port } = await host(guard)
      const [response] = await exchange(port, get(guard.path, ...present(refused, keys)))
      answers.push(response && { ...response, headers: { ...response.headers, date: '' } })
    }
    for (const answer of answers) expect(answer).toEqual(answers[0])
  })
})

describe('tsoa security', () => {
  const header = { key: () => `X-API-Key: ${keys.valid}`, admin: () => `X-Admin-Key: ${ADMIN_KEY}` }
  const scopeless = () => `X-API-Key: ${keys.scopeless}`

  it.each([
    { path: 'admin', present: [header.admin], status: 200, admitted: 'admin' },
    { path: 'admin', present: [], status: 401 },
    { path: 'admin', present: [header.key], status: 401 },
    { path: 'admin', present: [() => 'X-Admin-Key:'], status: 401 },
    { path: 'admin', present: [() => `X-API-Key: ${ADMIN_KEY}`], status: 401 },
    { path: 'admin', present: [() => `X-Admin-Key: ${keys.valid}`], status: 401 },
    { path: 'key', present: [header.admin], status: 401 },
    { path: 'either', present: [header.key], status: 200, admitted: '42' },
    { path: 'either', present: [header.admin], status: 200, admitted: 'admin' },
    { path: 'either', present: [], status: 401 },
    { path: 'both', present: [header.key, header.admin], status: 200, admitted: '42' },
    { path: 'both', present: [header.key], status: 401 },
    { path: 'both', present: [header.admin], status: 401 },
    { path: 'both', present: [], status: 401 },
    { path: 'either-scope', present: [header.key], status: 200, admitted: '42' },
    { path: 'either-scope', present: [scopeless], status: 403 },
  ])('$path with $present answers $status', async ({ path: name, present: fields, status, admitted }) => {
    const [, tsoa] = guards as [Guard, Guard]
    const { port, events } = await host(tsoa)
    const [response] = await exchange(port, get(`/guarded/${name}`, ...fields.map((field) => field())))
    expect(response?.status).toBe(status)
    if (status === 200) expect(response?.body).toBe(`{"admitted":"${admitted}"}`)
    if (status === 401) expect(response?.body).toBe(UNAUTHORIZED_BODY)
    expect(events).toHaveLength(status === 200 ? 0 : 1)
  })

  // Every order of the schemes, with every outcome of each.
  const orders = [
    'key-admin',
    'admin-key',
    'key-jwt',
    'jwt-key',
    'key-admin-jwt',
    'jwt-admin-key',
    'admin-jwt-key',
  ]
  const outcomes = {
    key: [
      [[], 401],
      [['X-API-Key: nonsense'], 401],
      [[scopeless], 403],
      [[() => `X-API-Key: ${keys.unreachable}`], 503],
      [[header.key], 200],
    ],
    admin: [
      [[], 401],
      [['X-Admin-Key: wrong'], 401],
      [[header.admin], 200],
    ],
    jwt: [
      [[], 401],
      [['Authorization: Bearer good'], 200],
    ],
  } as const

  it.each(orders)(
    'any/%s lets in a request that has one of them, and else answers the gravest refusal',
    async (order) => {
      const [, tsoa] = guards as [Guard, Guard]
      const { port, events } = await host(tsoa)
      const schemes = order.split('-') as (keyof typeof outcomes)[]
      let combinations: { readonly fields: readonly string[]; readonly statuses: readonly number[] }[] = [
        { fields: [], statuses: [] },
      ]
      for (const scheme of schemes) {
        combinations = combinations.flatMap(({ fields, statuses }) =>
          outcomes[scheme].map(([own, status]) => ({
            fields: [...fields, ...own.map((field) => (typeof field === 'string' ? field : field()))],
            statuses: [...statuses, status],
          })),
        )
      }
      for (const { fields, statuses } of combinations) {
        events.length = 0
        const [response] = await exchange(port, get(`/guarded/any/${order}`, ...fields))
        const expected = statuses.includes(200) ? 200 : Math.max(...statuses)
        expect([fields, response?.status]).toEqual([fields, expected])
        if (expected !== 200) expect(events.map(({ status }) => status)).toEqual([expected])
      }
    },
  )

  it('counts one use where two alternatives accept the same key', async () => {
    const [, tsoa] = guards as [Guard, Guard]
    const { port } = await host(tsoa)
    const projectId = 'counted'
    const { key } = await keys.apiKeys.issue({
      projectId,
      environment: 'production',
      label: 'test',
      scopes: ['messages:write'],
    })
    const from = new Date(0)
    const to = new Date('2100-01-01')
    // The first time argon2 runs, and both alternatives wait for it; the second time neither does.
    for (const count of [1, 2]) {
      const [response] = await exchange(port, get('/guarded/either-way', `X-API-Key: ${key}`))
      expect(response?.body).toBe(`{"admitted":"${projectId}"}`)
      expect(await keys.apiKeys.usage({ projectId, from, to })).toMatchObject([{ count }])
    }
  })

  it('admits nobody by a scheme that it does not know', async () => {
    const [, tsoa] = guards as [Guard, Guard]
    const { port } = await host(tsoa)
    const [response] = await exchange(port, get('/guarded/unknown-scheme', header.key(), header.admin()))
    expect(response?.status).toBe(401)
  })

  it('passes errors of others on', async () => {
    const app = express()
    app.get('/', () => {
      throw Object.assign(new Error('teapot'), { status: 418 })
    })
    app.use(apiKeyErrorHandler())
    app.use(((error, _request, response, _next) => {
      response.status(error.status).end()
    }) satisfies express.ErrorRequestHandler)
    const { url } = await listen(app)
    expect((await fetch(url)).status).toBe(418)
  })
})
