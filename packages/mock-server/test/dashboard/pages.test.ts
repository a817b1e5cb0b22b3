// The sandbox's pages as developers meet them: in a real browser.

import { execFile } from 'node:child_process'
import { createHmac } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { promisify } from 'node:util'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { createMockServer } from '../../src/index.js'
import { receiver } from '../gosend/receiver.js'
import { document, ok } from '../harness.js'
import { JUAN, openSandbox, type Sandbox, template, text, webhook } from './sandbox.js'

const shell = promisify(execFile)
const SCRIPT = '<script>document.body.dataset.hacked = "yes"</script><img src=x onerror=alert(1)>'

let sandbox: Sandbox

beforeAll(async () => {
  sandbox = await openSandbox()
})
afterAll(() => sandbox?.close())
beforeEach(async () => {
  await sandbox.mock.reset()
  sandbox.complaints.length = 0
})

const main = () => sandbox.page.getByRole('main')
const row = (words: string) => main().getByRole('listitem').filter({ hasText: words })
const button = (name: string) => main().getByRole('button', { name, exact: true })
const detail = (name: string) => main().getByRole('region', { name, exact: true })
const inDialog = (name: string) => sandbox.page.getByRole('dialog').getByRole('button', { name })

describe('requests', () => {
  it('appear as they arrive, with the reason of each refusal and both bodies', async () => {
    const { call, go, page, mock } = sandbox
    await go('requests')
    await main().getByText('Waiting for the first request').waitFor()
    await call('POST /v1/messages', { to: JUAN, type: 'text', text: {} })
    await row("'phone_number_id' is required").waitFor()
    await call('GET /v1/me', undefined, { 'x-api-key': `${mock.keys.test.slice(0, -1)}-` })
    await row('This is not a well-formed key').getByText('401').waitFor()

    await row('POST /v1/messages').getByRole('link').click()
    await detail('Request').getByText("'text.body' is required").first().waitFor()
    expect(await detail('Request body').textContent()).toContain(`"to": "${JUAN}"`)
    expect(await detail('Response body').textContent()).toContain('"code": "MISSING_REQUIRED_FIELD"')
    expect(await detail('Request').textContent()).toContain('sendMessage')
    const shown = await page.evaluate(() => window.document.documentElement.outerHTML)
    expect(shown).toContain('[redacted]')
    expect(shown).not.toContain(mock.keys.test.slice(21, 60))
    expect(shown).not.toContain(mock.adminKey)

    await page.keyboard.press('Escape')
    await main().getByPlaceholder('Path, operation').fill('well-formed')
    await main().getByText('1 of 2').waitFor()
    await main().getByPlaceholder('Path, operation').fill('')
    await button('Clear').click()
    await main().getByText('Waiting for the first request').waitFor()
    expect(sandbox.complaints).toEqual([])
  })

  it('are sent and copied as they came, or not at all', async () => {
    const { go, mock } = sandbox
    const send = (body: BodyInit) =>
      fetch(`${mock.url}/v1/messages`, { method: 'POST', body, headers: { 'x-api-key': mock.keys.test } })
    await send('as it is')
    await send(new Uint8Array([0, 254, 255]))
    await go('requests')
    const buttons = () => detail('Request').getByRole('button', { name: /^(Send again|Copy as)/ })
    for (const [row, isOff] of [
      [1, false],
      [0, true],
    ] as const) {
      await main().getByRole('listitem').nth(row).getByRole('link').click()
      await expect.poll(() => buttons().count()).toBe(4)
      await expect.poll(() => buttons().first().isDisabled()).toBe(isOff)
      for (const one of await buttons().all()) expect(await one.isDisabled()).toBe(isOff)
    }
    await detail('Request').getByText('The log does not have the whole body').waitFor()
  })

  it('stay quick to walk through when there are 500 of them', async () => {
    const { call, go, page } = sandbox
    for (let i = 0; i < 510; i += 30)
      await Promise.all(Array.from({ length: 30 }, (_, at) => call(`GET /v1/messages?page=${i + at + 1}`)))
    await go('requests')
    await main().getByText('500 requests').waitFor()
    // Only those near the screen are in the page, and the list is as long as all of them.
    expect(await main().getByRole('listitem').count()).toBeLessThan(60)
    expect(await page.evaluate(() => window.document.body.scrollHeight)).toBeGreaterThan(20_000)
    await page.evaluate(() => scrollTo(0, window.document.body.scrollHeight))
    await row('page=11').waitFor()
    await page.evaluate(() => scrollTo(0, 0))
    await call('GET /v1/wabas')
    await row('/v1/wabas').waitFor()
    for (let i = 0; i < 5; i++) await page.keyboard.press('j')
    await page.keyboard.press('Enter')
    await detail('Request').getByText('listMessages').waitFor()
    const first = page.url()
    await page.keyboard.press('j')
    await expect.poll(() => page.url()).not.toBe(first)
  })
})

