import { inspect } from 'node:util'
import fc from 'fast-check'
import { beforeEach, describe, expect, test, vi } from 'vitest'
import { createGosendClient, createManagementClient } from '../src/index.js'
import { json, listen } from './server.js'

const secret = 'a1b2c3d4e5f6'
const apiKey = `gsk_test_${secret}`

const project = {
  id: '42',
  name: 'Acme Production',
  webhookUrl: 'https://api.acme.com/webhooks/gosendapi',
  createdAt: '2026-01-15T10:00:00Z',
}
const unauthorized = { statusCode: 401, message: 'Invalid or missing API key', error: 'Unauthorized' }

beforeEach(() => {
  vi.stubEnv('GOSENDAPI_KEY', undefined)
  return () => {
    vi.unstubAllEnvs()
    vi.unstubAllGlobals()
  }
})

/** Everything that a program could print of an error. */
function printed(error: unknown): string {
  return `${inspect(error, { depth: null, showHidden: true })}${JSON.stringify(error)}${String(error)}`
}

function thrownBy(create: () => unknown): Error {
  try {
    create()
  } catch (error) {
    if (error instanceof Error) return error
  }
  throw new Error('nothing was thrown')
}

describe('a request', () => {
  test('carries the key and resolves to the data', async () => {
    const server = await listen(json(200, project))
    const { data, error, response } = await createGosendClient({ apiKey, baseUrl: `${server.url}/v1` }).GET(
      '/me',
    )

    expect(data).toEqual(project)
    expect(error).toBeUndefined()
    expect(response.status).toBe(200)
    expect(server.requests).toMatchObject([
      { method: 'GET', url: '/v1/me', headers: { 'x-api-key': apiKey } },
    ])
  })

  test('resolves to the error when the server refuses', async () => {
    const server = await listen(json(401, unauthorized, { 'WWW-Authenticate': 'ApiKey realm="GoSendAPI"' }))
    const { data, error, response } = await createGosendClient({ apiKey, baseUrl: server.url }).GET('/me')

    expect(data).toBeUndefined()
    expect(error).toEqual(unauthorized)
    expect(response.headers.get('www-authenticate')).toBe('ApiKey realm="GoSendAPI"')
  })

  test('goes to the same path whether or not the address ends in a slash', async () => {
    const server = await listen(json(200, project))
    await createGosendClient({ apiKey, baseUrl: `${server.url}/v1/` }).GET('/me')
    await createGosendClient({ apiKey, baseUrl: new URL(`${server.url}/v1`) }).GET('/me')

    expect(server.requests.map(({ url }) => url)).toEqual(['/v1/me', '/v1/me'])
  })

  test('goes to the real service unless told otherwise, through the given fetch', async () => {
    const asked: string[] = []
    const fetch = async (request: Request) => {
      asked.push(request.url)
      return Response.json(project)
    }
    const { data } = await createGosendClient({ apiKey, fetch }).GET('/me')

    expect(data).toEqual(project)
    expect(asked).toEqual(['https://cloud.gosendapi.com/v1/me'])
  })

  test.each([301, 302, 307, 308])('never takes the key along on a %i redirect', async (status) => {
    const elsewhere = await listen(json(200, project))
    const server = await listen(json(status, {}, { Location: `${elsewhere.url}/me` }))
    const error = await createGosendClient({ apiKey, baseUrl: server.url })
      .GET('/me')
      .catch((thrown) => thrown)

    expect(error).toBeInstanceOf(TypeError)
    expect(printed(error)).not.toContain(secret)
    expect(elsewhere.requests).toEqual([])
  })

  test('gives up at the deadline that the call sets', async () => {
    const server = await listen(() => {})
    const call = createGosendClient({ apiKey, baseUrl: server.url }).GET('/me', {
      signal: AbortSignal.timeout(20),
    })

    await expect(call).rejects.toMatchObject({ name: 'TimeoutError' })
  })

  test.each([
    ['<h1>Bad Gateway</h1>', '<h1>Bad Gateway</h1>'],
    ['', undefined],
  ])('resolves to no data when a proxy answers 502 with %j', async (body, shown) => {
    const server = await listen((response) => {
      response.writeHead(502, { 'Content-Type': 'text/html', 'Content-Length': body.length }).end(body)
    })
    const client = createGosendClient({ apiKey, baseUrl: server.url, maxRetries: 0 })
    const { data, error, response } = await client.GET('/me')

    expect(data).toBeUndefined()
    expect(error).toBe(shown)
    expect(response.status).toBe(502)
  })

  test('hands a file over as a form', async () => {
    const server = await listen(json(201, { id: '934567890123456' }))
    const { data } = await createGosendClient({ apiKey, baseUrl: server.url }).POST('/media', {
      body: { phone_number_id: '555123456789', type: 'image/png', file: new File(['\x89PNG'], 'bike.png') },
    })

    expect(data).toEqual({ id: '934567890123456' })
    expect(server.requests[0]?.headers['content-type']).toMatch(/^multipart\/form-data; boundary=/)
    expect(server.requests[0]?.body).toContain('name="phone_number_id"\r\n\r\n555123456789\r\n')
    expect(server.requests[0]?.body).toContain('name="file"; filename="bike.png"')
  })

  test('fails without naming the key when nobody listens', async () => {
    const error = await createGosendClient({ apiKey, baseUrl: 'http://127.0.0.1:1', maxRetries: 0 })
      .GET('/me')
      .catch((thrown) => thrown)

    expect(error).toBeInstanceOf(TypeError)
    expect(printed(error)).not.toContain(secret)
  })
})

