// Data that a component shows: read when its name changes, and again when it may have changed.

import { useCallback, useLayoutEffect, useRef, useState } from 'preact/hooks'
import { wordsFor } from './failure.js'
import { useWords } from './words.js'

export interface Resource<Data> {
  readonly data: Data | undefined
  /** In words; undefined while all is well. What was read before stays. */
  readonly problem: string | undefined
  reload(): void
  /** Takes over a change that the API has confirmed, without asking again. */
  change(by: (data: Data) => Data): void
}

export interface ResourceOptions {
  /**
   * Calls back whenever what is shown may have changed; gives what stops that. Another function is another source. Default: when
   * people come back to the page.
   */
  readonly follow?: (outdated: () => void) => () => void
  /** How long nothing is read after a reading, so that what changes all the time does not keep the page busy. Default 0. */
  readonly pauseMs?: number
}

/**
 * @param name what is shown: another name is other data.
 * @param load gets what was read before, to read only what is new.
 */
export function useResource<Data>(
  name: string,
  load: (was: Data | undefined) => Promise<Data>,
  { follow = whenVisible, pauseMs = 0 }: ResourceOptions = {},
): Resource<Data> {
  const [state, setState] = useState<{ name: string; data?: Data; problem?: string }>({ name })
  const words = useWords()
  const latest = useRef({ load, data: undefined as { name: string; value: Data } | undefined, turn: 0 })
  latest.current.load = load
  const read = useRef<() => void>(() => {})

  // Before the browser paints, for what has come already is then drawn at once.
  useLayoutEffect(() => {
    const known = () => (latest.current.data?.name === name ? latest.current.data.value : undefined)
    const reader = createReader(async (isOver) => {
      const turn = ++latest.current.turn
      const isCurrent = () => !isOver() && turn === latest.current.turn
      try {
        const value = await latest.current.load(known())
        if (!isCurrent()) return
        latest.current.data = { name, value }
        setState({ name, data: value })
      } catch (error) {
        const was = known()
        if (isCurrent())
          setState({ name, ...(was === undefined ? {} : { data: was }), problem: wordsFor(error, words) })
      }
    }, pauseMs)
    read.current = reader.run
    const unfollow = follow(reader.run)
    reader.run()
    return () => {
      reader.end()
      unfollow()
    }
  }, [name, follow, pauseMs])

  const change = useCallback((by: (data: Data) => Data) => {
    const { data } = latest.current
    if (data === undefined) return
    // An answer that is under way was made before the change.
    latest.current.turn++
    const value = by(data.value)
    latest.current.data = { name: data.name, value }
    setState((was) => (was.name === data.name ? { ...was, data: value } : was))
  }, [])

  const isCurrent = state.name === name
  return {
    data: isCurrent ? state.data : undefined,
    problem: isCurrent ? state.problem : undefined,
    reload: useCallback(() => read.current(), []),
    change,
  }
}

function whenVisible(outdated: () => void): () => void {
  const refresh = () => {
    if (!document.hidden) outdated()
  }
  document.addEventListener('visibilitychange', refresh)
  return () => document.removeEventListener('visibilitychange', refresh)
}

/** Reads once at a time: what is asked for during a reading, or in the pause after it, is one more reading. */
function createReader(readOnce: (isOver: () => boolean) => Promise<void>, pauseMs: number) {
  let [isOver, isReading, isOutdated, timer] = [false, false, false, 0]
  const rest = () => {
    isReading = false
    if (isOutdated && !isOver) run()
  }
  const run = async () => {
    isOutdated = true
    if (isReading) return
    isReading = true
    isOutdated = false
    await readOnce(() => isOver)
    if (pauseMs === 0) rest()
    else timer = window.setTimeout(rest, pauseMs)
  }
  return {
    run,
    end() {
      isOver = true
      clearTimeout(timer)
    },
  }
}
