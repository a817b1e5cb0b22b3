// Sends what a document says its API sends: webhooks when a thing is created, changed or deleted, callbacks when their
// operation has succeeded, and either when the control plane asks. Loaded only where there is something to send.

import { randomUUID } from 'node:crypto'
import {
  createWebhookSender,
  createWebhookTargets,
  type OutgoingWebhook,
  type WebhookTargets,
} from '@gosend/auth-core/webhooks'
import { didYouMean } from '@gosend/options'
import type { Operation } from '../engine/document/operation.js'
import type { ApiRequest } from '../engine/request/api-request.js'
import { type Exchanged, expandAddress } from '../engine/request/runtime-expressions.js'
import type { Answer } from '../engine/response/answers.js'
import type { Engine } from '../engine.js'
import type { MockContext } from '../rules/context.js'
import type { Job } from '../rules/rules.js'
import type { EntityChange } from '../state/entities/entity-changes.js'
import { attemptJob, KEPT_ANSWER_BYTES } from './attempts.js'
import { draftsOf, type Made } from './drafts.js'
import { type Endpoint, endpointsOf, wants } from './endpoints.js'
import { enqueue, keeper, type StoredDelivery } from './outbox.js'
import type { PayloadRequest, Subject } from './payloads.js'
import { type Described, namesOf, readingOf, shows, toldBy } from './readings.js'
import type { Caller, Signal } from './signals.js'
import { type Proof, signatureHeaders, withCredentials } from './signatures.js'

export interface PublisherOptions {
  /** The documents that are served. */
  readonly engines: () => readonly Engine[]
  /** Undefined when the project is gone. */
  readonly contextOf: (identity: ApiRequest['identity']) => MockContext | undefined
  /** Addresses that get all webhooks. */
  readonly urls: readonly string[]
  readonly allowHosts: readonly string[]
  /** The secret of endpoints that have none of their own. */
  readonly secret: () => string
  /** What security schemes accept, by their names. */
  readonly credentials: Readonly<Record<string, readonly string[]>>
  readonly log: (line: string) => void
}

/** A webhook or callback that somebody asks for by its name: the control plane, or a step of a scenario. */
export interface AskedWebhook {
  readonly name: string
  /** Is laid over the payload. */
  readonly body?: unknown
  /** The event, by what the payload calls it. Default: the first. */
  readonly event?: string | undefined
  /** Where it goes; undefined for all endpoints that want it. */
  readonly url?: string | undefined
  /** Whether it is sent although the payload does not fit the document. */
  readonly undocumented?: boolean | undefined
}

/** Why a webhook is not sent, and which part of what was asked for is to blame. */
export interface AskFault {
  readonly part: 'name' | 'event' | 'url' | 'body'
  readonly message: string
}

/** A change that code of the API's own has made. */
export interface Written {
  readonly identity: ApiRequest['identity']
  readonly change: EntityChange
  /** The operation whose handler it was. */
  readonly by: Operation | undefined
}

export interface Publisher {
  readonly targets: WebhookTargets
  readonly deliver: Job
  described(): readonly Described[]
  endpoints(context: MockContext): readonly Endpoint[]
  changed(engine: Engine, request: ApiRequest, changes: readonly EntityChange[]): void
  /** Tells of what code of the API's own has changed. */
  written(engine: Engine, written: Written): void
  /** Takes the addresses of things that stand for subscriptions, and sends nothing. */
  planted(engine: Engine, identity: ApiRequest['identity'], changes: readonly EntityChange[]): void
  answered(engine: Engine, request: ApiRequest, answer: Answer): void
  /** Gives what is to be sent, or what is wrong with what was asked for. */
  ask(context: MockContext, asked: AskedWebhook): readonly StoredDelivery[] | AskFault
  /** What is wrong with what will be asked for, whatever is stored by then. */
  fault(asked: AskedWebhook): AskFault | undefined
  /** A delivery with another body; a string says what is wrong with it. */
  edited(delivery: StoredDelivery, body: unknown): StoredDelivery | string
  /** What a delivery is sent as now; a string says why it is not. */
  outgoing(context: MockContext, delivery: StoredDelivery): OutgoingWebhook | string
}

