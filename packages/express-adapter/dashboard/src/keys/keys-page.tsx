// The list of a project's keys: search, filters, and rows drawn only where people look.

// biome-ignore-all lint/a11y/useSemanticElements: a table element cannot be laid out as cards and keep its meaning.
// biome-ignore-all lint/a11y/useFocusableInteractive: the column headers do nothing.

import { Ago, Choice, Empty, Icon, optionsOf, Problem, Search, useNow } from '@gosend/dashboard-ui'
import { useEffect, useMemo, useRef, useState } from 'preact/hooks'
import type { Key } from '../api.js'
import { useTranslate } from '../locale.js'
import { hrefTo, navigate } from '../route.js'
import { icons } from '../ui/icons.js'
import { useMedia } from '../ui/media.js'
import { useShortcuts } from '../ui/shortcuts.js'
import { useRowWindow } from '../ui/window.js'
import { ActionButton } from './action-button.js'
import { Concerns, EnvironmentBadge, StatusBadge } from './badges.js'
import { isFiltered, type KeyFilter, noFilter, shownOf, shows, sortNames } from './filter.js'
import { useActions, useKeysHost } from './host.js'
import type { KeyTask } from './key-dialogs.js'
import { concernsOf, quickActions, statusOf } from './status.js'
import type { KeyList } from './use-keys.js'

/** So far before its end a list goes on. */
const ROWS_AHEAD = 30
const ROW_HEIGHT = { wide: 64, narrow: 100 }

export interface KeysPageProps {
  readonly projectId: string
  readonly list: KeyList
  readonly filter: KeyFilter
  readonly environments: readonly string[]
  readonly onFilter: (filter: KeyFilter) => void
  readonly onTask: (task: KeyTask) => void
}

export function KeysPage({ projectId, list, filter, environments, onFilter, onTask }: KeysPageProps) {
  const { keys, total, all = total, hasMore, problem } = list
  const search = useRef<HTMLInputElement>(null)
  const t = useTranslate()
  const { isReadOnly } = useKeysHost()
  const now = useNow()
  const shown = useMemo(() => shownOf(keys ?? [], list.filter, now), [keys, list.filter, now])
  const create = () => onTask({ action: 'create' })
  const set = (change: Partial<KeyFilter>) => onFilter({ ...filter, ...change })
  const [text, setText] = useTyped(filter.text, (text) => set({ text }))
  const isEmpty = all === 0 && !isFiltered(list.filter)
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
        <div class="toolbar with-order" role="search">
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
            onChange={(sort) => set({ sort })}
          />
          <p class="count" role="status">
            {isFiltered(list.filter) ? `${countOf(shown, list)} of ${counted(all)}` : counted(total)}
          </p>
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
          list={list}
          onTask={onTask}
        />
      )}
    </>
  )
}

/** What people type, which is searched for once they pause. */
function useTyped(searched: string, onSearch: (text: string) => void) {
  const [text, setText] = useState(searched)
  const search = useRef(onSearch)
  search.current = onSearch
  useEffect(() => setText(searched), [searched])
  useEffect(() => {
    if (text === searched) return
    const timer = setTimeout(() => search.current(text), PAUSE_MS)
    return () => clearTimeout(timer)
  }, [text, searched])
  return [text, setText] as const
}

const PAUSE_MS = 200

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

interface KeyTableProps {
  readonly projectId: string
  /** Those that are loaded. */
  readonly keys: readonly Key[]
  /** How many there are, as far as that is known. */
  readonly total: number | undefined
  readonly list: KeyList
  readonly onTask: (task: KeyTask) => void
}

function KeyTable({ projectId, keys, total, list, onTask }: KeyTableProps) {
  const body = useRef<HTMLDivElement>(null)
  const isNarrow = useMedia('(max-width: 819px)')
  const rowHeight = isNarrow ? ROW_HEIGHT.narrow : ROW_HEIGHT.wide
  const { first, end } = useRowWindow(body, keys.length, rowHeight)
  const { selected, focusRow } = useRowKeys(body, keys, rowHeight)
  const { hasMore, loadMore, problem } = list
  const isNearEnd = hasMore && problem === undefined && end + ROWS_AHEAD >= keys.length
  // Also when a page has just come and has not filled the window.
  useEffect(() => {
    if (isNearEnd) loadMore()
  }, [isNearEnd, list.keys, loadMore])

  return (
    <div
      class="table card"
      role="table"
      aria-label="API keys"
      aria-rowcount={total === undefined ? -1 : total + 1}
    >
      <div class="row head" role="row" aria-rowindex={1}>
        {['Key', 'Environment', 'Created', 'Last used', 'Status', 'Actions'].map((title) => (
          <span key={title} role="columnheader" class={title === 'Actions' ? 'unseen-text' : ''}>
            {title}
          </span>
        ))}
      </div>
      <div ref={body} role="rowgroup" class="rows" style={{ height: `${keys.length * rowHeight}px` }}>
        {keys.slice(first, end).map((key, i) => (
          <KeyRow
            key={key.id}
            record={key}
            href={hrefTo(projectId, 'keys', key.id)}
            index={first + i}
            top={(first + i) * rowHeight}
            isSelected={selected === key.id}
            onFocus={() => focusRow(key.id)}
            onTask={onTask}
          />
        ))}
      </div>
    </div>
  )
}

