// A WABA's templates: handed in, reviewed, synchronised with Meta, deleted, and looked up by the messages that use them.

import type { GosendComponents } from '@gosend/openapi'
import type { MockContext } from '../../rules/context.js'
import type { HandlerRefusal, Handlers } from '../../rules/handlers.js'
import type { Jobs } from '../../rules/rules.js'
import { metaIdOf, WABAS, type Waba, wabaOrRefusal } from '../customers/accounts.js'
import { refuse, refuseWith } from '../errors.js'
import { filters, listed } from '../lists.js'
import { timestamp } from '../time.js'
import { emit } from '../webhooks/events.js'
import { flawIn, rejectionOf } from './gaps.js'

type Schemas = GosendComponents['schemas']

export type Template = Schemas['Template']
type TemplateCreate = Schemas['TemplateCreate']

export const templatesOf = (wabaId: string): string => `/wabas/${wabaId}/templates`

/** What Meta decides on a template. */
export type Verdict =
  | { readonly status: 'APPROVED' | 'PAUSED' }
  | { readonly status: 'REJECTED'; readonly reason?: string | undefined }

/** Meta takes hours. */
export const REVIEW_MS = 2_000
const PAUSE_MS = 10_000

const REVIEW = 'gosend.review'

interface Review {
  readonly wabaId: string
  readonly templateId: string
  readonly verdict: Verdict
}

const APPROVED: Verdict = { status: 'APPROVED' }

/** What the end of a template's name does to it; every other one is approved. */
const BY_NAME: readonly (readonly [
  name: RegExp,
  reviews: readonly (readonly [afterMs: number, Verdict])[],
])[] = [
  [
    /_rejected$/,
    [[REVIEW_MS, { status: 'REJECTED', reason: 'The template breaks the policy of its category.' }]],
  ],
  [
    /_paused$/,
    [
      [REVIEW_MS, APPROVED],
      [PAUSE_MS, { status: 'PAUSED' }],
    ],
  ],
  // Nobody hears of the outcome before the next synchronisation.
  [/_pending$/, []],
]

/** Has been approved at Meta in the meantime. */
const UNHEARD_OF = /_pending$/
/** Is deleted at Meta once it has been approved. */
const SHORT_LIVED = /_removed$/

type Blueprint = Pick<Template, 'name' | 'category' | 'language' | 'components'>

/** What every WABA begins with. */
const FIRST: readonly Blueprint[] = [
  {
    name: 'hello_world',
    category: 'UTILITY',
    language: 'en_US',
    components: [
      { type: 'HEADER', format: 'TEXT', text: 'Hello World' },
      { type: 'BODY', text: 'This message shows that your number can send.' },
      { type: 'FOOTER', text: 'A sample' },
    ],
  },
  {
    name: 'appointment_reminder',
    category: 'UTILITY',
    language: 'es_AR',
    components: [
      {
        type: 'BODY',
        text: 'Hola {{1}}, te esperamos el {{2}}.',
        example: { body_text: [['Juan', '20/05']] },
      },
    ],
  },
]

/** What somebody has made at Meta itself: known here after the first synchronisation. */
const AT_META: Blueprint = {
  name: 'feedback_request',
  category: 'MARKETING',
  language: 'en_US',
  components: [
    { type: 'BODY', text: 'How did you like it at our shop?' },
    {
      type: 'BUTTONS',
      buttons: [
        { type: 'QUICK_REPLY', text: 'Very much' },
        { type: 'QUICK_REPLY', text: 'Not so much' },
      ],
    },
  ],
}
const SYNCED = 'synchronised WABAs'

/** Gives a WABA its first templates; for its seed or its sign-up. */
export function plantTemplates(context: MockContext, wabaId: string): void {
  for (const blueprint of FIRST) add(context, wabaId, blueprint, 'APPROVED')
}

function add(
  context: MockContext,
  wabaId: string,
  blueprint: Blueprint,
  status: Template['status'],
): Template {
  const { name, category, language, components } = blueprint
  const id = context.store.nextId('/templates')
  const at = timestamp(context.now())
  const template: Template = {
    id,
    waba_id: wabaId,
    meta_template_id: metaIdOf(context, 'template', id),
    name,
    category,
    language,
    status,
    rejection_reason: null,
    components,
    created_at: at,
    updated_at: at,
  }
  context.store.insert(templatesOf(wabaId), id, template)
  return template
}

/** The approved template that a message from this WABA names, or why it cannot be sent. */
export function sendableTemplate(
  context: MockContext,
  waba: Waba,
  name: string,
  language: string,
): Template | HandlerRefusal {
  const where = { name, language }
  const find = (wabaId: string) => context.store.list<Template>(templatesOf(wabaId), { where, limit: 1 })[0]
  const template = find(waba.id)
  if (template === undefined) {
    const isElsewhere = context.store
      .list<Waba>(WABAS)
      .some(({ id }) => id !== waba.id && find(id) !== undefined)
    return isElsewhere
      ? refuse('TEMPLATE_NOT_IN_WABA', 'This template belongs to another WABA', { field: 'template.name' })
      : refuse('TEMPLATE_NOT_FOUND', `There is no template ${name} in ${language}`, {
          field: 'template.name',
          value: name,
        })
  }
  if (template.status === 'APPROVED') return template
  const message = `The template ${name} is ${template.status} and cannot be sent`
  return refuse('TEMPLATE_NOT_APPROVED', message, { field: 'template.name', value: name })
}