interface Publishing extends PublisherOptions {
  readonly targets: WebhookTargets
}

/** @throws TypeError when an address is not to be posted to. */
export function createPublisher(options: PublisherOptions): Publisher {
  const { engines, contextOf, urls } = options
  const targets = targetsOf(options.allowHosts)
  for (const url of urls) checkUrl(targets, url)
  const publishing: Publishing = { ...options, targets }
  const send = createWebhookSender({ targets, userAgent: 'gosend-mock', keptBytes: KEPT_ANSWER_BYTES })
  const outgoing: Publisher['outgoing'] = (context, delivery) => outgoingOf(publishing, context, delivery)
  const described = () => engines().flatMap((engine) => readingOf(engine).described)
  return {
    ...{ targets, described, outgoing },
    deliver: attemptJob(keeper, send, outgoing),
    endpoints: (context) => endpointsOf(context, urls),
    changed(engine, request, changes) {
      const context = contextOf(request.identity)
      if (context === undefined) return
      const caller = callerOf(request.operation)
      for (const change of changes) {
        publish(publishing, context, { engine, change, caller })
        subscribe(publishing, context, { engine, change })
      }
      latest.set(request, changes)
    },
    written(engine, { identity, change, by }) {
      const context = contextOf(identity)
      if (context === undefined) return
      publish(publishing, context, { engine, change, caller: by === undefined ? NO_OPERATION : callerOf(by) })
      subscribe(publishing, context, { engine, change })
    },
    planted(engine, identity, changes) {
      const context = contextOf(identity)
      if (context !== undefined)
        for (const change of changes) subscribe(publishing, context, { engine, change })
    },
    answered(engine, request, answer) {
      const own = answer.status < 300 ? readingOf(engine).callbacks.get(request.operation) : undefined
      const context = own && contextOf(request.identity)
      if (own === undefined || context === undefined) return
      const exchanged = exchangedOf(request, answer)
      for (const one of own) callBack(publishing, context, one, { request, exchanged })
    },
    ask(context, asked) {
      const meant = meaningOf(publishing, described(), asked)
      return 'message' in meant ? meant : ask(publishing, context, asked, meant)
    },
    fault(asked) {
      const meant = meaningOf(publishing, described(), asked)
      if ('message' in meant) return meant
      const { request, engine } = meant.described
      const payload = readingOf(engine).payloads.make({
        ...{ request, signal: meant.signal, subject: undefined, uuid: randomUUID(), now: 0 },
        ...{ overrides: asked.body, undocumented: asked.undocumented },
      })
      return payload.ok ? undefined : { part: 'body', message: unfit(payload.message) }
    },
    edited(delivery, value) {
      const found = described().find(
        ({ request }) => request.operation.pointer === delivery.pointer && request.name === delivery.webhook,
      )
      if (found === undefined) return `The document has no ${delivery.kind} ${delivery.webhook} any more`
      const { payloads } = readingOf(found.engine)
      const fault = payloads.fault(found.request, value)
      return fault === undefined ? { ...delivery, ...payloads.encode(found.request, value) } : unfit(fault)
    },
  }
}

const unfit = (fault: string): string => `The payload does not fit the document: ${fault}`

/** What requests have changed, for callbacks that show it. */
const latest = new WeakMap<ApiRequest, readonly EntityChange[]>()

