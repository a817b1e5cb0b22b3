// Which rows of a long list are near the screen: only these are in the page, however many there are.

import type { RefObject } from 'preact'
import { useEffect, useState } from 'preact/hooks'

const MARGIN_ROWS = 12

export interface RowWindow {
  readonly first: number
  /** One after the last. */
  readonly end: number
}

/** @param list an element whose top is where the first row begins. */
export function useRowWindow(
  list: RefObject<HTMLElement | null>,
  rows: number,
  rowHeight: number,
): RowWindow {
  const [top, setTop] = useState(0)

  useEffect(() => {
    const measure = () => {
      const above = -(list.current?.getBoundingClientRect().top ?? 0)
      // In steps, so that most scroll events change nothing.
      setTop(Math.max(0, Math.floor(above / rowHeight / (MARGIN_ROWS / 2)) * (MARGIN_ROWS / 2)))
    }
    measure()
    addEventListener('scroll', measure, { passive: true })
    addEventListener('resize', measure)
    return () => {
      removeEventListener('scroll', measure)
      removeEventListener('resize', measure)
    }
  }, [list, rows, rowHeight])

  const visible = Math.ceil(innerHeight / rowHeight)
  // A list that has just become shorter is drawn once before anybody has scrolled back to its end.
  const first = Math.max(0, Math.min(top, rows - visible) - MARGIN_ROWS)
  return { first, end: Math.min(rows, top + visible + 2 * MARGIN_ROWS) }
}
