// The rows of the list of keys, drawn only where people look.

// biome-ignore-all lint/a11y/useSemanticElements: a table element cannot be laid out as cards and keep its meaning.
// biome-ignore-all lint/a11y/useFocusableInteractive: the column headers do nothing but hold the buttons that sort.

import { Ago, Icon, useNow, useVirtualRows, type VirtualList } from '@gosend/dashboard-ui'
import { useRef, useState } from 'preact/hooks'
import { hrefTo } from '../address.js'
import type { Key } from '../client.js'
import { useTexts } from '../locale.js'
import { navigate } from '../route.js'
import { icons } from '../ui/icons.js'
import { useMedia } from '../ui/media.js'
import { useShortcuts } from '../ui/shortcuts.js'
import { ActionButton } from './action-button.js'
import { Concerns, EnvironmentBadge, StatusBadge } from './badges.js'
import { type KeyFilter, orderOf, type Sort, sortedBy } from './filter.js'
import { useActions, useKeysHost } from './host.js'
import type { KeyTask } from './key-dialogs.js'
import type { Selection } from './selection.js'
import { concernsOf, quickActions, replacementsIn, statusOf } from './status.js'
import type { KeyList } from './use-keys.js'

const ROW_HEIGHT = { wide: 64, narrow: 100 }

export interface KeyTableProps {
  readonly projectId: string
  /** Those that are loaded. */
  readonly keys: readonly Key[]
  /** How many there are, as far as that is known. */
  readonly total: number | undefined
  readonly list: KeyList
  readonly filter: KeyFilter
  readonly selection: Selection
  readonly onFilter: (filter: KeyFilter) => void
  readonly onTask: (task: KeyTask) => void
}

export function KeyTable({
  projectId,
  keys,
  total,
  list,
  filter,
  selection,
  onFilter,
  onTask,
}: KeyTableProps) {
  const t = useTexts()
  const body = useRef<HTMLDivElement>(null)
  const isNarrow = useMedia('(max-width: 819px)')
  const rowHeight = isNarrow ? ROW_HEIGHT.narrow : ROW_HEIGHT.wide
  const { isReadOnly } = useKeysHost()
  const { hasMore, loadMore, problem } = list
  const onEnd = hasMore && problem === undefined ? loadMore : undefined
  const rows = useVirtualRows({ rows: keys, nameOf: ({ id }) => id, rowHeight, onEnd }, body)
  const replacements = replacementsIn(keys, useNow())
  const { selected, focusRow } = useRowKeys(body, keys, rows, selection)

  return (
    <div
      class={`table card ${isReadOnly ? '' : 'selectable'}`}
      role="table"
      aria-label={t('keys')}
      aria-rowcount={total === undefined ? -1 : total + 1}
    >
      <div class="row head" role="row" aria-rowindex={1}>
        {!isReadOnly && (
          <span role="columnheader" class="cell-select">
            <input
              type="checkbox"
              aria-label={t('selectAll')}
              checked={selection.keys.length === keys.length}
              indeterminate={selection.keys.length > 0 && selection.keys.length < keys.length}
              onChange={selection.toggleAll}
            />
          </span>
        )}
        {columns.map(({ name, sort, kind }) => (
          <span
            key={name}
            role="columnheader"
            class={kind}
            aria-sort={sort !== undefined && sort === filter.sort ? sortWords[orderOf(filter)] : undefined}
          >
            {sort === undefined ? (
              t(name)
            ) : (
              <button type="button" class="sort" onClick={() => onFilter(sortedBy(filter, sort))}>
                {t(name)}
                {sort === filter.sort && <Icon path={icons[orderOf(filter)]} />}
              </button>
            )}
          </span>
        ))}
      </div>
      <div ref={body} role="rowgroup" class="rows" style={rows.style}>
        {rows.shown.map(({ row, index }) => (
          <KeyRow
            key={row.id}
            record={row}
            href={hrefTo(projectId, 'keys', row.id)}
            index={index}
            isReplacement={replacements.has(row.id)}
            measure={rows.measure}
            isFocused={selected === row.id}
            selection={isReadOnly ? undefined : selection}
            onFocus={() => focusRow(row.id)}
            onTask={onTask}
          />
        ))}
      </div>
    </div>
  )
}

interface Column {
  readonly name: 'key' | 'environment' | 'created' | 'lastUsed' | 'status' | 'actions'
  readonly sort?: Sort
  /** The class of its cells. */
  readonly kind?: string
}

const columns: readonly Column[] = [
  { name: 'key', sort: 'label' },
  { name: 'environment' },
  { name: 'created', sort: 'createdAt', kind: 'cell-created' },
  { name: 'lastUsed', sort: 'lastUsedAt' },
  { name: 'status' },
  { name: 'actions', kind: 'unseen-text' },
]

const sortWords = { asc: 'ascending', desc: 'descending' } as const

interface KeyRowProps {
  readonly record: Key
  readonly href: string
  readonly index: number
  readonly isReplacement: boolean
  readonly measure: (row: HTMLElement | null) => void
  readonly isFocused: boolean
  /** Undefined where nothing can be done with several. */
  readonly selection: Selection | undefined
  readonly onFocus: () => void
  readonly onTask: (task: KeyTask) => void
}

function KeyRow({ record, href, index, isReplacement, selection, ...row }: KeyRowProps) {
  const { measure, isFocused, onFocus, onTask } = row
  const now = useNow()
  const t = useTexts()
  const status = statusOf(record, now)
  const actions = useActions(status)
  const labelId = `label-${record.id}`
  return (
    <div
      ref={measure}
      data-index={index}
      class={`row ${status} ${isFocused ? 'selected' : ''} ${selection?.has(record.id) ? 'chosen' : ''}`}
      role="row"
      aria-rowindex={index + 2}
    >
      {selection && (
        <div role="cell" class="cell-select">
          <input
            type="checkbox"
            aria-label={t('select')}
            aria-describedby={labelId}
            checked={selection.has(record.id)}
            onClick={({ shiftKey }) => selection.toggle(record.id, shiftKey)}
          />
        </div>
      )}
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
      <div role="cell" class="cell-time cell-created">
        <Ago at={record.createdAt} />
      </div>
      <div role="cell" class="cell-time cell-used">
        <LastUsed at={record.lastUsedAt} />
      </div>
      <div role="cell" class="cell-status">
        <StatusBadge status={status} endsAt={record.expiresAt} isReplacement={isReplacement} />
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

/** Beside no header on a phone, it says what it is. */
function LastUsed({ at }: { readonly at: string | null }) {
  const t = useTexts()
  if (at !== null)
    return (
      <>
        <span class="narrow-only">{t('lastUsed')} </span>
        <Ago at={at} />
      </>
    )
  return (
    <>
      <span class="wide-only">{t('never')}</span>
      <span class="narrow-only">{t('concern.neverUsed')}</span>
    </>
  )
}

/** `j` and `k` walk through the rows, also through those that are not drawn yet; `o` opens one, `x` chooses it. */
function useRowKeys(
  body: { readonly current: HTMLElement | null },
  keys: readonly Key[],
  rows: VirtualList<Key>,
  selection: Selection,
) {
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
    rows.scrollTo(keys.indexOf(next))
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
    x: () => {
      if (latest.current !== undefined) selection.toggle(latest.current, false)
    },
    o: () => {
      const link = body.current?.querySelector<HTMLAnchorElement>(`[data-row="${selected}"]`)
      if (link) navigate(link.hash)
    },
  })
  return { selected, focusRow: select }
}
