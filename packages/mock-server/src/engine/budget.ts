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
  /** A check begins: its time counts, and with `lift` it has a budget of its own. */
  enter(): void
  /** The check has ended. What a request does between checks does not count. */
  leave(): void
  /** Compiles a schema. It is done once, so that its time counts for less than that of checks. */
  compile<T>(work: () => T): T
}

// Most requests never get here, and never ask what time it is.
const FREE_STEPS = 100_000
const STEPS_PER_REVIEW = 10_000
const MAX_MS = 300
const COMPILING_COUNTS_LESS = 4

export function createBudget(): Budget {
  /** The time that checks of this request have taken since they were many, in microseconds. */
  let spent = 0
  let since: NodeJS.CpuUsage | undefined
  let depth = 0
  let isLifted = false
  const stop = () => {
    if (since !== undefined) spent += microseconds(since)
    since = undefined
  }
  const budget: Budget = {
    left: FREE_STEPS,
    renew() {
      budget.left = FREE_STEPS
      spent = 0
      since = undefined
    },
    spend(steps) {
      budget.left -= steps
      if (budget.left < 0) budget.review()
    },
    review() {
      since ??= process.cpuUsage()
      if (spent + microseconds(since) > MAX_MS * 1_000) throw new Exhausted()
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
    enter() {
      depth += 1
      if (depth > 1) return
      if (isLifted) budget.renew()
      else if (spent > 0) since = process.cpuUsage()
    },
    leave() {
      depth -= 1
      if (depth === 0) stop()
    },
    compile(work) {
      if (since === undefined) return work()
      stop()
      const before = process.cpuUsage()
      try {
        return work()
      } finally {
        spent += microseconds(before) / COMPILING_COUNTS_LESS
        since = process.cpuUsage()
      }
    },
  }
  return budget
}

function microseconds(since: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(since)
  return user + system
}
