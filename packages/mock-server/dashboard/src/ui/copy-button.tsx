// Puts text on the clipboard.

import { useRef } from 'preact/hooks'
import { useSandbox } from '../page.js'

export interface CopyButtonProps {
  readonly text: string
  /** What is copied, in words: "The request". */
  readonly what: string
  readonly children?: string
}

export function CopyButton({ text, what, children = 'Copy' }: CopyButtonProps) {
  const { announce } = useSandbox()
  const source = useRef<HTMLTextAreaElement>(null)
  const copy = async () => {
    const isCopied = await navigator.clipboard.writeText(text).then(
      () => true,
      () => copyFrom(source.current),
    )
    announce(isCopied ? `${what} is on the clipboard.` : 'The browser does not let this page copy.')
  }
  return (
    <>
      <button
        type="button"
        class="button small"
        aria-label={`${children} ${what.toLowerCase()}`}
        onClick={copy}
      >
        {children}
      </button>
      <textarea ref={source} class="unseen" aria-hidden="true" tabIndex={-1} readOnly value={text} />
    </>
  )
}

/** Where a page over plain http has no clipboard API. */
function copyFrom(source: HTMLTextAreaElement | null): boolean {
  source?.select()
  return document.execCommand('copy')
}
