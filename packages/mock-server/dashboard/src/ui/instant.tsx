// The time of day at which something happened, by the mock's clock, with date and zone on hover.

import { dayAndTimeOf, exactly, timeOf } from './time.js'

export function Instant({ at, withDay = false }: { readonly at: string; readonly withDay?: boolean }) {
  return (
    <time dateTime={at} title={exactly(at)}>
      {withDay ? dayAndTimeOf(at) : timeOf(at)}
    </time>
  )
}
