// What makes the mock answer differently from what people expect: faults, and a clock that is not the world's.

import { Icon, lengthOf, timeOf } from '@gosend/dashboard-ui'
import type { ClockReading, FaultRule } from '../../../src/control/wire.js'
import { sentenceOf } from '../controls/faults-card.js'
import { useLive } from '../live.js'
import { useSandbox } from '../page.js'
import { useHref } from '../place.js'
import { icons } from './icons.js'

/** Less is the way that an answer takes. */
export const NOTABLE_MS = 2_000

export function Banner() {
  const { api, page } = useSandbox()
  const href = useHref()
  const { data } = useLive('banner', ['control'], async () => {
    const [faults, { now, frozen }] = await Promise.all([
      api.get<readonly FaultRule[]>('/faults'),
      api.get<ClockReading>('/clock'),
    ])
    return { faults, now, frozen, ahead: Date.parse(now) - Date.now() }
  })
  // Where both are shown anyway, and can be ended.
  if (data === undefined || page === 'controls') return null
  const [fault] = data.faults
  const others = data.faults.length - 1
  const sentences = [
    ...(fault === undefined
      ? []
      : [`Fault: ${sentenceOf(fault)}${others === 0 ? '' : `, and ${others} more`}.`]),
    ...(data.frozen ? [`The mock’s clock stands still at ${timeOf(data.now)}.`] : []),
    ...(!data.frozen && Math.abs(data.ahead) > NOTABLE_MS
      ? [`The mock’s clock is ${lengthOf(data.ahead)} ${data.ahead > 0 ? 'ahead' : 'behind'}.`]
      : []),
  ]
  if (sentences.length === 0) return null
  return (
    <aside class="notice caution banner" aria-label="State of the mock">
      <Icon path={icons.warning} />
      <p>{sentences.join(' ')}</p>
      <a class="button small" href={href([], 'controls')}>
        Controls
      </a>
    </aside>
  )
}