describe('the log', () => {
  it('is narrowed by its address, and sends a request again, as it was or edited', async () => {
    const { call, go, page, mock } = sandbox
    await call('GET /v1/me')
    await call('POST /v1/messages', text('Your bike is ready'))
    await call('GET /v1/me', undefined, { 'x-api-key': 'nonsense' })
    await go('requests')
    await main().getByText('3 requests').waitFor()
    // The view before may have asked for a request that a reset has removed.
    sandbox.complaints.length = 0
    await main().getByLabel('Operation').selectOption('getMe')
    await main().getByLabel('Status').selectOption('4xx')
    await main().getByText('1 of 3').waitFor()
    expect(page.url()).toMatch(/requests\?operation=getMe&status=4xx$/)
    await main().getByLabel('Status').selectOption('ok')
    await row('/v1/me').getByText('200').waitFor()
    await page.reload()
    await main().getByText('1 of 3').waitFor()
    expect(await main().getByLabel('Operation').inputValue()).toBe('getMe')
    const saving = page.waitForEvent('download')
    await main().getByRole('link', { name: 'Export HAR' }).click()
    const { log } = JSON.parse(await readFile(await (await saving).path(), 'utf8'))
    expect(log.entries.map((entry: { request: object }) => entry.request)).toMatchObject([
      { method: 'GET', url: `${mock.url}/v1/me` },
    ])

    await main().getByLabel('Operation').selectOption('sendMessage')
    await row('/v1/messages').getByRole('link').click()
    const opened = () => Number(/requests\/(\d+)\?/.exec(page.url())?.[1])
    await detail('Request').waitFor()
    const first = opened()
    await button('Send again').click()
    // The request with the wrong key lies between the two.
    await expect.poll(opened).toBe(first + 2)
    await button('Edit and send').click()
    const body = main().getByRole('textbox', { name: 'Body' })
    await body.fill((await body.inputValue()).replace('ready', 'late'))
    await button('Send').click()
    await expect.poll(opened).toBe(first + 3)
    await detail('Request body').getByText('Your bike is late').waitFor()
    const { json } = await call('GET /v1/messages')
    const sent = (json.data ?? json).map((message: { text: { body: string } }) => message.text.body)
    expect(sent.toSorted()).toEqual(['Your bike is late', 'Your bike is ready', 'Your bike is ready'])
    expect(sandbox.complaints).toEqual([])
  })
})

