// Data that a component needs from the API: loaded when its name changes, kept up to date, dropped when outdated.

import { wordsFor } from '@gosend/dashboard-ui'
import { useCallback, useEffect, useRef, useState } from 'preact/hooks'

export interface Loaded<Data> {
  readonly data: Data | undefined
  /** In words; undefined while all is well. What was loaded before stays. */
  readonly problem: string | undefined
  reload(): void
  /** Takes over a change that the API has confirmed, without asking again. */
  change(by: (data: Data) => Data): void
}

/** @param name what is loaded: another name is other data. */
export function useLoad<Data>(name: string, load: () => Promise<Data>): Loaded<Data> {
  const [state, setState] = useState<{ name: string; data?: Data; problem?: string }>({ name })
  const latest = useRef(0)
  const loader = useRef(load)
  loader.current = load

  const reload = useCallback(async () => {
    const turn = ++latest.current
    try {
      const data = await loader.current()
      if (turn === latest.current) setState({ name, data })
    } catch (error) {
      if (turn === latest.current) {
        setState((was) => ({ ...(was.name === name ? was : { name }), problem: wordsFor(error) }))
      }
    }
  }, [name])

  useEffect(() => {
    reload()
    const refresh = () => {
      if (!document.hidden) reload()
    }
    document.addEventListener('visibilitychange', refresh)
    return () => {
      latest.current++
      document.removeEventListener('visibilitychange', refresh)
    }
  }, [reload])

  const change = useCallback((by: (data: Data) => Data) => {
    // An answer that is under way was made before the change.
    latest.current++
    setState((was) => (was.data === undefined ? was : { ...was, data: by(was.data) }))
  }, [])

  const isCurrent = state.name === name
  return {
    data: isCurrent ? state.data : undefined,
    problem: isCurrent ? state.problem : undefined,
    reload,
    change,
  }
}