/** Makes a payload and puts it into the outbox for each address. Gives what is wrong with the payload, if anything. */
function queue(
  context: MockContext,
  { request, engine }: Described,
  { to, ...wanted }: Omit<PayloadRequest, 'request' | 'uuid' | 'now'> & Pick<Made, 'to'>,
): { readonly queued: readonly StoredDelivery[]; readonly fault?: string } {
  const uuid = randomUUID()
  const now = context.now()
  const payload = readingOf(engine).payloads.make({ request, uuid, now, ...wanted })
  if (!payload.ok) return { queued: [], fault: payload.message }
  const drafts = draftsOf(engine, request, { payload, uuid, to }, now)
  return { queued: drafts.map((draft) => enqueue(context, draft)) }
}

const addressOf = ({ url, id }: Endpoint): Made['to'][number] => ({ url, endpoint: id })

/** Tells the endpoints of a change, in the unit of work that makes it. */
function publish(
  { urls, log }: Publishing,
  context: MockContext,
  {
    engine,
    change,
    caller,
  }: { readonly engine: Engine; readonly change: EntityChange; readonly caller: Caller },
): void {
  const all = endpointsOf(context, urls)
  const told = all.length === 0 ? [] : readingOf(engine).described
  for (const one of told)
    for (const signal of toldBy(one, change, caller)) {
      const to = all.filter((endpoint) => wants(endpoint, namesOf(one.request, signal))).map(addressOf)
      const { fault } = to.length === 0 ? {} : queue(context, one, { signal, subject: change, to })
      if (fault !== undefined) log(notSent(one, fault))
    }
}

const callerOf = (operation: Operation): Caller => ({
  operationId: operation.operationId,
  verb: verbOf(operation),
})

/** A job, or a control. */
const NO_OPERATION: Caller = { operationId: undefined, verb: '' }

const notSent = ({ request: { name, callback } }: Described, fault: string): string =>
  `Warning: the ${callback === undefined ? 'webhook' : 'callback'} ${name} is not sent: ${fault}`

/** Follows what clients store of subscriptions. */
function subscribe(
  { targets, log }: Publishing,
  context: MockContext,
  { engine, change }: { readonly engine: Engine; readonly change: EntityChange },
): void {
  const url = readingOf(engine).subscriptions.follow(context, change, engine.prefix)
  const refused = url === undefined ? undefined : targets.refuse(new URL(url))
  if (refused !== undefined) log(`Warning: no webhook will reach ${url}. ${refused}`)
}

function callBack(
  { log }: Publishing,
  context: MockContext,
  described: Described,
  { request, exchanged }: { readonly request: ApiRequest; readonly exchanged: Exchanged },
): void {
  const url = expandAddress(described.request.callback?.address ?? '', exchanged)
  if (url === undefined) return
  if (!URL.canParse(url)) {
    log(notSent(described, `${JSON.stringify(url.slice(0, 200))} is not a complete address`))
    return
  }
  const subject = latest.get(request)?.findLast((change) => shows(described, change))
  const { fault } = queue(context, described, {
    ...{ signal: undefined, subject },
    to: [{ url, endpoint: undefined }],
  })
  if (fault !== undefined) log(notSent(described, fault))
}

/** What of the documents somebody asks for. */
interface Meant {
  readonly described: Described
  readonly signal: Signal | undefined
}

function meaningOf(
  { targets }: Publishing,
  all: readonly Described[],
  { name, event, url }: AskedWebhook,
): Meant | AskFault {
  const described = all.find(({ request }) => request.name === name)
  if (described === undefined) {
    const hint = didYouMean(
      name,
      all.map(({ request }) => request.name),
    )
    return { part: 'name', message: `The document has no webhook or callback ${name}${hint}` }
  }
  const refused = url === undefined ? undefined : refusedUrl(targets, url)
  if (refused !== undefined) return { part: 'url', message: refused }
  const { signals } = described
  const signal = event === undefined ? signals[0] : signals.find((one) => one.event?.value === event)
  if (event === undefined || signal !== undefined) return { described, signal }
  const hint = didYouMean(
    event,
    signals.flatMap((one) => one.event?.value ?? []),
  )
  return { part: 'event', message: `${name} has no event ${JSON.stringify(event)}${hint}` }
}

