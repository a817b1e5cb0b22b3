// The door to what the API sends by itself: the rest of this folder is loaded with the first request that may make it send
// something, or when somebody asks for it.

import type { ApiDocument } from '../engine/document/document.js'
import type { Operation } from '../engine/document/operation.js'
import { lazy } from '../engine/json.js'
import type { ApiRequest } from '../engine/request/api-request.js'
import type { Answer } from '../engine/response/answers.js'
import type { Engine } from '../engine.js'
import type { Control, Job, Jobs } from '../rules/rules.js'
import type { ChangeListener, EntityChange } from '../state/entities/entity-changes.js'
import { CONTROL_LINES } from './control-lines.js'
import type { AskedWebhook, AskFault, Publisher, PublisherOptions, Written } from './publisher.js'

export interface Webhooks {
  /** To be called before anything is served. @throws TypeError when an address is not to be posted to. */
  prepare(): Promise<void>
  /** What the state of a document tells its changes; undefined for one that sends nothing. */
  listenerOf(document: ApiDocument, engine: () => Engine): ChangeListener | undefined
  /** Whether an operation can make its API send anything. */
  maySend(engine: Engine, operation: Operation): boolean
  /** Gives an answer, and sends what it makes the API send. */
  through(engine: Engine, request: ApiRequest, answer: () => Promise<Answer>): Promise<Answer>
  /** Tells of what code of the API's own has changed. */
  written(engine: Engine, written: Written): void
  /** Takes the addresses of things that stand for subscriptions, and sends nothing. */
  planted(engine: Engine, identity: ApiIdentity, changes: readonly EntityChange[]): void
  /** What is wrong with a webhook that a scenario asks for; undefined when nothing is. */
  fault(asked: AskedWebhook): Promise<AskFault | undefined>
  /** Sends a webhook that a scenario asks for. Says in the log why not, where it does not. */
  send(asked: AskedWebhook, by: { readonly scenario: string; readonly identity: ApiIdentity }): Promise<void>
  readonly jobs: Jobs
  readonly controls: Readonly<Record<string, Control>>
}

type ApiIdentity = ApiRequest['identity']

export interface WebhooksOptions extends PublisherOptions {
  /** Whether the API's own rules send what its document describes. */
  readonly isOff: boolean
  /** Whether things may be there, or change, that no request has made: they are told of as well. */
  readonly hasOtherWriters: boolean
}

/** @throws TypeError when there are addresses for what is off. */
export function createWebhooks(options: WebhooksOptions): Webhooks {
  if (options.isOff && options.urls.length > 0)
    throw new TypeError(
      'webhooks: this API sends its webhooks by rules of its own; subscribe by its operations',
    )
  return options.isOff ? NONE : loadedLazily(options)
}

const NONE: Webhooks = {
  prepare: async () => {},
  listenerOf: () => undefined,
  maySend: () => false,
  through: (_engine, _request, answer) => answer(),
  written: () => {},
  planted: () => {},
  fault: async () => ({ part: 'name', message: 'this API sends its webhooks by rules of its own' }),
  send: async () => {},
  jobs: {},
  // The dashboard's page asks for them, whoever sends.
  controls: {
    'GET /_mock/webhooks': () => ({ webhooks: [], endpoints: [] }),
    'GET /_mock/webhook-deliveries': () => [],
  },
}

const NOBODY = 'no endpoint gets it; name one with --webhook URL, PUT /_mock/webhooks, or url in the step'

function loadedLazily(options: WebhooksOptions): Webhooks {
  let publisher: Publisher | undefined
  const load = lazy(async () => {
    const { createPublisher } = await import('./publisher.js')
    publisher = createPublisher(options)
    return publisher
  })
  const controls = lazy(async () => {
    const { webhookControls } = await import('./controls.js')
    return webhookControls(await load(), options)
  })
  const deliver: Job = async (context, payload) => (await load()).deliver(context, payload)
  return {
    async prepare() {
      if (options.hasOtherWriters || options.urls.length + options.allowHosts.length > 0) await load()
    },
    listenerOf({ outgoing }, engine) {
      if (outgoing === undefined) return undefined
      return (request, changes) => publisher?.changed(engine(), request, changes)
    },
    maySend: ({ document }, { method, callbacks }) =>
      document.outgoing !== undefined && (method !== 'GET' || callbacks !== undefined),
    async through(engine, request, answer) {
      const { answered } = await load()
      const given = await answer()
      answered(engine, request, given)
      return given
    },
    written: (engine, written) => publisher?.written(engine, written),
    planted: (engine, identity, changes) => publisher?.planted(engine, identity, changes),
    fault: async (asked) => (await load()).fault(asked),
    async send(asked, { scenario, identity }) {
      const { ask } = await load()
      const context = options.contextOf(identity)
      const queued = context === undefined ? [] : ask(context, asked)
      const why = 'message' in queued ? queued.message : queued.length === 0 ? NOBODY : undefined
      if (why !== undefined)
        options.log(`Warning: the webhook ${asked.name} of the scenario ${scenario} is not sent: ${why}`)
    },
    jobs: { 'webhooks.deliver': deliver },
    controls: Object.fromEntries(
      CONTROL_LINES.map((line) => [line, async (context) => (await controls())[line]?.(context)] as const),
    ),
  }
}
