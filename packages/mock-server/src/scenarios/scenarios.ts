// Scripted answers: for an operation, or for some bodies of it, one answer after the other, each held against the document
// when the script is read.

import {
  anything,
  checkOptions,
  didYouMean,
  flag,
  listOf,
  mapOf,
  type OptionTable,
  object,
  required,
  text,
  wholeNumber,
} from '@gosend/options'
import { namesOf, type Operation } from '../engine/document/operation.js'
import { differencesOf } from '../engine/partial-match.js'
import { noPreferences } from '../engine/request/preferences.js'
import { describe } from '../engine/request/violations.js'
import type { Answer } from '../engine/response/answers.js'
import { nearest } from '../engine/schema/alternatives.js'
import type { Engine } from '../engine.js'

/** A script for one operation. */
export interface Scenario {
  readonly name?: string | undefined
  /** An operationId, or `POST /path` as the document writes it. */
  readonly operation: string
  /** Only requests whose body has this; objects may have more members. */
  readonly body?: unknown
  /** One after the other. The last one without `times` stays; after others, the mock answers as ever. */
  readonly steps: readonly ScenarioStep[]
}

export interface ScenarioStep {
  /** Without it the mock answers as ever, after `latencyMs`. */
  readonly status?: number | undefined
  /** Default: the document's example or a sample. */
  readonly body?: unknown
  readonly headers?: Readonly<Record<string, string>> | undefined
  readonly latencyMs?: number | undefined
  /** Ends the connection without an answer. */
  readonly drop?: boolean | undefined
  /** For how many requests. Default 1, and without end for the last one. */
  readonly times?: number | undefined
  /** Is sent when the answer has left, as `POST /_mock/webhooks/NAME` sends it. */
  readonly webhook?: ScenarioWebhook | undefined
  /** Sends what the document does not describe. */
  readonly undocumented?: boolean | undefined
}

export interface ScenarioWebhook {
  /** Of a webhook or callback of the document. */
  readonly name: string
  /** Is laid over the payload that the mock makes. */
  readonly body?: unknown
  /** One of its events, by what the payload calls it. Default: the first. */
  readonly event?: string | undefined
  /** Where it is sent. Default: to all who get such webhooks. */
  readonly url?: string | undefined
}

/** What is to be sent, as a step says it. */
export type ScriptedWebhook = ScenarioWebhook & Pick<ScenarioStep, 'undocumented'>

export interface Scripted {
  readonly scenario: string
  readonly latencyMs: number
  readonly drop: boolean
  /** Undefined where the mock answers. */
  readonly answer: Answer | undefined
  /** What is sent after the answer. */
  readonly webhook: ScriptedWebhook | undefined
}

export interface Scenarios {
  /** What a script has for this request; undefined where none is about it. */
  next(engine: Engine, operation: Operation, body: unknown): Scripted | undefined
  /** Replaces all of them. @throws TypeError that names the step that does not fit the document. */
  set(scenarios: readonly Scenario[]): Promise<void>
  /** Brings back those of the start, from their first step. */
  restart(): void
  list(): readonly Scenario[]
}

const MAX_LATENCY_MS = 300_000

const webhook = object<ScenarioWebhook>({ name: required(text), body: anything, event: text, url: text })

const step = object<ScenarioStep>({
  status: wholeNumber(200, 599),
  body: anything,
  headers: mapOf(text),
  latencyMs: wholeNumber(0, MAX_LATENCY_MS),
  drop: flag,
  times: wholeNumber(1, 1_000_000),
  webhook,
  undocumented: flag,
})

const scenarioOptions: OptionTable<Scenario> = {
  name: text,
  operation: required(text),
  body: anything,
  steps: required(listOf(step, 'must be a list of steps')),
}

interface WebhookFault {
  readonly part: keyof ScenarioWebhook
  readonly message: string
}

export interface ScenariosOptions {
  /** Those of the documents at this moment. */
  readonly engines: () => readonly Engine[]
  /** What is wrong with a webhook that a step sends; undefined when nothing is. */
  readonly webhookFault: (webhook: ScriptedWebhook) => Promise<WebhookFault | undefined>
}

/**
 * @param first those of the start.
 * @throws TypeError that names the step that does not fit the document.
 */