const EVENTS = {
  APPROVED: 'whatsapp.template.approved',
  REJECTED: 'whatsapp.template.rejected',
  PAUSED: 'whatsapp.template.paused',
} as const

/** Lets Meta decide on a template, whatever its state. Undefined when there is none. */
export function review(
  context: MockContext,
  wabaId: string,
  templateId: string,
  verdict: Verdict,
): Template | undefined {
  const found = context.store.get<Template>(templatesOf(wabaId), templateId)
  if (found === undefined) return undefined
  const reason = verdict.status === 'REJECTED' ? (verdict.reason ?? 'Meta gives no reason.') : null
  const template: Template = {
    ...found,
    status: verdict.status,
    rejection_reason: reason,
    updated_at: timestamp(context.now()),
  }
  context.store.put(templatesOf(wabaId), templateId, template)
  emit(context, { type: EVENTS[verdict.status], phoneNumberId: null, data: { template } })
  return template
}

function sync(context: MockContext, wabaId: string): Schemas['TemplateSync'] {
  const { store } = context
  const collection = templatesOf(wabaId)
  const isFirst = store.insert(SYNCED, wabaId, {})
  const isKnown = store.count(collection, { name: AT_META.name, language: AT_META.language }) > 0
  const created = isFirst && !isKnown ? [add(context, wabaId, AT_META, 'APPROVED')] : []
  const all = store.list<Template>(collection)
  const changed = all.filter(({ name, status }) => status === 'PENDING' && UNHEARD_OF.test(name))
  const gone = all.filter(({ name, status }) => status === 'APPROVED' && SHORT_LIVED.test(name))
  for (const { id } of changed) review(context, wabaId, id, APPROVED)
  for (const { id } of gone) store.remove(collection, id)
  return {
    synced: all.length - gone.length,
    created: created.length,
    updated: changed.length,
    removed: gone.length,
  }
}

const wabaIdOf = (parameters: { readonly path: Readonly<Record<string, unknown>> }): string =>
  String(parameters.path.waba_id)

export const templateHandlers: Handlers = {
  listTemplates(context) {
    const waba = wabaOrRefusal(context, wabaIdOf(context.request.parameters))
    if ('refusal' in waba) return waba
    return listed(context, templatesOf(waba.id), filters(context, 'status', 'category', 'language', 'name'))
  },

  createTemplate(context) {
    const { store, request } = context
    const waba = wabaOrRefusal(context, wabaIdOf(request.parameters))
    if ('refusal' in waba) return waba
    const wanted = request.body as TemplateCreate
    const { name, language, category, components } = wanted
    if (store.count(templatesOf(waba.id), { name, language }) > 0)
      return refuseWith(409, `There is a template ${name} in ${language} already`)
    const flaw = flawIn(category, components)
    if (flaw !== undefined) return refuseWith(422, flaw.message, { field: flaw.field })
    const template = add(context, waba.id, wanted, 'PENDING')
    const reason = rejectionOf(components)
    const reviews = BY_NAME.find(([pattern]) => pattern.test(name))?.[1] ?? [[REVIEW_MS, APPROVED]]
    for (const [afterMs, usual] of reviews) {
      const verdict: Verdict = reason === undefined ? usual : { status: 'REJECTED', reason }
      const payload: Review = { wabaId: waba.id, templateId: template.id, verdict }
      context.schedule(REVIEW, payload, context.now() + afterMs)
      if (reason !== undefined) break
    }
    return { body: template }
  },

  syncTemplates(context) {
    const waba = wabaOrRefusal(context, wabaIdOf(context.request.parameters))
    return 'refusal' in waba ? waba : { body: sync(context, waba.id) }
  },

  deleteTemplate(context) {
    const { store, request } = context
    const waba = wabaOrRefusal(context, wabaIdOf(request.parameters))
    if ('refusal' in waba) return waba
    const id = String(request.parameters.path.template_id)
    if (store.remove(templatesOf(waba.id), id)) return { status: 204 }
    const isElsewhere = store.list<Waba>(WABAS).some((other) => store.get(templatesOf(other.id), id))
    return isElsewhere
      ? refuse('TEMPLATE_NOT_IN_WABA', 'This template belongs to another WABA', {
          field: 'template_id',
          value: id,
        })
      : refuseWith(404, 'There is no template with this id')
  },
}

export const templateJobs: Jobs = {
  [REVIEW](context, { wabaId, templateId, verdict }: Review) {
    const template = context.store.get<Template>(templatesOf(wabaId), templateId)
    // The control plane may have been first.
    const isDue = template?.status === (verdict.status === 'PAUSED' ? 'APPROVED' : 'PENDING')
    if (isDue) review(context, wabaId, templateId, verdict)
  },
}
