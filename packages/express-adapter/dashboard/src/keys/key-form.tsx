// The form behind `Create key` and `Edit`.

import { Choice, closeDialog, optionsOf, Problem, useAction, useNow } from '@gosend/dashboard-ui'
import { useRef, useState } from 'preact/hooks'
import type { Key } from '../client.js'
import { useTranslate } from '../locale.js'
import { Field } from '../ui/field.js'
import { readAllowlist } from './allowlist.js'
import { expiries, type KeyDraft, problemsWith, scopesOf } from './draft.js'
import { useAddresses } from './used-from.js'

export interface KeyFormProps {
  readonly initial: KeyDraft
  /** The key that is edited; undefined for one that is made. */
  readonly target?: Key
  /** Environments to choose from; without any the key keeps its own. */
  readonly environments?: readonly string[]
  /** Scopes that other keys of the project have. */
  readonly knownScopes: readonly string[]
  readonly action: string
  readonly onSubmit: (draft: KeyDraft) => Promise<void>
}

export function KeyForm({ initial, target, environments, knownScopes, action, onSubmit }: KeyFormProps) {
  const [draft, setDraft] = useState(initial)
  const [isTried, setTried] = useState(false)
  const form = useRef<HTMLFormElement>(null)
  const t = useTranslate()
  const now = useNow()
  const { isBusy, problem, run } = useAction()

  const set = (change: Partial<KeyDraft>) => setDraft((was) => ({ ...was, ...change }))
  const problems = problemsWith(draft, now, initial.date, t)
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
      <Field label={t('label')} hint={t('labelHint')} problem={missing.label}>
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
          <Field label={t('environment')} hint={t('environmentHint')}>
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
        <Field label={t('expires')} hint={t('expiresHint')}>
          {(control) => (
            <Choice
              {...control}
              name="expiry"
              value={draft.expiry}
              options={expiries.map((value) => [value as string, t(`expiry.${value}`)] as const)}
              onChange={(expiry) => set({ expiry })}
            />
          )}
        </Field>
      </div>

      {draft.expiry === 'date' && (
        <Field label={t('lastDay')} problem={draft.date === '' ? missing.date : problems.date}>
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

      <Field label={t('scopes')} hint={t('scopesHint')} problem={problems.scopes}>
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
        <ul class="chips offer" aria-label={t('scopesOffered')}>
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

      <Restriction draft={draft} target={target} problem={problems.allowlist} onChange={set} />

      {problem !== undefined && <Problem text={problem} />}
      <footer class="dialog-foot">
        <button type="button" class="button" onClick={closeDialog}>
          {t('cancel')}
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
  readonly target: Key | undefined
  readonly problem: string | undefined
  readonly onChange: (change: Partial<KeyDraft>) => void
}

function Restriction({ draft, target, problem, onChange }: RestrictionProps) {
  const t = useTranslate()
  const { entries } = readAllowlist(draft.allowlist, t)
  const { data: used = [] } = useAddresses(target)
  const offered = used.filter(({ address }) => !entries.includes(address))
  return (
    <>
      <fieldset class="field choice">
        <legend>{t('restriction')}</legend>
        {[false, true].map((isRestricted) => (
          <label key={String(isRestricted)} class="radio">
            <input
              type="radio"
              name="restriction"
              checked={draft.isRestricted === isRestricted}
              onChange={() => onChange({ isRestricted })}
            />
            {t(isRestricted ? 'restricted' : 'anywhere')}
          </label>
        ))}
      </fieldset>
      {draft.isRestricted && (
        <Field
          label={t('allowlist')}
          hint={entries.length === 0 ? t('allowlistHint') : t('allowlistCount', { count: entries.length })}
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
      {draft.isRestricted && offered.length > 0 && (
        <ul class="chips offer" aria-label={t('addressesOffered')}>
          {offered.map(({ address }) => (
            <li key={address}>
              <button
                type="button"
                class="chip"
                onClick={() => onChange({ allowlist: `${draft.allowlist}\n${address}`.trim() })}
              >
                + {address}
              </button>
            </li>
          ))}
        </ul>
      )}
    </>
  )
}