describe('GoSendAPI', () => {
  it('shows how far a message has come, step by step', async () => {
    const { call, go, mock } = sandbox
    await sandbox.control('POST /clock', { freeze: true })
    await go('messages')
    await main().getByText('No messages yet').waitFor()
    await call('POST /v1/messages', text('Your bike is ready'))
    await row('Your bike is ready').getByText('queued').waitFor()
    await row('Your bike is ready').getByRole('link').click()
    expect(await detail('Life cycle').textContent()).toMatch(/Queued.*Sentnot yet.*Readnot yet/)
    await mock.advance(600)
    await row('Your bike is ready').getByText('delivered').waitFor()
    await mock.advance(10_000)
    await expect
      .poll(() => detail('Life cycle').textContent())
      .toMatch(/Sentafter 0\.1 s.*Deliveredafter 0\.5 s.*Readafter 2\.0 s/)
  })

  it('lets developers answer as the customer, and shows the signed delivery of it', async () => {
    const { call, go, page, mock } = sandbox
    const hook = await receiver()
    const { json: created } = await call('POST /v1/webhooks', webhook(hook.url))
    await call('POST /v1/messages', text('Your bike is ready'))
    await go('conversations')
    await row(JUAN).getByRole('link').click()
    await main().getByText('Your bike is ready').waitFor()
    await main().getByLabel('Write as the customer').fill('On my way!')
    await page.keyboard.press('Enter')
    await main().getByRole('log').getByText('On my way!').waitFor()
    await mock.advance(5_000)
    const received = await hook.until(2)
    const inbound = received.find(({ event }) => event.event === 'whatsapp.message.received')
    expect(inbound?.event.data.message.text).toEqual({ body: 'On my way!' })

    await go('webhooks')
    await row('message.received').getByText('delivered').waitFor()
    await row('message.received').getByRole('link').click()
    const signature = String(inbound?.headers['x-gosendapi-signature'])
    await detail('Delivery').getByText(signature).waitFor()
    const own = createHmac('sha256', created.secret).update(inbound?.body ?? '')
    expect(signature).toBe(`sha256=${own.digest('hex')}`)
    expect(await detail('Payload').textContent()).toContain('"body": "On my way!"')
    expect(await main().textContent()).not.toContain(created.secret)

    hook.answer(500)
    await button('Send again').click()
    await hook.until(3)
    await detail('Delivery').getByText('retrying').waitFor()
    await detail('Delivery').getByText('500', { exact: true }).first().waitFor()
  })

  it('offers the buttons of a question to the customer who answers', async () => {
    const { call, go } = sandbox
    const action = { buttons: [{ type: 'reply', reply: { id: 'now', title: 'At once' } }] }
    const interactive = { type: 'button', body: { text: 'When?' }, action }
    await call('POST /v1/messages', { ...text(''), type: 'interactive', text: undefined, interactive })
    await go('conversations', '555000000001', JUAN)
    await button('At once').click()
    await main().getByRole('log').getByText('At once').waitFor()
    const { json } = await call('GET /v1/messages?direction=inbound')
    expect(json.data?.[0] ?? json[0]).toMatchObject({
      interactive: { type: 'button_reply', button_reply: { id: 'now', title: 'At once' } },
      context: { message_id: expect.stringMatching(/^wamid\./) },
    })
  })

  it('approves and rejects templates', async () => {
    const { call, go } = sandbox
    await call('POST /v1/wabas/1/templates', template('spring_sale_pending'))
    await go('templates')
    await row('spring_sale_pending').getByText('pending', { exact: true }).waitFor()
    await row('spring_sale_pending').getByRole('link').click()
    await detail('Preview').getByText('everything is 20% off').waitFor()
    await button('Approve').click()
    await row('spring_sale_pending').getByText('approved').waitFor()
    await main().getByLabel('Reason of a rejection').fill('Too loud')
    await button('Reject').click()
    await detail('Template').getByText('Too loud', { exact: true }).waitFor()
    const { json } = await call('GET /v1/wabas/1/templates?name=spring_sale_pending')
    expect(json.data?.[0] ?? json[0]).toMatchObject({ status: 'REJECTED', rejection_reason: 'Too loud' })
  })

  it('names the recipients with fixed behaviour, and opens their phones', async () => {
    await sandbox.go('recipients')
    await row('+12025550110').getByText('Fails: Message undeliverable (131026)').waitFor()
    await row('+12025550103').getByRole('link', { name: 'Phone of +12025550103' }).click()
    await main().getByText('Say hello as the customer').waitFor()
  })
})

