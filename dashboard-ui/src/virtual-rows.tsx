// The rows of a list of any length: only those near the screen are in the page.

import { observeWindowOffset, observeWindowRect, Virtualizer, windowScroll } from '@tanstack/virtual-core'
import type { ComponentChildren } from 'preact'
import { useLayoutEffect, useReducer, useRef, useState } from 'preact/hooks'

export interface VirtualRowsProps<Row> {
  readonly label: string
  readonly rows: readonly Row[]
  /** Names a row among the others. */
  readonly nameOf: (row: Row) => string | number
  /** How high most rows are, in pixels. */
  readonly rowHeight: number
  /** Called when people come near the end. */
  readonly onEnd?: (() => void) | undefined
  readonly children: (row: Row) => ComponentChildren
}

const OVERSCAN = 12
/** So many rows before the end it is asked for more. */
const NEAR_END = 30

export function VirtualRows<Row>(props: VirtualRowsProps<Row>) {
  const { label, rows, children, onEnd } = props
  const list = useRef<HTMLUListElement>(null)
  const virtualizer = useVirtualizer(props, list)
  useStillView(props, list, virtualizer)
  const items = virtualizer.getVirtualItems()
  const [first, last] = [items[0], items.at(-1)]
  const isNearEnd = last !== undefined && last.index >= rows.length - NEAR_END
  useLayoutEffect(() => {
    if (isNearEnd) onEnd?.()
  }, [isNearEnd, rows.length])
  const { scrollMargin } = virtualizer.options
  const style = {
    paddingTop: `${(first?.start ?? scrollMargin) - scrollMargin}px`,
    paddingBottom: `${virtualizer.getTotalSize() - ((last?.end ?? scrollMargin) - scrollMargin)}px`,
  }
  return (
    <ul ref={list} class="card rows-list virtual" aria-label={label} style={style}>
      {items.map(({ index, key }) => {
        const row = rows[index]
        return (
          row !== undefined && (
            <li
              key={key}
              ref={virtualizer.measureElement}
              data-index={index}
              aria-setsize={rows.length}
              aria-posinset={index + 1}
            >
              {children(row)}
            </li>
          )
        )
      })}
    </ul>
  )
}

type List = { readonly current: HTMLUListElement | null }

function useVirtualizer<Row>({ rows, nameOf, rowHeight }: VirtualRowsProps<Row>, list: List) {
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
  const [virtualizer] = useState(() => new Virtualizer<Window, HTMLLIElement>(options))
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
  { rows, nameOf, rowHeight }: VirtualRowsProps<Row>,
  list: List,
  virtualizer: Virtualizer<Window, HTMLLIElement>,
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
