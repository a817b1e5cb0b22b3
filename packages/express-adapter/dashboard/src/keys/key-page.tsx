// One key: what it may do, how much it is used, and what happened to it.

import {
  Ago,
  exactly,
  Fact,
  Facts,
  Icon,
  Problem,
  Skeleton,
  useNow,
  useResource,
  useWords,
} from '@gosend/dashboard-ui'
import { hrefTo } from '../address.js'
import { answer, api, type Key } from '../api.js'
import { OutcomeChart } from '../charts/outcome-chart.js'
import { useTexts } from '../locale.js'
import { settings } from '../settings.js'
import { icons } from '../ui/icons.js'
import { ActionButton } from './action-button.js'
import { Concerns, EnvironmentBadge, StatusBadge } from './badges.js'
import { History } from './history.js'
import { useActions } from './host.js'
import type { KeyTask } from './key-dialogs.js'
import { Metadata } from './metadata.js'
import { Refusals } from './refusals.js'
import { concernsOf, statusOf } from './status.js'
import { UsedFrom } from './used-from.js'

export interface KeyPageProps {
  readonly record: Key
  /** Whether the service counts what came of requests. */
  readonly countsOutcomes: boolean
  /** The list that it is in. */
  readonly back: string
  readonly onTask: (task: KeyTask) => void
  /** Takes over what the API has confirmed. */
  readonly onChange: (changed: readonly Key[]) => void
}

export function KeyPage({ record, countsOutcomes, back, onTask, onChange }: KeyPageProps) {
  const { id, projectId } = record
  const now = useNow()
  const t = useTexts()
  const status = statusOf(record, now)
  const actions = useActions(status)
  const path = { projectId, keyId: id }
  // A change to the key is an event in its history.
  const version = JSON.stringify(record)
  const history = useResource(`history ${version}`, () =>
    answer(api.GET('/projects/{projectId}/keys/{keyId}/history', { params: { path } })),
  )

  return (
    <>
      <a class="back" href={back}>
        <Icon path={icons.back} />
        {t('keys')}
      </a>
      <header class="page-head">
        <div class="page-title">
          <h1>{record.label}</h1>
          <p class="badges">
            <code>{record.hint}</code>
            <EnvironmentBadge name={record.environment} />
            <StatusBadge status={status} endsAt={record.expiresAt} />
            <Concerns list={concernsOf(record, now)} />
          </p>
        </div>
        <div class="actions">
          {actions.map((action) => (
            <ActionButton key={action} action={action} onClick={() => onTask({ action, key: record })} />
          ))}
        </div>
      </header>

      <section class="card" aria-label={t('details')}>
        <KeyFacts record={record} status={status} />
      </section>

      <Metadata metadata={record.metadata} />

      {settings.features.usage && (
        <OutcomeChart key={id} {...{ projectId, version, countsOutcomes }} keyId={id} />
      )}

      <div class="columns">
        {countsOutcomes && <UsedFrom record={record} version={version} />}
        {countsOutcomes && <Refusals record={record} version={version} onChange={onChange} />}
        <section class="card" aria-labelledby="history-title">
          <h2 id="history-title">{t('history')}</h2>
          {history.problem !== undefined && <Problem text={history.problem} onRetry={history.reload} />}
          {history.data === undefined && history.problem === undefined && <Skeleton lines={3} />}
          {history.data && <History events={history.data} />}
        </section>
      </div>
    </>
  )
}

function KeyFacts({
  record,
  status,
}: {
  readonly record: Key
  readonly status: ReturnType<typeof statusOf>
}) {
  const {
    projectId,
    lastUsedAt,
    revokedAt,
    disabledAt,
    expiresAt,
    createdBy,
    ownerId,
    scopes,
    rotatedFrom,
    replacedBy,
  } = record
  const t = useTexts()
  const { language } = useWords()
  const exact = (at: string) => exactly(at, language)
  return (
    <Facts>
      <Fact name={t('created')}>{exact(record.createdAt)}</Fact>
      {createdBy !== null && <Fact name={t('createdBy')}>{createdBy}</Fact>}
      {ownerId !== null && <Fact name={t('owner')}>{ownerId}</Fact>}
      <Fact name={t('lastUsed')}>{lastUsedAt === null ? t('never') : <Ago at={lastUsedAt} />}</Fact>
      {revokedAt === null ? (
        <Fact name={t(status === 'ending' ? 'stopsWorking' : 'expires')}>
          {expiresAt === null ? t('never') : exact(expiresAt)}
        </Fact>
      ) : (
        <Fact name={t(status === 'rotated' ? 'status.rotated' : 'status.revoked')}>{exact(revokedAt)}</Fact>
      )}
      {disabledAt !== null && <Fact name={t('status.disabled')}>{exact(disabledAt)}</Fact>}
      <Fact name={t('keyId')}>
        <code>{record.id}</code>
      </Fact>
      <Fact name={t('scopes')}>{scopes.length === 0 ? t('none') : <Chips list={scopes} />}</Fact>
      <Fact name={t('allowlist')}>
        <Allowlist list={record.allowedIps} />
      </Fact>
      {rotatedFrom !== null && <OtherKey name={t('replaces')} projectId={projectId} id={rotatedFrom} />}
      {replacedBy !== null && <OtherKey name={t('replacedBy')} projectId={projectId} id={replacedBy} />}
    </Facts>
  )
}

function Allowlist({ list }: { readonly list: readonly string[] | null }) {
  const t = useTexts()
  if (list === null) return <>{t('anywhere')}</>
  if (list.length === 0) return <>{t('nowhere')}</>
  return <Chips list={list} />
}

interface OtherKeyProps {
  readonly name: string
  readonly projectId: string
  readonly id: string
}

function OtherKey({ name, projectId, id }: OtherKeyProps) {
  return (
    <Fact name={name}>
      <a href={hrefTo(projectId, 'keys', id)}>
        <code>{id}</code>
      </a>
    </Fact>
  )
}

const SHOWN_CHIPS = 12

function Chips({ list }: { readonly list: readonly string[] }) {
  const t = useTexts()
  return (
    <ul class="chips">
      {list.slice(0, SHOWN_CHIPS).map((text) => (
        <li key={text} class="chip">
          {text}
        </li>
      ))}
      {list.length > SHOWN_CHIPS && <li class="hint">{t('more', { count: list.length - SHOWN_CHIPS })}</li>}
    </ul>
  )
}
