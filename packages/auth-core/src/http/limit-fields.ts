// How limits stand, as header fields: the RateLimit fields of draft-ietf-httpapi-ratelimit-headers-11, and the X-RateLimit
// ones that came before.

import type { Allowance, Standing } from '../limits.js'

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
  const foremost = known.find(({ period }) => period === refusedBy) ?? known[0]
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
const policyOf = ({ period, limit, windowSeconds }: Standing) => `"${period}";q=${limit};w=${windowSeconds}`
const limitOf = ({ period, remaining, resetsInSeconds }: Known) =>
  `"${period}";r=${remaining};t=${resetsInSeconds}`
