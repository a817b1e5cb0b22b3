import fc from 'fast-check'
import { describe, expect, expectTypeOf, it } from 'vitest'
import { apiKeyPlugin } from '../src/http/fastify.js'
import { createAuthenticate } from '../src/http/fetch.js'
import type { GateOptions } from '../src/http/index.js'
import { type ApiKeys, createApiKeys, grants, type ScopeRequirement } from '../src/index.js'
import { missingScopes } from '../src/scopes.js'
import { memoryStore } from '../src/stores/memory.js'
import { setUp } from './support/keys.js'

describe('a scope that a key holds', () => {
  it.each<[held: string, grantsIt: readonly string[], not: readonly string[]]>([
    [
      'messages:read',
      ['messages:read', 'messages:read@project/7'],
      ['messages', 'messages:write', 'messages:read:own'],
    ],
    [
      'messages:*',
      ['messages:read', 'messages:read:own', 'messages:*'],
      ['messages', 'messages:', 'files:read', '*'],
    ],
    ['*:read', ['messages:read', 'files:read@project/7'], ['read', 'messages:write', 'messages:own:read']],
    ['messages:*:own', ['messages:read:own'], ['messages:own', 'messages:read:all:own']],
    ['*', ['messages', 'messages:read', 'messages:read@project/7', '*'], ['']],
    [
      'messages:read@project/7',
      ['messages:read@project/7'],
      ['messages:read', 'messages:read@project/8', 'messages:read@project/7/a', 'messages:write@project/7'],
    ],
    [
      'messages:read@project/7/*',
      ['messages:read@project/7/a', 'messages:read@project/7/a/b'],
      ['messages:read@project/7', 'messages:read@project/8/a'],
    ],
    [
      'messages:*@project/*',
      ['messages:read@project/7', 'messages:write@project/7/a'],
      ['messages:read', 'messages:read@project', 'messages:read@project/', 'messages:read@account/7'],
    ],
    ['messages:read@*/7', ['messages:read@project/7'], ['messages:read@project/8', 'messages:read@a/b/7']],
    // Tokens from before scopes had parts.
    ['user:e-mail', ['user:e-mail'], ['user']],
    ['https://acme.test/auth/read', ['https://acme.test/auth/read'], ['https://acme.test/auth/write']],
  ])('%s grants what the table says', (held, granted, not) => {
    expect(granted.filter((required) => !grants(held, required))).toEqual([])
    expect(not.filter((required) => grants(held, required))).toEqual([])
  })

  const segment = fc.constantFrom('a', 'b', '*', 'a*', '')
  const permission = fc.array(segment, { minLength: 1, maxLength: 4 }).map((parts) => parts.join(':'))
  const resource = fc.array(segment, { minLength: 1, maxLength: 4 }).map((parts) => parts.join('/'))
  const scope = fc
    .tuple(permission, fc.option(resource, { nil: undefined }))
    .map(([what, where]) => (where === undefined ? what : `${what}@${where}`))

  it('grants itself, and all that a scope grants which it grants', () => {
    fc.assert(
      fc.property(scope, scope, scope, (a, b, c) => {
        expect(grants(a, a)).toBe(true)
        if (grants(a, b) && grants(b, c)) expect(grants(a, c)).toBe(true)
      }),
      { numRuns: 5_000 },
    )
  })

  it('never grants another resource than its own', () => {
    fc.assert(
      fc.property(permission, permission, resource, resource, (held, needed, own, other) => {
        const isWithin =
          own === other ||
          ((own.split('/').at(-1) === '*' || own.split('/').length === other.split('/').length) &&
            own.split('/').every((part, i) => part === '*' || part === other.split('/')[i]))
        if (!isWithin) expect(grants(`${held}@${own}`, `${needed}@${other}`)).toBe(false)
        expect(grants(`${held}@${own}`, needed.replaceAll('@', ''))).toBe(false)
      }),
    )
  })

  const requirement: fc.Arbitrary<ScopeRequirement> = fc.oneof(
    fc.array(scope, { maxLength: 3 }),
    fc.record({
      anyOf: fc.array(fc.oneof(scope, fc.array(scope, { maxLength: 2 })), { minLength: 1, maxLength: 3 }),
    }),
  )

  it('refuses nothing that the key could do without it', () => {
    fc.assert(
      fc.property(
        fc.array(scope),
        scope,
        requirement,
        fc.option(resource, { nil: undefined }),
        (held, more, ...asked) => {
          const before = missingScopes(held, ...asked)
          expect(missingScopes([...held, more], ...asked).length).toBeLessThanOrEqual(before.length)
        },
      ),
    )
  })

  it('is compared in time that grows with its length', () => {
    const long = (last: string) => `${'*:'.repeat(200_000)}${last}@${'*/'.repeat(200_000)}${last}`
    const start = process.cpuUsage()
    expect(grants(long('*'), long('a'))).toBe(true)
    expect(grants(long('a'), long('b'))).toBe(false)
    expect(process.cpuUsage(start).user / 1_000).toBeLessThan(1_000)
  })

  it.each(['mess*:read', 'messages:read*', 'messages:read@project/7*', '**'])(
    'cannot be %s, of which only a part is a *',
    async (scope) => {
      const { issue } = setUp()
      await expect(issue({ scopes: ['ok', scope] })).rejects.toThrow(
        'scopes[1]: must have * for whole segments only',
      )
    },
  )
})

