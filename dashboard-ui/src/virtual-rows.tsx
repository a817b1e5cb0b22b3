// The rows of a list of any length: only those near the screen are in the page.

import { observeWindowOffset, observeWindowRect, Virtualizer, windowScroll } from '@tanstack/virtual-core'
import type { ComponentChildren } from 'preact'
import { useEffect, useLayoutEffect, useReducer, useRef, useState } from 'preact/hooks'

export interface VirtualListOptions<Row> {
  readonly rows: readonly Row[]
  /** Names a row among the others. */
  readonly nameOf: (row: Row) => string | number
  /** How high most rows are, in pixels. */
  readonly rowHeight: number
  /** Called when people come near the end. */
  readonly onEnd?: (() => void) | undefined
}

export interface VirtualRowsProps<Row> extends VirtualListOptions<Row> {
  readonly label: string
  readonly children: (row: Row) => ComponentChildren
}

const OVERSCAN = 12
/** So many rows before the end it is asked for more. */
const NEAR_END = 30

export function VirtualRows<Row>({ label, children, ...options }: VirtualRowsProps<Row>) {
  const list = useRef<HTMLUListElement>(null)
  const { shown, style, measure } = useVirtualRows(options, list)
  return (
    <ul ref={list} class="card rows-list virtual" aria-label={label} style={style}>
      {shown.map(({ row, index, key }) => (
        <li
          key={key}
          ref={measure}
          data-index={index}
          aria-setsize={options.rows.length}
          aria-posinset={index + 1}
        >
          {children(row)}
        </li>
      ))}
    </ul>
  )
}

export interface VirtualList<Row> {
  /** The rows near the screen. */
  readonly shown: readonly { readonly row: Row; readonly index: number; readonly key: string | number }[]
  /** Room for the rest, on the element that holds them. */
  readonly style: { readonly paddingTop: string; readonly paddingBottom: string }
  /** The `ref` of each row, which has its index in `data-index`. */
  readonly measure: (row: HTMLElement | null) => void
  scrollTo(index: number): void
}

/** @param list the element whose children are the rows, and nothing else. */
export function useVirtualRows<Row>(options: VirtualListOptions<Row>, list: List): VirtualList<Row> {
  const { rows, rowHeight, onEnd } = options
  const virtualizer = useVirtualizer(options, list)
  useStillView(options, list, virtualizer)
  // Rows that have not been drawn yet count as much as their height is now.
  useLayoutEffect(() => virtualizer.measure(), [virtualizer, rowHeight])
  const items = virtualizer.getVirtualItems()
  const [first, last] = [items[0], items.at(-1)]
  const isNearEnd = (last?.index ?? -1) >= rows.length - NEAR_END
  // Also when what has just come did not fill the screen.
  useEffect(() => {
    if (isNearEnd) onEnd?.()
  }, [isNearEnd, rows])
  const { scrollMargin } = virtualizer.options
  return {
    shown: items.flatMap(({ index, key }) => {
      const row = rows[index]
      return row === undefined ? [] : [{ row, index, key: key as string | number }]
    }),
    style: {
      paddingTop: `${(first?.start ?? scrollMargin) - scrollMargin}px`,
      paddingBottom: `${virtualizer.getTotalSize() - ((last?.end ?? scrollMargin) - scrollMargin)}px`,
    },
    measure: virtualizer.measureElement,
    scrollTo: (index) => virtualizer.scrollToIndex(index, { align: 'auto' }),
  }
}

type List = { readonly current: HTMLElement | null }

function useVirtualizer<Row>({ rows, nameOf, rowHeight }: VirtualListOptions<Row>, list: List) {
  const [, draw] = useReducer<number, void>((count) => count + 1, 0)
  const [scrollMargin, setScrollMargin] = useState(0)
  const options = {
    count: rows.length,
    getScrollElement: () => window,
    estimateSize: () => rowHeight,
    getItemKey: (index: number) => nameOf(rows[index] as Row),
    scrollToFn: windowScroll,
    observeElementRect: observeWindowRect,
    observeElementOffset: observeWindowOffset,
    initialRect: { width: innerWidth, height: innerHeight },
    initialOffset: () => scrollY,
    onChange: () => draw(),
    overscan: OVERSCAN,
    scrollMargin,
  }
  const [virtualizer] = useState(() => new Virtualizer<Window, HTMLElement>(options))
  virtualizer.setOptions(options)
  useLayoutEffect(() => virtualizer._didMount(), [virtualizer])
  useLayoutEffect(() => {
    virtualizer._willUpdate()
    setScrollMargin(Math.round((list.current?.getBoundingClientRect().top ?? 0) + scrollY))
  })
  return virtualizer
}

/** Rows that arrive above what people look at do not move it. */
function useStillView<Row>(
  { rows, nameOf, rowHeight }: VirtualListOptions<Row>,
  list: List,
  virtualizer: Virtualizer<Window, HTMLElement>,
): void {
  const before = useRef<string | number | undefined>(undefined)
  const [top] = rows
  useLayoutEffect(() => {
    const was = before.current
    before.current = top === undefined ? undefined : nameOf(top)
    if (was === undefined || was === before.current) return
    const added = rows.findIndex((row) => nameOf(row) === was)
    const isScrolled = (list.current?.getBoundingClientRect().top ?? 0) < -rowHeight
    if (added > 0 && isScrolled) virtualizer.scrollBy(added * rowHeight)
  }, [rows])
}
