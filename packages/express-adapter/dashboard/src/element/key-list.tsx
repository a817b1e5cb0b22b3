// The list of keys as a part of another page: each line opens to show its key and what can be done with it.

import {
  Ago,
  Choice,
  exactly,
  Fact,
  Facts,
  Icon,
  Problem,
  Search,
  Skeleton,
  useNow,
  useWords,
} from '@gosend/dashboard-ui'
import { useEffect, useId, useRef, useState } from 'preact/hooks'
import type { Key } from '../client.js'
import { ActionButton } from '../keys/action-button.js'
import { Concerns, EnvironmentBadge, StatusBadge } from '../keys/badges.js'
import { isFiltered, type KeyFilter, noFilter, shownOf, shows } from '../keys/filter.js'
import { useActions, useKeysHost } from '../keys/host.js'
import type { KeyTask } from '../keys/key-dialogs.js'
import { concernsOf, type KeyAction, quickActions, replacementsIn, statusOf } from '../keys/status.js'
import type { KeyList as List } from '../keys/use-keys.js'
import { useTranslate } from '../locale.js'
import { icons } from '../ui/icons.js'

const PAUSE_MS = 200

export interface KeyListProps {
  readonly list: List
  readonly filter: KeyFilter
  readonly onFilter: (filter: KeyFilter) => void
  readonly onTask: (task: KeyTask) => void
}

export function KeyList({ list, filter, onFilter, onTask }: KeyListProps) {
  const t = useTranslate()
  const now = useNow()
  const { keys, hasMore, problem, loadMore, reload } = list
  const shown = shownOf(keys ?? [], list.filter, now)
  const replacements = replacementsIn(shown, now)
  const isEmpty = keys?.length === 0 && !hasMore && !isFiltered(list.filter)
  return (
    <>
      {keys !== undefined && !isEmpty && <Toolbar filter={filter} onFilter={onFilter} />}
      {problem !== undefined && <Problem text={problem} onRetry={reload} />}
      {keys === undefined && problem === undefined && <Skeleton />}
      {isEmpty && <NoKeys />}
      {keys !== undefined && !isEmpty && shown.length === 0 && !hasMore && (
        <div class="card empty">
          <p>{t('noMatch')}</p>
          <button type="button" class="button" onClick={() => onFilter(noFilter)}>
            {t('showAll')}
          </button>
        </div>
      )}
      {shown.length > 0 && (
        <ul class="card list" aria-label={t('title')}>
          {shown.map((key) => (
            <KeyItem key={key.id} record={key} isReplacement={replacements.has(key.id)} onTask={onTask} />
          ))}
        </ul>
      )}
      {hasMore && (
        <button type="button" class="button more" onClick={loadMore}>
          {t('showMore')}
        </button>
      )}
    </>
  )
}

function NoKeys() {
  const t = useTranslate()
  const { isReadOnly } = useKeysHost()
  return (
    <div class="card empty">
      <Icon path={icons.key} />
      <h2>{t('noKeys')}</h2>
      <p>{t(isReadOnly ? 'noKeysReadOnly' : 'noKeysText')}</p>
    </div>
  )
}

function Toolbar({ filter, onFilter }: Pick<KeyListProps, 'filter' | 'onFilter'>) {
  const t = useTranslate()
  const [text, setText] = useState(filter.text)
  const search = useRef(onFilter)
  search.current = onFilter
  useEffect(() => setText(filter.text), [filter.text])
  useEffect(() => {
    if (text === filter.text) return
    const timer = setTimeout(() => search.current({ ...filter, text }), PAUSE_MS)
    return () => clearTimeout(timer)
  }, [text, filter])
  return (
    <search class="toolbar">
      <Search label={t('search')} hint={t('searchHint')} value={text} onInput={setText} />
      <Choice
        aria-label={t('status')}
        value={filter.show}
        options={shows.map((show) => [show, t(`show.${show}`)] as const)}
        onChange={(show) => onFilter({ ...filter, show })}
      />
    </search>
  )
}

interface KeyItemProps {
  readonly record: Key
  readonly isReplacement: boolean
  readonly onTask: (task: KeyTask) => void
}

function KeyItem({ record, isReplacement, onTask }: KeyItemProps) {
  const t = useTranslate()
  const now = useNow()
  const id = useId()
  const [isOpen, setOpen] = useState(false)
  const status = statusOf(record, now)
  const actions = useActions(status)
  const button = (action: KeyAction, isSmall: boolean) => (
    <ActionButton
      key={action}
      describedBy={`${id}-label`}
      onClick={() => onTask({ action, key: record })}
      {...{ action, isSmall }}
    />
  )
  return (
    <li class={`item ${status}`}>
      <div class="line">
        <div class="cell-key">
          <button
            type="button"
            id={`${id}-label`}
            class="key-toggle"
            title={record.label}
            aria-expanded={isOpen}
            aria-controls={`${id}-panel`}
            onClick={() => setOpen(!isOpen)}
          >
            {record.label}
          </button>
          <code class="key-hint">{record.hint}</code>
        </div>
        <EnvironmentBadge name={record.environment} />
        <span class="used">
          {record.lastUsedAt === null ? (
            t('concern.neverUsed')
          ) : (
            <>
              <span class="unseen">{t('lastUsed')} </span>
              <Ago at={record.lastUsedAt} />
            </>
          )}
        </span>
        <div class="cell-status">
          <StatusBadge status={status} endsAt={record.expiresAt} isReplacement={isReplacement} />
          <Concerns list={concernsOf(record, now).filter((concern) => concern !== 'neverUsed')} />
        </div>
        <div class="cell-actions">
          {!isOpen &&
            actions.filter((action) => quickActions.has(action)).map((action) => button(action, true))}
        </div>
      </div>
      <div class="panel" id={`${id}-panel`} hidden={!isOpen}>
        {isOpen && <KeyFacts record={record} />}
        {isOpen && actions.length > 0 && (
          <div class="actions">{actions.map((action) => button(action, false))}</div>
        )}
      </div>
    </li>
  )
}

function KeyFacts({ record }: { readonly record: Key }) {
  const t = useTranslate()
  const { language } = useWords()
  const { createdAt, createdBy, expiresAt, scopes, allowedIps } = record
  return (
    <Facts>
      <Fact name={t('created')}>{exactly(createdAt, language)}</Fact>
      {createdBy !== null && <Fact name={t('createdBy')}>{createdBy}</Fact>}
      <Fact name={t(record.replacedBy === null ? 'expires' : 'stopsWorking')}>
        {expiresAt === null ? t('never') : exactly(expiresAt, language)}
      </Fact>
      <Fact name={t('scopes')}>{scopes.length === 0 ? t('none') : <code>{scopes.join(' ')}</code>}</Fact>
      <Fact name={t('allowlist')}>
        {allowedIps === null && t('anywhere')}
        {allowedIps?.length === 0 && t('nowhere')}
        {allowedIps !== null && allowedIps.length > 0 && <code>{allowedIps.join(', ')}</code>}
      </Fact>
      <Fact name={t('keyId')}>
        <code>{record.id}</code>
      </Fact>
    </Facts>
  )
}
