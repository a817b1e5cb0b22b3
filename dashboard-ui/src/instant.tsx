// Instants in words, with date, time and zone on hover.

import { useNow } from './now.js'
import { ago, dayAndTimeOf, exactly, timeOf } from './time.js'
import { useWords } from './words.js'

/** The time of day at which something happened. */
export function Instant({ at, withDay = false }: { readonly at: string; readonly withDay?: boolean }) {
  const { language } = useWords()
  return (
    <time dateTime={at} title={exactly(at, language)}>
      {withDay ? dayAndTimeOf(at, language) : timeOf(at, language)}
    </time>
  )
}

/** How long ago it happened. */
export function Ago({ at }: { readonly at: string }) {
  const words = useWords()
  return (
    <time dateTime={at} title={exactly(at, words.language)}>
      {ago(at, useNow(), words)}
    </time>
  )
}
