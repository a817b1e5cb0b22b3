import type { AddressInfo } from 'node:net'
import { createServer } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import {
  createWebhookSender,
  createWebhookTargets,
  type Resolve,
  type WebhookSender,
} from '../src/webhooks/index.js'

const closing: (() => void)[] = []
afterEach(() => {
  for (const close of closing.splice(0)) close()
})

/** A port on loopback, every address of it, that counts who connects. */
async function canary() {
  let hits = 0
  const server = createServer((socket) => {
    hits++
    socket.destroy()
  })
  await new Promise<void>((resolve) => server.listen(0, '::', resolve))
  closing.push(() => server.close())
  return { port: (server.address() as AddressInfo).port, hits: () => hits }
}

const resolvesTo =
  (...addresses: readonly string[]): Resolve =>
  (_, done) =>
    done(
      null,
      addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 })),
    )

const createTargets = (allow: readonly string[] = [], resolve?: Resolve) =>
  createWebhookTargets({ reach: 'loopback', allow, resolve, advice: (host) => `allow ${host}` })

const createSend = (targets: ReturnType<typeof createTargets>) =>
  createWebhookSender({ targets, userAgent: 'test' })

const post = (send: WebhookSender, url: string) =>
  send(url, { 'content-type': 'application/json' }, '{}', new AbortController().signal)

describe('webhooks lead', () => {
  it.each([
    'http://127.0.0.1:4000/hook',
    'http://localhost:4000/hook',
    'https://localhost:4000/hook',
    'http://app.localhost/hook',
    'http://LOCALHOST./hook',
    'http://127.8.9.10/',
    'http://[::1]:4000/',
    // A browser reads these as 127.0.0.1, and so does this.
    'http://127.1/',
    'http://2130706433/',
    'http://0x7f.0.0.1/',
    'http://0177.0.0.1/',
    'http://①②⑦.0.0.1/',
    'http://[::ffff:7f00:1]/',
  ])('to this machine: %s', (url) => {
    expect(createTargets().refuse(new URL(url))).toBeUndefined()
  })

  it.each([
    'https://shop.acme.com/hook',
    'http://10.0.0.1/',
    'http://172.16.0.1/',
    'http://192.168.1.1/',
    'http://100.64.0.1/',
    'http://169.254.169.254/latest/meta-data',
    'http://2852039166/latest/meta-data',
    'http://0xa9fea9fe/',
    'http://0.0.0.0/',
    'http://0/',
    'http://255.255.255.255/',
    'http://224.0.0.1/',
    'http://[::]/',
    'http://[fc00::1]/',
    'http://[fe80::1]/',
    'http://[::ffff:a9fe:a9fe]/',
    'http://[64:ff9b::7f00:1]/',
    'http://[2002:7f00:1::]/',
    'http://metadata.google.internal/',
    'http://localhost.evil.example/',
    'http://127.0.0.1.nip.io/',
    'http://user:127.0.0.1@evil.example/',
    'ftp://127.0.0.1/',
    'file:///etc/passwd',
  ])('nowhere else unless allowed: %s', (url) => {
    expect(createTargets().refuse(new URL(url))).toBeDefined()
  })

  it('to a host that is allowed, over https alone', () => {
    const { refuse } = createTargets(['shop.acme.com', '10.0.0.0/8'])
    expect(refuse(new URL('https://SHOP.acme.com./hook'))).toBeUndefined()
    expect(refuse(new URL('https://10.1.2.3/hook'))).toBeUndefined()
    expect(refuse(new URL('http://shop.acme.com/hook'))).toMatch(/https/)
    expect(refuse(new URL('https://acme.com/hook'))).toMatch(/; allow acme\.com$/)
    expect(refuse(new URL('https://x.shop.acme.com/hook'))).toBeDefined()
    expect(refuse(new URL('https://11.1.2.3/hook'))).toBeDefined()
  })

  it.each([
    '',
    'https://shop.acme.com',
    'shop.acme.com:443',
    '*.acme.com',
    '10.0.0.0/33',
    '::1/129',
    '10.0.0.1/x',
    '10.0.0.0/8/8',
    'fe80::1%eth0',
  ])('nowhere by an entry that means nothing: %j', (entry) => {
    expect(() => createTargets([entry])).toThrow(TypeError)
  })
})