describe('controls', () => {
  const clock = async () => Date.parse((await sandbox.control('GET /clock')).json.now)

  it('move the clock, and let it stand still', async () => {
    await sandbox.go('controls')
    const before = await clock()
    await button('25h').click()
    await main()
      .getByText(/1 day 1 hr ahead/)
      .waitFor()
    expect(await clock()).toBeGreaterThanOrEqual(before + 25 * 3_600_000)
    await main().getByLabel('Another duration').fill('nonsense')
    await button('Advance').click()
    await main().getByText('advance: must be like 90s').waitFor()
    await button('Freeze').click()
    await main().getByText('stands still').waitFor()
    expect(await clock()).toBe(await clock())
    await button('Back to real time').click()
    await main().getByText('real time', { exact: false }).first().waitFor()
  })

  it('ask for trouble, and end it', async () => {
    const { call, go } = sandbox
    await go('controls')
    await main().getByLabel('Where').selectOption('getMe')
    await button('Add fault').click()
    await main().getByText('getMe answers 500').waitFor()
    expect((await call('GET /v1/me')).status).toBe(500)
    expect((await call('GET /v1/messages')).status).toBe(200)
    await button('Remove: getMe answers 500').click()
    await main().getByText('every request is answered as it should be').waitFor()
    expect((await call('GET /v1/me')).status).toBe(200)
  })

  it('keep a snapshot, bring it back, and begin anew', async () => {
    const { call, go, control } = sandbox
    const count = async () => (await call('GET /v1/messages')).headers.get('x-total-count')
    await call('POST /v1/messages', text('The first'))
    await go('controls')
    await main().getByText('gosend.conversation').waitFor()
    await main().getByLabel('Name of a new snapshot').fill('one-message')
    await button('Save').click()
    await button('Restore one-message').waitFor()
    await call('POST /v1/messages', text('The second'))
    expect(await count()).toBe('2')
    await button('Restore one-message').click()
    await inDialog('Restore').click()
    await sandbox.page.getByRole('dialog').waitFor({ state: 'detached' })
    expect(await count()).toBe('1')
    await button('Reset everything').click()
    await inDialog('Cancel').click()
    expect(await count()).toBe('1')
    await button('Reset everything').click()
    await inDialog('Reset').click()
    await main().getByText('Nothing. What the API schedules').waitFor()
    expect(await count()).toBe('0')
    expect((await control('GET /requests')).json).toHaveLength(1)
  })
})

describe('the pages', () => {
  it('can be used with the keyboard alone', async () => {
    const { call, go, page } = sandbox
    await call('GET /v1/me')
    await go('controls')
    await page.keyboard.press('g')
    await page.keyboard.press('r')
    await row('/v1/me').waitFor()
    await page.keyboard.press('j')
    await page.keyboard.press('Enter')
    await detail('Request').waitFor()
    await page.keyboard.press('Escape')
    await detail('Request').waitFor({ state: 'detached' })
    await page.keyboard.press('/')
    await page.keyboard.type('nothing like it')
    await main().getByText('No matching request').waitFor()
    await page.keyboard.press('Escape')
    await page.keyboard.press('?')
    await page.getByRole('dialog').getByText('Go to requests').waitFor()
    await page.keyboard.press('Escape')
    await page.keyboard.press('g')
    await page.keyboard.press('c')
    const reset = button('Reset everything')
    await reset.focus()
    await page.keyboard.press('Enter')
    await page.getByRole('dialog').waitFor()
    await page.keyboard.press('Escape')
    await page.getByRole('dialog').waitFor({ state: 'detached' })
    await expect.poll(() => reset.evaluate((element) => element === window.document.activeElement)).toBe(true)
  })

  it('show scripts in texts as the texts they are', async () => {
    const { call, go, control, page } = sandbox
    const { json: message } = await call('POST /v1/messages', text(SCRIPT))
    await control('POST /inbound', { from: JUAN, text: SCRIPT })
    await call(`GET /v1/${encodeURIComponent(SCRIPT)}`)
    for (const place of [
      ['requests'],
      ['messages', message.id],
      ['conversations', '555000000001', JUAN],
      ['stored', '/messages', message.id],
    ] as const) {
      const [id, ...choice] = place
      await go(id, ...choice)
      await main()
        .getByText(id === 'requests' ? '%3Cscript' : '<script')
        .last()
        .waitFor()
    }
    expect(await page.evaluate(() => window.document.body.dataset.hacked)).toBeUndefined()
    expect(sandbox.complaints).toEqual([])
  })

  it('ask nobody but the mock for anything', async () => {
    for (const id of [
      'requests',
      'messages',
      'conversations',
      'webhooks',
      'templates',
      'recipients',
      'stored',
    ])
      await sandbox.go(id)
    expect([...sandbox.origins]).toEqual([sandbox.mock.url])
    expect(sandbox.complaints).toEqual([])
  })

  it('fit a phone, with the current one in sight', async () => {
    const { go, page } = sandbox
    await page.setViewportSize({ width: 390, height: 844 })
    try {
      await go('templates')
      await row('hello_world').getByRole('link').click()
      await button('Pause').waitFor()
      expect(await row('hello_world').isVisible()).toBe(false)
      const tab = page.getByRole('link', { name: 'Templates' })
      const { x = 0, width = 0 } = (await tab.boundingBox()) ?? {}
      expect(x).toBeGreaterThanOrEqual(0)
      expect(x + width).toBeLessThanOrEqual(390)
      await main().getByRole('link', { name: 'Close' }).click()
      await row('hello_world').waitFor()
    } finally {
      await page.setViewportSize({ width: 1280, height: 720 })
    }
  })

  it('show the other environment when asked to', async () => {
    const { go, mock } = sandbox
    await go('messages')
    await fetch(`${mock.url}/v1/messages`, {
      method: 'POST',
      headers: { 'x-api-key': mock.keys.live, 'content-type': 'application/json' },
      body: JSON.stringify(text('From production')),
    })
    await main().getByText('production', { exact: true }).click()
    await row('From production').waitFor()
    await main().getByText('sandbox', { exact: true }).click()
    await main().getByText('No messages yet').waitFor()
  })
})