describe('a requirement', () => {
  const holding = async (...scopes: string[]) => {
    const { apiKeys, issue } = setUp()
    const { key } = await issue({ scopes })
    return async (context: { scopes: ScopeRequirement; resource?: string | readonly string[] }) => {
      const result = await apiKeys.verify(key, context)
      return result.ok ? [] : (result.missingScopes ?? result.reason)
    }
  }

  it('is a list of scopes that are all needed, or alternatives of which one is enough', async () => {
    const lacks = await holding('a', 'b:*')
    expect(await lacks({ scopes: ['a', 'b:c'] })).toEqual([])
    expect(await lacks({ scopes: ['a', 'c', 'd'] })).toEqual(['c', 'd'])
    expect(await lacks({ scopes: { anyOf: ['c', 'a'] } })).toEqual([])
    expect(
      await lacks({
        scopes: {
          anyOf: [
            ['c', 'a'],
            ['a', 'b:d'],
          ],
        },
      }),
    ).toEqual([])
    expect(await lacks({ scopes: { anyOf: [['c', 'd'], ['a', 'e'], 'f'] } })).toEqual(['e'])
  })

  it('is for a resource where the call names one', async () => {
    const lacks = await holding('a@project/7', 'b', 'c@project/*', 'd@user/1')
    const resource = ['project', '7']
    expect(await lacks({ scopes: ['a', 'b', 'c', 'd@user/1'], resource })).toEqual([])
    expect(await lacks({ scopes: ['a'] })).toEqual(['a'])
    expect(await lacks({ scopes: ['a', 'c'], resource: 'project/8' })).toEqual(['a@project/8'])
  })

  it('takes the segments of a resource for what they are, whatever a client has put into them', async () => {
    const lacks = await holding('a@project/7/*', 'b@project/*')
    for (const id of ['7/secret', '*', '7@x', 'a b', '"', '\ud800', 'ä'.repeat(200)]) {
      expect(await lacks({ scopes: ['b'], resource: ['project', id] })).toEqual([])
      const [missing] = await lacks({ scopes: ['a'], resource: ['project', id] })
      expect(missing).toMatch(/^a@project\/[^/*@"\s]+$/)
    }
  })

  it.each<[unknown, string]>([
    [{ scopes: { anyOf: [] } }, 'scopes.anyOf: must be a list of one alternative or more'],
    [{ scopes: { anyOf: 'a' } }, 'scopes.anyOf: must be a list of one alternative or more'],
    [{ scopes: { allOf: ['a'] } }, 'scopes: must be a list of scopes, or { anyOf: a list of alternatives }'],
    [
      { scopes: { anyOf: ['a'], allOf: ['b'] } },
      'scopes: must be a list of scopes, or { anyOf: a list of alternatives }',
    ],
    [
      { scopes: ['a'], resource: '' },
      'resource: must be a resource, such as "project/7" or ["project", "7"]',
    ],
    [
      { scopes: ['a'], resource: ['project', ''] },
      'resource: must be a resource, such as "project/7" or ["project", "7"]',
    ],
    [
      { scopes: ['a'], resource: ['project', undefined] },
      'resource: must be a resource, such as "project/7" or ["project", "7"]',
    ],
    [{ scopes: { anyOf: [[], ['a']] } }, 'scopes.anyOf[0]: must name a scope at least'],
    [{ scopes: { anyOf: new Array(1) } }, 'scopes.anyOf[0][0]: must be a scope, such as messages:write'],
    [
      { scopes: ['a'], resource: new Array(2) },
      'resource: must be a resource, such as "project/7" or ["project", "7"]',
    ],
    [{ resource: 'project/7' }, 'resource: has a meaning only with scopes that are required for it'],
  ])('that is %j is refused when the guard is made', (options, message) => {
    const { apiKeys } = setUp()
    expect(() => createAuthenticate(apiKeys, options as GateOptions<Request>)).toThrow(message)
  })

  it('of no alternative at all is fulfilled by no key', async () => {
    const lacks = await holding('*')
    await expect(lacks({ scopes: { anyOf: [] } })).rejects.toThrow('scopes.anyOf')
    await expect(lacks({ scopes: { anyOf: [[]] } })).rejects.toThrow('scopes.anyOf[0]')
  })

  it('stays what it was when the guard was made, whatever the host does to its lists later', async () => {
    const { apiKeys, issue } = setUp()
    const { key } = await issue({ scopes: ['a@project/7'] })
    const all = ['admin']
    const alternatives = [['admin']]
    const resource = ['project', '8']
    const guards = [
      createAuthenticate(apiKeys, { scopes: all }),
      createAuthenticate(apiKeys, { scopes: { anyOf: alternatives } }),
      createAuthenticate(apiKeys, { scopes: ['a'], resource }),
    ]
    all.pop()
    alternatives[0]?.pop()
    alternatives.push(['a'])
    resource[1] = '7'
    for (const guard of guards) {
      const result = await guard(new Request('http://127.0.0.1/', { headers: { 'x-api-key': key } }))
      expect(result.ok ? 'ok' : result.response.status).toBe(403)
    }
  })
})

describe('a guard', () => {
  const send = async (
    options: GateOptions<Request>,
    path: string,
    scopes: string[],
    accept = 'application/json',
  ) => {
    const { apiKeys, issue } = setUp()
    const { key } = await issue({ scopes })
    const request = new Request(`http://localhost${path}`, {
      headers: { 'X-API-Key': key, Authorization: `Bearer ${key}`, Accept: accept },
    })
    const authentication = await createAuthenticate(apiKeys, options)(request)
    if (authentication.ok) return { status: 200, challenge: null, message: null }
    const { response } = authentication
    const { message } = (await response.json()) as { message: string }
    return { status: response.status, challenge: response.headers.get('www-authenticate'), message }
  }
  const byPath = ({ url }: Request) => ['project', new URL(url).pathname.slice(1)]

  it('reads from each request what its scopes are required for', async () => {
    const options = { scopes: ['messages:read'], resource: byPath }
    const statuses = (...scopes: string[]) =>
      Promise.all(['/7', '/8'].map(async (path) => (await send(options, path, scopes)).status))
    expect(await statuses('messages:read@project/7')).toEqual([200, 403])
    expect(await statuses('messages:*@project/*')).toEqual([200, 200])
    expect(await statuses('messages:read')).toEqual([200, 200])
    expect(await statuses('messages:read@project')).toEqual([403, 403])
  })

  it.each<[string, () => unknown]>([
    [
      'throws',
      () => {
        throw new Error('no such project')
      },
    ],
    ['gives no resource', () => 7],
    ['gives a promise', async () => 'project/7'],
  ])('lets nobody pass whose resource cannot be told because the function %s', async (_what, resource) => {
    const failures: unknown[] = []
    const options = {
      scopes: ['a'],
      resource: resource as () => string,
      onFailure: ({ reason }: { reason: string }) => failures.push(reason),
    }
    expect((await send(options, '/', ['*'])).status).toBe(503)
    expect(failures).toEqual(['callback_failed'])
  })

  it('requires a scope for every resource where the request is about none in particular', async () => {
    const options = { scopes: ['a'], resource: () => undefined }
    expect((await send(options, '/', ['a@project/*'])).status).toBe(403)
    expect((await send(options, '/', ['a'])).status).toBe(200)
  })

  it('names in the challenge for Bearer tokens what a key lacks', async () => {
    const credential = 'authorization-bearer'
    const options = { credential, realm: 'acme', scopes: ['a', 'b', 'c'], resource: byPath } as const
    expect(await send(options, '/7', ['b'])).toEqual({
      status: 403,
      challenge: 'Bearer realm="acme", error="insufficient_scope", scope="a@project/7 c@project/7"',
      message: 'This API key lacks a scope that this request needs',
    })
  })

  it('says it to all clients where the host lets it', async () => {
    const options: GateOptions<Request> = {
      disclose: ['missing_scope'],
      scopes: { anyOf: ['a', ['b', 'c']] },
    }
    expect(await send(options, '/', ['b'])).toEqual({
      status: 403,
      challenge: 'ApiKey realm="api", error="insufficient_scope", scope="a"',
      message: 'This API key lacks a scope that this request needs: a',
    })
    expect((await send({ scopes: ['a'] }, '/', [])).challenge).toBeNull()
    const respond = ({ missingScopes }: { readonly missingScopes?: readonly string[] }) => ({
      body: { message: missingScopes },
    })
    expect(await send({ ...options, respond }, '/', [])).toMatchObject({
      message: ['a'],
      challenge: expect.stringContaining('scope="a"'),
    })
  })

  it('repeats no more of a resource than a header field has room for', async () => {
    const options: GateOptions<Request> = { disclose: ['missing_scope'], scopes: ['a'], resource: byPath }
    const { challenge } = await send(options, `/${'7'.repeat(10_000)}`, [])
    expect(challenge).toBe('ApiKey realm="api", error="insufficient_scope", scope="a"')
    const odd = await send({ disclose: ['missing_scope'], scopes: ['say "hi"'] }, '/', [])
    expect(odd.challenge).toBe('ApiKey realm="api", error="insufficient_scope"')
  })
})

describe('the scopes of a product, as a type', () => {
  type Scope = 'messages:read' | 'messages:write' | 'admin'
  const apiKeys = createApiKeys<Scope>({ store: memoryStore() })
  type Issued = NonNullable<Parameters<typeof apiKeys.update>[1]['scopes']>[number]
  type Verified = NonNullable<Parameters<typeof apiKeys.verify>[1]>

  it('let a key have them, also with wildcards and for resources, and none that is misspelt', () => {
    expectTypeOf<'messages:read'>().toExtend<Issued>()
    expectTypeOf<'messages:*'>().toExtend<Issued>()
    expectTypeOf<'*:read@project/*'>().toExtend<Issued>()
    expectTypeOf<'*'>().toExtend<Issued>()
    expectTypeOf<'mesages:read'>().not.toExtend<Issued>()
    expectTypeOf<'messages:delete'>().not.toExtend<Issued>()
    const common = { projectId: '1', environment: 'sandbox', label: 'x' } as const
    // @ts-expect-error It is misspelt.
    void (() => apiKeys.issue({ ...common, scopes: ['messages:raed'] }))
  })

  it('leave the key set one like any other, for all that takes a key set', () => {
    expectTypeOf(apiKeys).toExtend<ApiKeys>()
    expectTypeOf<ApiKeys<string, 'files:read'>>().not.toExtend<ApiKeys<string, Scope>>()
  })

  it('let a guard require them, and none that is misspelt', () => {
    expectTypeOf<{ scopes: ['messages:read@project/7'] }>().toExtend<Verified>()
    expectTypeOf<{ scopes: { anyOf: ['admin', ['messages:read', 'messages:write']] } }>().toExtend<Verified>()
    expectTypeOf<{ scopes: ['messages:raed'] }>().not.toExtend<Verified>()
    expectTypeOf<{ scopes: { anyOf: ['admn'] } }>().not.toExtend<Verified>()
    createAuthenticate(apiKeys, { scopes: { anyOf: ['messages:read', 'admin'] } })
    // @ts-expect-error It is misspelt.
    createAuthenticate(apiKeys, { scopes: ['messages:raed'] })
    // @ts-expect-error It is misspelt.
    apiKeyPlugin(apiKeys, { scopes: { anyOf: ['admn'] } })
    apiKeyPlugin(createApiKeys({ store: memoryStore() }), { scopes: ['anything'] })
  })
})
