// What people see of a job that has been scheduled.

/** A job that is waiting or running, as the dashboard shows it. */
export interface WaitingJob {
  readonly id: string
  readonly job: string
  readonly projectId: string
  readonly environment: string
  readonly payload: unknown
  /** ISO 8601. */
  readonly at: string
  /** How often it has failed so far. */
  readonly failures: number
}
