// A customer's phone: the messages with one number, and a line to write as the customer.

import { Icon, Instant, lengthOf, Problem, useAction } from '@gosend/dashboard-ui'
import { useEffect, useRef, useState } from 'preact/hooks'
import { useLive } from '../live.js'
import { useSandbox } from '../page.js'
import { topicOf, useHref, useScope } from '../place.js'
import { useMockClock } from '../ui/clock.js'
import { icons } from '../ui/icons.js'
import { type Conversation, listOf, type Message } from './data.js'
import { Ticks } from './message-status.js'
import { lineOf, numberOf, repliesOf } from './message-text.js'

export interface PhoneProps {
  readonly phoneNumberId: string
  /** Of the business. */
  readonly name: string
  readonly contact: string
  readonly conversation: Conversation | undefined
}

export function Phone({ phoneNumberId, name, contact, conversation }: PhoneProps) {
  const { api } = useSandbox()
  const scope = useScope()
  const href = useHref()
  const topic = topicOf(scope, '/messages')
  const end = useRef<HTMLDivElement>(null)
  const writing = useAction()
  const { data: messages, problem } = useLive(`${topic} ${contact}`, [topic], async () => {
    const of = (member: string) => listOf<Message>(api, scope, '/messages', { member, value: contact })
    const [sent, received] = await Promise.all([of('to'), of('from')])
    return [...sent, ...received]
      .filter(({ phone_number_id }) => phone_number_id === phoneNumberId)
      .sort((a, b) => Number(a.id) - Number(b.id))
  })
  const count = messages?.length ?? 0
  useEffect(() => {
    const list = end.current?.parentElement
    list?.scrollTo({ top: list.scrollHeight })
  }, [count])

  const write = (body: object) =>
    writing.run(() =>
      api.send('POST', '/inbound', { from: contact, phone_number_id: phoneNumberId, ...body }, scope),
    )
  const latest = messages?.at(-1)

  return (
    <div class="phone">
      <header class="phone-head">
        <div>
          <h2>{name}</h2>
          <p class="hint">on the phone of {numberOf(contact)}</p>
        </div>
        <Window conversation={conversation} />
      </header>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by the keyboard. */}
      <div class="bubbles" role="log" aria-label={`Messages with ${numberOf(contact)}`} tabIndex={0}>
        {messages?.length === 0 && <p class="hint phone-none">Nothing yet. Say hello as the customer.</p>}
        {messages?.map((message, at) => (
          <div key={message.id} class={`bubble ${message.direction}`}>
            {isNewDay(message, messages[at - 1]) && <Day at={message.created_at} />}
            <a class="bubble-text" href={href([message.id], 'messages')} title="Show the message">
              <span class="bubble-body">{lineOf(message)}</span>
              <span class="bubble-foot">
                <Instant at={message.created_at} />
                {message.direction === 'outbound' && <Ticks status={message.status} />}
              </span>
            </a>
            {message === latest && (
              <div class="replies">
                {repliesOf(message).map(({ title, body }) => (
                  <button
                    key={title}
                    type="button"
                    class="button small"
                    disabled={writing.isBusy}
                    onClick={() => write({ ...body, context: { message_id: message.wamid } })}
                  >
                    {title}
                  </button>
                ))}
              </div>
            )}
          </div>
        ))}
        <div ref={end} />
      </div>
      {(problem ?? writing.problem) !== undefined && <Problem text={problem ?? writing.problem ?? ''} />}
      <Composer isBusy={writing.isBusy} onWrite={(text) => write({ text })} />
    </div>
  )
}

function Window({ conversation }: { readonly conversation: Conversation | undefined }) {
  const clock = useMockClock()
  if (conversation === undefined || clock === undefined) return null
  const left = Date.parse(conversation.expires_at) - clock.now
  const isOpen = conversation.status !== 'ended' && left > 0
  return (
    <p class={`badge ${isOpen ? 'active' : 'ending'}`} title="Of the 24 hours in which anything may be sent">
      {isOpen ? `${lengthOf(left)} left` : 'Window closed'}
    </p>
  )
}

function Composer({
  isBusy,
  onWrite,
}: {
  readonly isBusy: boolean
  readonly onWrite: (text: string) => Promise<boolean>
}) {
  const [text, setText] = useState('')
  const send = async (event: Event) => {
    event.preventDefault()
    if (text.trim() === '') return
    if (await onWrite(text)) setText('')
  }
  return (
    <form class="composer" onSubmit={send}>
      <input
        class="input"
        aria-label="Write as the customer"
        placeholder="Write as the customer"
        autocomplete="off"
        maxLength={4096}
        value={text}
        onInput={({ currentTarget }) => setText(currentTarget.value)}
      />
      <button type="submit" class="button primary" aria-label="Send as the customer" disabled={isBusy}>
        <Icon path={icons.send} />
      </button>
    </form>
  )
}

const day = new Intl.DateTimeFormat('en', { weekday: 'long', month: 'long', day: 'numeric' })

function Day({ at }: { readonly at: string }) {
  return <p class="day">{day.format(new Date(at))}</p>
}

const isNewDay = (message: Message, before: Message | undefined): boolean =>
  before === undefined || day.format(new Date(before.created_at)) !== day.format(new Date(message.created_at))
