import * as api from '@opentelemetry/api'
import {
  AggregationTemporality,
  InMemoryMetricExporter,
  MeterProvider,
  PeriodicExportingMetricReader,
} from '@opentelemetry/sdk-metrics'
import { BasicTracerProvider, InMemorySpanExporter, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-base'
import { afterAll, beforeEach, describe, expect, it } from 'vitest'
import type { ApiKeyStore, TelemetryEvent } from '../src/index.js'
import { openTelemetry } from '../src/opentelemetry.js'
import { memoryStore } from '../src/stores/memory.js'
import { setUp } from './support/keys.js'
import { limited, recordOf } from './support/limits.js'

const spans = new InMemorySpanExporter()
const metrics = new InMemoryMetricExporter(AggregationTemporality.DELTA)
const reader = new PeriodicExportingMetricReader({ exporter: metrics, exportIntervalMillis: 2 ** 30 })
api.metrics.setGlobalMeterProvider(new MeterProvider({ readers: [reader] }))
api.trace.setGlobalTracerProvider(
  new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(spans)] }),
)

afterAll(() => reader.shutdown())
beforeEach(async () => {
  await reader.forceFlush()
  metrics.reset()
  spans.reset()
})

/** What was measured since the last time: per metric and attributes, how often. */
async function counts(): Promise<Record<string, number>> {
  await reader.forceFlush()
  const found: Record<string, number> = {}
  for (const { descriptor, dataPoints } of metrics
    .getMetrics()
    .flatMap(({ scopeMetrics }) => scopeMetrics.flatMap(({ metrics }) => metrics))) {
    for (const { attributes, value } of dataPoints) {
      const labels = Object.values(attributes).join(' ')
      found[`${descriptor.name} ${labels}`.trim()] = typeof value === 'number' ? value : value.count
    }
  }
  return found
}

const spanNames = () =>
  spans
    .getFinishedSpans()
    .map(({ name }) => name)
    .toSorted()

function watched(options: Parameters<typeof setUp>[0] = {}) {
  const events: TelemetryEvent[] = []
  return { events, ...setUp({ telemetry: (event) => events.push(event), ...options }) }
}

const distant = (store: ApiKeyStore): ApiKeyStore => ({ ...store, find: async (id) => store.find(id) })

describe('telemetry', () => {
  it('tells of every verification how it ended, and what it took', async () => {
    const { apiKeys, issue, events } = watched()
    const { key, record } = await issue()
    events.length = 0
    await apiKeys.verify(key)
    expect(events).toMatchObject([
      { type: 'store', operation: 'find', error: null, hasWaited: false },
      { type: 'memo_miss' },
      { type: 'hasher', operation: 'verify', error: null, hasWaited: true },
      { type: 'store', operation: 'find', error: null },
      { type: 'verification', outcome: 'ok', keyId: record.id, hasWaited: true },
    ])
    events.length = 0
    await apiKeys.verify(key)
    expect(events).toMatchObject([
      { type: 'store', operation: 'find' },
      { type: 'verification', outcome: 'ok', keyId: record.id, hasWaited: false },
    ])
    events.length = 0
    await apiKeys.revoke(record.id)
    await apiKeys.verify(key)
    await apiKeys.verify('nonsense')
    expect(events.filter(({ type }) => type === 'verification')).toMatchObject([
      { outcome: 'revoked', keyId: record.id },
      { outcome: 'malformed', keyId: null },
    ])
  })

  it('tells of an outage by its code', async () => {
    const store = memoryStore()
    const down = { ...store, find: () => Promise.reject(new Error('ECONNREFUSED')) }
    const { apiKeys, issue, events } = watched({ store: down })
    const { key } = await issue()
    events.length = 0
    await expect(apiKeys.verify(key)).rejects.toThrow()
    expect(events).toMatchObject([
      { type: 'store', operation: 'find', error: 'store_unavailable' },
      { type: 'verification', outcome: 'store_unavailable', keyId: null },
    ])
  })

  it('tells how many jobs were waiting for argon2', async () => {
    const { argon2Hasher } = await import('../src/index.js')
    const hasher = argon2Hasher({ memoryKiB: 1_024, iterations: 1 })
    const { apiKeys, issue, events } = watched({ hasher })
    const issued = await Promise.all(Array.from({ length: 12 }, () => issue()))
    events.length = 0
    await Promise.all(issued.map(async ({ key }) => apiKeys.verify(key)))
    const runs = events.flatMap((event) => (event.type === 'hasher' ? [event.waiting] : []))
    expect(runs).toHaveLength(12)
    expect(Math.max(...runs.map(Number))).toBeGreaterThan(0)
  })

  it('cannot break what it watches', async () => {
    const { issue, reasonFor } = setUp({
      telemetry: () => {
        throw new Error('the collector is down')
      },
    })
    expect(await reasonFor((await issue()).key)).toBe('ok')
    expect(() => setUp({ telemetry: 'console' as never })).toThrow(TypeError)
  })

  it('holds no key, secret, tag or hash, whatever happens', async () => {
    const { apiKeys, issue, events } = watched()
    const rows: unknown[] = []
    const { key, record } = await issue({ label: 'a label that is nobody’s business' })
    const next = await apiKeys.rotate(record.id)
    for (const presented of [key, next.key, `${key.slice(0, -1)}-`, key.slice(0, 40)]) {
      await apiKeys.verify(presented)
    }
    rows.push(...events)
    const written = JSON.stringify(rows)
    for (const whole of [key, next.key]) {
      const secret = whole.slice('gsk_live_'.length + 12, -6)
      for (let at = 0; at + 12 <= secret.length; at += 6)
        expect(written).not.toContain(secret.slice(at, at + 12))
    }
    expect(written).not.toMatch(/argon2id|\$m=|label/)
  })
})

