// How much work one request may cause: counted in steps where documents and clients decide how many there are, and
// held against processor time once they are many.

/** The work is not worth going on with: what it would have found is not known. */
export class Exhausted extends Error {
  override readonly name = 'Exhausted'
}

// Thrown by every check once the time is up, and to read a stack takes longer than most of them.
const EXHAUSTED = new Exhausted()

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
  /**
   * Compiles a schema. It is done once, so that a request has more time for it than for checks.
   *
   * @throws Exhausted when the request has had its time.
   */
  compile<T>(work: () => T): T
}

// Most requests never get here, and never ask what time it is.
const FREE_STEPS = 100_000
const STEPS_PER_REVIEW = 10_000
const MAX_CHECKING_MS = 300
/** With what is compiled on the way: the next request finds that done, and gets further. */
const MAX_MS = 700

export function createBudget(): Budget {
  /** What checks and compiling have taken of this request, in microseconds of processor time. */
  let [checking, compiling] = [0, 0]
  /** When the check began that is counted, or was last gone on with. */
  let since: number | undefined
  let depth = 0
  let isLifted = false
  /** Whether the request has had its time: then nobody asks again how much that was. */
  let isSpent = false
  const stop = (now: number) => {
    if (since !== undefined) checking += now - since
    since = undefined
  }
  const isOver = (running = 0): boolean =>
    checking + running > MAX_CHECKING_MS * 1_000 || checking + running + compiling > MAX_MS * 1_000
  const budget: Budget = {
    left: FREE_STEPS,
    renew() {
      budget.left = FREE_STEPS
      checking = 0
      compiling = 0
      since = undefined
      isSpent = false
    },
    spend(steps) {
      budget.left -= steps
      if (budget.left < 0) budget.review()
    },
    review() {
      if (isSpent) throw EXHAUSTED
      const now = microseconds()
      since ??= now
      isSpent = isOver(now - since)
      if (isSpent) throw EXHAUSTED
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
      else if (checking + compiling > 0 && !isSpent) since = microseconds()
    },
    leave() {
      depth -= 1
      if (depth === 0 && since !== undefined) stop(microseconds())
    },
    compile(work) {
      if (isSpent) throw EXHAUSTED
      const before = microseconds()
      stop(before)
      try {
        return work()
      } finally {
        const now = microseconds()
        compiling += now - before
        isSpent ||= isOver()
        // To ask for the time takes long: what comes next need not ask again, unless it is over.
        budget.left = isSpent ? 0 : Math.min(budget.left, STEPS_PER_REVIEW)
        if (depth > 0) since = now
      }
    },
  }
  return budget
}

function microseconds(): number {
  const { user, system } = process.cpuUsage()
  return user + system
}
