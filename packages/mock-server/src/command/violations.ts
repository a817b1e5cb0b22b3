// What a run of the proxy has found, when it ends: for people, and as the exit code for CI.

import type { ProxyReport } from '../index.js'

const MAX_LINES = 50

/** `3 requests forwarded, 1 with violations`, and each violation with how often it was seen. */
export function violationsOf({ requests, unanswered, violating, violations }: ProxyReport): string {
  const lines = violations
    .slice(0, MAX_LINES)
    .map(
      ({ count, operation, location, message, severity }) =>
        `  ${count} × ${operation}  ${location}: ${message}${severity === 'Warning' ? ' (warning)' : ''}`,
    )
  const more = violations.length > MAX_LINES ? [`  and ${violations.length - MAX_LINES} more`] : []
  const missing = unanswered === 0 ? '' : `, ${unanswered} without an answer`
  const forwarded = `${requests} request${requests === 1 ? '' : 's'} forwarded`
  return [`${forwarded}, ${violating} with violations${missing}`, ...lines, ...more].join('\n')
}

/** 1 where something was wrong that the run is to fail on. */
export const exitCodeOf = ({ violating, unanswered }: ProxyReport): number =>
  violating + unanswered > 0 ? 1 : 0
