// What the sign-up shows: a page whose policy lets nothing in but its own style, and its two forms.

import { createHash } from 'node:crypto'
import type { HandlerAnswer } from '../../rules/handlers.js'
import { exitOf, PIN, type SignUp, type SignUpFault, type StoredLink } from './customers.js'

const STYLE = `
:root { color-scheme: light dark; --ground: #f3f5f4; --card: #fff; --ink: #15211c; --soft: #54635c; --line: #b9c4be;
  --accent: #0b6b46; --on-accent: #fff; --bad: #b3261e; --note: #e6f2ec }
@media (prefers-color-scheme: dark) { :root { --ground: #101513; --card: #1a211e; --ink: #e8efeb; --soft: #a3b2aa;
  --line: #46534c; --accent: #62d6a4; --on-accent: #06281a; --bad: #ffb4ab; --note: #1d3329 } }
* { box-sizing: border-box }
body { margin: 0; min-height: 100vh; padding: 1rem; background: var(--ground); color: var(--ink);
  font: 1rem/1.5 system-ui, sans-serif; display: grid; align-content: start; justify-items: center }
main { width: 100%; max-width: 27rem; background: var(--card); border-radius: 1rem; padding: 1.5rem;
  box-shadow: 0 1px 3px #0003 }
@media (min-width: 40rem) { body { padding-top: 8vh } main { padding: 2.25rem } }
h1 { font-size: 1.45rem; line-height: 1.25; margin: .2rem 0 .6rem; text-wrap: balance }
p { margin: 0 0 1rem } .step, .hint { color: var(--soft); font-size: .9rem } .step { margin: 0 }
label, legend { display: block; font-weight: 600; margin-bottom: .25rem }
.field { margin: 0 0 1.1rem } .hint { margin: .25rem 0 0 }
input { width: 100%; font: inherit; color: inherit; background: transparent; padding: .7rem .8rem;
  border: 1px solid var(--line); border-radius: .6rem }
input[aria-invalid=true] { border-color: var(--bad) } .bad { color: var(--bad); margin: .35rem 0 0; font-weight: 600 }
input:focus-visible, button:focus-visible, a:focus-visible, summary:focus-visible {
  outline: 3px solid var(--accent); outline-offset: 2px }
button, .go { width: 100%; font: inherit; font-weight: 600; padding: .8rem; border-radius: .6rem; cursor: pointer;
  border: 1px solid var(--accent); background: var(--accent); color: var(--on-accent); text-align: center }
.go { display: block; text-decoration: none } .quiet { background: transparent; color: var(--accent); margin-top: .75rem }
.note { background: var(--note); border-radius: .6rem; padding: .8rem 1rem; font-size: .95rem }
.pin { letter-spacing: .4em; font-size: 1.3rem; text-align: center } details { margin: 0 0 1.1rem }
summary { cursor: pointer; margin-bottom: .5rem; color: var(--accent) }
footer { color: var(--soft); font-size: .85rem; margin: 1rem; text-align: center }
`

const STYLE_HASH = createHash('sha256').update(STYLE).digest('base64')