describe('a network with bits set after its prefix', () => {
  it.each([
    ['10.0.0.5/8', '10.0.0.0/8'],
    ['192.168.1.1/16', '192.168.0.0/16'],
    ['10.0.0.1/0', '0.0.0.0/0'],
    ['fd00::1/8', 'fd00::/8'],
  ])('may be meant as another one: %s', (entry, meant) => {
    expect(() => createTargets([entry])).toThrow(
      `allow: "${entry}" has bits set after its prefix; did you mean ${meant}?`,
    )
    expect(() => createTargets([meant, entry.split('/')[0] as string])).not.toThrow()
  })
})

describe('a name', () => {
  it.each([
    '127.0.0.1',
    '127.9.9.9',
    '0.0.0.0',
    '::1',
    '::',
    '::ffff:127.0.0.1',
    '::ffff:7f00:1',
    '10.0.0.1',
    '169.254.169.254',
    '100.64.0.1',
    'fe80::1',
    'fc00::1',
    '64:ff9b::7f00:1',
    '2002:7f00:1::',
  ])('that is allowed and resolves to %s is not connected to', async (address) => {
    const { port, hits } = await canary()
    const send = createSend(createTargets(['allowed.test'], resolvesTo(address)))
    expect(await post(send, `https://allowed.test:${port}/`)).toEqual({
      error: 'allowed.test does not lead to an address that webhooks are posted to',
    })
    expect(hits()).toBe(0)
  })

  it('that changes its mind is connected to at the address that was checked', async () => {
    const { port, hits } = await canary()
    const answers = ['192.0.0.1', '127.0.0.1']
    const asked: string[] = []
    const rebinding: Resolve = (name, done) => {
      asked.push(name)
      resolvesTo(answers.shift() ?? '127.0.0.1')(name, done)
    }
    const send = createSend(createTargets(['rebinding.test'], rebinding))
    await post(send, `https://rebinding.test:${port}/`)
    await post(send, `https://rebinding.test:${port}/`)
    expect(asked).toEqual(['rebinding.test', 'rebinding.test'])
    expect(hits()).toBe(0)
  })

  it('that says localhost means this machine, whatever it resolves to', async () => {
    const send = createSend(createTargets([], resolvesTo('10.0.0.1')))
    expect(await post(send, 'http://localhost:9/')).toEqual({
      error: 'localhost does not lead to an address that webhooks are posted to',
    })
  })

  it('may resolve to a private address that is allowed itself', async () => {
    const { port, hits } = await canary()
    const send = createSend(createTargets(['allowed.test', '127.0.0.1'], resolvesTo('127.0.0.1')))
    await post(send, `https://allowed.test:${port}/`)
    expect(hits()).toBe(1)
  })
})

describe('webhooks that may reach the public Internet lead', () => {
  const { refuse } = createWebhookTargets({ reach: 'public' })

  it.each(['https://shop.acme.com/hook', 'https://8.8.8.8/', 'https://[2606:4700::1111]/'])(
    'to %s',
    (url) => {
      expect(refuse(new URL(url))).toBeUndefined()
    },
  )

  it.each([
    'http://shop.acme.com/hook',
    'https://127.0.0.1/',
    'https://10.0.0.1/',
    'https://169.254.169.254/',
    'https://[::1]/',
    'https://[::ffff:7f00:1]/',
    'https://[64:ff9b::7f00:1]/',
    'ftp://shop.acme.com/',
  ])('not to %s', (url) => {
    expect(refuse(new URL(url))).toBeDefined()
  })

  it.each(['127.0.0.1', '10.0.0.1', '::1'])('not to a name that resolves to %s', async (address) => {
    const targets = createWebhookTargets({ reach: 'public', resolve: resolvesTo(address) })
    const { port, hits } = await canary()
    for (const name of ['shop.acme.com', 'localhost']) {
      expect(await post(createSend(targets), `https://${name}:${port}/`)).toEqual({
        error: `${name} does not lead to an address that webhooks are posted to`,
      })
    }
    expect(hits()).toBe(0)
  })
})
