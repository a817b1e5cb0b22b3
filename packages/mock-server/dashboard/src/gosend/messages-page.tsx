// Messages and how far each has come.

import {
  Empty,
  Instant,
  ListDetail,
  Problem,
  RowLink,
  Rows,
  Search,
  Skeleton,
  spanDays,
} from '@gosend/dashboard-ui'
import { useMemo, useState } from 'preact/hooks'
import { createPage } from '../page.js'
import { useChoice, useHref } from '../place.js'
import { EnvironmentChoice, Head } from '../ui/head.js'
import { icons } from '../ui/icons.js'
import { type Message, useCollection } from './data.js'
import { MessageDetail } from './message-detail.js'
import { MessageStatus } from './message-status.js'
import { lineOf, numberOf, otherOf } from './message-text.js'

function Messages() {
  const href = useHref()
  const [chosen] = useChoice()
  const [text, setText] = useState('')
  const { data: messages, problem, reload } = useCollection<Message>('/messages')
  const shown = useMemo(() => search(messages ?? [], text), [messages, text])
  const withDay = useMemo(() => spanDays(shown.map(({ created_at }) => created_at)), [shown])
  const found = messages?.find(({ id }) => id === chosen)

  const list = (
    <>
      {messages === undefined && problem === undefined && <Skeleton />}
      {messages?.length === 0 && (
        <Empty icon={icons.messages} title="No messages yet">
          <p>
            Send one to a <a href={href([], 'recipients')}>test recipient</a>, or{' '}
            <a href={href([], 'conversations')}>write as a customer</a>.
          </p>
        </Empty>
      )}
      {messages !== undefined && messages.length > 0 && (
        <search class="toolbar one">
          <Search label="Search messages" hint="Number, text or status" value={text} onInput={setText} />
          <p class="count">
            {shown.length === messages.length ? shown.length : `${shown.length} of ${messages.length}`}{' '}
            {messages.length === 1 ? 'message' : 'messages'}
          </p>
        </search>
      )}
      {shown.length > 0 && (
        <Rows label="Messages">
          {shown.map((message) => (
            <RowLink
              key={message.id}
              href={href([message.id])}
              name={message.id}
              isChosen={message.id === chosen}
              columns="message-line"
            >
              <span class="arrow" role="img" aria-label={message.direction}>
                {message.direction === 'outbound' ? '↑' : '↓'}
              </span>
              <span class="message-what">
                <span class="cut">{lineOf(message)}</span>
                <span class="hint">{numberOf(otherOf(message))}</span>
              </span>
              <MessageStatus status={message.status} />
              <Instant at={message.created_at} withDay={withDay} />
            </RowLink>
          ))}
        </Rows>
      )}
    </>
  )
  return (
    <>
      <Head title="Messages" lead="What was sent and received, and how far each message has come.">
        <EnvironmentChoice />
      </Head>
      {problem !== undefined && <Problem text={problem} onRetry={reload} />}
      <ListDetail
        list={list}
        detail={chosen === undefined || messages === undefined ? undefined : <Detail message={found} />}
        label="Message"
        home={href()}
        chosen={chosen}
      />
    </>
  )
}

const Detail = ({ message }: { readonly message: Message | undefined }) =>
  message === undefined ? (
    <p class="hint">There is no such message any more.</p>
  ) : (
    <MessageDetail message={message} />
  )

function search(messages: readonly Message[], text: string): readonly Message[] {
  const wanted = text.trim().toLowerCase()
  if (wanted === '') return messages
  return messages.filter((message) =>
    `${lineOf(message)} +${otherOf(message)} ${message.status} ${message.type} ${message.id} ${message.wamid}`
      .toLowerCase()
      .includes(wanted),
  )
}

export const messagesPage = createPage(
  { id: 'messages', title: 'Messages', icon: icons.messages, shortcut: 'm' },
  Messages,
)
