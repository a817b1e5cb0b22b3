// The style sheets of <gosend-keys>: constructed, so that a page needs no 'unsafe-inline' for them, and shared by all of its elements.

import base from '@gosend/dashboard-ui/styles/base.css?inline'
import controls from '@gosend/dashboard-ui/styles/controls.css?inline'
import tokens from '@gosend/dashboard-ui/styles/tokens.css?inline'
import keys from '../styles/keys.css?inline'
import own from './element.css?inline'

let made: readonly CSSStyleSheet[] | undefined

export function styleSheets(): readonly CSSStyleSheet[] {
  made ??= [settable(tokens), base, controls, keys, own].map((text) => {
    const sheet = new CSSStyleSheet()
    sheet.replaceSync(text)
    return sheet
  })
  return made
}

/** Each token on the element, with what the page says of `--gosend-keys-…` before it. */
const settable = (css: string): string =>
  css
    .replace(':root', ':host')
    .replace(/--([\w-]+):\s*([^;}]+)/g, (_, name, value) => `--${name}:var(--gosend-keys-${name},${value})`)
