// The pages that the mock itself shows to people, most of them with forms: plain HTML that needs no script, and a policy that lets nothing in
// but its own style.

import { createHash } from 'node:crypto'

const STYLE = `
:root { color-scheme: light dark; --ground: #f3f5f4; --card: #fff; --ink: #15211c; --soft: #54635c; --line: #b9c4be;
  --accent: #0b6b46; --on-accent: #fff; --bad: #b3261e; --note: #e6f2ec }
@media (prefers-color-scheme: dark) { :root { --ground: #101513; --card: #1a211e; --ink: #e8efeb; --soft: #a3b2aa;
  --line: #46534c; --accent: #62d6a4; --on-accent: #06281a; --bad: #ffb4ab; --note: #1d3329 } }
* { box-sizing: border-box }
body { margin: 0; min-height: 100vh; padding: 1rem; background: var(--ground); color: var(--ink);
  font: 1rem/1.5 system-ui, sans-serif; display: grid; grid-template-columns: minmax(0, 1fr);
  align-content: start; justify-items: center }
main { width: 100%; max-width: 27rem; background: var(--card); border-radius: 1rem; padding: 1.5rem;
  box-shadow: 0 1px 3px #0003 }
@media (min-width: 40rem) { body { padding-top: 8vh } main { padding: 2.25rem } }
h1 { font-size: 1.45rem; line-height: 1.25; margin: .2rem 0 .6rem; text-wrap: balance }
p { margin: 0 0 1rem } .step, .hint { color: var(--soft); font-size: .9rem } .step { margin: 0 }
label, legend { display: block; font-weight: 600; margin-bottom: .25rem }
.field { margin: 0 0 1.1rem } .hint { margin: .25rem 0 0 }
input { width: 100%; font: inherit; color: inherit; background: transparent; padding: .7rem .8rem;
  border: 1px solid var(--line); border-radius: .6rem }
input[type=checkbox] { width: auto } .choice { display: flex; gap: .6rem; align-items: baseline }
input[aria-invalid=true] { border-color: var(--bad) } .bad { color: var(--bad); margin: .35rem 0 0; font-weight: 600 }
input:focus-visible, button:focus-visible, a:focus-visible, summary:focus-visible {
  outline: 3px solid var(--accent); outline-offset: 2px }
button, .go { width: 100%; font: inherit; font-weight: 600; padding: .8rem; border-radius: .6rem; cursor: pointer;
  border: 1px solid var(--accent); background: var(--accent); color: var(--on-accent); text-align: center }
.go { display: block; text-decoration: none } .quiet { background: transparent; color: var(--accent); margin-top: .75rem }
.note { background: var(--note); border-radius: .6rem; padding: .8rem 1rem; font-size: .95rem }
h2 { font-size: 1.1rem; margin: 1.5rem 0 .5rem } a { color: var(--accent) } ul { margin: 0 0 1rem; padding-left: 1.2rem }
pre { background: var(--note); border-radius: .6rem; padding: .7rem .9rem; margin: 0 0 .75rem; white-space: pre-wrap; overflow-wrap: anywhere; font-size: .85rem }
.pin { letter-spacing: .4em; font-size: 1.3rem; text-align: center } details { margin: 0 0 1.1rem }
summary { cursor: pointer; margin-bottom: .5rem; color: var(--accent) }
footer { color: var(--soft); font-size: .85rem; margin: 1rem; text-align: center }
`

const STYLE_HASH = createHash('sha256').update(STYLE).digest('base64')

export interface FormPage {
  readonly title: string
  /** The page's own HTML. */
  readonly content: string
  readonly footer: string
  /** Addresses that what follows a form may lead to. */
  readonly exits?: readonly string[]
}

export function formPage({ title, content, footer, exits = [] }: FormPage) {
  // Browsers hold the redirect that follows a form to `form-action` as well.
  const targets = ["'self'", ...new Set(exits.map(sourceOf))].join(' ')
  return {
    headers: {
      'content-type': 'text/html; charset=utf-8',
      'content-security-policy': `default-src 'none'; style-src 'sha256-${STYLE_HASH}'; form-action ${targets}; base-uri 'none'; frame-ancestors 'none'`,
      // With `no-referrer`, browsers would not say where a form comes from.
      'referrer-policy': 'same-origin',
    },
    body: `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<title>${inHtml(title)}</title>
<style>${STYLE}</style>
</head>
<body>
<main>
${content}
</main>
<footer>${inHtml(footer)}</footer>
</body>
</html>
`,
  }
}

/** An address as a content security policy names it: by its origin, or its scheme where it has none. */
function sourceOf(address: string): string {
  const { origin, protocol } = new URL(address)
  return origin === 'null' ? protocol : origin
}

const ENTITIES: Readonly<Record<string, string>> = {
  '<': '&lt;',
  '>': '&gt;',
  '&': '&amp;',
  '"': '&quot;',
  "'": '&#39;',
}

export const inHtml = (value: string): string =>
  value.replace(/[<>&"']/g, (letter) => ENTITIES[letter] ?? letter)
