// Which documents are served, which are refused and why, and what is never read.

import { mkdir, symlink, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { dirname, join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { createMockServer, DocumentError } from '../src/index.js'
import { document, folder, ok, send, start, withCpuMs } from './harness.js'

const INFO = 'info: { title: T, version: "1" }'

async function file(name: string, text: string | Buffer): Promise<string> {
  const path = join(await folder(), name)
  await writeFile(path, text)
  return path
}

async function refusal(path: string): Promise<string> {
  const error: unknown = await createMockServer({ spec: path }).then(
    (mock) => mock.close().then(() => undefined),
    (reason: unknown) => reason,
  )
  expect(error).toBeInstanceOf(DocumentError)
  return (error as DocumentError).message
}

describe('a document', () => {
  it('may be Swagger 2.0', async () => {
    const spec = {
      swagger: '2.0',
      info: { title: 'T', version: '1' },
      basePath: '/api',
      consumes: ['application/json'],
      produces: ['application/json'],
      securityDefinitions: { basic: { type: 'basic' } },
      paths: {
        '/find': {
          get: {
            parameters: [
              {
                name: 'ids',
                in: 'query',
                type: 'array',
                items: { type: 'integer' },
                collectionFormat: 'pipes',
                required: true,
              },
            ],
            responses: {
              200: {
                description: 'OK',
                schema: { $ref: '#/definitions/Thing' },
                examples: { 'application/json': { id: 5 } },
              },
            },
          },
        },
        '/upload': {
          post: {
            security: [{ basic: [] }],
            consumes: ['multipart/form-data'],
            parameters: [{ name: 'file', in: 'formData', type: 'file', required: true }],
            responses: { 200: { description: 'OK' } },
          },
        },
      },
      definitions: {
        Thing: {
          type: 'object',
          properties: { id: { type: 'integer', 'x-nullable': true } },
          required: ['id'],
        },
      },
    }
    const mock = await start({ spec })
    expect((await send(mock, 'GET /api/find?ids=1|2')).json).toEqual({ id: 5 })
    expect((await send(mock, 'GET /find?ids=1|x')).status).toBe(400)
    const form = new FormData()
    form.set('file', new Blob(['hello']), 'a.txt')
    expect((await send(mock, 'POST /upload', form)).status).toBe(401)
    expect((await send(mock, 'POST /upload', form, { authorization: `Basic ${btoa('a:b')}` })).status).toBe(
      200,
    )
    expect(
      (await send(mock, 'POST /upload', new FormData(), { authorization: `Basic ${btoa('a:b')}` })).status,
    ).toBe(400)
  })

  it('of Swagger 2.0 may take a form in place of a body, and name types with blanks around them', async () => {
    const mock = await start({
      spec: {
        swagger: '2.0',
        info: { title: 'API', version: '1' },
        paths: {
          '/stacks': {
            post: {
              consumes: ['application/json', ' multipart/form-data'],
              parameters: [
                { in: 'body', name: 'body', required: true, schema: { type: 'object', required: ['name'] } },
                { in: 'formData', name: 'name', type: 'string' },
              ],
              responses: { 204: { description: 'OK' } },
            },
          },
        },
      },
    })
    const form = { 'content-type': 'application/x-www-form-urlencoded' }
    expect((await send(mock, 'POST /stacks', { name: 'a' })).status).toBe(204)
    expect((await send(mock, 'POST /stacks', {})).status).toBe(400)
    expect((await send(mock, 'POST /stacks', 'name=a', form)).status).toBe(204)
  })

  it('may be split over files below its folder, in circles too', async () => {
    const root = await folder()
    await mkdir(join(root, 'schemas'))
    await writeFile(
      join(root, 'api.yaml'),
      `openapi: 3.0.3\n${INFO}\npaths:\n  /nodes: { $ref: './paths.yaml#/nodes' }\ncomponents: { schemas: { Name: { type: string, enum: [root] } } }\n`,
    )
    await writeFile(
      join(root, 'paths.yaml'),
      `nodes:\n  get:\n    responses:\n      '200':\n        description: OK\n        content: { application/json: { schema: { $ref: 'schemas/node.json' } } }\n`,
    )
    await writeFile(
      join(root, 'schemas', 'node.json'),
      JSON.stringify({
        type: 'object',
        required: ['name'],
        properties: { name: { $ref: '../api.yaml#/components/schemas/Name' }, child: { $ref: 'node.json' } },
      }),
    )
    const mock = await start({ spec: join(root, 'api.yaml') })
    expect((await send(mock, 'GET /nodes')).json).toEqual({ name: 'root' })
  })

  it('is followed into other files also from a property named value or a response named default', async () => {
    const root = await folder()
    await writeFile(
      join(root, 'api.yaml'),
      `openapi: 3.0.3\n${INFO}
paths:
  /boxes:
    get:
      responses:
        '200':
          description: OK
          content:
            application/json:
              schema: { type: object, required: [value], properties: { value: { $ref: 'parts.yaml#/Name' } } }
        default: { $ref: 'parts.yaml#/Problem' }
`,
    )
    await writeFile(
      join(root, 'parts.yaml'),
      `Name: { type: string, enum: [Rex] }
Problem:
  description: Not well
  content: { application/json: { schema: { type: object, required: [code], properties: { code: { const: E1 } } } } }
`,
    )
    const mock = await start({ spec: join(root, 'api.yaml') })
    expect((await send(mock, 'GET /boxes')).json).toEqual({ value: 'Rex' })
    const failed = await send(mock, 'GET /boxes', undefined, { prefer: 'code=500' })
    expect([failed.status, failed.json]).toEqual([500, { code: 'E1' }])
    expect(mock.overview().warnings).toEqual([])
  })

  it('is told of once for each reference that leads nowhere, with its place and what was meant', async () => {
    const schema = (reference: string) => `{ type: array, items: { $ref: '${reference}' } }`
    const path = await file(
      'api.yaml',
      `openapi: 3.0.3\n${INFO}
paths:
  /pets:
    get: { responses: { '200': { description: OK, content: { application/json: { schema: ${schema('#/components/schemas/Pett')} } } } } }
  /dogs:
    get: { responses: { '200': { description: OK, content: { application/json: { schema: ${schema('#/components/schemas/Pett')} } } } } }
components:
  schemas:
    Pet: { type: object, example: { $ref: '#/not/a/reference' } }
    Owner: { type: object, properties: { default: { $ref: '#/definitions/Unlike' } } }
`,
    )
    const mock = await start({ spec: path })
    expect((await send(mock, 'GET /pets')).status).toBe(200)
    expect(mock.overview().warnings).toEqual([
      expect.stringMatching(
        /api\.yaml:5 .*#\/components\/schemas\/Pett leads nowhere.*; did you mean Pet\?$/,
      ),
      expect.stringMatching(/api\.yaml:11 .*#\/definitions\/Unlike leads nowhere[^?]*$/),
    ])
  })

  it('is served with a warning for each security scheme that it does not declare', async () => {
    const operation = (scheme: string) => ({ ...ok({}), security: [{ [scheme]: [] }] })
    const paths = {
      '/a': { get: operation('tokn') },
      '/b': { get: operation('tokn') },
      '/c': { get: operation('token') },
    }
    const securitySchemes = { token: { type: 'http', scheme: 'bearer' } }
    const mock = await start({ spec: document(paths, { components: { securitySchemes } }) })
    expect(mock.overview().warnings).toEqual([
      expect.stringMatching(/\/paths\/~1a\/get needs the security scheme "tokn".*; did you mean token\?$/),
    ])
  })

  it('is served with warnings where it contradicts itself', async () => {
    const path = await file(
      'api.yaml',
      `openapi: 3.1.0\n${INFO}\npaths:\n  /a/{id}/{id}:\n    get: { responses: { '200': { description: OK } } }\n  b:\n    get: {}\n  /c:\n    get:\n      responses:\n        '200': { description: OK, content: { application/json: { schema: { $ref: './gone.yaml' } } } }\n`,
    )
    const mock = await start({ spec: path })
    const { warnings } = mock.overview()
    expect(warnings).toHaveLength(3)
    expect(warnings.find((warning) => warning.includes('twice'))).toMatch(/api\.yaml:\d+/)
    expect(warnings.join()).toContain('./gone.yaml')
    expect((await send(mock, 'GET /c')).status).toBe(200)
  })

  it.each([
    ['empty.yaml', '', /is empty/],
    ['binary.yaml', Buffer.from([1, 0, 2]), /not a text file/],
    ['wide.yaml', Buffer.from('\uFEFFopenapi: 3.1.0', 'utf16le'), /UTF-16/],
    ['cut.yaml', 'openapi: 3.1.0\npaths: {', /cut\.yaml:\d+: not valid YAML/],
    ['cut.json', '{"openapi": "3.1.0",\n"paths"', /cut\.json:2: not valid JSON/],
    ['number.yaml', 'openapi: 3', /must be a string/],
    ['list.json', '[]', /not an OpenAPI document/],
    ['other.json', '{"asyncapi": "2.0.0"}', /neither/],
    ['future.yaml', 'openapi: 4.0.0', /4\.0\.0 is not supported/],
    ['tag.yaml', 'openapi: !!js/function "function () {}"', /not valid YAML/],
    ['deep.json', '['.repeat(50_000) + ']'.repeat(50_000), /nests deeper/],
    ['deep.yaml', `openapi: ${'['.repeat(20_000)}${']'.repeat(20_000)}`, /not valid YAML|nests deeper/],
    [
      'bomb.yaml',
      `a0: &a0 [x,x,x,x,x,x,x,x,x]\n${Array.from({ length: 9 }, (_, i) => `a${i + 1}: &a${i + 1} [${Array(10).fill(`*a${i}`).join(',')}]`).join('\n')}`,
      /not valid YAML/,
    ],
  ])('is refused in one line: %s', async (name, text, reason) => {
    const message = await refusal(await file(name, text))
    expect(message).toMatch(reason)
    expect(message).not.toContain('\n')
  })

  it('is refused when it is no regular file', async () => {
    expect(await refusal(await folder())).toMatch(/not a regular file/)
    expect(await refusal('/no/such/file.yaml')).toMatch(/no such file/)
    expect(await refusal('ftp://127.0.0.1/api.yaml')).toMatch(/only files, http and https addresses/)
    expect(await refusal('http://127.0.0.1:1/api.yaml')).toMatch(/connection was refused/)
  })

  it('with a byte order mark, a YAML number for its version or of OpenAPI 3.2 is understood', async () => {
    for (const text of [
      `\uFEFFopenapi: 3.1.0\n${INFO}\npaths: {}`,
      `swagger: 2.0\n${INFO}\npaths: {}`,
      `openapi: 3.2.0\n${INFO}\npaths: {}`,
    ]) {
      const mock = await start({ spec: await file('api.yaml', text) })
      expect((await send(mock, 'GET /nothing')).status).toBe(404)
    }
  })
})

describe('a reference', () => {
  const withReference = (reference: string) =>
    JSON.stringify(document({ '/a': { get: ok({ $ref: reference }) }, '/ok': { get: ok({ const: 1 }) } }))

  /** The warnings of a document that is served in spite of them. */
  const warningsOf = async (path: string, options: object = {}): Promise<readonly string[]> => {
    const mock = await start({ spec: path, ...options })
    expect((await send(mock, 'GET /ok')).json).toBe(1)
    expect((await send(mock, 'GET /a')).status).toBe(200)
    return mock.overview().warnings
  }

  it('opens no connection unless it is allowed to', async () => {
    let connections = 0
    const canary = createServer((socket) => {
      connections++
      socket.destroy()
    })
    await new Promise<void>((resolve) => canary.listen(0, '127.0.0.1', resolve))
    const { port } = canary.address() as { port: number }
    const path = await file(
      'api.json',
      withReference(`http://me:hidden@127.0.0.1:${port}/x.yaml?t=hidden#/a`),
    )
    const [warning, ...more] = await warningsOf(path)
    expect(warning).toMatch(/api\.json:\d+ .*127\.0\.0\.1:\d+\/x\.yaml\?…#\/a .*--allow-remote-refs/)
    expect([more, warning?.includes('hidden'), connections]).toEqual([[], false, 0])
    await new Promise((resolve) => canary.close(resolve))
  })

  it.each([
    ['file:///etc/passwd', /neither a file nor/],
    ['../../../../etc/passwd', /leads out of the folder.*--root/],
    ['/etc/passwd#/', /relative path/],
    ['C:\\secret.yaml', /neither a file nor|relative path/],
    ['\\\\host\\share.yaml', /relative path/],
    ['./notes.txt', /\.json, \.yaml or \.yml/],
    ['..%2f..%2fx.yaml', /leads out of the folder.*--root/],
    ['./gone.yaml', /no readable file/],
    ['./broken.yaml', /broken\.yaml:\d+: not valid YAML/],
  ])('never leaves the folder of the document, and costs only what needs it: %s', async (reference, why) => {
    const path = await file('api.json', withReference(reference))
    await writeFile(join(path, '..', 'broken.yaml'), 'a: {')
    expect(await warningsOf(path)).toEqual([expect.stringMatching(why)])
  })

  it('may lead as far up as the root allows, and no further', async () => {
    const root = await folder()
    for (const name of ['specs', 'common', 'other']) await mkdir(join(root, name, 'api'), { recursive: true })
    await writeFile(join(root, 'secret.yaml'), 'A: { const: secret }')
    await writeFile(join(root, 'common', 'types.yaml'), "A: { $ref: '../specs/parts.yaml#/B' }")
    await writeFile(join(root, 'specs', 'parts.yaml'), "B: { $ref: '../common/api/b.yaml' }")
    await writeFile(join(root, 'common', 'api', 'b.yaml'), 'const: far')
    const path = join(root, 'specs', 'api', 'api.json')
    await writeFile(path, withReference('../../common/types.yaml#/A'))
    const mock = await start({ spec: path, root })
    expect([(await send(mock, 'GET /a')).json, mock.overview().warnings]).toEqual(['far', []])
    expect(await warningsOf(path, { root: join(root, 'common') })).toEqual([
      expect.stringMatching(/parts\.yaml#\/B leads out/),
    ])
    await writeFile(path, withReference('../../common/link.yaml#/A'))
    await symlink(join(root, 'secret.yaml'), join(root, 'common', 'link.yaml'))
    expect(await warningsOf(path, { root: join(root, 'common') })).toEqual([
      expect.stringMatching(/leads out/),
    ])
    await expect(createMockServer({ spec: path, root: join(root, 'gone') })).rejects.toThrow(
      'root: must be a folder',
    )
  })

  it('never follows a link out of the folder', async () => {
    const secret = await file('secret.yaml', 'a: 1')
    const path = await file('api.json', withReference('./link.yaml'))
    await symlink(secret, join(path, '..', 'link.yaml'))
    expect(await warningsOf(path)).toEqual([expect.stringMatching(/leads out/)])
  })

  it('leads to the document by the address that it gives itself, and from there to what is beside it', async () => {
    const root = await folder()
    const schema = { $ref: 'https://api.example/v1/openapi.json#/components/schemas/A' }
    await writeFile(
      join(root, 'api.json'),
      JSON.stringify({
        $self: 'https://api.example/v1/openapi.json',
        ...document({ $ref: './paths.json' }, { components: { schemas: { A: { const: 'own' } } } }),
      }),
    )
    const beside = { $ref: 'https://api.example/v1/parts/b.json' }
    await writeFile(
      join(root, 'paths.json'),
      JSON.stringify({ '/a': { $ref: 'item.json' }, '/b': { get: ok(beside) } }),
    )
    await writeFile(join(root, 'item.json'), JSON.stringify({ get: ok(schema) }))
    await mkdir(join(root, 'parts'))
    await writeFile(join(root, 'parts', 'b.json'), JSON.stringify({ const: 'beside' }))
    const mock = await start({ spec: join(root, 'api.json') })
    expect([(await send(mock, 'GET /a')).json, (await send(mock, 'GET /b')).json]).toEqual(['own', 'beside'])
    expect(mock.overview().warnings).toEqual([])
  })

  it('may lead in a circle, nowhere, through a long chain or to a prototype, and the answer comes quickly', async () => {
    const chain = Object.fromEntries(
      Array.from({ length: 10_000 }, (_, i) => [`S${i}`, { $ref: `#/components/schemas/S${i + 1}` }]),
    )
    const schemas = {
      A: { $ref: '#/components/schemas/B' },
      B: { $ref: '#/components/schemas/A' },
      Self: { $ref: '#/components/schemas/Self' },
      Tree: {
        type: 'object',
        required: ['next'],
        properties: { next: { $ref: '#/components/schemas/Tree' } },
      },
      List: { type: 'array', items: { $ref: '#/components/schemas/List' } },
      ...chain,
    }
    const names = ['A', 'Self', 'Tree', 'List', 'S0', 'missing']
    const paths = Object.fromEntries(
      names.map((name) => [`/${name}`, { get: ok({ $ref: `#/components/schemas/${name}` }) }]),
    )
    const odd = ['#/__proto__/polluted', '#/constructor/prototype', '#/paths/~1A/get/__proto__']
    const more = Object.fromEntries(odd.map((reference, i) => [`/odd${i}`, { get: ok({ $ref: reference }) }]))
    const mock = await start({ spec: document({ ...paths, ...more }, { components: { schemas } }) })
    for (const path of [...Object.keys(paths), ...Object.keys(more)]) {
      const [answer, ms] = await withCpuMs(() => send(mock, `GET ${path}`))
      expect([path, answer.status]).toEqual([path, 200])
      expect(ms).toBeLessThan(1_000)
    }
    expect(({} as { polluted?: unknown }).polluted).toBeUndefined()
  })
})

describe('a watched document', () => {
  it('is swapped when it changes, keeps what is stored, and stays when the new one is broken', async () => {
    const text = (paths: object) => JSON.stringify(document(paths))
    const item = {
      type: 'object',
      required: ['id'],
      properties: { id: { type: 'string', readOnly: true }, name: { type: 'string' } },
    }
    const content = { content: { 'application/json': { schema: item } } }
    const things = {
      '/things': {
        get: ok({ type: 'array', items: item }),
        post: { requestBody: content, responses: { 201: { description: 'OK', ...content } } },
      },
      '/things/{id}': { get: ok(item) },
    }
    const path = await file('api.json', text(things))
    const log: string[] = []
    const mock = await start({ spec: path, watch: true, seedItems: 0, onLog: (line) => log.push(line) })
    const { json: created } = await send(mock, 'POST /things', { name: 'x' })
    const until = async (reached: () => boolean | Promise<boolean>) => {
      const deadline = Date.now() + 8_000
      while (!(await reached()) && Date.now() < deadline)
        await new Promise((resolve) => setTimeout(resolve, 50))
      expect(await reached()).toBe(true)
    }
    await writeFile(path, '{ "openapi": ')
    await until(() => log.some((line) => line.includes('last good one stays')))
    expect((await send(mock, 'GET /things')).status).toBe(200)
    await writeFile(path, text({ ...things, '/new': { get: ok() } }))
    await until(async () => (await send(mock, 'GET /new')).status === 200)
    expect((await send(mock, `GET /things/${created.id}`)).json).toEqual(created)
  })

  it('is swapped when a file that it refers to changes, or appears', async () => {
    const refTo = (name: string) => ({ get: ok({ $ref: `./${name}` }) })
    const path = await file(
      'api.json',
      JSON.stringify(document({ '/a': refTo('a.json'), '/b': refTo('b.yaml') })),
    )
    const beside = (name: string) => join(dirname(path), name)
    await writeFile(beside('a.json'), '{"const": 1}')
    const mock = await start({ spec: path, watch: true, stateful: false, onLog: () => {} })
    const shown = async () => (await send(mock, 'GET /a')).json
    expect(await shown()).toBe(1)
    await writeFile(beside('a.json'), '{"const": 22}')
    await expect.poll(shown, { timeout: 15_000 }).toBe(22)
    await writeFile(beside('b.yaml'), 'const: found')
    await expect.poll(async () => (await send(mock, 'GET /b')).json, { timeout: 15_000 }).toBe('found')
  })
})
