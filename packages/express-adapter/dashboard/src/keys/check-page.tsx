// Says whose a key is and why it works or not. The key goes to the service alone, and stays nowhere.

import { Fact, Facts, Icon, Notice, Problem, useAction } from '@gosend/dashboard-ui'
import { useState } from 'preact/hooks'
import { answer, api, type KeyCheck } from '../api.js'
import { useTranslate } from '../locale.js'
import { hrefTo } from '../route.js'
import { Field } from '../ui/field.js'
import { icons } from '../ui/icons.js'
import { EnvironmentBadge } from './badges.js'

export interface CheckPageProps {
  readonly environments: readonly string[]
}

export function CheckPage({ environments }: CheckPageProps) {
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
          <h1>Check a key</h1>
          <p class="lead">
            Paste a key to see whose it is, and why requests with it are refused. It is sent to this service
            alone, counts as no use, and is kept nowhere.
          </p>
        </div>
      </header>
      <form class="card form check" autocomplete="off" onSubmit={check}>
        <Field label="Key" hint="In full, as the program has it.">
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
          <Field label="Address" hint="That its requests come from, if you know it.">
            {(control) => (
              <input {...control} class="input" name="ip" maxLength={64} placeholder="203.0.113.7" />
            )}
          </Field>
          <Field label="Environment" hint="That the service requires.">
            {(control) => (
              <select {...control} class="input" name="environment">
                <option value="">Any</option>
                {environments.map((name) => (
                  <option key={name}>{name}</option>
                ))}
              </select>
            )}
          </Field>
        </div>
        <footer class="dialog-foot">
          <button type="submit" class="button primary" disabled={isBusy || key.trim() === ''}>
            Check
          </button>
        </footer>
      </form>
      {problem !== undefined && <Problem text={problem} />}
      <div role="status">{found && problem === undefined && <Finding {...found} />}</div>
    </>
  )
}

const reasons: Readonly<Record<string, string>> = {
  unknown: 'No key has this id. It was erased, or is a key of another service.',
  mismatch: 'There is a key with this id, but its secret is another. The text was changed, or was made up.',
  revoked: 'This key is revoked for good. Its program needs another one.',
  disabled: 'This key is disabled. It works again once somebody enables it.',
  expired: 'This key has expired. It works again from a later expiry on.',
  idle: 'This key has not been used for longer than keys may be idle.',
  wrong_environment: 'This key is of another environment than the service requires.',
  project_inactive: 'The project of this key is suspended: none of its keys work.',
  ip_not_allowed: 'This address is not on the allowlist of the key.',
}

const malformations: Readonly<Record<NonNullable<KeyCheck['malformation']>, string>> = {
  start: 'This is not a key of this service: it begins in another way.',
  length:
    'The text begins like a key, but is too short or too long: a part is missing, or something follows it.',
  alphabet:
    'The text has a character that no key has, such as a blank, a dash or a line break in the middle.',
  checksum:
    'The last six characters do not fit the others: a character was changed, or two are the wrong way round.',
}

function Finding({ works, reason, malformation, record }: KeyCheck) {
  const t = useTranslate()
  const why = malformation === null ? (reasons[reason ?? ''] ?? reason) : malformations[malformation]
  return (
    <section class="card finding" aria-label="Result">
      {works ? (
        <p class="notice good">
          <Icon path={icons.check} /> This key works.
        </p>
      ) : (
        <Notice tone="bad">{why}</Notice>
      )}
      {record && (
        <Facts>
          <Fact name={t('label')}>
            <a href={hrefTo(record.projectId, 'keys', record.id)}>{record.label}</a>
          </Fact>
          <Fact name="Project">
            <a href={hrefTo(record.projectId)}>{record.projectId}</a>
          </Fact>
          <Fact name={t('environment')}>
            <EnvironmentBadge name={record.environment} />
          </Fact>
          {record.ownerId !== null && <Fact name="Owner">{record.ownerId}</Fact>}
          {record.allowedIps !== null && (
            <Fact name={t('allowlist')}>{record.allowedIps.join(', ') || t('nowhere')}</Fact>
          )}
          <Fact name={t('scopes')}>{record.scopes.join(', ') || t('none')}</Fact>
        </Facts>
      )}
    </section>
  )
}
