/** @jsxImportSource preact */
// Compiled, never run: what Preact's JSX takes for <gosend-keys>, and what the DOM knows of it.

/// <reference lib="dom" />

import '@gosend/express-adapter/preact'

export const element = (
  <gosend-keys
    management="/admin"
    project="1"
    ongosend-keys:created={({ detail }) => detail.record.label.trim()}
  />
)

// @ts-expect-error There is no such attribute.
export const odd = <gosend-keys management="/admin" project="1" colour="red" />

export function listen(): void {
  const keys = document.createElement('gosend-keys')
  keys.addEventListener('gosend-keys:rotated', ({ detail }) => detail.replaced.trim())
  keys.addEventListener('click', ({ clientX }) => clientX.toFixed())
  keys.readOnly = true
}
