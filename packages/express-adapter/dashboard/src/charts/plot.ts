// Stacked bars on a canvas, with axes and gridlines. Loaded when the first chart is shown.

import uPlot from 'uplot'
import 'uplot/dist/uPlot.min.css'

export interface PlotData {
  /** What each bar is called on the axis; the empty text where there is no room for it. */
  readonly labels: readonly string[]
  /** The lowest first. */
  readonly stack: readonly { readonly counts: readonly number[]; readonly colour: () => string }[]
}

export interface PlotColours {
  readonly text: () => string
  readonly line: () => string
}

export interface BarPlace {
  readonly left: number
  readonly width: number
  readonly height: number
  /** Whether there is more room on its left. */
  readonly isLeft: boolean
}

export interface Plot {
  /** Where a bar is, in pixels from the left of the element. */
  place(bar: number): BarPlace
  /** The bar at so many pixels from the left of the element. */
  barAt(x: number): number
  /** Draws with the colours of now. */
  redraw(): void
  destroy(): void
}

const HEIGHT = 220
const NICE = [1, 2, 2.5, 5, 10]
const MAX_LINES = 5
const AXIS = { size: 26, gap: 6 }

export function createPlot(
  element: HTMLElement,
  { labels, stack }: PlotData,
  colours: PlotColours,
  number: (value: number) => string,
): Plot {
  const length = labels.length
  const sums = new Array<number>(length).fill(0)
  const layers = stack.map(({ counts }) =>
    counts.map((count, bar) => {
      if (count === 0) return null
      const sum = count + (sums[bar] ?? 0)
      sums[bar] = sum
      return sum
    }),
  )
  const most = Math.max(4, ...sums)
  const unit = unitFor(most)
  const lines = Math.ceil(most / unit)
  const bars = uPlot.paths.bars?.({ size: [0.72, 42], radius: 0.12 })
  const font = `12px ${getComputedStyle(element).fontFamily}`
  const sides = { stroke: colours.text, font, ticks: { show: false } }
  const chart = new uPlot(
    {
      width: element.clientWidth,
      height: HEIGHT,
      padding: [8, 20, 0, 0],
      cursor: { show: false },
      legend: { show: false },
      scales: {
        x: { time: false, range: [-0.5, length - 0.5] },
        y: { range: [0, lines * unit] },
      },
      axes: [
        {
          ...sides,
          ...AXIS,
          grid: { show: false },
          splits: () => labels.flatMap((label, bar) => (label === '' ? [] : [bar])),
          values: (_chart, at) => at.map((bar) => labels[bar] ?? ''),
        },
        {
          ...sides,
          size: (_chart, values) => 14 + 7 * Math.max(...(values ?? ['0']).map(({ length }) => length)),
          grid: { stroke: colours.line, width: 1 },
          splits: () => Array.from({ length: lines + 1 }, (_, line) => line * unit),
          values: (_chart, at) => at.map(number),
        },
      ],
      series: [
        {},
        // The highest first: what is drawn later covers it but for its own part.
        ...stack.toReversed().map(({ colour }) => ({
          fill: colour,
          width: 0,
          points: { show: false },
          ...(bars && { paths: bars }),
        })),
      ],
    },
    [labels.map((_label, bar) => bar), ...layers.toReversed()],
    element,
  )
  const resize = new ResizeObserver(() => {
    if (element.clientWidth > 0) chart.setSize({ width: element.clientWidth, height: HEIGHT })
  })
  resize.observe(element)
  const { over } = chart
  return {
    place(bar) {
      const width = over.clientWidth / length
      const left = over.offsetLeft + bar * width
      return { left, width, height: over.clientHeight + over.offsetTop, isLeft: bar >= length / 2 }
    },
    barAt(x) {
      const bar = Math.floor(((x - over.offsetLeft) / over.clientWidth) * length)
      return Math.min(length - 1, Math.max(0, bar))
    },
    redraw: () => chart.redraw(true, true),
    destroy() {
      resize.disconnect()
      chart.destroy()
    },
  }
}

/** How far apart gridlines are, so that there are few, of round whole numbers. */
function unitFor(most: number): number {
  const power = 10 ** Math.floor(Math.log10(most / MAX_LINES))
  const units = NICE.map((factor) => factor * power)
  return units.find((unit) => Number.isInteger(unit) && unit * MAX_LINES >= most) ?? 10 * power
}
