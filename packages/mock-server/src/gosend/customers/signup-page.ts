// `/signup/{id}`: where a setup link leads. Plain forms that need no script, in two steps, as Meta's sign-up has them.

import { member } from '../../engine/json.js'
import type { MockContext } from '../../rules/context.js'
import type { HandlerAnswer } from '../../rules/handlers.js'
import type { Page, PageContext } from '../../rules/rules.js'
import { begin, cancel, confirm, exitOf, findLink, type SignUp, type StoredLink } from './customers.js'
import { closing, detailsForm, ending, page, pinForm } from './signup-forms.js'

export const signUpPage: Page = (context) => {
  const { method, path } = context.request
  const [, id] = /^\/signup\/([0-9a-f-]{36})\/?$/.exec(path) ?? []
  const found = id === undefined ? undefined : findLink(context, id)
  if (found === undefined) return page(404, closing('There is no such setup link', 'Ask for a new one.'))
  const { tenant, link, customer } = found
  if (method !== 'GET' && method !== 'HEAD' && method !== 'POST')
    return { ...page(405, closing('This cannot be done here', '')), headers: { allow: 'GET, POST' } }
  if (link.status !== 'pending') return page(410, ending(link), link)
  if (method !== 'POST') return page(200, detailsForm(link, proposal(link, customer.name)), link)
  const step = STEPS[text(context, 'step')] ?? takeDetails
  return step(context, tenant, link)
}

type Step = (context: PageContext, tenant: MockContext, link: StoredLink) => HandlerAnswer

const takeDetails: Step = (context, tenant, link) => {
  const wanted: SignUp = {
    businessName: text(context, 'businessName'),
    displayName: text(context, 'displayName'),
    phoneNumbers: [text(context, 'phoneNumber'), text(context, 'furtherNumber')],
  }
  const result = begin(tenant, link, wanted)
  return 'field' in result
    ? page(422, detailsForm(link, wanted, result), link)
    : page(200, pinForm(result), result)
}

const takePin: Step = (context, tenant, link) => {
  const result = confirm(tenant, link, text(context, 'pin'))
  if (!('field' in result)) return leave(result)
  const form = result.field === 'pin' ? pinForm(link, result) : detailsForm(link, proposal(link, ''), result)
  return page(422, form, link)
}

const STEPS: Readonly<Record<string, Step | undefined>> = {
  details: takeDetails,
  pin: takePin,
  cancel: (_, tenant, link) => leave(cancel(tenant, link)),
}

/** To where the platform that made the link wants the customer. Reloading that page posts nothing again. */
const leave = (link: StoredLink): HandlerAnswer => ({
  status: 303,
  headers: { location: exitOf(link) ?? '/' },
})

const text = ({ request }: PageContext, name: string): string => {
  const value = member(request.body, name)
  return typeof value === 'string' ? value : ''
}

/** What the first form holds when nothing has been typed. */
const proposal = ({ details }: StoredLink, name: string): SignUp =>
  details ?? { businessName: name, displayName: name, phoneNumbers: [] }
