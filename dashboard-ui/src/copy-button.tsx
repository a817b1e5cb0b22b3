// A button that puts text on the clipboard.

import { useRef } from 'preact/hooks'
import { copy } from './copy.js'

export interface CopyButtonProps {
  /** A function is asked when somebody copies, so that what it gives stands nowhere in the page before. */
  readonly text: string | (() => string)
  /** What is copied, in words: "The request". */
  readonly what: string
  /** Announces the result. */
  readonly announce: (message: string) => void
  readonly children?: string
}

export function CopyButton({ text, what, announce, children = 'Copy' }: CopyButtonProps) {
  const source = useRef<HTMLTextAreaElement>(null)
  const put = async () => {
    if (source.current === null) return
    const copied = typeof text === 'string' ? text : text()
    source.current.value = copied
    const isCopied = await copy(copied, source.current)
    source.current.value = ''
    announce(isCopied ? `${what} is on the clipboard.` : 'The browser does not let this page copy.')
  }
  return (
    <>
      <button
        type="button"
        class="button small"
        aria-label={`${children} ${what.toLowerCase()}`}
        onClick={put}
      >
        {children}
      </button>
      <textarea ref={source} class="unseen" aria-hidden="true" tabIndex={-1} readOnly />
    </>
  )
}
