// Every way to combine securities in tsoa, on routes that tsoa generates: the answer depends on what became of each scheme, and
// not on the order in which they are named, nor on which is decided first.

import { mkdir, rm, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import express, { type ErrorRequestHandler, type Router } from 'express'
import fc from 'fast-check'
import { generateRoutes } from 'tsoa'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { apiKeyErrorHandler, tsoaAuthentication } from '../src/index.js'
import { listen } from './host.js'
import { ADMIN_KEY, createSecurityHost, type KEYS, type SecurityHost } from './tsoa-app/security-host.js'

/** An alternative: its schemes, all of which must accept the request. */
type Alternative = Readonly<Record<string, readonly string[]>>

const alternatives: readonly Alternative[] = [
  { api_key: ['write'] },
  { api_key: ['delete'] },
  { admin_key: [] },
  { jwt: [] },
  { api_key: [], admin_key: [] },
  { admin_key: [], api_key: ['write'] },
  { api_key: [], jwt: [] },
  { jwt: [], api_key: ['write'] },
  { jwt: [], api_key: [], admin_key: [] },
]

/** All lists of up to three alternatives, in every order. */
const routes: readonly (readonly Alternative[])[] = [
  ...alternatives.map((one) => [one]),
  ...alternatives.flatMap((one) => alternatives.filter((two) => two !== one).map((two) => [one, two])),
  ...alternatives.flatMap((one) =>
    alternatives
      .filter((two) => two !== one)
      .flatMap((two) =>
        alternatives.filter((three) => three !== one && three !== two).map((three) => [one, two, three]),
      ),
  ),
]

const controller = `import { Controller, Get, Route, Security } from '@tsoa/runtime'
@Route('r')
export class CombinationsController extends Controller {
${routes
  .map(
    (route, i) => `  @Get('${i}')
${route.map((alternative) => `  @Security(${JSON.stringify(alternative)})`).join('\n')}
  async route${i}(): Promise<string> { return 'accepted' }`,
  )
  .join('\n')}
}
`

const folder = path.join(import.meta.dirname, 'generated', `combinations-${process.pid}`)
let host: SecurityHost
let url: string

beforeAll(async () => {
  await mkdir(folder, { recursive: true })
  await writeFile(path.join(folder, 'combinations-controller.ts'), controller)
  const tsconfig = { compilerOptions: { experimentalDecorators: true } }
  await writeFile(path.join(folder, 'tsconfig.json'), JSON.stringify(tsconfig))
  await generateRoutes({
    entryFile: 'unused.ts',
    controllerPathGlobs: [path.join(folder, 'combinations-controller.ts')],
    noImplicitAdditionalProperties: 'throw-on-extras',
    routesDir: folder,
    authenticationModule: path.join(import.meta.dirname, 'tsoa-app/security-host'),
    bodyCoercion: false,
    esm: true,
  })
  const { RegisterRoutes }: { RegisterRoutes: (app: Router) => void } = await import(
    path.join(folder, 'routes.js')
  )
  host = await createSecurityHost()
  const app = express()
  RegisterRoutes(app)
  app.use(apiKeyErrorHandler())
  const renderOthers: ErrorRequestHandler = (error, _request, response, _next) => {
    response.status(error.status ?? 500).end('the host answers this')
  }
  app.use(renderOthers)
  const server = app.listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  url = `http://127.0.0.1:${Object(server.address()).port}`
  return () => void server.close()
}, 60_000)

afterAll(() => rm(folder, { recursive: true, force: true }))

/** Statuses by what a request presents; 200 is acceptance. */
const ofKey: Readonly<Record<keyof typeof KEYS, (scopes: readonly string[]) => number>> = {
  none: () => 401,
  malformed: () => 401,
  unknown: () => 401,
  writer: (scopes) => (scopes.includes('delete') ? 403 : 200),
  spent: (scopes) => (scopes.includes('delete') ? 403 : 429),
  elsewhere: () => 403,
}
const ofAdminKey = { none: 401, wrong: 401, right: 200 } as const
const ofJwt = { none: 401, plain: 401, good: 200, forbidden: 403, busy: 429, down: 503 } as const

const requests = fc.record({
  key: fc.constantFrom(...(Object.keys(ofKey) as (keyof typeof ofKey)[])),
  adminKey: fc.constantFrom(...(Object.keys(ofAdminKey) as (keyof typeof ofAdminKey)[])),
  jwt: fc.constantFrom(...(Object.keys(ofJwt) as (keyof typeof ofJwt)[])),
  isStoreDown: fc.boolean(),
  /** How long the store and the session take, in milliseconds; null is synchronously. */
  storeDelay: fc.constantFrom(null, 0, 3),
  jwtDelay: fc.constantFrom(null, 0, 3),
})
type PresentedRequest = typeof requests extends fc.Arbitrary<infer Value> ? Value : never

function statusOfScheme(name: string, scopes: readonly string[], request: PresentedRequest): number {
  if (name === 'jwt') return ofJwt[request.jwt]
  if (name === 'admin_key') return ofAdminKey[request.adminKey]
  const isLookedUp = request.key !== 'none' && request.key !== 'malformed'
  return isLookedUp && request.isStoreDown ? 503 : ofKey[request.key](scopes)
}

/** The rule: one alternative that accepts is enough; otherwise the gravest failure counts. */
function expectedStatus(route: readonly Alternative[], request: PresentedRequest): number {
  const statuses = route.map((alternative) =>
    Object.entries(alternative).map(([name, scopes]) => statusOfScheme(name, scopes, request)),
  )
  return statuses.some((all) => all.every((status) => status === 200)) ? 200 : Math.max(...statuses.flat())
}

async function send(route: number, request: PresentedRequest) {
  host.set(request)
  const key = host.keys[request.key]
  const adminKey = { none: undefined, wrong: 'x'.repeat(32), right: ADMIN_KEY }[request.adminKey]
  const response = await fetch(`${url}/r/${route}`, {
    headers: {
      ...(key !== undefined && { 'X-API-Key': key }),
      ...(adminKey !== undefined && { 'X-Admin-Key': adminKey }),
    },
  })
  await host.idle()
  return { status: response.status, headers: response.headers }
}

describe('a route with several securities', () => {
  it('answers the gravest failure, whatever order they are named and decided in', {
    timeout: 120_000,
  }, async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat(routes.length - 1), requests, async (i, request) => {
        const route = routes[i] ?? []
        const { status, headers } = await send(i, request)
        expect(status, JSON.stringify(route)).toBe(expectedStatus(route, request))
        // What the host answers by itself says so itself.
        if (status === 503 && request.jwt !== 'down') expect(headers.get('retry-after')).toBe('1')
      }),
      { numRuns: 1_000 },
    )
  })

  it('counts a request once, or not at all', { timeout: 60_000 }, async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat(routes.length - 1), requests, async (i, request) => {
        const before = await host.counted()
        await send(i, { ...request, key: 'writer', isStoreDown: false })
        const after = await host.counted()
        expect(after.uses - before.uses).toBeLessThanOrEqual(1)
        expect(after.taken - before.taken).toBeLessThanOrEqual(1)
        expect(after.taken - before.taken).toBe(after.uses - before.uses)
      }),
      { numRuns: 300 },
    )
  })
})

