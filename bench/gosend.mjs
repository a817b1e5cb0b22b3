// Messages per second through GoSendAPI's own rules, with more and more webhooks: `node bench/gosend.mjs`

import { spawn } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { cpus, tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { cpuOf, peakOf } from './mock-servers.mjs'
import { start } from './processes.mjs'
import { interleave, ratio, spread } from './rounds.mjs'
import { printTable, range } from './tables.mjs'

const bin = fileURLToPath(new URL('../packages/mock-server/bin/gosend-mock.js', import.meta.url))
const { ROUND_SECONDS = '5', ROUNDS = '3' } = process.env
const [seconds, rounds] = [ROUND_SECONDS, ROUNDS].map(Number)
const contestants = [0, 1, 2]
const JUAN = '5491140123456'
const NUMBER = '555123456789'

async function boot(folder) {
  const flags = [
    '--db',
    join(folder, `${Math.random()}.db`),
    '--port',
    '0',
    '--json',
    '--quiet',
    '--rate-limits',
    'off',
  ]
  const child = spawn(process.execPath, [bin, ...flags], { stdio: ['ignore', 'pipe', 'inherit'] })
  const gone = new Promise((resolve) => child.once('exit', resolve))
  const { url, keys, adminKey } = JSON.parse(
    await new Promise((resolve) => child.stdout.once('data', resolve)),
  )
  const credential = (path) =>
    path.startsWith('/v1/') ? { 'x-api-key': keys.live } : { 'x-admin-key': adminKey }
  const call = async (method, path, body) => {
    const response = await fetch(url + path, {
      method,
      headers: { 'content-type': 'application/json', ...credential(path) },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${await response.text()}`)
    return response.json()
  }
  return {
    ...{ call, key: keys.live, port: Number(new URL(url).port) },
    megabytes: () => peakOf(child.pid),
    cpuMicros: () => cpuOf(child.pid),
    stop() {
      child.kill('SIGKILL')
      return gone
    },
  }
}

/** Sends for some seconds over 16 connections, and waits until the last event has arrived. */
async function life(folder, load, receiver, port, webhooks) {
  const mock = await boot(folder)
  try {
    for (let i = 0; i < webhooks; i++)
      await mock.call('POST', '/v1/webhooks', {
        ...{ url: `http://127.0.0.1:${port}/`, phone_number_id: '31', type: 'gosendapi_events' },
        events: ['whatsapp.message.sent', 'whatsapp.message.delivered', 'whatsapp.message.read'],
      })
    await mock.call('POST', '/_mock/inbound?environment=production', {
      from: JUAN,
      text: 'Hello',
      phone_number_id: NUMBER,
    })
    const request = {
      ...{ port: mock.port, path: '/v1/messages', method: 'POST' },
      headers: { 'content-type': 'application/json', 'x-api-key': mock.key },
      body: JSON.stringify({
        phone_number_id: NUMBER,
        to: JUAN,
        type: 'text',
        text: { body: 'Your bike is ready.' },
      }),
    }
    await load.call('run', { ...request, seconds: 1 })
    const before = await receiver.call('count')
    const [startedAt, cpuBefore] = [performance.now(), mock.cpuMicros()]
    const measured = await load.call('run', { ...request, seconds })
    if (measured.failures > 0 || measured.statuses.join() !== '201') throw new Error(JSON.stringify(measured))
    // The clock runs by itself: the slowest step of a message takes two seconds.
    while ((await mock.call('GET', '/_mock/jobs')).some(({ job }) => job !== 'gosend.conversation'))
      await delay(100)
    const drained = (performance.now() - startedAt) / 1_000
    return {
      messages: measured.perSecond,
      ...{ p50: measured.p50, p99: measured.p99 },
      deliveries: ((await receiver.call('count')) - before) / drained,
      behind: drained - seconds,
      cpu: (mock.cpuMicros() - cpuBefore) / measured.requests,
      megabytes: mock.megabytes(),
    }
  } finally {
    await mock.stop()
  }
}

const folder = await mkdtemp(join(tmpdir(), 'bench-gosend-'))
const [load, receiver] = [start('./mock-load.mjs'), start('./gosend-receiver.mjs')]
try {
  const port = await receiver.call('listen')
  const results = await interleave(contestants, rounds, (webhooks) =>
    life(folder, load, receiver, port, webhooks),
  )
  const cell = (webhooks, name) => range(spread(results.get(webhooks), (result) => result[name]))
  console.log(
    `Node ${process.version}, ${cpus().length} × ${cpus()[0]?.model}, ${rounds} rounds of ${seconds} s`,
  )
  printTable(
    'POST /v1/messages, 16 connections, three events for each message and webhook, median (min–max)',
    [
      'webhooks',
      'messages/s',
      'against none',
      'p50 ms',
      'p99 ms',
      'CPU us/message',
      'deliveries/s',
      'last event after s',
      'peak MB',
    ],
    contestants.map((webhooks) => [
      webhooks,
      cell(webhooks, 'messages'),
      range(ratio(results.get(webhooks), results.get(0), ({ messages }) => messages)),
      ...['p50', 'p99', 'cpu', 'deliveries', 'behind', 'megabytes'].map((name) => cell(webhooks, name)),
    ]),
  )
} finally {
  load.stop()
  receiver.stop()
  await rm(folder, { recursive: true, force: true })
}