/** @param link whose addresses a form may lead to. */
export function page(status: number, content: string, link?: StoredLink): HandlerAnswer {
  // Browsers hold the redirect that follows a form to `form-action` as well.
  const exits = link === undefined ? [] : [link.successRedirectUrl, link.failureRedirectUrl]
  const targets = ["'self'", ...new Set(exits.map((url) => new URL(url).origin))].join(' ')
  return {
    status,
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
<title>Connect WhatsApp</title>
<style>${STYLE}</style>
</head>
<body>
<main>
${content}
</main>
<footer>A local sandbox: nothing here reaches WhatsApp or Meta.</footer>
</body>
</html>
`,
  }
}

interface Field {
  readonly name: string
  readonly label: string
  readonly value: string
  readonly hint?: string
  readonly fault?: string | undefined
  readonly attributes?: string
}

function field({ name, label, value, hint, fault, attributes = '' }: Field): string {
  const described = [hint === undefined ? '' : `${name}-hint`, fault === undefined ? '' : `${name}-fault`]
  const description = described.filter((id) => id !== '').join(' ')
  const refers = description === '' ? '' : ` aria-describedby="${description}"`
  const invalid = fault === undefined ? '' : ' aria-invalid="true" autofocus'
  return `<div class="field">
<label for="${name}">${label}</label>
<input id="${name}" name="${name}" value="${inHtml(value)}" ${attributes}${refers}${invalid}>
${hint === undefined ? '' : `<p class="hint" id="${name}-hint">${hint}</p>`}
${fault === undefined ? '' : `<p class="bad" id="${name}-fault" role="alert">${inHtml(fault)}</p>`}
</div>`
}

export function detailsForm(link: StoredLink, wanted: SignUp, fault?: SignUpFault): string {
  const [first = '', second = ''] = wanted.phoneNumbers
  const faultOf = (name: SignUpFault['field']) => (fault?.field === name ? fault.message : undefined)
  const number = 'type="tel" inputmode="tel" maxlength="40" autocomplete="tel"'
  return `<p class="step">Step 1 of 2</p>
<h1>Connect your business to WhatsApp</h1>
<form method="post" action="/signup/${link.id}">
<input type="hidden" name="step" value="details">
${field({
  ...{ name: 'businessName', label: 'Business name', value: wanted.businessName },
  fault: faultOf('businessName'),
  attributes: 'required maxlength="200" autocomplete="organization"',
})}
${field({
  ...{ name: 'phoneNumber', label: 'Phone number', value: first },
  hint: 'With its country code, such as +54 11 5555 1234.',
  fault: faultOf('phoneNumbers'),
  attributes: `required ${number}`,
})}
<details${second === '' ? '' : ' open'}><summary>Add another number</summary>
${field({ name: 'furtherNumber', label: 'Another phone number', value: second, attributes: number })}
</details>
${field({
  ...{ name: 'displayName', label: 'Display name', value: wanted.displayName },
  hint: 'What people see in WhatsApp.',
  fault: faultOf('displayName'),
  attributes: 'required maxlength="200"',
})}
<button>Continue</button>
</form>
${cancelForm(link)}`
}

export function pinForm(link: StoredLink, fault?: SignUpFault): string {
  return `<p class="step">Step 2 of 2</p>
<h1>Confirm your number</h1>
<p>WhatsApp would now send a code to <strong>${inHtml((link.details?.phoneNumbers ?? []).join(', '))}</strong>.</p>
<p class="note">This sandbox sends no messages. The code is <strong>${PIN}</strong>.</p>
<form method="post" action="/signup/${link.id}">
<input type="hidden" name="step" value="pin">
${field({
  ...{ name: 'pin', label: 'Six-digit code', value: '', fault: fault?.message },
  attributes:
    'class="pin" required inputmode="numeric" autocomplete="one-time-code" maxlength="10" pattern="[0-9 ]{6,10}" title="Six digits"',
})}
<button>Connect</button>
</form>
${cancelForm(link)}`
}

const cancelForm = ({ id }: StoredLink): string => `<form method="post" action="/signup/${id}">
<input type="hidden" name="step" value="cancel">
<button class="quiet">Cancel</button>
</form>`

const ENDINGS: Readonly<Record<string, readonly [title: string, advice: string]>> = {
  completed: ['This setup link has been used', 'Your number is connected. A link is good for one sign-up.'],
  expired: ['This setup link has expired', 'Ask for a new one.'],
  failed: ['This sign-up was given up', 'Ask for a new setup link to try again.'],
}

export function ending(link: StoredLink): string {
  const [title, advice] = ENDINGS[link.status] ?? ['', '']
  return `${closing(title, advice)}\n<p><a class="go" href="${inHtml(exitOf(link) ?? '')}">Go back</a></p>`
}

export const closing = (title: string, advice: string): string => `<h1>${title}</h1>\n<p>${advice}</p>`

const ENTITIES: Readonly<Record<string, string>> = {
  '<': '&lt;',
  '>': '&gt;',
  '&': '&amp;',
  '"': '&quot;',
  "'": '&#39;',
}

const inHtml = (value: string): string => value.replace(/[<>&"']/g, (letter) => ENTITIES[letter] ?? letter)
