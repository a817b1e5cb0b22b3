// The door to what the API sends by itself: the rest of this folder is loaded only for a document that describes webhooks or
// callbacks, or when somebody asks for them.

import type { ApiDocument } from '../engine/document/document.js'
import { lazy } from '../engine/json.js'
import type { ApiRequest } from '../engine/request/api-request.js'
import type { Answer } from '../engine/response/answers.js'
import type { Engine } from '../engine.js'
import type { Control, Job, Jobs } from '../rules/rules.js'
import type { ChangeListener } from '../state/entity-changes.js'
import { CONTROL_LINES } from './control-lines.js'
import type { Publisher, PublisherOptions } from './publisher.js'

export interface Webhooks {
  /** To be called with each document before it is served. @throws TypeError when an address is not to be posted to. */
  prepare(document: ApiDocument): Promise<void>
  /** What the state of a document tells its changes; undefined for one that sends nothing. */
  listenerOf(document: ApiDocument, engine: () => Engine): ChangeListener | undefined
  /** Whether a document describes anything that its API sends. */
  isSender(engine: Engine): boolean
  /** Sends the callbacks of an operation, and gives the answer. */
  answered(engine: Engine, request: ApiRequest, answer: Answer): Answer
  readonly jobs: Jobs
  readonly controls: Readonly<Record<string, Control>>
}

export interface WebhooksOptions extends PublisherOptions {
  /** Whether the API's own rules send what its document describes. */
  readonly isOff: boolean
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
  isSender: () => false,
  answered: (_engine, _request, answer) => answer,
  jobs: {},
  // The dashboard's page asks for them, whoever sends.
  controls: {
    'GET /_mock/webhooks': () => ({ webhooks: [], endpoints: [] }),
    'GET /_mock/webhook-deliveries': () => [],
  },
}

function loadedLazily(options: PublisherOptions): Webhooks {
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
    async prepare({ outgoing }) {
      if (outgoing !== undefined || options.urls.length > 0) await load()
    },
    listenerOf({ outgoing }, engine) {
      if (outgoing === undefined) return undefined
      return (request, changes) => publisher?.changed(engine(), request, changes)
    },
    isSender: ({ document }) => document.outgoing !== undefined,
    answered(engine, request, answer) {
      publisher?.answered(engine, request, answer)
      return answer
    },
    jobs: { 'webhooks.deliver': deliver },
    controls: Object.fromEntries(
      CONTROL_LINES.map((line) => [line, async (context) => (await controls())[line]?.(context)] as const),
    ),
  }
}
