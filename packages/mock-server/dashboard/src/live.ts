// Keeps the page up to date: one stream of changes for the whole page, and each part reads its data again when a change
// concerns it.

import { type Resource, useResource } from '@gosend/dashboard-ui'
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
    for (const notify of stream.watchers) notify(isLive)
  }
  const open = () => {
    source = new EventSource(address)
    source.onopen = () => {
      setLive(true)
      // The changes in between are not known.
      for (const notify of stream.listeners) notify(undefined)
    }
    source.onerror = () => {
      setLive(false)
      // After an answer that is no stream, a browser does not try again by itself.
      if (source?.readyState === EventSource.CLOSED) retry = window.setTimeout(open, RETRY_MS)
    }
    source.onmessage = ({ data }) => {
      const topics: readonly string[] = JSON.parse(String(data))
      for (const notify of stream.listeners) notify(topics)
    }
  }
  // A browser has six connections for a host: hidden tabs leave theirs to others.
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

/** Whether the stream of changes is open. */
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

/**
 * @param name what is shown: another name is other data.
 * @param topics beginnings of the topics that concern it.
 * @param load gets what was read before, to read only what is new.
 */
export function useLive<Data>(
  name: string,
  topics: readonly string[],
  load: (was: Data | undefined) => Promise<Data>,
): Resource<Data> {
  const { api } = useSandbox()
  const latest = useRef(topics)
  latest.current = topics
  const follow = useCallback(
    (outdated: () => void) => {
      const onChange: Listener = (changed) => {
        if (changed?.some((topic) => concerns(topic, latest.current)) ?? true) outdated()
      }
      const { listeners } = streamOf(api.changes)
      listeners.add(onChange)
      return () => void listeners.delete(onChange)
    },
    [api],
  )
  return useResource(name, load, { follow, pauseMs: PAUSE_MS })
}

/** `store` stands for all that is stored. */
const concerns = (topic: string, wanted: readonly string[]): boolean =>
  wanted.some((own) => topic.startsWith(own) || (topic === 'store' && own.startsWith('store ')))
