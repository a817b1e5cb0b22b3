// A button that puts text on the clipboard.

import { useEffect, useRef, useState } from 'preact/hooks'
import { copy } from './copy.js'

export interface CopyButtonProps {
  /** A function is asked when somebody copies, so that what it gives stands nowhere in the page before. */
  readonly text: string | (() => string)
  /** What is copied, in words: "The request". */
  readonly what: string
  /** Announces the result. */
  readonly announce: (message: string) => void
  /** Whether there is nothing to copy. Default false. */
  readonly isOff?: boolean
  readonly children?: string
}

export function CopyButton({ text, what, announce, isOff = false, children = 'Copy' }: CopyButtonProps) {
  const source = useRef<HTMLTextAreaElement>(null)
  const [isCopied, setCopied] = useCopied()
  const put = async () => {
    if (source.current === null) return
    const copied = typeof text === 'string' ? text : text()
    source.current.value = copied
    const isDone = await copy(copied, source.current)
    source.current.value = ''
    setCopied(isDone)
    announce(isDone ? `Copied: ${what.toLowerCase()}.` : 'The browser does not let this page copy.')
  }
  return (
    <>
      <button
        type="button"
        class="button small"
        aria-label={`${children} ${what.toLowerCase()}`}
        disabled={isOff}
        onClick={put}
      >
        {isCopied ? 'Copied' : children}
      </button>
      <textarea ref={source} class="unseen" aria-hidden="true" tabIndex={-1} readOnly />
    </>
  )
}

const SHOWN_MS = 2_000

/** Whether something was copied a moment ago. */
export function useCopied(): readonly [boolean, (isCopied: boolean) => void] {
  const [isCopied, setCopied] = useState(false)
  useEffect(() => {
    if (!isCopied) return
    const timer = setTimeout(() => setCopied(false), SHOWN_MS)
    return () => clearTimeout(timer)
  }, [isCopied])
  return [isCopied, setCopied]
}
