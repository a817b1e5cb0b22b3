// What GoSendAPI's tests share: a mock whose clock stands still, and requests with either key.

import { afterAll } from 'vitest'
import {
  createMockServer,
  type GosendOptions,
  gosend as gosendApi,
  type MockServer,
  type MockServerOptions,
} from '../../src/index.js'
import { type Reply, send, start } from '../harness.js'

/** The person of the document's examples, who wrote just before the first message to them. */
export const JUAN = '5491140123456'
/** Somebody who has never written. */
export const STRANGER = '5491150000001'
/** The project's own number. */
export const NUMBER = '555123456789'
/** Meta's test number. */
export const TEST_NUMBER = '555000000001'

export interface Gosend {
  readonly mock: MockServer
  /** With the sandbox key. */
  test(line: string, body?: unknown, headers?: Record<string, string>): Promise<Reply>
  /** With the production key. */
  live(line: string, body?: unknown, headers?: Record<string, string>): Promise<Reply>
  /** A step of the control plane. */
  control(line: string, body?: unknown): Promise<Reply>
  /** Moves the clock, `25h`, and waits for all that happens on the way. */
  pass(duration: string): Promise<void>
}

// To start one takes longer than most tests.
let shared: MockServer | undefined
afterAll(async () => {
  await shared?.close()
  shared = undefined
})

async function fresh(): Promise<MockServer> {
  shared ??= await createMockServer({ api: gosendApi({ rateLimits: 'off' }) })
  await shared.reset()
  return shared
}

/**
 * A mock without anything in it, at 14:00 on 18 May 2026. Limits are off unless they are asked for: tests are faster than
 * people.
 */
export async function gosend(options?: MockServerOptions & GosendOptions): Promise<Gosend> {
  const { rateLimits = 'off', allowWebhookHosts, ...others } = options ?? {}
  const api = gosendApi({ rateLimits, allowWebhookHosts })
  const mock = options === undefined ? await fresh() : await start({ api, ...others })
  const as =
    (key: string): Gosend['test'] =>
    (line, body, headers = {}) =>
      send(mock, line.replace(' /', ' /v1/'), body, { 'x-api-key': key, ...headers })
  const control: Gosend['control'] = (line, body) =>
    send(mock, line.replace(' /', ' /_mock/'), body, { 'x-admin-key': mock.adminKey })
  await control('POST /clock', { freeze: '2026-05-18T14:00:00Z' })
  return {
    mock,
    test: as(mock.keys.test),
    live: as(mock.keys.live),
    control,
    async pass(duration) {
      await control('POST /clock', { advance: duration })
    },
  }
}

export const text = (to: string, body = 'Your bike is ready to be picked up.') => ({
  phone_number_id: NUMBER,
  to,
  type: 'text',
  text: { body },
})

export const template = (to: string, name: string, language: string, components?: readonly object[]) => ({
  phone_number_id: NUMBER,
  to,
  type: 'template',
  template: { name, language: { code: language }, ...(components === undefined ? {} : { components }) },
})

export const greeting = (to: string) => template(to, 'hello_world', 'en_US')
