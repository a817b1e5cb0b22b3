// Events as OpenTelemetry metrics and spans. Knows the API package by its types alone: the host passes its own.

import type { Attributes, context, metrics, SpanStatusCode, trace } from '@opentelemetry/api'
import type { Telemetry, TelemetryEvent, Timed } from './telemetry.js'

/** What is needed of `@opentelemetry/api`, version 1.3 or later. */
export interface OpenTelemetryApi {
  readonly metrics: typeof metrics
  readonly trace: typeof trace
  readonly context: typeof context
  readonly SpanStatusCode: typeof SpanStatusCode
}

type EventOf<Type extends TelemetryEvent['type']> = Extract<TelemetryEvent, { readonly type: Type }>

/**
 * | metric | | attributes |
 * |---|---|---|
 * | `api_keys.verification.duration` | histogram, s | `outcome`: `ok`, the reason, or the code of an error |
 * | `api_keys.memo.misses` | counter | |
 * | `api_keys.hasher.duration` | histogram, s | `operation`: `hash` or `verify`; `error` |
 * | `api_keys.hasher.queue` | histogram, jobs before it | |
 * | `api_keys.store.duration` | histogram, s | `operation`; `waited`: false where a cache, or a store in the process, answered at once; `error` |
 * | `api_keys.limit.duration` | histogram, s | `outcome`: `ok` or the reason; `period` |
 *
 * Spans carry the same names without the last part. What was answered at once has none: it would cost more than what it
 * tells of.
 *
 * @example
 * import * as api from '@opentelemetry/api'
 * const apiKeys = createApiKeys({ store, telemetry: openTelemetry(api) })
 */
export function openTelemetry(api: OpenTelemetryApi): Telemetry {
  if (typeof api?.metrics?.getMeter !== 'function' || typeof api.trace?.getTracer !== 'function') {
    throw new TypeError("api: pass what import * as api from '@opentelemetry/api' gives")
  }
  const meter = api.metrics.getMeter(NAME)
  const tracer = api.trace.getTracer(NAME)
  const seconds = (name: string, description: string) =>
    meter.createHistogram(`api_keys.${name}.duration`, {
      unit: 's',
      description,
      advice: { explicitBucketBoundaries: BOUNDARIES },
    })
  const verifications = seconds('verification', 'Verifications of a key')
  const hasherRuns = seconds('hasher', 'Runs of argon2, waiting included')
  const storeCalls = seconds('store', 'Calls to the store of keys')
  const decisions = seconds('limit', 'Decisions on rate limits and quotas')
  const queue = meter.createHistogram('api_keys.hasher.queue', {
    unit: '{job}',
    description: 'Jobs that were waiting for argon2 when another one came',
  })
  const misses = meter.createCounter('api_keys.memo.misses', {
    unit: '{verification}',
    description: 'Verifications of a valid key that argon2 had to be asked about',
  })

  const span = (
    name: string,
    { startedAt, durationMs }: Timed,
    attributes: Attributes,
    error: string | null,
  ) => {
    const started = tracer.startSpan(
      `api_keys.${name}`,
      { startTime: startedAt, attributes },
      api.context.active(),
    )
    if (error !== null) started.setStatus({ code: api.SpanStatusCode.ERROR, message: error })
    started.end(startedAt + durationMs)
  }

  const recorders: { readonly [Type in TelemetryEvent['type']]: (event: EventOf<Type>) => void } = {
    verification(event) {
      const { outcome, keyId, durationMs, hasWaited } = event
      verifications.record(durationMs / 1_000, { outcome })
      if (!hasWaited) return
      span('verification', event, { outcome, ...(keyId !== null && { 'api_key.id': keyId }) }, null)
    },
    memo_miss: () => misses.add(1),
    hasher(event) {
      const attributes = { operation: event.operation, ...(event.error !== null && { error: event.error }) }
      hasherRuns.record(event.durationMs / 1_000, attributes)
      if (event.waiting !== null) queue.record(event.waiting)
      span('hasher', event, attributes, event.error)
    },
    store(event) {
      const { operation, error, hasWaited: waited } = event
      const attributes = { operation, waited, ...(error !== null && { error }) }
      storeCalls.record(event.durationMs / 1_000, attributes)
      if (waited) span('store', event, attributes, error)
    },
    limit(event) {
      const { outcome, period } = event
      const attributes = { outcome, ...(period !== null && { period }) }
      decisions.record(event.durationMs / 1_000, attributes)
      if (event.hasWaited) span('limit', event, attributes, outcome === 'limits_unavailable' ? outcome : null)
    },
  }

  return (event) => (recorders[event.type] as (event: TelemetryEvent) => void)(event)
}

const NAME = '@gosend/auth-core'

// From a warm verification, some 20 µs, to a deadline.
const BOUNDARIES = [0.000_01, 0.000_03, 0.000_1, 0.000_3, 0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1, 3]
