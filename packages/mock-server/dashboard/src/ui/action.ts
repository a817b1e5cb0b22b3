// Something that people tell the mock to do: once at a time, and with its words when it refuses.

import { useRef, useState } from 'preact/hooks'
import { wordsFor } from '../api.js'

export interface Action {
  readonly isBusy: boolean
  readonly problem: string | undefined
  run(call: () => Promise<unknown>): Promise<void>
}

export function useAction(): Action {
  const [state, setState] = useState<{ isBusy: boolean; problem?: string }>({ isBusy: false })
  const isUnderWay = useRef(false)
  return {
    isBusy: state.isBusy,
    problem: state.problem,
    async run(call) {
      if (isUnderWay.current) return
      isUnderWay.current = true
      setState({ isBusy: true })
      try {
        await call()
        setState({ isBusy: false })
      } catch (error) {
        setState({ isBusy: false, problem: wordsFor(error) })
      } finally {
        isUnderWay.current = false
      }
    },
  }
}