describe('another document', () => {
  it('has the pages that make sense for it, and none of GoSendAPI', async () => {
    const pet = { type: 'object', properties: { id: { type: 'integer' }, name: { type: 'string' } } }
    const body = { content: { 'application/json': { schema: pet } } }
    const paths = {
      '/pets': {
        get: { operationId: 'listPets', ...ok({ type: 'array', items: pet }) },
        post: {
          operationId: 'createPet',
          requestBody: body,
          responses: { 201: { description: 'OK', ...body } },
        },
      },
      '/pets/{id}': { get: ok(pet) },
    }
    const spec = document(paths, { webhooks: { newPet: { post: { requestBody: body, responses: {} } } } })
    const hook = await receiver()
    hook.answer((_, response) => void response.writeHead(500).end('not today'))
    const other = await openSandbox({ spec, seedItems: 0, webhooks: [hook.url] })
    try {
      const { page } = other
      const links = await page.getByRole('navigation').getByRole('link').allTextContents()
      expect(links.slice(links.indexOf('Settings') + 1)).toEqual([
        'Requests',
        'Try it',
        'Stored objects',
        'Webhooks',
        'Controls',
      ])
      await other.go('stored', '/pets')
      await page.getByText('Nothing is stored here').waitFor()
      await other.call('POST /pets', { id: 7, name: 'Rex' })
      await page.getByRole('row', { name: 'Rex' }).getByRole('link', { name: '7' }).click()
      await page.getByRole('region', { name: 'History' }).getByText('POST /pets').waitFor()
      await page.getByRole('button', { name: 'Edit', exact: true }).click()
      const object = page.getByRole('textbox', { name: 'Object' })
      await object.fill((await object.inputValue()).replace('Rex', 'Max'))
      await page.getByRole('button', { name: 'Save' }).click()
      await page.getByText('"Max"').first().waitFor()
      expect((await other.call('GET /pets/7')).json).toEqual({ id: 7, name: 'Max' })

      // The first request that is tried works, and is one of the log.
      await other.go('try')
      await page.getByRole('button', { name: 'Send', exact: true }).click()
      await page.getByRole('region', { name: 'Answer' }).getByText('200').waitFor()
      await page.getByRole('link', { name: 'Open in the log' }).click()
      await page.getByRole('region', { name: 'Request' }).getByText('listPets').first().waitFor()
      await other.control('PUT /faults', [{ operation: 'listPets', status: 503 }])
      await page.getByText('Fault: listPets answers 503.').waitFor()
      await other.control('DELETE /faults')
      await page.getByText('Fault: listPets').waitFor({ state: 'detached' })
      await other.go('stored', '/pets', '7')
      await page.getByRole('button', { name: 'Delete', exact: true }).click()
      await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click()
      await page.getByText('Nothing is stored here').waitFor()
      expect((await other.call('GET /pets/7')).status).toBe(404)
      other.complaints.length = 0
      await other.go('webhooks')
      await page.getByRole('listitem').filter({ hasText: 'newPet' }).getByText('/pets: created').waitFor()
      await page.getByRole('link', { name: 'newPet' }).or(page.getByText('retrying')).first().waitFor()
      await page.getByText('retrying').first().click()
      await page.getByLabel('Attempts').getByText('not today').waitFor()
      hook.answer(204)
      await page.getByRole('button', { name: 'Edit' }).click()
      await page.getByRole('textbox', { name: 'Payload' }).fill('{ "id": "seven" }')
      await page.getByRole('button', { name: 'Send edited' }).click()
      await page.getByText('/id must be integer').waitFor()
      await page.getByRole('textbox', { name: 'Payload' }).fill('{ "id": 8 }')
      await page.getByRole('button', { name: 'Send edited' }).click()
      expect((await hook.until(2))[1]?.event).toEqual({ id: 8 })
      await page.getByText('delivered').first().waitFor()
      await other.go('controls')
      await page.getByLabel('Where').selectOption('createPet')
      await other.go('requests')
      await page.getByRole('link', { name: 'POST /pets' }).waitFor()
      // The edited payload that did not fit.
      expect(other.complaints).toEqual([expect.stringMatching(/status of 400 .*resend/)])
    } finally {
      await other.close()
    }
  })
})

