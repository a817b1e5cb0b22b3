// Snapshots: what is stored, kept under a name and brought back.

import { Confirm, Problem, useAction } from '@gosend/dashboard-ui'
import { useState } from 'preact/hooks'
import { useLive } from '../live.js'
import { useSandbox } from '../page.js'

export function SnapshotsCard() {
  const { api, announce } = useSandbox()
  const {
    data: names,
    problem,
    reload,
  } = useLive('snapshots', ['control'], () => api.get<readonly string[]>('/snapshots'))
  const [name, setName] = useState('')
  const [restored, setRestored] = useState<string>()
  const saving = useAction()
  const save = (event: Event) => {
    event.preventDefault()
    return saving.run(async () => {
      await api.send('PUT', `/snapshots/${encodeURIComponent(name)}`)
      setName('')
      reload()
      announce(`The snapshot ${name} is kept.`)
    })
  }

  return (
    <section class="card" aria-labelledby="snapshots-title">
      <h2 id="snapshots-title">Snapshots</h2>
      {problem !== undefined && <Problem text={problem} onRetry={reload} />}
      {names?.length === 0 && (
        <p class="hint">None yet. One keeps all that is stored, and what waits to be done.</p>
      )}
      {names !== undefined && names.length > 0 && (
        <ul class="plain-list">
          {names.map((one) => (
            <li key={one}>
              <code class="cut">{one}</code>
              <button
                type="button"
                class="button small"
                aria-label={`Restore ${one}`}
                onClick={() => setRestored(one)}
              >
                Restore
              </button>
            </li>
          ))}
        </ul>
      )}
      <form class="inline-form" onSubmit={save}>
        <input
          class="input"
          aria-label="Name of a new snapshot"
          placeholder="before-checkout"
          pattern="[A-Za-z0-9._\-]+"
          title="Letters, digits, dots, dashes and underscores"
          maxLength={64}
          required
          value={name}
          onInput={({ currentTarget }) => setName(currentTarget.value)}
        />
        <button type="submit" class="button" disabled={saving.isBusy}>
          {names?.includes(name) ? 'Replace' : 'Save'}
        </button>
      </form>
      {saving.problem !== undefined && <Problem text={saving.problem} />}
      {restored !== undefined && (
        <Confirm
          title={`Restore “${restored}”?`}
          action="Restore"
          onConfirm={async () => {
            await api.send('POST', `/snapshots/${encodeURIComponent(restored)}/restore`)
            announce(`All is as it was in ${restored}.`)
          }}
          onClose={() => setRestored(undefined)}
        >
          <p>It takes the place of all that is stored now, and of what waits to be done.</p>
        </Confirm>
      )}
    </section>
  )
}
