// What <gosend-keys> shows: who is asking, the list, one dialog at a time, and what is to be announced.

import { Icon, NowProvider, Problem, useClock, useResource } from '@gosend/dashboard-ui'
import { useMemo, useRef, useState } from 'preact/hooks'
import type { GosendKeysEvents } from '../../../element/src/index.js'
import { answer, type Client, type Key, type Session } from '../client.js'
import { Environments } from '../keys/badges.js'
import { noFilter } from '../keys/filter.js'
import { type KeysHost, KeysHostProvider, useKeysHost } from '../keys/host.js'
import { KeyDialog, type KeyTask } from '../keys/key-dialogs.js'
import { useKeys } from '../keys/use-keys.js'
import { useTranslate } from '../locale.js'
import { icons } from '../ui/icons.js'
import { KeyList } from './key-list.js'

const SHOWN_MS = 5_000

export type Tell = <Name extends keyof GosendKeysEvents>(name: Name, detail: GosendKeysEvents[Name]) => void

export interface KeysProps {
  readonly api: Client
  readonly project: string
  readonly isReadOnly: boolean
  readonly variable: string
  readonly endpoint: string | undefined
  /** Another number reads everything anew. */
  readonly version: number
  readonly tell: Tell
}

export function Keys(props: KeysProps) {
  const { api, variable, endpoint, version } = props
  const t = useTranslate()
  const [message, announce] = useAnnouncement()
  const session = useResource(`${version}`, () => answer(api.GET('/session')))
  const isReadOnly = props.isReadOnly || session.data?.readOnly === true
  const countsOutcomes = session.data?.countsOutcomes === true
  const host = useMemo<KeysHost>(
    () => ({ api, variable, endpoint, isReadOnly, countsOutcomes, ownsHistory: false, announce }),
    [api, variable, endpoint, isReadOnly, countsOutcomes],
  )
  return (
    <KeysHostProvider value={host}>
      <section id="main" class="root" tabIndex={-1} aria-label={t('title')}>
        {session.problem !== undefined && <Problem text={session.problem} onRetry={session.reload} />}
        {session.data && <Project {...props} key={`${props.project} ${version}`} session={session.data} />}
        <div class="toasts" role="status">
          {message !== '' && <p class="toast">{message}</p>}
        </div>
      </section>
    </KeysHostProvider>
  )
}

function useAnnouncement() {
  const [message, setMessage] = useState('')
  const timer = useRef(0)
  const announce = useRef((text: string) => {
    setMessage(text)
    clearTimeout(timer.current)
    timer.current = window.setTimeout(() => setMessage(''), SHOWN_MS)
  })
  return [message, announce.current] as const
}

interface ProjectProps extends KeysProps {
  readonly session: Session
}

function Project({ project, session, tell }: ProjectProps) {
  const t = useTranslate()
  const { isReadOnly } = useKeysHost()
  const [clockOffset] = useState(() => Date.parse(session.now) - Date.now())
  const now = useClock(clockOffset)
  const [filter, setFilter] = useState(noFilter)
  const [task, setTask] = useState<KeyTask>()
  const list = useKeys(project, filter)
  const told = useRef<KeyTask>(undefined)

  const change = (changed: readonly Key[]) => {
    list.change(changed)
    const [record] = changed
    // Rotating changes two keys, one after the other.
    if (record === undefined || task === undefined || told.current === task) return
    told.current = task
    tellOf(task, record, tell)
  }

  return (
    <NowProvider value={now}>
      <Environments.Provider value={session.environments}>
        <header class="head">
          <div>
            <h2 class="title">{t('title')}</h2>
            <p class="lead">{t(isReadOnly ? 'readOnly' : 'lead')}</p>
          </div>
          {!isReadOnly && (
            <button type="button" class="button primary" onClick={() => setTask({ action: 'create' })}>
              <Icon path={icons.plus} />
              {t('create')}
            </button>
          )}
        </header>
        <KeyList {...{ list, filter }} onFilter={setFilter} onTask={setTask} />
        {task && (
          <KeyDialog
            task={task}
            projectId={project}
            environments={session.environments}
            keys={list.keys ?? []}
            onChange={change}
            onClose={() => setTask(undefined)}
          />
        )}
      </Environments.Provider>
    </NowProvider>
  )
}

function tellOf(task: KeyTask, record: Key, tell: Tell): void {
  if (task.action === 'create') tell('gosend-keys:created', { record })
  else if (task.action === 'rotate') tell('gosend-keys:rotated', { record, replaced: task.key.id })
  else tell(task.action === 'revoke' ? 'gosend-keys:revoked' : 'gosend-keys:updated', { record })
}
