// An instant in words, with the exact time on hover.

import { ago, exactly } from '../time.js'
import { useNow } from './now.js'

export function Instant({ at }: { readonly at: string }) {
  return (
    <time dateTime={at} title={exactly(at)}>
      {ago(at, useNow())}
    </time>
  )
}