describe('a scheme that the hook does not know', () => {
  const wrapped = async (settings: { delay: number; order: readonly string[]; isStoreDown: boolean }) => {
    const { apiKeys, keys, set } = await createSecurityHost()
    const hook = tsoaAuthentication({ apiKeys, adminKey: ADMIN_KEY })
    set({ isStoreDown: settings.isStoreDown, storeDelay: 2, jwt: 'none', jwtDelay: null })
    const failed: unknown[] = []
    const app = express()
    // What the generated routes do with a list of securities.
    app.use(async (request, _response, next) => {
      const attempts = settings.order.map(async (name) => {
        try {
          if (name !== 'jwt') return await hook(request, name, ['delete'])
          await sleep(settings.delay)
          throw Object.assign(new Error('session expired'), { status: 401 })
        } catch (error) {
          failed.push(error)
          throw error
        }
      })
      await Promise.any(attempts).then(
        () => next(),
        () => next(failed.at(-1)),
      )
    })
    app.use(apiKeyErrorHandler())
    const { url } = await listen(app)
    return (await fetch(url, { headers: { 'X-API-Key': keys.writer ?? '' } })).status
  }

  it.each([0, 10])('does not hide what became of the key by failing last, after %i ms', async (delay) => {
    for (const order of [
      ['jwt', 'api_key'],
      ['api_key', 'jwt'],
    ]) {
      expect(await wrapped({ delay, order, isStoreDown: true })).toBe(503)
      expect(await wrapped({ delay, order, isStoreDown: false })).toBe(403)
    }
  })
})

describe('an error of the route itself', () => {
  it('is passed on, although one of the alternatives has failed', async () => {
    const { apiKeys } = await createSecurityHost()
    const hook = tsoaAuthentication({ apiKeys, adminKey: ADMIN_KEY })
    const app = express()
    app.use(async (request, _response, next) => {
      await hook(request, 'api_key').catch(() => undefined)
      Object.assign(request, { user: await hook(request, 'admin_key') })
      next(Object.assign(new Error('not your message'), { status: 403 }))
    })
    app.use(apiKeyErrorHandler())
    const answer: ErrorRequestHandler = (error, _request, response, _next) => {
      response.status(error.status).end(error.message)
    }
    app.use(answer)
    const { url } = await listen(app)
    const response = await fetch(url, { headers: { 'X-Admin-Key': ADMIN_KEY } })
    expect({ status: response.status, body: await response.text() }).toEqual({
      status: 403,
      body: 'not your message',
    })
  })
})
