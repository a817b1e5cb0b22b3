// The people who always behave the same: numbers to send to, and what becomes of it.

import { Problem, Skeleton } from '@gosend/dashboard-ui'
import { useLive } from '../live.js'
import { createPage, useSandbox } from '../page.js'
import { useHref } from '../place.js'
import { CopyButton } from '../ui/copy-button.js'
import { Head } from '../ui/head.js'
import { icons } from '../ui/icons.js'
import { type PhoneNumber, useCollection } from './data.js'
import { numberOf } from './message-text.js'

interface Recipient {
  readonly number: string
  readonly course: readonly string[]
  readonly error?: { readonly code: number; readonly title: string; readonly message: string }
  readonly window?: 'open' | 'closed' | 'first'
  readonly answers?: boolean
  readonly trouble?: { readonly status: number; readonly isAccepted: boolean }
}

function Recipients() {
  const { api } = useSandbox()
  const href = useHref()
  const { data, problem, reload } = useLive('recipients', [], () =>
    api.get<readonly Recipient[]>('/recipients'),
  )
  const { data: numbers } = useCollection<PhoneNumber>('/phone-numbers')
  const phoneNumberId = numbers?.[0]?.phone_number_id
  return (
    <>
      <Head
        title="Test recipients"
        lead="They always behave the same. Any other number gets and reads everything, but must have written first."
      />
      {problem !== undefined && <Problem text={problem} onRetry={reload} />}
      {data === undefined && problem === undefined && <Skeleton />}
      {data !== undefined && (
        <ul class="card rows-list" aria-label="Test recipients">
          {data.map((recipient) => (
            <li key={recipient.number} class="line recipient-line">
              <code class="recipient-number">{numberOf(recipient.number)}</code>
              <span>
                {courseOf(recipient)} <span class="hint">{detailsOf(recipient)}</span>
              </span>
              <span class="button-row">
                {phoneNumberId !== undefined && (
                  <a
                    class="button small"
                    href={href([phoneNumberId, recipient.number], 'conversations')}
                    aria-label={`Phone of ${numberOf(recipient.number)}`}
                  >
                    Phone
                  </a>
                )}
                <CopyButton text={recipient.number} what={`Number ${recipient.number}`} />
              </span>
            </li>
          ))}
        </ul>
      )}
    </>
  )
}

function courseOf({ course, answers, error, trouble }: Recipient): string {
  if (trouble !== undefined)
    return trouble.isAccepted
      ? `The API answers ${trouble.status}, yet the message goes out.`
      : `The API answers ${trouble.status}, and nothing is sent.`
  if (error !== undefined) return `Fails: ${error.title} (${error.code}).`
  if (course.length === 0) return 'Stays queued for ever.'
  const last = course.at(-1) ?? ''
  const skipped = last === 'read' && !course.includes('delivered') ? ' without being delivered first' : ''
  return `${PHRASES[last] ?? last}${skipped}${answers ? ', and answers' : ''}.`
}

const PHRASES: Readonly<Record<string, string>> = {
  sent: 'Stays sent: the phone is off',
  delivered: 'Gets it, and never reads',
  read: 'Reads it',
}

function detailsOf({ window, error }: Recipient): string {
  const windows = {
    open: '',
    closed: 'The window is always closed: only templates.',
    first: 'Wrote just before the first message.',
  }
  return [error?.message ?? '', window === undefined ? '' : windows[window]]
    .filter((part) => part !== '')
    .join(' ')
}

export const recipientsPage = createPage(
  { id: 'recipients', title: 'Test recipients', icon: icons.recipients, shortcut: 'p' },
  Recipients,
)
