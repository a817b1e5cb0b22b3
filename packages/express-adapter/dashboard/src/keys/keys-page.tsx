// The list of a project's keys: search, filters, and what can be done with what they leave.

import {
  Choice,
  Empty,
  Icon,
  optionsOf,
  Problem,
  Search,
  Skeleton,
  useAction,
  useNow,
} from '@gosend/dashboard-ui'
import { useEffect, useMemo, useRef, useState } from 'preact/hooks'
import type { Key } from '../api.js'
import { type DashboardTranslate, useTexts } from '../locale.js'
import { icons } from '../ui/icons.js'
import { useShortcuts } from '../ui/shortcuts.js'
import { isFiltered, type KeyFilter, noFilter, searchOf, shownOf, shows, sorts } from './filter.js'
import { useKeysHost } from './host.js'
import type { KeyTask } from './key-dialogs.js'
import { KeyTable } from './key-table.js'
import { SavedFilters } from './saved-filters.js'
import { useSelection } from './selection.js'
import { SelectionBar } from './selection-bar.js'
import type { KeyList } from './use-keys.js'

export interface KeysPageProps {
  readonly projectId: string
  readonly list: KeyList
  readonly filter: KeyFilter
  readonly environments: readonly string[]
  readonly onFilter: (filter: KeyFilter) => void
  readonly onTask: (task: KeyTask) => void
}

export function KeysPage({ projectId, list, filter, environments, onFilter, onTask }: KeysPageProps) {
  const { keys, total, hasMore, problem } = list
  const search = useRef<HTMLInputElement>(null)
  const t = useTexts()
  const { isReadOnly } = useKeysHost()
  const now = useNow()
  const shown = useMemo(() => shownOf(keys ?? [], list.filter, now), [keys, list.filter, now])
  const selection = useSelection(shown)
  const create = () => onTask({ action: 'create' })
  const set = (change: Partial<KeyFilter>) => onFilter({ ...filter, ...change })
  const [text, setText] = useTyped(filter.text, (text) => set({ text }))
  const isEmpty = total === 0 && !isFiltered(list.filter)
  useShortcuts({ ...(!isReadOnly && { c: create }), '/': () => search.current?.focus() })

  return (
    <>
      <header class="page-head">
        <div>
          <h1>{t('keys')}</h1>
          <p class="lead">{t('lead')}</p>
        </div>
        {!isReadOnly && (
          <button type="button" class="button primary" aria-keyshortcuts="c" onClick={create}>
            <Icon path={icons.plus} />
            {t('create')}
          </button>
        )}
      </header>

      {problem !== undefined && <Problem text={problem} onRetry={list.reload} />}

      {keys !== undefined && !isEmpty && (
        <search class="toolbar">
          <Search field={search} label={t('search')} hint={t('searchHint')} value={text} onInput={setText} />
          <Choice
            aria-label={t('environment')}
            value={filter.environment}
            options={[['', t('environments')], ...optionsOf(environments)]}
            onChange={(environment) => set({ environment })}
          />
          <Choice
            aria-label={t('status')}
            value={filter.show}
            options={shows.map((show) => [show, t(`show.${show}`)] as const)}
            onChange={(show) => set({ show })}
          />
          <Choice
            aria-label={t('order')}
            value={filter.sort}
            options={sorts.map((sort) => [sort, t(`sort.${sort}`)] as const)}
            onChange={(sort) => set({ sort, order: undefined })}
          />
        </search>
      )}
      {keys !== undefined && !isEmpty && (
        <div class="list-line">
          <SavedFilters projectId={projectId} filter={filter} />
          <p class="count" role="status">
            {summaryOf(shown, list, t)}
          </p>
          <ExportButton projectId={projectId} filter={filter} />
        </div>
      )}

      {keys === undefined && problem === undefined && <Skeleton />}
      {keys !== undefined && isEmpty && (
        <Empty icon={icons.key} title={t('noKeys')}>
          <p>{t(isReadOnly ? 'noKeysReadOnly' : 'noKeysText')}</p>
          {!isReadOnly && (
            <p class="hint">
              {t('shortcut')} <kbd>c</kbd>
            </p>
          )}
        </Empty>
      )}
      {keys !== undefined && !isEmpty && shown.length === 0 && !hasMore && (
        <Empty icon={icons.search} title={t('noMatch')}>
          <button type="button" class="button" onClick={() => onFilter(noFilter)}>
            {t('showAll')}
          </button>
        </Empty>
      )}
      {keys !== undefined && (shown.length > 0 || hasMore) && (
        <KeyTable
          projectId={projectId}
          keys={shown}
          total={list.filter.show === 'attention' ? undefined : total}
          {...{ list, filter, selection, onFilter, onTask }}
        />
      )}
      <SelectionBar projectId={projectId} selection={selection} onChange={list.change} />
    </>
  )
}

/** Saves what the filter leaves as a file, also what is not loaded yet. */
function ExportButton({ projectId, filter }: { readonly projectId: string; readonly filter: KeyFilter }) {
  const { api, announce } = useKeysHost()
  const t = useTexts()
  const { isBusy, problem, run } = useAction()
  const [read, setRead] = useState(0)
  const now = useNow()
  const save = () =>
    run(async () => {
      setRead(0)
      const { csvOf } = await import('./csv.js')
      const file = URL.createObjectURL(await csvOf(api, projectId, filter, now, setRead))
      const link = document.createElement('a')
      link.href = file
      link.download = `keys-${new Date(now).toISOString().slice(0, 10)}.csv`
      link.click()
      setTimeout(() => URL.revokeObjectURL(file), FILE_KEPT_MS)
      announce(t('exported'))
    })
  return (
    <>
      <button type="button" class="plain" disabled={isBusy} onClick={save}>
        <Icon path={icons.download} />
        {isBusy ? t('exporting', { count: read }) : t('export')}
      </button>
      {problem !== undefined && <Problem text={problem} onRetry={save} />}
    </>
  )
}

/** By then every browser has saved it. */
const FILE_KEPT_MS = 60_000

/** What people type, which is searched for once they pause. */
function useTyped(searched: string, onSearch: (text: string) => void) {
  const [text, setText] = useState(searched)
  const search = useRef(onSearch)
  search.current = onSearch
  // A blank at the end, for instance, is not searched for, and yet part of what they type.
  useEffect(() => setText((was) => (searchOf(was) === searched ? was : searched)), [searched])
  useEffect(() => {
    if (searchOf(text) === searched) return
    const timer = setTimeout(() => search.current(text), PAUSE_MS)
    return () => clearTimeout(timer)
  }, [text, searched])
  return [text, setText] as const
}

const PAUSE_MS = 200

/** How many keys the list has; how many there are without its filter is not known to people who came by an address. */
function summaryOf(shown: readonly Key[], list: KeyList, t: DashboardTranslate): string {
  const { filter, total, all, hasMore } = list
  if (!isFiltered(filter)) return t('keyCount', { count: total })
  // Which keys deserve a look is known only of those that are loaded.
  const isPart = filter.show === 'attention'
  const count = isPart ? shown.length : total
  const isMore = isPart && hasMore
  if (all === undefined) return t(isMore ? 'keyCountMore' : 'keyCount', { count })
  return t(isMore ? 'keyCountMoreOf' : 'keyCountOf', { shown: count, all: t('keyCount', { count: all }) })
}
