// The bars themselves, and what the mouse, a finger or the arrow keys point at.

import { numberOf, useWords } from '@gosend/dashboard-ui'
import type { RefObject } from 'preact'
import { useEffect, useMemo, useRef, useState } from 'preact/hooks'
import { useTexts } from '../locale.js'
import { THEME_CHANGED } from '../ui/theme.js'
import { axisLabels, labelsOf } from './labels.js'
import type { Plot } from './plot.js'
import type { Timeline } from './timeline.js'

export function OutcomePlot({ timeline }: { readonly timeline: Timeline }) {
  const { step, starts, series } = timeline
  const place = useRef<HTMLDivElement>(null)
  const t = useTexts()
  const { language } = useWords()
  const { plot, colours } = usePlot(place, timeline, language)
  const [at, setAt] = useState<number>()
  const last = starts.length - 1
  const bar = at === undefined ? undefined : Math.min(at, last)
  const label = useMemo(() => labelsOf(step, language), [step, language])
  const textOf = (one: number) => {
    const counts = series.filter(({ counts }) => (counts[one] ?? 0) > 0)
    const parts = counts.map(({ name, counts }) => `${numberOf(counts[one] ?? 0, language)} ${name}`)
    return `${starts[one] ? label(starts[one]) : ''}: ${parts.join(', ') || t('requestsNone')}`
  }
  const keys: Readonly<Record<string, (now: number) => number | undefined>> = {
    ArrowLeft: (now) => Math.max(0, now - 1),
    ArrowRight: (now) => Math.min(last, now + 1),
    Home: () => 0,
    End: () => last,
    Escape: () => undefined,
  }
  const point = (event: PointerEvent) => {
    const box = place.current?.getBoundingClientRect()
    if (plot !== undefined && box !== undefined) setAt(plot.barAt(event.clientX - box.left))
  }
  return (
    <div class="plot">
      <div ref={place} class="plot-canvas" aria-hidden="true" />
      <div ref={colours} hidden>
        {[...FRAME, ...series.map(({ tint }) => tint)].map((tint) => (
          <span key={tint} class={`swatch ${tint}`} />
        ))}
      </div>
      <div
        class="plot-reader"
        role="slider"
        tabIndex={0}
        aria-label={t(`requestsPer.${step}`)}
        aria-readonly="true"
        aria-valuemin={0}
        aria-valuemax={last}
        aria-valuenow={bar ?? last}
        aria-valuetext={textOf(bar ?? last)}
        onFocus={({ currentTarget }) => currentTarget.matches(':focus-visible') && setAt(bar ?? last)}
        onBlur={() => setAt(undefined)}
        onPointerDown={point}
        onPointerMove={point}
        onPointerLeave={({ pointerType }) => pointerType === 'mouse' && setAt(undefined)}
        onKeyDown={(event) => {
          const move = keys[event.key]
          if (move === undefined || event.ctrlKey || event.metaKey || event.altKey) return
          event.preventDefault()
          setAt(move(bar ?? last))
        }}
      />
      {plot && bar !== undefined && (
        <Tip {...{ plot, timeline, bar }} title={starts[bar] ? label(starts[bar]) : ''} />
      )}
    </div>
  )
}

const FRAME = ['text', 'line']

/** The drawing in an element, with the colours that style sheets give to the swatches of `colours`. */
function usePlot(
  place: RefObject<HTMLDivElement | null>,
  { step, starts, series }: Timeline,
  language: string,
) {
  const [plot, setPlot] = useState<Plot>()
  const colours = useRef<HTMLDivElement>(null)

  useEffect(() => {
    let made: Plot | undefined
    let isOver = false
    const colour = (tint: string) => () => {
      const swatch = colours.current?.getElementsByClassName(tint)[0]
      return swatch === undefined ? '' : getComputedStyle(swatch).backgroundColor
    }
    void import('./plot.js').then(({ createPlot }) => {
      if (isOver || place.current === null) return
      const labels = axisLabels(starts, step, place.current.clientWidth, language)
      const stack = series.map(({ counts, tint }) => ({ counts, colour: colour(tint) }))
      const compact = new Intl.NumberFormat(language, { notation: 'compact' })
      const frame = { text: colour('text'), line: colour('line') }
      made = createPlot(place.current, { labels, stack }, frame, compact.format)
      setPlot(made)
    })
    const redraw = () => made?.redraw()
    const schemes = ['(prefers-color-scheme: dark)', '(forced-colors: active)'].map((query) =>
      matchMedia(query),
    )
    for (const scheme of schemes) scheme.addEventListener('change', redraw)
    addEventListener(THEME_CHANGED, redraw)
    return () => {
      isOver = true
      removeEventListener(THEME_CHANGED, redraw)
      for (const scheme of schemes) scheme.removeEventListener('change', redraw)
      made?.destroy()
    }
  }, [step, starts, series, language])
  return { plot, colours }
}

interface TipProps {
  readonly plot: Plot
  readonly timeline: Timeline
  readonly bar: number
  readonly title: string
}

/** Beside the bar, on the side where there is more room. */
function Tip({ plot, timeline: { series }, bar, title }: TipProps) {
  const t = useTexts()
  const { language } = useWords()
  const { left, width, height, isLeft } = plot.place(bar)
  const shown = series.filter(({ counts }) => (counts[bar] ?? 0) > 0).reverse()
  return (
    <div class="plot-tip-layer" aria-hidden="true">
      <span class="plot-mark" style={{ left: `${left}px`, width: `${width}px`, height: `${height}px` }} />
      <div class={`plot-tip ${isLeft ? 'left' : ''}`} style={{ left: `${isLeft ? left : left + width}px` }}>
        <p>{title}</p>
        {shown.length === 0 && <p class="hint">{t('requestsNone')}</p>}
        <ul>
          {shown.map(({ id, tint, name, counts }) => (
            <li key={id}>
              <span class={`swatch ${tint}`} />
              {name}
              <span class="number">{numberOf(counts[bar] ?? 0, language)}</span>
            </li>
          ))}
        </ul>
      </div>
    </div>
  )
}
