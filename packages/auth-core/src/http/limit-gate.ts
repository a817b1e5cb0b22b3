// Limits on the way of a request: it is counted once, and told how they stand by the RateLimit header fields of
// draft-ietf-httpapi-ratelimit-headers-11 and by the X-RateLimit ones that came before.

import type { ApiKey } from '../api-key.js'
import type { Awaitable } from '../awaitable.js'
import type { Allowance, Limits, Standing } from '../limits.js'

interface Counted {
  readonly keyId: string
  readonly allowance: Awaitable<Allowance>
}

const counted = new WeakMap<Limits, WeakMap<object, Counted>>()

/** Counts a request, or repeats what was said of it before: guards that share limits count it once between them. */
export function takeOnce(limits: Limits, request: object, record: ApiKey): Awaitable<Allowance> {
  let requests = counted.get(limits)
  if (requests === undefined) {
    requests = new WeakMap()
    counted.set(limits, requests)
  }
  const earlier = requests.get(request)
  if (earlier?.keyId === record.id) return earlier.allowance
  const allowance = limits.take(record)
  requests.set(request, { keyId: record.id, allowance })
  return allowance
}

/**
 * The fields that go with the answer to a counted or refused request. `RateLimit-Policy` names every limit of the plan,
 * `RateLimit` those that are known. `X-RateLimit-*` are of the limit that refused, or else of the shortest: how many
 * requests, how many are left, and the Unix time in seconds when they are all back.
 */
export function limitFieldsOf(allowance: Allowance): Readonly<Record<string, string>> {
  const { standings } = allowance
  if (standings.length === 0) return {}
  const known = standings.filter((standing): standing is Known => standing.remaining !== null)
  const refusedBy = allowance.ok ? null : allowance.refusedBy
  const foremost = known.find(({ name }) => name === refusedBy) ?? known[0]
  return {
    'RateLimit-Policy': standings.map(policyOf).join(', '),
    ...(foremost !== undefined && {
      RateLimit: known.map(limitOf).join(', '),
      'X-RateLimit-Limit': String(foremost.limit),
      'X-RateLimit-Remaining': String(foremost.remaining),
      'X-RateLimit-Reset': String(foremost.resetsAt / 1_000),
    }),
  }
}

interface Known extends Standing {
  readonly remaining: number
}

// Names are structured-field Strings; the partition key is left out, since it could only be an id.
const policyOf = ({ name, limit, windowSeconds }: Standing) => `"${name}";q=${limit};w=${windowSeconds}`
const limitOf = ({ name, remaining, resetsInSeconds }: Known) =>
  `"${name}";r=${remaining};t=${resetsInSeconds}`
