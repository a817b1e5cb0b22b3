// What the sign-up shows: its page, and its two forms.

import { formPage, inHtml } from '../../form-page.js'
import type { HandlerAnswer } from '../../rules/handlers.js'
import { exitOf, PIN, type SignUp, type SignUpFault, type StoredLink } from './customers.js'

/** @param link whose addresses a form may lead to. */
export function page(status: number, content: string, link?: StoredLink): HandlerAnswer {
  const exits = link === undefined ? [] : [link.successRedirectUrl, link.failureRedirectUrl]
  const footer = 'A local sandbox: nothing here reaches WhatsApp or Meta.'
  return { status, ...formPage({ title: 'Connect WhatsApp', content, footer, exits }) }
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
