// Requests per day as bars, with the numbers as a table for those who cannot see them.

import { DAY_MS, shortDay } from '@gosend/dashboard-ui'
import type { Usage } from './api.js'

const HEIGHT = 120
const BAR = 12
const GAP = 4

export function UsageChart({ usage, label }: { readonly usage: Usage; readonly label: string }) {
  const days = everyDay(usage)
  const most = Math.max(1, ...days.map(({ count }) => count))
  const width = days.length * (BAR + GAP) - GAP
  return (
    <figure class="chart">
      <div class="chart-scale">
        <span>{most.toLocaleString('en')}</span>
        <span>0</span>
      </div>
      <svg viewBox={`0 0 ${width} ${HEIGHT}`} preserveAspectRatio="none" aria-hidden="true">
        {days.map(({ day, count }, i) => {
          const height = count === 0 ? 1 : Math.max(3, (count / most) * HEIGHT)
          return (
            <rect
              key={day}
              class={count === 0 ? 'bar none' : 'bar'}
              x={i * (BAR + GAP)}
              y={HEIGHT - height}
              width={BAR}
              height={height}
            >
              <title>{`${shortDay(day)}: ${count.toLocaleString('en')}`}</title>
            </rect>
          )
        })}
      </svg>
      <figcaption>
        <span>{shortDay(usage.from)}</span>
        <span>{shortDay(usage.to)}</span>
      </figcaption>
      <table class="unseen">
        <caption>{label}</caption>
        <thead>
          <tr>
            <th>Day</th>
            <th>Requests</th>
          </tr>
        </thead>
        <tbody>
          {usage.days.map(({ day, count }) => (
            <tr key={day}>
              <td>{day}</td>
              <td>{count}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </figure>
  )
}

/** The API leaves days without any use out. */
function everyDay({ from, to, days }: Usage) {
  const counts = new Map(days.map(({ day, count }) => [day, count]))
  const first = Date.parse(from)
  const length = Math.round((Date.parse(to) - first) / DAY_MS) + 1
  return Array.from({ length }, (_, i) => {
    const day = new Date(first + i * DAY_MS).toISOString().slice(0, 10)
    return { day, count: counts.get(day) ?? 0 }
  })
}
