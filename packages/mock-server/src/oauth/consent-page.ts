// What people see when a client asks for access: who asks, for what, and as whom they agree.

import type { Answer } from '../engine/response/answers.js'
import { formPage, inHtml } from '../form-page.js'
import type { Authority } from './addresses.js'
import type { OAuthRequest } from './messages.js'

export interface Question {
  readonly clientId: string
  readonly scopes: readonly string[]
  /** What each scope allows. */
  readonly authority: Pick<Authority, 'scopes'>
  /** The secret that the answer must hold: no other site can know it. */
  readonly consent: string
  /** Where the form is sent to. */
  readonly action: string
  /** Where people are sent back to; undefined where they stay. */
  readonly returnTo?: string | undefined
}

const FOOTER = 'A local sandbox: it needs no account, and its tokens open nothing elsewhere.'

const pageAnswer = (
  status: number,
  title: string,
  content: string,
  exits: readonly string[] = [],
): Answer => {
  const { headers, body } = formPage({ title, content, footer: FOOTER, exits })
  const { 'content-type': mediaType, ...others } = headers
  return {
    status,
    headers: { 'cache-control': 'no-store', 'x-content-type-options': 'nosniff', ...others },
    ...{ body, mediaType, isOwnPage: true },
  }
}

export function questionPage(question: Question): Answer {
  const { clientId, scopes, authority, consent, action, returnTo } = question
  const about = authority.scopes()
  const boxes = scopes.map((scope, index) => {
    const hint = about.get(scope) ?? ''
    return `<div class="field choice"><input type="checkbox" id="scope-${index}" name="scope.${index}" value="on" checked>
<label for="scope-${index}"><code>${inHtml(scope)}</code>${hint === '' ? '' : `<span class="hint"> ${inHtml(hint)}</span>`}</label></div>`
  })
  const asks = scopes.length === 0 ? 'asks for access.' : 'asks for access to:'
  const leads = returnTo === undefined ? '' : `<p class="hint">You go on to ${inHtml(hostOf(returnTo))}.</p>`
  const content = `<h1>Allow access?</h1>
<p><strong>${inHtml(clientId)}</strong> ${asks}</p>
<form method="post" action="${inHtml(action)}">
<input type="hidden" name="consent" value="${inHtml(consent)}">
${boxes.join('\n')}
<div class="field"><label for="user">Sign in as</label>
<input id="user" name="user" value="user" maxlength="100" autocomplete="off" aria-describedby="user-hint">
<p class="hint" id="user-hint">Any name or email address; this mock asks for no password.</p></div>
<button name="decision" value="allow">Allow</button>
<button class="quiet" name="decision" value="deny">Deny</button>
</form>
${leads}`
  return pageAnswer(200, 'Allow access?', content, returnTo === undefined ? [] : [returnTo])
}

/** The scopes whose boxes are ticked. */
export const agreedScopes = (scopes: readonly string[], { parameters }: OAuthRequest): readonly string[] =>
  scopes.filter((_, index) => parameters.get(`scope.${index}`) !== undefined)

/** As whom somebody agreed. */
export const subjectOf = ({ parameters }: OAuthRequest): string =>
  (parameters.get('user') ?? '')
    .replace(/[\p{Cc}\p{Cf}]/gu, '')
    .trim()
    .slice(0, 100) || 'user'

const hostOf = (address: string): string => {
  const { host, protocol } = new URL(address)
  return host === '' ? protocol : host
}

/** Asks for the code that a device shows. */
export function codePage(action: string, fault?: string): Answer {
  const description =
    fault === undefined ? '' : ' aria-invalid="true" aria-describedby="user_code-fault" autofocus'
  const message =
    fault === undefined ? '' : `\n<p class="bad" id="user_code-fault" role="alert">${inHtml(fault)}</p>`
  const content = `<h1>Connect a device</h1>
<form method="get" action="${inHtml(action)}">
<div class="field"><label for="user_code">Code on the device</label>
<input id="user_code" name="user_code" required maxlength="20" autocomplete="off" autocapitalize="characters"${description}>${message}</div>
<button>Continue</button>
</form>`
  return pageAnswer(fault === undefined ? 200 : 400, 'Connect a device', content)
}

/** Says how something ended, or why it cannot go on. */
export const messagePage = (status: number, title: string, text: string): Answer =>
  pageAnswer(status, title, `<h1>${inHtml(title)}</h1>\n<p>${inHtml(text)}</p>`)
