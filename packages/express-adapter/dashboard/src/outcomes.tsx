// What came of requests, with the share of each: accepted, limited, and refused by reason.

import type { Usage } from './api.js'
import { reasonName } from './reasons.js'

const OUTCOMES = { accepted: 'Accepted', limited: 'Limited', refused: 'Refused' } as const
const number = new Intl.NumberFormat()

export function Outcomes({ list }: { readonly list: NonNullable<Usage['outcomes']> }) {
  if (list.length === 0) return null
  const most = Math.max(...list.map(({ count }) => count))
  return (
    <table class="outcomes">
      <caption class="unseen">What came of the requests</caption>
      <tbody>
        {list
          .toSorted((a, b) => b.count - a.count)
          .map(({ outcome, reason, count }) => (
            <tr key={`${outcome} ${reason}`}>
              <th scope="row">
                {OUTCOMES[outcome]}
                {reason !== null && <span class="hint"> {reasonName(reason)}</span>}
              </th>
              <td>
                <meter class={outcome} min={0} max={most} value={count} aria-hidden="true" />
              </td>
              <td class="number">{number.format(count)}</td>
            </tr>
          ))}
      </tbody>
    </table>
  )
}
