// A form or a button that calls the API: busy while it does, and with the API's words when it refuses.

import { useRef, useState } from 'preact/hooks'
import { wordsFor } from '../api.js'

export interface Submission {
  readonly isBusy: boolean
  readonly problem: string | undefined
  run(call: () => Promise<void>): Promise<void>
}

export function useSubmission(): Submission {
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
