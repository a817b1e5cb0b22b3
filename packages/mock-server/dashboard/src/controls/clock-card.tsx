// The mock's clock: keys expire, timestamps move and jobs are done by it.

import { dayOf, lengthOf, Problem, timeOf, useAction } from '@gosend/dashboard-ui'
import { useState } from 'preact/hooks'
import { useSandbox } from '../page.js'
import { NOTABLE_MS } from '../ui/banner.js'
import { useMockClock } from '../ui/clock.js'

const STEPS = ['1m', '1h', '25h', '7d'] as const

export function ClockCard() {
  const { api, announce } = useSandbox()
  const clock = useMockClock()
  const { isBusy, problem, run } = useAction()
  const [duration, setDuration] = useState('')
  const set = (body: object, done: string) =>
    run(async () => {
      await api.send('POST', '/clock', body)
      announce(done)
    })
  const advance = (by: string) => set({ advance: by }, `The clock has moved forward by ${by}.`)
  const isElsewhere = clock !== undefined && (clock.isFrozen || Math.abs(clock.ahead) > NOTABLE_MS)

  return (
    <section class="card" aria-labelledby="clock-title">
      <h2 id="clock-title">Clock</h2>
      <div class="clock" aria-live="off">
        <p class="clock-time">{clock === undefined ? '–' : timeOf(new Date(clock.now).toISOString())}</p>
        <p class="hint">
          {clock !== undefined && dayOf(new Date(clock.now).toISOString())}
          {clock !== undefined && ` · ${stateOf(clock.isFrozen, clock.ahead)}`}
        </p>
      </div>
      <p class="part-title" id="clock-steps">
        Move forward by
      </p>
      <fieldset class="button-row" aria-labelledby="clock-steps" disabled={isBusy}>
        {STEPS.map((step) => (
          <button key={step} type="button" class="button small" onClick={() => advance(step)}>
            {step}
          </button>
        ))}
        <form
          class="inline-form"
          onSubmit={(event) => {
            event.preventDefault()
            advance(duration.trim())
          }}
        >
          <input
            class="input"
            aria-label="Another duration"
            placeholder="90s, 36h, 10d"
            required
            value={duration}
            onInput={({ currentTarget }) => setDuration(currentTarget.value)}
          />
          <button type="submit" class="button small">
            Advance
          </button>
        </form>
      </fieldset>
      {problem !== undefined && <Problem text={problem} />}
      <fieldset class="button-row foot" aria-label="How time passes" disabled={isBusy}>
        {clock?.isFrozen ? (
          <button type="button" class="button small" onClick={() => set({ resume: true }, 'Time goes on.')}>
            Let time go on
          </button>
        ) : (
          <button
            type="button"
            class="button small"
            onClick={() => set({ freeze: true }, 'Time stands still.')}
          >
            Freeze
          </button>
        )}
        {isElsewhere && (
          <button
            type="button"
            class="button small"
            onClick={() => set({ reset: true }, 'The clock shows real time.')}
          >
            Back to real time
          </button>
        )}
      </fieldset>
    </section>
  )
}

function stateOf(isFrozen: boolean, ahead: number): string {
  if (isFrozen) return 'stands still'
  if (Math.abs(ahead) <= NOTABLE_MS) return 'real time'
  return `${lengthOf(Math.round(ahead / 1_000) * 1_000)} ${ahead > 0 ? 'ahead' : 'behind'}`
}