function ask(
  { urls }: Publishing,
  context: MockContext,
  { body: overrides, url, undocumented }: AskedWebhook,
  { described, signal }: Meant,
): readonly StoredDelivery[] | AskFault {
  const { request, engine } = described
  const wanting = endpointsOf(context, urls).filter((endpoint) => wants(endpoint, namesOf(request, signal)))
  const to = url === undefined ? wanting.map(addressOf) : [{ url, endpoint: undefined }]
  const subject = signal && latestOf(engine, context, signal)
  const { queued, fault } = queue(context, described, { signal, subject, overrides, undocumented, to })
  return fault === undefined ? queued : { part: 'body', message: unfit(fault) }
}

function outgoingOf(
  { urls, targets, secret: own, credentials }: Publishing,
  context: MockContext,
  delivery: StoredDelivery,
): OutgoingWebhook | string {
  const { url, method, body, contentType, headers, eventId: id } = delivery
  const endpoint = endpointsOf(context, urls).find((one) => one.id === delivery.endpoint)
  if (delivery.endpoint !== undefined && endpoint === undefined)
    return 'The endpoint has been removed or disabled'
  const refused = targets.refuse(new URL(url))
  if (refused !== undefined) return refused
  const secret = endpoint?.secret ?? own()
  const proof = delivery.proof as Proof
  const proven = withCredentials(proof, url, (scheme) => credentials[scheme]?.[0] ?? secret)
  const type = contentType === undefined ? {} : { 'content-type': contentType }
  const signed = signatureHeaders(proof, { id, body, secret, at: Date.now() })
  return { url: proven.url, method, body, headers: { ...headers, ...type, ...proven.headers, ...signed } }
}

function latestOf(
  { state }: Engine,
  { project, environment }: MockContext,
  { types, kinds }: Signal,
): Subject | undefined {
  const [type] = types
  const entity = type && state?.latest(`${project.id}/${environment}`, type)
  if (state === undefined || type === undefined || entity === undefined) return undefined
  return { type, factory: state.factoryOf(type), entity, kind: [...kinds][0] }
}

/** The last word of a path: `cancel` of `/orders/{id}/cancel`. */
const verbOf = ({ path }: Operation): string => {
  const last = path.split(/[/:]/).at(-1) ?? ''
  return last.includes('{') ? '' : last
}

function exchangedOf(request: ApiRequest, { status, headers, body }: Answer): Exchanged {
  const { parameters, operation, scheme, path, target = path } = request
  const url = `${scheme}://${request.headers.host ?? 'localhost'}${target}`
  const query = URL.canParse(url) ? Object.fromEntries(new URL(url).searchParams) : {}
  return {
    ...{ url, method: operation.method },
    request: {
      headers: request.headers,
      query: { ...query, ...parameters.query },
      path: parameters.path,
      body: request.body,
    },
    response: { status, headers, body },
  }
}

function targetsOf(allow: readonly string[]): WebhookTargets {
  try {
    const advice = (host: string) => `--allow-webhook-host ${host} lets them`
    return createWebhookTargets({ reach: 'loopback', allow, advice })
  } catch (error) {
    throw new TypeError(String((error as Error).message).replace(/^allow:/, 'allowWebhookHosts:'))
  }
}

/** Why nothing is sent to an address; undefined where it is. */
const refusedUrl = (targets: WebhookTargets, url: string): string | undefined =>
  URL.canParse(url) ? targets.refuse(new URL(url)) : `${JSON.stringify(url)} is not a complete address`

/** @throws TypeError when nothing is sent there. */
export function checkUrl(targets: WebhookTargets, url: string): void {
  const refused = refusedUrl(targets, url)
  if (refused !== undefined) throw new TypeError(`webhooks: ${refused}`)
}
