// The coloured words beside a key.

import { lengthOf, useNow, useWords } from '@gosend/dashboard-ui'
import { createContext } from 'preact'
import { useContext } from 'preact/hooks'
import { useTranslate } from '../locale.js'
import { type Concern, STALE_AFTER_DAYS, type Status } from './status.js'

/** All environments, in the service's order: a badge takes its colour from its place. */
export const Environments = createContext<readonly string[]>([])

export function EnvironmentBadge({ name }: { readonly name: string }) {
  const place = useContext(Environments).indexOf(name)
  return <span class={`badge environment tint-${name === 'production' ? 'live' : place % 4}`}>{name}</span>
}

export interface StatusBadgeProps {
  readonly status: Status
  /** When it stops working; shown while it works beside the key that replaced it. */
  readonly endsAt?: string | null
  /** Whether the key that it replaced still works, too. */
  readonly isReplacement?: boolean
}

export function StatusBadge({ status, endsAt = null, isReplacement = false }: StatusBadgeProps) {
  const now = useNow()
  const { language } = useWords()
  const t = useTranslate()
  return (
    <>
      <span class={`badge status ${status}`}>{t(`status.${status}`)}</span>
      {status === 'ending' && endsAt !== null && (
        <span class="badge concern">
          {t('timeLeft', { time: lengthOf(leftUntil(endsAt, now), language) })}
        </span>
      )}
      {isReplacement && status === 'active' && <span class="badge concern">{t('replacement')}</span>}
    </>
  )
}

const MINUTE_MS = 60_000

/** In whole minutes: the page's clock does not tick by the second. */
const leftUntil = (instant: string, now: number): number =>
  Math.ceil(Math.max(0, Date.parse(instant) - now) / MINUTE_MS) * MINUTE_MS

export function Concerns({ list }: { readonly list: readonly Concern[] }) {
  const t = useTranslate()
  return (
    <>
      {list.map((concern) => (
        <span key={concern} class="badge concern">
          {t(`concern.${concern}`, { days: STALE_AFTER_DAYS })}
        </span>
      ))}
    </>
  )
}
