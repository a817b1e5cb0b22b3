// Says whose a key is and why it works or not. The key goes to the service alone, and stays nowhere.

import { Fact, Facts, Icon, Notice, Problem, useAction } from '@gosend/dashboard-ui'
import { useState } from 'preact/hooks'
import { hrefTo } from '../address.js'
import { answer, api, type KeyCheck } from '../api.js'
import { type DashboardTranslate, useTexts } from '../locale.js'
import { Field } from '../ui/field.js'
import { icons } from '../ui/icons.js'
import { EnvironmentBadge } from './badges.js'

export interface CheckPageProps {
  readonly environments: readonly string[]
}

export function CheckPage({ environments }: CheckPageProps) {
  const t = useTexts()
  const [key, setKey] = useState('')
  const [found, setFound] = useState<KeyCheck>()
  const { isBusy, problem, run } = useAction()
  const check = (event: SubmitEvent) => {
    event.preventDefault()
    const form = new FormData(event.currentTarget as HTMLFormElement)
    const given = (name: string) => form.get(name)?.toString().trim() || undefined
    const [ip, environment] = [given('ip'), given('environment')]
    const body = { key, ...(ip !== undefined && { ip }), ...(environment !== undefined && { environment }) }
    void run(async () => setFound(await answer(api.POST('/keys/check', { body }))))
  }
  return (
    <>
      <header class="page-head">
        <div>
          <h1>{t('check')}</h1>
          <p class="lead">{t('checkLead')}</p>
        </div>
      </header>
      <form class="card form check" autocomplete="off" onSubmit={check}>
        <Field label={t('key')} hint={t('checkKeyHint')}>
          {(control) => (
            <input
              {...control}
              class="input mono"
              required
              maxLength={4_096}
              spellcheck={false}
              autocomplete="off"
              value={key}
              onInput={({ currentTarget }) => {
                setKey(currentTarget.value)
                setFound(undefined)
              }}
            />
          )}
        </Field>
        <div class="check-conditions">
          <Field label={t('address')} hint={t('checkAddressHint')}>
            {(control) => (
              <input {...control} class="input" name="ip" maxLength={64} placeholder="203.0.113.7" />
            )}
          </Field>
          <Field label={t('environment')} hint={t('checkEnvironmentHint')}>
            {(control) => (
              <select {...control} class="input" name="environment">
                <option value="">{t('any')}</option>
                {environments.map((name) => (
                  <option key={name}>{name}</option>
                ))}
              </select>
            )}
          </Field>
        </div>
        <footer class="dialog-foot">
          <button type="submit" class="button primary" disabled={isBusy || key.trim() === ''}>
            {t('checkAction')}
          </button>
        </footer>
      </form>
      {problem !== undefined && <Problem text={problem} />}
      <div role="status">{found && problem === undefined && <Finding {...found} />}</div>
    </>
  )
}

const explained = [
  ...['unknown', 'mismatch', 'revoked', 'disabled', 'expired', 'idle'],
  ...['wrong_environment', 'project_inactive', 'ip_not_allowed'],
] as const

/** Why it does not work, in words. */
function whyOf({ reason, malformation }: KeyCheck, t: DashboardTranslate): string {
  if (malformation !== null) return t(`malformed.${malformation}`)
  const known = explained.find((one) => one === reason)
  return known === undefined ? (reason ?? '') : t(`why.${known}`)
}

function Finding(found: KeyCheck) {
  const { works, record } = found
  const t = useTexts()
  return (
    <section class="card finding" aria-label={t('result')}>
      {works ? (
        <p class="notice good">
          <Icon path={icons.check} /> {t('works')}
        </p>
      ) : (
        <Notice tone="bad">{whyOf(found, t)}</Notice>
      )}
      {record && (
        <Facts>
          <Fact name={t('label')}>
            <a href={hrefTo(record.projectId, 'keys', record.id)}>{record.label}</a>
          </Fact>
          <Fact name={t('project')}>
            <a href={hrefTo(record.projectId)}>{record.projectId}</a>
          </Fact>
          <Fact name={t('environment')}>
            <EnvironmentBadge name={record.environment} />
          </Fact>
          {record.ownerId !== null && <Fact name={t('owner')}>{record.ownerId}</Fact>}
          {record.allowedIps !== null && (
            <Fact name={t('allowlist')}>{record.allowedIps.join(', ') || t('nowhere')}</Fact>
          )}
          <Fact name={t('scopes')}>{record.scopes.join(', ') || t('none')}</Fact>
        </Facts>
      )}
    </section>
  )
}
