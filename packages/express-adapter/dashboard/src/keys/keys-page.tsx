// The list of a project's keys: search, filters, and what can be done with what they leave.

import { Choice, Empty, Icon, optionsOf, Problem, Search, useAction, useNow } from '@gosend/dashboard-ui'
import { useEffect, useMemo, useRef, useState } from 'preact/hooks'
import type { Key } from '../api.js'
import { useTranslate } from '../locale.js'
import { icons } from '../ui/icons.js'
import { useShortcuts } from '../ui/shortcuts.js'
import { isFiltered, type KeyFilter, noFilter, searchOf, shownOf, shows, sortNames } from './filter.js'
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
  const t = useTranslate()
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
          <h1>API keys</h1>
          <p class="lead">
            Keys let programs call the API. Anybody who holds one can use it, so treat them like passwords.
          </p>
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
          <Search
            field={search}
            label="Search keys"
            hint="Search by label, key or scope"
            value={text}
            onInput={setText}
          />
          <Choice
            aria-label="Environment"
            value={filter.environment}
            options={[['', 'All environments'], ...optionsOf(environments)]}
            onChange={(environment) => set({ environment })}
          />
          <Choice
            aria-label="Status"
            value={filter.show}
            options={shows.map((show) => [show, t(`show.${show}`)] as const)}
            onChange={(show) => set({ show })}
          />
          <Choice
            aria-label="Order"
            value={filter.sort}
            options={optionsOf(sortNames)}
            onChange={(sort) => set({ sort, order: undefined })}
          />
        </search>
      )}
      {keys !== undefined && !isEmpty && (
        <div class="list-line">
          <SavedFilters projectId={projectId} filter={filter} />
          <p class="count" role="status">
            {summaryOf(shown, list)}
          </p>
          <ExportButton projectId={projectId} filter={filter} />
        </div>
      )}

      {keys === undefined && problem === undefined && <Skeleton />}
      {keys !== undefined && isEmpty && (
        <Empty icon={icons.key} title="No keys yet">
          <p>{t(isReadOnly ? 'noKeysReadOnly' : 'noKeysText')}</p>
          {!isReadOnly && (
            <p class="hint">
              Shortcut: <kbd>c</kbd>
            </p>
          )}
        </Empty>
      )}
      {keys !== undefined && !isEmpty && shown.length === 0 && !hasMore && (
        <Empty icon={icons.search} title="No matching key">
          <button type="button" class="button" onClick={() => onFilter(noFilter)}>
            Show all keys
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
      announce('The file is with your downloads.')
    })
  return (
    <>
      <button type="button" class="plain" disabled={isBusy} onClick={save}>
        <Icon path={icons.download} />
        {isBusy ? `Exporting… ${read.toLocaleString('en')}` : 'Export CSV'}
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
function summaryOf(shown: readonly Key[], list: KeyList): string {
  if (!isFiltered(list.filter)) return counted(list.total)
  return list.all === undefined
    ? `${countOf(shown, list)} keys`
    : `${countOf(shown, list)} of ${counted(list.all)}`
}

// Which keys deserve a look is known only of those that are loaded.
function countOf(shown: readonly Key[], { filter, total, hasMore }: KeyList): string {
  if (filter.show !== 'attention') return total.toLocaleString('en')
  return shown.length.toLocaleString('en') + (hasMore ? '+' : '')
}

const counted = (keys: number) => `${keys.toLocaleString('en')} ${keys === 1 ? 'key' : 'keys'}`

function Skeleton() {
  return (
    <div class="card skeleton" aria-busy="true">
      <span class="unseen">Loading</span>
    </div>
  )
}
