// An action on the server: it runs once at a time, and shows the server's message when it is refused.

import { useRef, useState } from 'preact/hooks'
import { wordsFor } from './failure.js'
import { useWords } from './words.js'

export interface Action {
  readonly isBusy: boolean
  readonly problem: string | undefined
  /** Whether it was done. */
  run(call: () => Promise<unknown>): Promise<boolean>
}

export function useAction(): Action {
  const [state, setState] = useState<{ isBusy: boolean; problem?: string }>({ isBusy: false })
  const isUnderWay = useRef(false)
  const words = useWords()
  return {
    isBusy: state.isBusy,
    problem: state.problem,
    async run(call) {
      if (isUnderWay.current) return false
      isUnderWay.current = true
      const pressed = focused()
      setState({ isBusy: true })
      try {
        await call()
        setState({ isBusy: false })
        return true
      } catch (error) {
        setState({ isBusy: false, problem: wordsFor(error, words) })
        return false
      } finally {
        isUnderWay.current = false
        // A button that was off meanwhile has lost the focus. It has it again once it is on, unless people have gone elsewhere.
        queueMicrotask(() => {
          if (focused() === document.body) pressed?.focus()
        })
      }
    },
  }
}

/** What has the focus, also inside of an element. */
function focused(): HTMLElement | null {
  let { activeElement } = document
  while (activeElement?.shadowRoot?.activeElement) activeElement = activeElement.shadowRoot.activeElement
  return activeElement instanceof HTMLElement ? activeElement : null
}
