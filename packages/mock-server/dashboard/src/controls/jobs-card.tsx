// What waits for its time to come.

import { exactly, lengthOf, Problem } from '@gosend/dashboard-ui'
import type { WaitingJob } from '../../../src/control/wire.js'
import { useLive } from '../live.js'
import { useSandbox } from '../page.js'
import { useMockClock } from '../ui/clock.js'

const SHOWN = 20

export function JobsCard() {
  const { api } = useSandbox()
  const clock = useMockClock()
  const {
    data: jobs,
    problem,
    reload,
  } = useLive('jobs', ['jobs', 'control'], () => api.get<readonly WaitingJob[]>('/jobs'))
  return (
    <section class="card" aria-labelledby="jobs-title">
      <h2 id="jobs-title">
        Scheduled
        {jobs !== undefined && jobs.length > 0 && (
          <span class="figure">{jobs.length.toLocaleString('en')}</span>
        )}
      </h2>
      {problem !== undefined && <Problem text={problem} onRetry={reload} />}
      {jobs?.length === 0 && (
        <p class="hint">Nothing. What the API schedules is done when the clock reaches it.</p>
      )}
      {jobs !== undefined && jobs.length > 0 && (
        <ul class="plain-list jobs">
          {jobs.slice(0, SHOWN).map(({ id, job, payload, at, failures, environment }) => (
            <li key={id}>
              <span class="job">
                <span>
                  <code>{job}</code> <span class="hint">{environment}</span>
                  {failures > 0 && <span class="badge ending">failed {failures}×</span>}
                </span>
                <code class="cut hint">{JSON.stringify(payload)}</code>
              </span>
              <time class="hint" dateTime={at} title={exactly(at)}>
                {clock === undefined ? '' : whenOf(Date.parse(at) - clock.now)}
              </time>
            </li>
          ))}
        </ul>
      )}
      {jobs !== undefined && jobs.length > SHOWN && (
        <p class="hint">and {(jobs.length - SHOWN).toLocaleString('en')} more</p>
      )}
    </section>
  )
}

const whenOf = (distance: number): string => (distance <= 0 ? 'now' : `in ${lengthOf(distance)}`)
