// Trouble on demand: what is asked for now, and a form for more.

import { Choice, Problem, useAction } from '@gosend/dashboard-ui'
import { useState } from 'preact/hooks'
import type { FaultRule, OperationName } from '../../../src/control/wire.js'
import { useLive } from '../live.js'
import { useSandbox } from '../page.js'

export function FaultsCard() {
  const { api, announce } = useSandbox()
  const {
    data: rules,
    problem,
    reload,
  } = useLive('faults', ['control'], () => api.get<readonly FaultRule[]>('/faults'))
  const { data: operations = [] } = useLive('operations', [], () =>
    api.get<readonly OperationName[]>('/operations'),
  )
  const action = useAction()
  const put = (next: readonly FaultRule[], done: string) =>
    action.run(async () => {
      await api.send('PUT', '/faults', next)
      reload()
      announce(done)
    })

  return (
    <section class="card" aria-labelledby="faults-title">
      <h2 id="faults-title">Faults</h2>
      {problem !== undefined && <Problem text={problem} onRetry={reload} />}
      {rules?.length === 0 && <p class="hint">None: every request is answered as it should be.</p>}
      {rules !== undefined && rules.length > 0 && (
        <ul class="plain-list">
          {rules.map((rule, at) => (
            <li key={`${at} ${JSON.stringify(rule)}`}>
              <span>{sentenceOf(rule)}</span>
              <button
                type="button"
                class="button small"
                aria-label={`Remove: ${sentenceOf(rule)}`}
                disabled={action.isBusy}
                onClick={() =>
                  put(
                    rules.filter((other) => other !== rule),
                    'The fault is gone.',
                  )
                }
              >
                Remove
              </button>
            </li>
          ))}
        </ul>
      )}
      <FaultForm
        operations={operations}
        isBusy={action.isBusy}
        onAdd={(rule) => put([...(rules ?? []), rule], 'The fault is in force.')}
      />
      {action.problem !== undefined && <Problem text={action.problem} />}
    </section>
  )
}

/** What can be asked for, and what it is in a rule. */
const KINDS = {
  500: { name: 'Answer 500', rule: { status: 500 } },
  503: { name: 'Answer 503', rule: { status: 503 } },
  429: { name: 'Answer 429', rule: { status: 429 } },
  403: { name: 'Answer 403', rule: { status: 403 } },
  slow: { name: 'Answer late', rule: {} },
  drop: { name: 'End the connection', rule: { drop: true } },
} as const
type Kind = `${keyof typeof KINDS}`
const KIND_OPTIONS = Object.entries(KINDS).map(([kind, { name }]) => [kind as Kind, name] as const)

interface Draft {
  readonly operation: string
  readonly kind: Kind
  readonly latencyMs: string
  readonly percent: string
  readonly times: string
}

const noDraft: Draft = { operation: '', kind: '500', latencyMs: '', percent: '', times: '' }

interface FaultFormProps {
  readonly operations: readonly OperationName[]
  readonly isBusy: boolean
  readonly onAdd: (rule: FaultRule) => Promise<boolean>
}

function FaultForm({ operations, isBusy, onAdd }: FaultFormProps) {
  const [draft, setDraft] = useState(noDraft)
  const set = (change: Partial<Draft>) => setDraft((was) => ({ ...was, ...change }))
  const numbers: readonly {
    name: 'latencyMs' | 'percent' | 'times'
    label: string
    hint: string
    max: number
  }[] = [
    { name: 'latencyMs', label: 'Delay (ms)', hint: draft.kind === 'slow' ? '2000' : '0', max: 300_000 },
    { name: 'percent', label: 'How often (%)', hint: '100', max: 100 },
    { name: 'times', label: 'How many times', hint: 'unlimited', max: 1_000_000 },
  ]
  return (
    <form
      class="form fault-form"
      onSubmit={(event) => {
        event.preventDefault()
        onAdd(ruleOf(draft))
      }}
    >
      <div class="pair">
        <label class="field">
          <span>What happens</span>
          <Choice value={draft.kind} options={KIND_OPTIONS} onChange={(kind) => set({ kind })} />
        </label>
        <label class="field">
          <span>Where</span>
          <Choice
            value={draft.operation}
            options={[
              ['', 'Every operation'],
              ...operations.map(({ id, line }) => [id, id === line ? id : `${id} (${line})`] as const),
            ]}
            onChange={(operation) => set({ operation })}
          />
        </label>
      </div>
      <div class="triple">
        {numbers.map(({ name, label, hint, max }) => (
          <label key={name} class="field">
            <span>{label}</span>
            <input
              class="input"
              type="number"
              min={name === 'latencyMs' ? 0 : 1}
              max={max}
              placeholder={hint}
              value={draft[name]}
              onInput={({ currentTarget }) => set({ [name]: currentTarget.value })}
            />
          </label>
        ))}
      </div>
      <button type="submit" class="button" disabled={isBusy}>
        Add fault
      </button>
    </form>
  )
}

const SLOW_MS = 2_000

function ruleOf({ operation, kind, latencyMs, percent, times }: Draft): FaultRule {
  const late = latencyMs === '' ? (kind === 'slow' ? SLOW_MS : 0) : Number(latencyMs)
  return {
    ...KINDS[kind].rule,
    ...(operation === '' ? {} : { operation }),
    ...(late === 0 ? {} : { latencyMs: late }),
    ...(percent === '' ? {} : { rate: Number(percent) / 100 }),
    ...(times === '' ? {} : { times: Number(times) }),
  }
}

export function sentenceOf({ operation, latencyMs = 0, status, drop, rate, times }: FaultRule): string {
  const what = drop ? 'ends the connection' : status === undefined ? 'answers late' : `answers ${status}`
  return [
    `${operation ?? 'Every operation'} ${what}`,
    latencyMs > 0 ? `after ${latencyMs.toLocaleString('en')} ms` : '',
    rate === undefined ? '' : `in ${Math.round(rate * 100)}% of all cases`,
    times === undefined ? '' : times === 1 ? 'once' : `${times.toLocaleString('en')} times`,
  ]
    .filter((part) => part !== '')
    .join(' ')
}
