// What the tests of the sandbox's pages share: one mock, one browser, and a page that is signed in.

import type { Page } from 'playwright-core'
import { type Browser, openBrowser } from '../../../express-adapter/test/support/browser.js'
import { createMockServer, gosend, type MockServer, type MockServerOptions } from '../../src/index.js'

export interface Sandbox {
  readonly mock: MockServer
  readonly page: Page
  readonly browser: Browser
  /** What the browser complained about: refused resources, thrown errors, dialogs. */
  readonly complaints: string[]
  /** Every origin that the page asked for something. */
  readonly origins: Set<string>
  /** Opens a page of the sandbox: `go('messages', '1')`. */
  go(page: string, ...choice: readonly string[]): Promise<void>
  /** With the sandbox key: `call('POST /v1/messages', …)`. */
  call(line: string, body?: unknown, headers?: Record<string, string>): Promise<Reply>
  /** A step of the control plane. */
  control(line: string, body?: unknown): Promise<Reply>
  close(): Promise<void>
}

export interface Reply {
  readonly status: number
  readonly headers: Headers
  // biome-ignore lint/suspicious/noExplicitAny: tests look into bodies whose form is what they check
  readonly json: any
}

/** `ask(mock, 'POST /v1/messages', {…}, headers)`. Pictures are taken outside of any test, so this knows of none. */
export async function ask(
  { url }: MockServer,
  line: string,
  body: unknown,
  headers: Record<string, string>,
): Promise<Reply> {
  const [method = 'GET', path = '/'] = line.split(' ')
  const response = await fetch(url + path, {
    method,
    headers: { ...headers, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })
  return {
    status: response.status,
    headers: response.headers,
    json: await response.json().catch(() => undefined),
  }
}

/** A mock, signed in to in a browser. */
export async function openSandbox(options: MockServerOptions = {}): Promise<Sandbox> {
  const mock = await createMockServer(
    options.spec === undefined ? { api: gosend({ rateLimits: 'off' }), ...options } : options,
  )
  const browser = await openBrowser({ reducedMotion: 'reduce' })
  const page = await browser.context.newPage()
  page.setDefaultTimeout(15_000)
  const complaints: string[] = []
  const origins = new Set<string>()
  page.on('pageerror', (error) => complaints.push(String(error)))
  page.on('dialog', (dialog) => complaints.push(`dialog: ${dialog.message()}`))
  page.on('console', (message) => {
    if (message.type() === 'error') complaints.push(`${message.text()} ${message.location().url}`)
  })
  page.on('request', (request) => origins.add(new URL(request.url()).origin))
  await page.goto(mock.dashboardUrl)
  await page.getByRole('link', { name: 'Requests' }).waitFor()
  return {
    ...{ mock, page, browser, complaints, origins },
    async go(id, ...choice) {
      const parts = ['projects', '42', 'sandbox', id, ...choice].map(encodeURIComponent)
      await page.evaluate((hash) => location.assign(hash), `#/${parts.join('/')}`)
      // On a phone the heading gives way to what is chosen.
      await page.getByText('Live', { exact: true }).waitFor({ state: 'attached' })
    },
    call: (line, body, headers = {}) => ask(mock, line, body, { 'x-api-key': mock.keys.test, ...headers }),
    control: (line, body) =>
      ask(mock, line.replace(' /', ' /_mock/'), body, { 'x-admin-key': mock.adminKey }),
    async close() {
      await browser.close()
      await mock.close()
    },
  }
}

/** Somebody who wrote just before the first message to them. */
export const JUAN = '5491140123456'

export const text = (body: string, to = JUAN) => ({
  phone_number_id: '555123456789',
  to,
  type: 'text',
  text: { body },
})

export const webhook = (url: string) => ({
  url,
  events: ['whatsapp.message.received', 'whatsapp.message.delivered'],
  phone_number_id: '1',
  type: 'gosendapi_events',
})

export const template = (name: string) => ({
  name,
  language: 'en_US',
  category: 'MARKETING',
  components: [
    { type: 'HEADER', format: 'TEXT', text: 'Spring sale' },
    {
      type: 'BODY',
      text: 'Hi {{1}}, everything is 20% off this week.',
      example: { body_text: [['Ana']] },
    },
    { type: 'FOOTER', text: 'Acme Bikes' },
    {
      type: 'BUTTONS',
      buttons: [
        { type: 'QUICK_REPLY', text: 'Show me' },
        { type: 'QUICK_REPLY', text: 'Not now' },
      ],
    },
  ],
})
