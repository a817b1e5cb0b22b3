// How much work one request may cause: counted in steps where documents and clients decide how many there are, and
// held against processor time once they are many.

/** The work is not worth going on with: what it would have found is not known. */
export class Exhausted extends Error {
  override readonly name = 'Exhausted'
}

export interface Budget {
  /** Steps until the time is looked at. Code that is made for a schema counts down by itself. */
  left: number
  /** A request begins. */
  renew(): void
  /** @throws Exhausted when the request has had its time. */
  spend(steps: number): void
  /** Looks at the time. @throws Exhausted when the request has had it. */
  review(): void
  /** Gives every part of some work a budget of its own: for what no request has asked for. */
  lift<T>(work: () => T): T
  /** Begins anew unless the part belongs to a request. */
  open(): void
}

// Most requests never get here, and never ask what time it is.
const FREE_STEPS = 100_000
const STEPS_PER_REVIEW = 10_000
const MAX_MS = 300

export function createBudget(): Budget {
  let before: NodeJS.CpuUsage | undefined
  let isLifted = false
  const budget: Budget = {
    left: FREE_STEPS,
    renew() {
      budget.left = FREE_STEPS
      before = undefined
    },
    spend(steps) {
      budget.left -= steps
      if (budget.left < 0) budget.review()
    },
    review() {
      if (before === undefined) before = process.cpuUsage()
      else {
        const { user, system } = process.cpuUsage(before)
        if (user + system > MAX_MS * 1_000) throw new Exhausted()
      }
      budget.left = STEPS_PER_REVIEW
    },
    lift(work) {
      const wasLifted = isLifted
      isLifted = true
      try {
        return work()
      } finally {
        isLifted = wasLifted
        budget.renew()
      }
    },
    open() {
      if (isLifted) budget.renew()
    },
  }
  return budget
}
