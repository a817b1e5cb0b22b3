// A button that puts text on the clipboard.

import { useRef } from 'preact/hooks'
import { copy } from './copy.js'

export interface CopyButtonProps {
  readonly text: string
  /** What is copied, in words: "The request". */
  readonly what: string
  /** Announces the result. */
  readonly announce: (message: string) => void
  readonly children?: string
}

export function CopyButton({ text, what, announce, children = 'Copy' }: CopyButtonProps) {
  const source = useRef<HTMLTextAreaElement>(null)
  const put = async () => {
    const isCopied = source.current !== null && (await copy(text, source.current))
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
      <textarea ref={source} class="unseen" aria-hidden="true" tabIndex={-1} readOnly value={text} />
    </>
  )
}