export async function openScenarios(
  { engines, webhookFault }: ScenariosOptions,
  first: readonly Scenario[],
): Promise<Scenarios> {
  let scripts: { readonly scenario: Scenario; calls: number }[] = []
  const begin = (scenarios: readonly Scenario[]) => {
    scripts = scenarios.map((scenario) => ({ scenario, calls: 0 }))
  }
  const read = async (given: readonly Scenario[]): Promise<readonly Scenario[]> => {
    const all = given.map((scenario, i) => checked(scenario, i, engines()))
    await checkWebhooks(all, webhookFault)
    return all
  }
  const atStart = await read(first)
  begin(atStart)
  return {
    next(engine, operation, body) {
      const names = scripts.length === 0 ? [] : namesOf(operation)
      for (const script of scripts) {
        const { scenario } = script
        if (!names.includes(scenario.operation) || !isMeant(scenario, body)) continue
        const found = stepAt(scenario.steps, script.calls)
        script.calls += 1
        if (found !== undefined) return scripted(engine, operation, scenario, found)
      }
      return undefined
    },
    set: async (next) => begin(await read(next)),
    restart: () => begin(atStart),
    list: () => scripts.map(({ scenario }) => scenario),
  }
}

/** Whether a script is for requests with this body. */
const isMeant = ({ body: wanted }: Scenario, body: unknown): boolean =>
  wanted === undefined || differencesOf('body', wanted, body).length === 0

/** The step for the n-th request, counted from 0; undefined when all are over. */
function stepAt(steps: readonly ScenarioStep[], call: number): ScenarioStep | undefined {
  let before = 0
  for (const [i, one] of steps.entries()) {
    before += one.times ?? (i === steps.length - 1 ? Number.POSITIVE_INFINITY : 1)
    if (call < before) return one
  }
  return undefined
}

function scripted(engine: Engine, operation: Operation, scenario: Scenario, step: ScenarioStep): Scripted {
  const { status, latencyMs = 0, drop = false, headers = {}, undocumented } = step
  const sent = step.webhook && { ...step.webhook, undocumented }
  const common = { scenario: scenario.name ?? scenario.operation, latencyMs, drop, webhook: sent }
  if (status === undefined) return { ...common, answer: undefined }
  const lower = Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]),
  )
  const choice = engine.responses.choose(operation, undefined, { ...noPreferences, code: status })
  if (!choice.ok)
    return { ...common, answer: { status, headers: lower, body: step.body, source: 'scenario' } }
  const { template } = choice
  const body = 'body' in step ? step.body : engine.responses.sample(template, noPreferences).value
  return { ...common, answer: { ...engine.responses.answer(template, body, lower), source: 'scenario' } }
}

function checked(given: Scenario, index: number, engines: readonly Engine[]): Scenario {
  const place = `scenarios[${index}]`
  const scenario = checkOptions(scenarioOptions, given, place)
  for (const engine of engines) {
    const { operations } = engine.document
    const operation = operations.find((one) => namesOf(one).includes(scenario.operation))
    if (operation === undefined) continue
    for (const [i, one] of scenario.steps.entries()) {
      const wrong = one.undocumented
        ? undefined
        : engine.budget.lift(() => undocumented(engine, operation, one))
      if (wrong !== undefined) throw new TypeError(`${place}.steps[${i}].${wrong}${ANYWAY}`)
    }
    return scenario
  }
  const names = engines.flatMap(({ document }) => document.operations.flatMap(namesOf))
  throw new TypeError(
    `${place}.operation: no such operation as ${scenario.operation}${didYouMean(scenario.operation, names)}`,
  )
}

const ANYWAY = '; undocumented: true sends it all the same'

/** @throws TypeError that names the step whose webhook cannot be sent. */
async function checkWebhooks(
  scenarios: readonly Scenario[],
  fault: ScenariosOptions['webhookFault'],
): Promise<void> {
  for (const [i, { steps }] of scenarios.entries())
    for (const [j, one] of steps.entries()) {
      const wrong = one.webhook && (await fault({ ...one.webhook, undocumented: one.undocumented }))
      if (wrong === undefined) continue
      const { part, message } = wrong
      const place = `scenarios[${i}].steps[${j}].webhook.${part}`
      throw new TypeError(`${place}: ${message}${part === 'body' ? ANYWAY : ''}`)
    }
}

/** What of a step the document does not describe. */
function undocumented(engine: Engine, operation: Operation, step: ScenarioStep): string | undefined {
  const { status } = step
  if (status === undefined) return 'body' in step ? 'status: must be there, as there is a body' : undefined
  const choice = engine.responses.choose(operation, undefined, { ...noPreferences, code: status })
  if (!choice.ok) {
    const known = operation.responses().map((response) => response.status)
    return `status: ${operation.id} describes no ${status}, only ${known.join(', ')}`
  }
  if (!('body' in step)) return undefined
  if (choice.template.media === undefined) return `body: ${operation.id} describes no body for ${status}`
  const [error] = nearest(engine.responses.check(choice.template, step.body))
  return error && `body: does not fit the document: ${error.instancePath || 'it'} ${describe(error)}`
}