describe('the key', () => {
  test('comes from GOSENDAPI_KEY when it is not passed', async () => {
    vi.stubEnv('GOSENDAPI_KEY', apiKey)
    const server = await listen(json(200, project))
    await createGosendClient({ baseUrl: server.url }).GET('/me')

    expect(server.requests[0]?.headers['x-api-key']).toBe(apiKey)
  })

  test('that is passed wins over GOSENDAPI_KEY', async () => {
    vi.stubEnv('GOSENDAPI_KEY', 'gsk_live_other')
    const server = await listen(json(200, project))
    await createGosendClient({ apiKey, baseUrl: server.url }).GET('/me')

    expect(server.requests[0]?.headers['x-api-key']).toBe(apiKey)
  })

  test.each(['\n', '\r\n'])('may end in the line break that a file ends in: %j', async (end) => {
    const server = await listen(json(200, project))
    await createGosendClient({ apiKey: apiKey + end, baseUrl: server.url }).GET('/me')

    expect(server.requests[0]?.headers['x-api-key']).toBe(apiKey)
  })

  test.each([undefined, ''])('is asked for by name when GOSENDAPI_KEY is %j', (value) => {
    vi.stubEnv('GOSENDAPI_KEY', value)

    expect(thrownBy(() => createGosendClient())).toMatchObject({
      name: 'TypeError',
      message: 'apiKey: is missing; pass it, or set the environment variable GOSENDAPI_KEY',
    })
  })

  test.each([
    '',
    secret,
    `sk_live_${secret}`,
    `gsk_prod_${secret}`,
    'gsk_test_',
    'gsk_live_...',
    `"${apiKey}"`,
    ` ${apiKey}`,
    `${apiKey} `,
    `${apiKey}\n\n`,
    `gsk_test_a1b2c3\nd4e5f6`,
    `${apiKey}\r\nX-Admin-Key: x`,
    `gsk_test_ключ`,
    `${apiKey}\0`,
  ])('is refused before any request when it is malformed: %j', (malformed) => {
    const fetch = vi.fn()

    expect(() => createGosendClient({ apiKey: malformed, fetch })).toThrow(
      /^apiKey: must begin with gsk_test_ or gsk_live_/,
    )
    expect(fetch).not.toHaveBeenCalled()
  })

  test.each([42, null, {}, [apiKey]])('is refused when it is not a string: %j', (value) => {
    const notAString = value as unknown as string

    expect(() => createGosendClient({ apiKey: notAString })).toThrow(TypeError)
  })

  test('is never in the message that refuses it', () => {
    const junk = fc.string({ unit: 'binary' })
    fc.assert(
      fc.property(junk, junk, (before, after) => {
        const malformed = `${before}\n${apiKey}\n${after}`
        expect(printed(thrownBy(() => createGosendClient({ apiKey: malformed })))).not.toContain(secret)
      }),
    )
  })

  test('is in nothing that can be printed of a client', () => {
    const client = createGosendClient({ apiKey })

    expect(printed(client)).not.toContain(secret)
    expect(JSON.stringify(client)).toBe('{}')
  })
})

test.each([
  '',
  'localhost:4010',
  '/v1',
  'ftp://127.0.0.1/v1',
  'http://user@127.0.0.1/v1',
  'http://:pass@127.0.0.1/v1',
  'http://127.0.0.1/v1?a=1',
  'http://127.0.0.1/v1#me',
  apiKey,
])('refuses an address that no request can go to: %j', (baseUrl) => {
  const error = thrownBy(() => createGosendClient({ apiKey, baseUrl }))

  expect(error.message).toMatch(/^baseUrl: must be an http or https address/)
  expect(printed(error)).not.toContain(secret)
})

test('refuses to run in a browser, whatever the options', () => {
  vi.stubGlobal('window', {})
  vi.stubGlobal('document', {})
  vi.stubGlobal('process', undefined)

  expect(() => createGosendClient({ apiKey })).toThrow(/^A browser shows its keys to everybody/)
  expect(() => createGosendClient()).toThrow(/^A browser/)
})

describe('the management client', () => {
  const adminKey = 'admin-a1b2c3d4e5f6-0123456789abcdef'

  test('sends the admin key, the path parameters and the body', async () => {
    const issued = { id: 'k1', key: apiKey }
    const server = await listen(json(201, issued))
    const management = createManagementClient({ adminKey: `${adminKey}\n`, baseUrl: `${server.url}/admin` })
    const { data } = await management.POST('/projects/{projectId}/keys', {
      params: { path: { projectId: '4/2' } },
      body: { label: 'backend', environment: 'sandbox' },
    })

    expect(data).toEqual(issued)
    expect(server.requests).toMatchObject([
      {
        method: 'POST',
        url: '/admin/projects/4%2F2/keys',
        headers: { 'x-admin-key': adminKey, 'content-type': 'application/json' },
        body: '{"label":"backend","environment":"sandbox"}',
      },
    ])
  })

  test.each(['', 'a1b2c3d4e5f6', `${adminKey} `, `${adminKey}\n${adminKey}`])(
    'refuses a malformed admin key without repeating it: %j',
    (malformed) => {
      const error = thrownBy(() =>
        createManagementClient({ adminKey: malformed, baseUrl: 'http://127.0.0.1' }),
      )

      expect(error.message).toMatch(/^adminKey: must have at least 32 visible ASCII characters/)
      expect(printed(error)).not.toContain(secret)
    },
  )

  test('shows its admin key to nobody', () => {
    const management = createManagementClient({ adminKey, baseUrl: 'http://127.0.0.1' })

    expect(printed(management)).not.toContain(secret)
  })

  test('refuses to run in a browser', () => {
    vi.stubGlobal('window', {})
    vi.stubGlobal('document', {})

    expect(() => createManagementClient({ adminKey, baseUrl: 'http://127.0.0.1' })).toThrow(/^A browser/)
  })
})
