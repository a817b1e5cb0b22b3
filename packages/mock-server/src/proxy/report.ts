// What the proxy has seen that did not fit, by operation: for the end of a run.

import type { Diagnostic } from './diagnostics.js'

/** What one process has forwarded so far. */
export interface ProxyReport {
  /** How many requests were for the real API. */
  readonly requests: number
  /** How many of them it did not answer. */
  readonly unanswered: number
  /** How many requests or answers did not fit the document. */
  readonly violating: number
  /** Each violation once, the most frequent first. */
  readonly violations: readonly ReportedViolation[]
}

export interface ReportedViolation {
  /** An operationId, or method and path. */
  readonly operation: string
  /** `response.body.items.0`; without the numbers of items. */
  readonly location: string
  readonly message: string
  readonly severity: Diagnostic['severity']
  readonly count: number
}

export interface ReportKeeper {
  forwarded(): void
  unanswered(): void
  violated(operation: string, diagnostics: readonly Diagnostic[]): void
  report(): ProxyReport
}

/** Clients decide what is wrong with their requests: the list must not grow without end. */
const MAX_KINDS = 1_000

export function createReport(): ReportKeeper {
  const kinds = new Map<string, ReportedViolation>()
  let requests = 0
  let unanswered = 0
  let violating = 0
  return {
    forwarded() {
      requests += 1
    },
    unanswered() {
      unanswered += 1
    },
    violated(operation, diagnostics) {
      if (diagnostics.some(({ severity }) => severity === 'Error')) violating += 1
      for (const { location, message, severity } of diagnostics) {
        const place = location.filter((segment) => !/^\d+$/.test(segment)).join('.')
        const general = message.replace(/(?<=\.)\d+(?=[. ])/g, '*')
        const name = JSON.stringify([operation, place, general])
        const known = kinds.get(name)
        if (known === undefined && kinds.size >= MAX_KINDS) continue
        const count = (known?.count ?? 0) + 1
        kinds.set(name, { operation, location: place, message: general, severity, count })
      }
    },
    report: () => ({
      ...{ requests, unanswered, violating },
      violations: [...kinds.values()].sort((a, b) => b.count - a.count),
    }),
  }
}
