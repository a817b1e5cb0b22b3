// Short messages at the edge of the page, spoken by screen readers, gone by themselves and with the view they speak of.

import { useEffect, useState } from 'preact/hooks'

const SHOWN_MS = 5_000
const listeners = new Set<(message: string) => void>()

export function announce(message: string): void {
  for (const listener of listeners) listener(message)
}

export function Toasts() {
  const [message, setMessage] = useState('')

  useEffect(() => {
    let timer = 0
    const show = (text: string) => {
      setMessage(text)
      clearTimeout(timer)
      timer = window.setTimeout(() => setMessage(''), SHOWN_MS)
    }
    const clear = () => show('')
    listeners.add(show)
    addEventListener('hashchange', clear)
    return () => {
      clearTimeout(timer)
      removeEventListener('hashchange', clear)
      listeners.delete(show)
    }
  }, [])

  return (
    <div class="toasts" role="status">
      {message !== '' && <p class="toast">{message}</p>}
    </div>
  )
}