describe('the first command', () => {
  const key = { type: 'apiKey', name: 'X-Token', in: 'header' }
  const tokenUrl = '/token'
  const schemes: Readonly<Record<string, Readonly<Record<string, object>>>> = {
    none: {},
    Basic: { own: { type: 'http', scheme: 'basic' } },
    Bearer: { own: { type: 'http', scheme: 'bearer' } },
    Digest: { own: { type: 'http', scheme: 'digest' } },
    'a header': { own: key },
    'a query parameter': { own: { type: 'apiKey', name: 'token', in: 'query' } },
    'a cookie': { own: { type: 'apiKey', name: 'token', in: 'cookie' } },
    OAuth: { own: { type: 'oauth2', flows: { clientCredentials: { tokenUrl, scopes: {} } } } },
    'two at once': { own: key, other: { type: 'apiKey', name: 'token', in: 'query' } },
  }

  it.each(Object.keys(schemes))('works as it is pasted, for a document with %s', async (name) => {
    const securitySchemes = schemes[name] ?? {}
    const security = [Object.fromEntries(Object.keys(securitySchemes).map((scheme) => [scheme, []]))]
    const spec = {
      ...{ openapi: '3.1.0', info: { title: 'Pets', version: '1' }, security },
      components: { securitySchemes },
      paths: { '/pets': { get: { responses: { 200: { description: 'All' } } } } },
    }
    const mock = await createMockServer({ spec })
    const page = await sandbox.browser.context.newPage()
    try {
      await page.goto(mock.dashboardUrl)
      const command = page.locator('.command code')
      await command.waitFor()
      const text = (await command.textContent()) ?? ''
      const { stdout } = await shell(
        'bash',
        ['-c', `${text} --silent --output /dev/null --write-out '%{http_code}'`],
        {
          env: { PATH: process.env.PATH },
        },
      )
      expect([text, stdout]).toEqual([expect.stringContaining('/pets'), '200'])
    } finally {
      await page.close()
      await mock.close()
    }
  })
})

describe('the list of places', () => {
  it('leads to operations and to requests', async () => {
    const { call, page } = sandbox
    await call('GET /v1/wabas')
    await page.keyboard.press('Control+k')
    const field = page.getByRole('dialog').getByRole('combobox')
    await field.fill('wabas')
    await page.getByRole('option', { name: /GET \/v1\/wabas Request \d+: 200/ }).waitFor()
    await page
      .getByRole('option', { name: /GET \/wabas .*Operation/ })
      .first()
      .click()
    await main().getByRole('form', { name: 'Request' }).waitFor()
    await page.keyboard.press('Control+k')
    await field.fill('wabas')
    await page.getByRole('option', { name: /GET \/v1\/wabas Request \d+: 200/ }).click()
    await detail('Request').getByText('listWabas').waitFor()
    expect(sandbox.complaints).toEqual([])
  })
})
