// The form behind `Create key` and `Edit`.

import { Choice, closeDialog, optionsOf, Problem, useAction, useNow } from '@gosend/dashboard-ui'
import { useRef, useState } from 'preact/hooks'
import { Field } from '../ui/field.js'
import { readAllowlist } from './allowlist.js'
import { expiries, type KeyDraft, problemsWith, scopesOf } from './draft.js'

export interface KeyFormProps {
  readonly initial: KeyDraft
  /** Environments to choose from; without any the key keeps its own. */
  readonly environments?: readonly string[]
  /** Scopes that other keys of the project have. */
  readonly knownScopes: readonly string[]
  readonly action: string
  readonly onSubmit: (draft: KeyDraft) => Promise<void>
}

export function KeyForm({ initial, environments, knownScopes, action, onSubmit }: KeyFormProps) {
  const [draft, setDraft] = useState(initial)
  const [isTried, setTried] = useState(false)
  const form = useRef<HTMLFormElement>(null)
  const now = useNow()
  const { isBusy, problem, run } = useAction()

  const set = (change: Partial<KeyDraft>) => setDraft((was) => ({ ...was, ...change }))
  const problems = problemsWith(draft, now, initial.date)
  // What is missing is only said once people think that they are done.
  const missing = isTried ? problems : {}

  const submit = (event: Event) => {
    event.preventDefault()
    setTried(true)
    if (Object.keys(problems).length === 0) return run(() => onSubmit(draft))
    requestAnimationFrame(() => form.current?.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus())
  }

  const unused = knownScopes.filter((scope) => !scopesOf(draft).includes(scope))

  return (
    <form ref={form} class="form" noValidate onSubmit={submit}>
      <Field label="Label" hint="What uses the key, such as “backend-prod”." problem={missing.label}>
        {(control) => (
          <input
            {...control}
            class="input"
            name="label"
            autocomplete="off"
            maxLength={255}
            autofocus
            value={draft.label}
            onInput={({ currentTarget }) => set({ label: currentTarget.value })}
          />
        )}
      </Field>

      <div class="pair">
        {environments && (
          <Field label="Environment" hint="Cannot be changed later.">
            {(control) => (
              <Choice
                {...control}
                name="environment"
                value={draft.environment}
                options={optionsOf(environments)}
                onChange={(environment) => set({ environment })}
              />
            )}
          </Field>
        )}
        <Field label="Expires" hint="From then on the key is refused.">
          {(control) => (
            <Choice
              {...control}
              name="expiry"
              value={draft.expiry}
              options={expiries}
              onChange={(expiry) => set({ expiry })}
            />
          )}
        </Field>
      </div>

      {draft.expiry === 'date' && (
        <Field label="Last day" problem={draft.date === '' ? missing.date : problems.date}>
          {(control) => (
            <input
              {...control}
              class="input"
              type="date"
              name="date"
              value={draft.date}
              onInput={({ currentTarget }) => set({ date: currentTarget.value })}
            />
          )}
        </Field>
      )}

      <Field
        label="Scopes"
        hint="Separated by spaces: messages:read, messages:* for all of messages, messages:read@project/7 for one resource. Leave empty when your API asks for none."
        problem={problems.scopes}
      >
        {(control) => (
          <input
            {...control}
            class="input mono"
            name="scopes"
            autocomplete="off"
            spellcheck={false}
            placeholder="messages:read messages:write"
            value={draft.scopes}
            onInput={({ currentTarget }) => set({ scopes: currentTarget.value })}
          />
        )}
      </Field>
      {unused.length > 0 && (
        <ul class="chips offer" aria-label="Scopes of other keys">
          {unused.slice(0, 8).map((scope) => (
            <li key={scope}>
              <button
                type="button"
                class="chip"
                onClick={() => set({ scopes: `${draft.scopes} ${scope}`.trim() })}
              >
                + {scope}
              </button>
            </li>
          ))}
        </ul>
      )}

      <Restriction draft={draft} problem={problems.allowlist} onChange={set} />

      {problem !== undefined && <Problem text={problem} />}
      <footer class="dialog-foot">
        <button type="button" class="button" onClick={closeDialog}>
          Cancel
        </button>
        <button type="submit" class="button primary" disabled={isBusy}>
          {action}
        </button>
      </footer>
    </form>
  )
}

interface RestrictionProps {
  readonly draft: KeyDraft
  readonly problem: string | undefined
  readonly onChange: (change: Partial<KeyDraft>) => void
}

function Restriction({ draft, problem, onChange }: RestrictionProps) {
  const { entries } = readAllowlist(draft.allowlist)
  return (
    <>
      <fieldset class="field choice">
        <legend>Where it may be used from</legend>
        {[false, true].map((isRestricted) => (
          <label key={String(isRestricted)} class="radio">
            <input
              type="radio"
              name="restriction"
              checked={draft.isRestricted === isRestricted}
              onChange={() => onChange({ isRestricted })}
            />
            {isRestricted ? 'Only these addresses' : 'Anywhere'}
          </label>
        ))}
      </fieldset>
      {draft.isRestricted && (
        <Field
          label="IP allowlist"
          hint={
            entries.length === 0
              ? 'Addresses or CIDR blocks, one a line. An empty list means the key works nowhere.'
              : `${entries.length} ${entries.length === 1 ? 'entry' : 'entries'}.`
          }
          problem={problem}
        >
          {(control) => (
            <textarea
              {...control}
              class="input mono"
              name="allowlist"
              rows={4}
              spellcheck={false}
              placeholder={'203.0.113.7\n10.0.0.0/8\n2001:db8::/32'}
              value={draft.allowlist}
              onInput={({ currentTarget }) => onChange({ allowlist: currentTarget.value })}
            />
          )}
        </Field>
      )}
    </>
  )
}
