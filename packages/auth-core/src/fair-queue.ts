// Jobs of many projects that share a few places: every project gets its turn, however many jobs another one has waiting.
// A full queue drops a job of the project that has the most, so that nobody is refused for what others do.

import { ApiKeysError } from './errors.js'

/** What a job is for: somebody who uses a key waits for `verify`, somebody who makes one for `hash`. */
export type Lane = 'verify' | 'hash'

export interface Turn {
  readonly lane: Lane
  readonly projectId: string
  /** How many jobs may wait in the lane. */
  readonly limit: number
}

export interface FairQueue {
  /**
   * Runs the job when it is its turn. Jobs of one project run in the order in which they came.
   * @throws ApiKeysError `verifier_overloaded` when the lane is full, and no project has more jobs in it than this one.
   */
  run<T>(turn: Turn, job: () => Promise<T>): Promise<T>
  /** How many jobs wait in a lane. */
  waiting(lane: Lane): number
}

// Keys in use go first, but not for ever.
const VERIFICATIONS_PER_HASH = 3

/** @param concurrency how many jobs run at once; half of them at the most in the lane `hash`. */
export function createFairQueue(concurrency: number): FairQueue {
  const maxHashing = Math.max(1, Math.floor(concurrency / 2))
  const lanes: Readonly<Record<Lane, Queue>> = { verify: createQueue(), hash: createQueue() }
  const running: Record<Lane, number> = { verify: 0, hash: 0 }
  let verificationsInARow = 0

  const nextLane = (): Lane | undefined => {
    const mayHash = lanes.hash.size() > 0 && running.hash < maxHashing
    const mayVerify = lanes.verify.size() > 0
    if (mayVerify && !(mayHash && verificationsInARow >= VERIFICATIONS_PER_HASH)) return 'verify'
    return mayHash ? 'hash' : undefined
  }

  const startNext = () => {
    while (running.verify + running.hash < concurrency) {
      const lane = nextLane()
      if (lane === undefined) return
      verificationsInARow = lane === 'verify' ? verificationsInARow + 1 : 0
      running[lane]++
      void lanes[lane]
        .shift()
        ?.start()
        .finally(() => {
          running[lane]--
          startNext()
        })
    }
  }

  return {
    run: ({ lane, projectId, limit }, job) =>
      new Promise((resolve, reject) => {
        lanes[lane].push(projectId, limit, {
          start: () => Promise.resolve().then(job).then(resolve, reject),
          refuse: reject,
        })
        startNext()
      }),
    waiting: (lane) => lanes[lane].size(),
  }
}

interface Job {
  /** Never rejects. */
  start(): Promise<void>
  refuse(error: unknown): void
}

interface Queue {
  size(): number
  push(projectId: string, limit: number, job: Job): void
  shift(): Job | undefined
}

function createQueue(): Queue {
  // In the order of their turns: a project that had its turn goes to the end.
  const waiting = new Map<string, Job[]>()
  let size = 0

  /** The jobs of the project that has the most, when these are clearly more than so many. */
  const moreThan = (count: number): Job[] | undefined => {
    let most: Job[] | undefined
    for (const jobs of waiting.values()) if (jobs.length > (most?.length ?? count + 1)) most = jobs
    return most
  }

  return {
    size: () => size,
    push(projectId, limit, job) {
      const own = waiting.get(projectId)
      if (size >= limit) {
        const message = `${limit} keys are already waiting for argon2`
        const overloaded = new ApiKeysError('verifier_overloaded', message)
        const most = moreThan(own?.length ?? 0)
        if (most === undefined) return job.refuse(overloaded)
        most.pop()?.refuse(overloaded)
        size--
      }
      size++
      if (own === undefined) waiting.set(projectId, [job])
      else own.push(job)
    },
    shift() {
      const [first] = waiting
      if (first === undefined) return undefined
      const [projectId, jobs] = first
      const job = jobs.shift()
      size--
      waiting.delete(projectId)
      if (jobs.length > 0) waiting.set(projectId, jobs)
      return job
    },
  }
}