interface KeyRowProps {
  readonly record: Key
  readonly href: string
  readonly index: number
  readonly top: number
  readonly isSelected: boolean
  readonly onFocus: () => void
  readonly onTask: (task: KeyTask) => void
}

function KeyRow({ record, href, index, top, isSelected, onFocus, onTask }: KeyRowProps) {
  const now = useNow()
  const status = statusOf(record, now)
  const actions = useActions(status)
  const labelId = `label-${record.id}`
  return (
    <div
      class={`row ${status} ${isSelected ? 'selected' : ''}`}
      role="row"
      aria-rowindex={index + 2}
      style={{ transform: `translateY(${top}px)` }}
    >
      <div role="cell" class="cell-key">
        <a
          class="key-link"
          id={labelId}
          href={href}
          title={record.label}
          data-row={record.id}
          onFocus={onFocus}
        >
          {record.label}
        </a>
        <code class="key-hint">{record.hint}</code>
      </div>
      <div role="cell" class="cell-environment">
        <EnvironmentBadge name={record.environment} />
      </div>
      <div role="cell" class="cell-time">
        <Ago at={record.createdAt} />
      </div>
      <div role="cell" class="cell-time">
        {record.lastUsedAt === null ? 'Never' : <Ago at={record.lastUsedAt} />}
      </div>
      <div role="cell" class="cell-status">
        <StatusBadge status={status} endsAt={record.expiresAt} />
        <Concerns list={concernsOf(record, now)} />
      </div>
      <div role="cell" class="cell-actions">
        {actions.map(
          (action) =>
            quickActions.has(action) && (
              <ActionButton
                key={action}
                action={action}
                isSmall
                describedBy={labelId}
                onClick={() => onTask({ action, key: record })}
              />
            ),
        )}
      </div>
    </div>
  )
}

/** `j` and `k` walk through the rows, also through those that are not drawn yet; `Enter` opens one. */
function useRowKeys(body: { readonly current: HTMLElement | null }, keys: readonly Key[], rowHeight: number) {
  const [selected, setSelected] = useState<string>()
  // Beside the state, because two keys can be pressed before the page is drawn once.
  const latest = useRef<string>(undefined)
  const select = (id: string) => {
    latest.current = id
    setSelected(id)
  }

  const step = (by: number) => {
    const at = keys.findIndex(({ id }) => id === latest.current)
    const next = keys[Math.min(keys.length - 1, Math.max(0, at + by))]
    if (next === undefined || body.current === null) return
    select(next.id)
    const top = body.current.getBoundingClientRect().top + keys.indexOf(next) * rowHeight
    const isHidden = top < 80 || top + rowHeight > innerHeight - 80
    if (isHidden) scrollBy({ top: top - innerHeight / 2, behavior: 'instant' })
    focusLatest()
  }

  const pending = useRef(0)
  // A row far away is drawn only some frames after the page has scrolled to it. Whoever has gone elsewhere meanwhile, to
  // the search for instance, is left there.
  const focusLatest = (from = document.activeElement, frames = 10) => {
    cancelAnimationFrame(pending.current)
    pending.current = requestAnimationFrame(() => {
      if (document.activeElement !== from) return
      const link = body.current?.querySelector<HTMLElement>(`[data-row="${latest.current}"]`)
      if (link) link.focus({ preventScroll: true })
      else if (frames > 0) focusLatest(from, frames - 1)
    })
  }

  useShortcuts({
    j: () => step(1),
    k: () => step(-1),
    o: () => {
      const link = body.current?.querySelector<HTMLAnchorElement>(`[data-row="${selected}"]`)
      if (link) navigate(link.hash)
    },
  })
  return { selected, focusRow: select }
}
