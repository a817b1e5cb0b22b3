// What is on the page stays true: one stream of changes for all that is shown, and each part reads again what it shows
// when a change concerns it.

import { wordsFor } from '@gosend/dashboard-ui'
import { useCallback, useEffect, useRef, useState } from 'preact/hooks'
import { useSandbox } from './page.js'

type Listener = (topics: readonly string[] | undefined) => void

interface Stream {
  readonly listeners: Set<Listener>
  readonly watchers: Set<(isLive: boolean) => void>
  isLive: boolean
}

/** Between two readings of the same thing, so that a busy mock does not keep the page busy. */
const PAUSE_MS = 250
const RETRY_MS = 3_000

const streams = new Map<string, Stream>()

function streamOf(address: string): Stream {
  const known = streams.get(address)
  if (known !== undefined) return known
  const stream: Stream = { listeners: new Set(), watchers: new Set(), isLive: false }
  streams.set(address, stream)
  let source: EventSource | undefined
  let retry = 0
  const setLive = (isLive: boolean) => {
    stream.isLive = isLive
    for (const tell of stream.watchers) tell(isLive)
  }
  const open = () => {
    source = new EventSource(address)
    source.onopen = () => {
      setLive(true)
      // Whatever happened in between has not been told.
      for (const tell of stream.listeners) tell(undefined)
    }
    source.onerror = () => {
      setLive(false)
      // After an answer that is no stream, a browser does not try again by itself.
      if (source?.readyState === EventSource.CLOSED) retry = window.setTimeout(open, RETRY_MS)
    }
    source.onmessage = ({ data }) => {
      const topics: readonly string[] = JSON.parse(String(data))
      for (const tell of stream.listeners) tell(topics)
    }
  }
  // A browser has six connections for a host: tabs that nobody looks at leave theirs to others.
  const follow = () => {
    if (document.hidden) {
      clearTimeout(retry)
      source?.close()
      source = undefined
      setLive(false)
    } else if (source === undefined) open()
  }
  document.addEventListener('visibilitychange', follow)
  follow()
  return stream
}

/** Whether changes are heard of. */
export function useIsLive(): boolean {
  const stream = streamOf(useSandbox().api.changes)
  const [isLive, setLive] = useState(stream.isLive)
  useEffect(() => {
    setLive(stream.isLive)
    stream.watchers.add(setLive)
    return () => void stream.watchers.delete(setLive)
  }, [stream])
  return isLive
}

export interface Live<Data> {
  readonly data: Data | undefined
  /** In words; undefined while all is well. What was read before stays. */
  readonly problem: string | undefined
  reload(): void
}

/**
 * @param name what is shown: another name is other data.
 * @param topics beginnings of the topics that concern it.
 * @param load gets what was read before, to read only what is new.
 */
export function useLive<Data>(
  name: string,
  topics: readonly string[],
  load: (was: Data | undefined) => Promise<Data>,
): Live<Data> {
  const { api } = useSandbox()
  const [state, setState] = useState<{ name: string; data?: Data; problem?: string }>({ name })
  const latest = useRef({ load, topics, data: undefined as { name: string; value: Data } | undefined })
  Object.assign(latest.current, { load, topics })
  const read = useRef<() => void>(() => {})

  useEffect(() => {
    let [isOver, isReading, isOutdated, timer] = [false, false, false, 0]
    const run = async () => {
      if (isReading) {
        isOutdated = true
        return
      }
      isReading = true
      isOutdated = false
      const was = latest.current.data?.name === name ? latest.current.data.value : undefined
      try {
        const value = await latest.current.load(was)
        if (isOver) return
        latest.current.data = { name, value }
        setState({ name, data: value })
      } catch (error) {
        if (!isOver) setState({ name, ...(was === undefined ? {} : { data: was }), problem: wordsFor(error) })
      } finally {
        timer = window.setTimeout(() => {
          isReading = false
          if (isOutdated && !isOver) run()
        }, PAUSE_MS)
      }
    }
    read.current = run
    const hear: Listener = (told) => {
      if (told?.some((topic) => concerns(topic, latest.current.topics)) ?? true) run()
    }
    const { listeners } = streamOf(api.changes)
    listeners.add(hear)
    run()
    return () => {
      isOver = true
      clearTimeout(timer)
      listeners.delete(hear)
    }
  }, [api, name])

  const isCurrent = state.name === name
  return {
    data: isCurrent ? state.data : undefined,
    problem: isCurrent ? state.problem : undefined,
    reload: useCallback(() => read.current(), []),
  }
}

/** `store` stands for all that is stored. */
const concerns = (topic: string, wanted: readonly string[]): boolean =>
  wanted.some((own) => topic.startsWith(own) || (topic === 'store' && own.startsWith('store ')))
