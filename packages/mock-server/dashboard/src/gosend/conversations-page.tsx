// Conversations as a phone shows them, where the developer writes as the customer.

import {
  Choice,
  Empty,
  Instant,
  ListDetail,
  Problem,
  RowLink,
  Rows,
  Skeleton,
  spanDays,
} from '@gosend/dashboard-ui'
import { useState } from 'preact/hooks'
import { createPage } from '../page.js'
import { go, useChoice, useHref } from '../place.js'
import { useMockClock } from '../ui/clock.js'
import { EnvironmentChoice, Head } from '../ui/head.js'
import { icons } from '../ui/icons.js'
import { type Conversation, type PhoneNumber, useCollection } from './data.js'
import { numberOf } from './message-text.js'
import { Phone } from './phone.js'

function Conversations() {
  const href = useHref()
  const [phoneNumberId, contact] = useChoice()
  const clock = useMockClock()
  const { data, problem, reload } = useCollection<Conversation>('/conversations')
  const { data: numbers } = useCollection<PhoneNumber>('/phone-numbers')
  const latest = latestOf(data ?? [])
  const withDay = spanDays(latest.map(({ last_activity_at }) => last_activity_at))
  const chosen = latest.find((one) => one.phone_number_id === phoneNumberId && one.contact_wa_id === contact)

  const list = (
    <>
      <NewConversation numbers={numbers ?? []} />
      {data === undefined && problem === undefined && <Skeleton />}
      {data?.length === 0 && (
        <Empty icon={icons.conversations} title="No conversations yet">
          <p>Write as a customer: any number will do.</p>
        </Empty>
      )}
      {latest.length > 0 && (
        <Rows label="Conversations">
          {latest.map((one) => (
            <RowLink
              key={one.id}
              href={href([one.phone_number_id, one.contact_wa_id])}
              name={one.id}
              isChosen={one === chosen}
              columns="conversation-line"
            >
              <span class="message-what">
                <span class="cut">{numberOf(one.contact_wa_id)}</span>
                <span class="hint">to {nameOf(numbers ?? [], one.phone_number_id)}</span>
              </span>
              <span class={`badge ${CLASSES[stateOf(one, clock?.now)]}`}>{stateOf(one, clock?.now)}</span>
              <Instant at={one.last_activity_at} withDay={withDay} />
            </RowLink>
          ))}
        </Rows>
      )}
    </>
  )
  return (
    <>
      <Head
        title="Conversations"
        lead="What people see on their phones. Write as the customer, and your webhooks hear of it."
      >
        <EnvironmentChoice />
      </Head>
      {problem !== undefined && <Problem text={problem} onRetry={reload} />}
      <ListDetail
        list={list}
        detail={
          phoneNumberId === undefined || contact === undefined ? undefined : (
            <Phone
              key={`${phoneNumberId} ${contact}`}
              phoneNumberId={phoneNumberId}
              name={nameOf(numbers ?? [], phoneNumberId)}
              contact={contact}
              conversation={chosen}
            />
          )
        }
        label="Conversation"
        home={href()}
        chosen={contact && `${phoneNumberId} ${contact}`}
      />
    </>
  )
}

const CLASSES = { open: 'active', quiet: '', ended: 'ending' } as const

const stateOf = (conversation: Conversation, now: number | undefined): keyof typeof CLASSES => {
  const isOver = now !== undefined && Date.parse(conversation.expires_at) <= now
  if (conversation.status === 'ended' || isOver) return 'ended'
  return conversation.status === 'inactive' ? 'quiet' : 'open'
}

/** One for each pair of a number and a person, the most recently used first. */
function latestOf(conversations: readonly Conversation[]): readonly Conversation[] {
  const seen = new Set<string>()
  return [...conversations]
    .sort(
      (a, b) =>
        Date.parse(b.last_activity_at) - Date.parse(a.last_activity_at) || Number(b.id) - Number(a.id),
    )
    .filter(({ phone_number_id, contact_wa_id }) => {
      const pair = `${phone_number_id} ${contact_wa_id}`
      const isNew = !seen.has(pair)
      seen.add(pair)
      return isNew
    })
}

const nameOf = (numbers: readonly PhoneNumber[], phoneNumberId: string): string =>
  numbers.find(({ phone_number_id }) => phone_number_id === phoneNumberId)?.display_name ?? phoneNumberId

function NewConversation({ numbers }: { readonly numbers: readonly PhoneNumber[] }) {
  const href = useHref()
  const [contact, setContact] = useState('')
  const [chosen, choose] = useState<string>()
  const open = numbers.filter(({ status }) => status === 'active')
  const phoneNumberId =
    open.find(({ phone_number_id }) => phone_number_id === chosen)?.phone_number_id ??
    open[0]?.phone_number_id
  return (
    <form
      class="inline-form"
      onSubmit={(event) => {
        event.preventDefault()
        if (phoneNumberId !== undefined) go(href([phoneNumberId, contact.replace(/\D/g, '')]))
        setContact('')
      }}
    >
      <input
        class="input"
        aria-label="Number of a customer"
        placeholder="Write as +5491150000001"
        inputMode="tel"
        pattern="[+]?[\d ()\-]{7,24}"
        title="A phone number with its country code"
        required
        value={contact}
        onInput={({ currentTarget }) => setContact(currentTarget.value)}
      />
      {open.length > 1 && (
        <Choice
          aria-label="To"
          value={phoneNumberId ?? ''}
          options={open.map(({ phone_number_id, display_name }) => [phone_number_id, display_name] as const)}
          onChange={choose}
        />
      )}
      <button type="submit" class="button">
        Open
      </button>
    </form>
  )
}

export const conversationsPage = createPage(
  { id: 'conversations', title: 'Conversations', icon: icons.conversations, shortcut: 'n' },
  Conversations,
)