describe('limits', () => {
  it('tell what they decide', async () => {
    const events: TelemetryEvent[] = []
    const telemetry = (event: TelemetryEvent) => events.push(event)
    const { limits } = limited({ perSecond: 5, perDay: 1 }, { telemetry })
    await limits.consume(recordOf())
    await limits.consume(recordOf())
    await limits.consume(recordOf(), { cost: -1 })
    expect(events).toMatchObject([
      { type: 'limit', outcome: 'ok', period: null },
      { type: 'limit', outcome: 'rate_exceeded', period: 'day' },
      { type: 'limit', outcome: 'limits_unavailable', period: null },
    ])
  })
})

describe('OpenTelemetry', () => {
  it('counts and times what happens, by outcome', async () => {
    const { apiKeys, issue } = setUp({ telemetry: openTelemetry(api) })
    const { key, record } = await issue()
    for (let request = 0; request < 5; request++) await apiKeys.verify(key)
    await apiKeys.verify('nonsense')
    await apiKeys.revoke(record.id)
    await apiKeys.verify(key)
    const { limits } = limited({ perDay: 1 }, { telemetry: openTelemetry(api) })
    await limits.consume(recordOf())
    await limits.consume(recordOf())
    expect(await counts()).toMatchObject({
      'api_keys.verification.duration ok': 5,
      'api_keys.verification.duration malformed': 1,
      'api_keys.verification.duration revoked': 1,
      'api_keys.memo.misses': 1,
      'api_keys.hasher.duration hash': 1,
      'api_keys.hasher.duration verify': 1,
      'api_keys.store.duration commit false': 2,
      'api_keys.limit.duration ok': 1,
      'api_keys.limit.duration rate_exceeded day': 1,
    })
  })

  it('makes spans of what had to wait, and none of what was answered at once', async () => {
    const { apiKeys, issue } = setUp({ telemetry: openTelemetry(api), store: distant(memoryStore()) })
    const { key, record } = await issue()
    spans.reset()
    await apiKeys.verify(key)
    expect(spanNames()).toEqual([
      'api_keys.hasher',
      'api_keys.store',
      'api_keys.store',
      'api_keys.verification',
    ])
    const verification = spans.getFinishedSpans().find(({ name }) => name === 'api_keys.verification')
    expect(verification?.attributes).toEqual({ outcome: 'ok', 'api_key.id': record.id })

    const local = setUp({ telemetry: openTelemetry(api) })
    const { key: warm } = await local.issue()
    await local.apiKeys.verify(warm)
    spans.reset()
    await local.apiKeys.verify(warm)
    expect(spanNames()).toEqual([])
  })

  it('marks what failed', async () => {
    const down = { ...memoryStore(), find: () => Promise.reject(new Error('ECONNREFUSED')) }
    const { apiKeys, issue } = setUp({ telemetry: openTelemetry(api), store: down })
    const { key } = await issue()
    spans.reset()
    await expect(apiKeys.verify(key)).rejects.toThrow()
    const call = spans.getFinishedSpans().find(({ name }) => name === 'api_keys.store')
    expect(call?.status).toEqual({ code: api.SpanStatusCode.ERROR, message: 'store_unavailable' })
    expect(await counts()).toMatchObject({ 'api_keys.store.duration find true store_unavailable': 1 })
  })

  it('shows how often a cache in front of the store answers', async () => {
    const rows = memoryStore()
    const cached = new Set<string>()
    const store: ApiKeyStore = {
      ...rows,
      find(id) {
        if (cached.has(id)) return rows.find(id)
        cached.add(id)
        return Promise.resolve(rows.find(id))
      },
    }
    const { apiKeys, issue } = setUp({ telemetry: openTelemetry(api), store })
    const { key } = await issue()
    for (let request = 0; request < 5; request++) await apiKeys.verify(key)
    expect(await counts()).toMatchObject({
      'api_keys.store.duration find true': 1,
      'api_keys.store.duration find false': 5,
    })
  })

  it('does without a provider, as the API package itself does', async () => {
    const { issue, reasonFor } = setUp({
      telemetry: openTelemetry({ ...api, metrics: { getMeter: () => api.createNoopMeter() } as never }),
    })
    expect(await reasonFor((await issue()).key)).toBe('ok')
    expect(() => openTelemetry({} as never)).toThrow(TypeError)
  })
})
