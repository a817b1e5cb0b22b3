// What the control plane can do: the mock's own steps, and how an API's own ones join them.

import {
  anything,
  checkOptions,
  fitting,
  flag,
  instantOf,
  listOf,
  type OptionTable,
  required,
} from '@gosend/options'
import type { Clock } from '../clock.js'
import { isObject } from '../engine/json.js'
import { decodeText } from '../engine/request/pairs.js'
import type { Contexts } from '../rules/contexts.js'
import type { Jobs } from '../rules/jobs.js'
import type { Control } from '../rules/rules.js'
import type { Scenario, Scenarios } from '../scenarios/scenarios.js'
import { SANDBOX_ENVIRONMENTS } from '../security/sandbox-keys.js'
import { DEFAULT_PROJECT } from '../storage/database.js'
import { durationOf } from './durations.js'
import type { Faults } from './faults.js'
import type { Journal } from './journal.js'
import type { OperationViews } from './operation-views.js'
import type { Verifier } from './verification.js'
import type {
  ClockReading,
  FaultRule,
  JournalEntry,
  MockOverview,
  SandboxKeysView,
  TestSelection,
  Verification,
} from './wire.js'

export interface Controls {
  readonly clock: Clock
  readonly faults: Faults
  readonly scenarios: Scenarios
  readonly journal: Journal
  readonly verifier: Verifier
  /** A test for Vitest, made of requests of the journal. @throws TypeError when there are none. */
  readonly toTest: (selection?: TestSelection) => Promise<string>
  readonly operations: OperationViews
  /** Those that the mock printed when it started. */
  readonly keys: SandboxKeysView
  readonly jobs: Jobs
  readonly contexts: Contexts
  readonly overview: () => MockOverview
  readonly reset: () => void
  readonly snapshots: () => readonly string[]
  readonly snapshot: (name: string) => void
  /** False when there is no such snapshot. */
  readonly restore: (name: string) => boolean
}

export interface Command {
  readonly parameters: Readonly<Record<string, string>>
  readonly query: URLSearchParams
  readonly body: unknown
  /** How the mock was called. */
  readonly origin: string | undefined
}

/** The status of what a step returns, where it is not 200. */
export const OUTCOME = Symbol('outcome')
export interface Outcome {
  readonly [OUTCOME]: number
  /** Default: JSON. */
  readonly mediaType?: string
  readonly body: unknown
}

export type Step = (controls: Controls, command: Command) => unknown
export type Route = readonly [method: string, path: RegExp, step: Step]

/** The sender's mistake, in words for the sender. */
export class BadCommand extends Error {}

const SNAPSHOT = '/_mock/snapshots/(?<name>[A-Za-z0-9._-]{1,64})'

/** What each method and path does; what a step returns is the answer, nothing is `204`. */
export const STEPS: readonly Route[] = [
  ['GET', /^\/_mock\/?$/, ({ overview }) => overview()],
  ['POST', /^\/_mock\/reset$/, ({ reset }) => reset()],
  ['GET', /^\/_mock\/keys$/, ({ keys }) => keys],
  ['GET', /^\/_mock\/operations$/, ({ operations }, { query }) => operations.list(query.get('search') ?? '')],
  ['GET', /^\/_mock\/operations\/(?<name>[^/]+)$/, describeOperation],
  ['GET', /^\/_mock\/requests$/, listRequests],
  [
    'GET',
    /^\/_mock\/requests\/(?<number>\d{1,15})$/,
    ({ journal }, { parameters: { number } }) => journal.find(Number(number)) ?? missing('request', number),
  ],
  ['DELETE', /^\/_mock\/requests$/, ({ journal }) => journal.clear()],
  ['POST', /^\/_mock\/verify$/, verify],
  [
    'POST',
    /^\/_mock\/tests$/,
    async ({ toTest }, { body }) => ({ test: await toTest((body ?? {}) as TestSelection) }),
  ],
  ['GET', /^\/_mock\/snapshots$/, ({ snapshots }) => snapshots()],
  ['PUT', new RegExp(`^${SNAPSHOT}$`), ({ snapshot }, { parameters: { name = '' } }) => snapshot(name)],
  ['POST', new RegExp(`^${SNAPSHOT}/restore$`), restore],
  ['GET', /^\/_mock\/clock$/, ({ clock }) => showClock(clock)],
  ['POST', /^\/_mock\/clock$/, setClock],
  ['GET', /^\/_mock\/jobs$/, ({ jobs }) => jobs.waiting()],
  ['GET', /^\/_mock\/faults$/, ({ faults }) => faults.list()],
  ['PUT', /^\/_mock\/faults$/, setFaults],
  ['DELETE', /^\/_mock\/faults$/, ({ faults }) => faults.set([])],
  ['GET', /^\/_mock\/scenarios$/, ({ scenarios }) => scenarios.list()],
  ['PUT', /^\/_mock\/scenarios$/, setScenarios],
  ['DELETE', /^\/_mock\/scenarios$/, ({ scenarios }) => scenarios.set([])],
]

/**
 * The route of an API's own step, `POST /_mock/inbound/{id}`.
 *
 * @throws TypeError when the line is not like that.
 */
export function routeOf(line: string, control: Control): Route {
  const [, method, path] = /^([A-Z]+) (\/_mock\/[\w{}/.-]+)$/.exec(line) ?? []
  if (method === undefined || path === undefined) {
    throw new TypeError(`controls: ${JSON.stringify(line)} is not like POST /_mock/inbound`)
  }
  const pattern = path.replaceAll('.', '\\.').replace(/\{(\w+)\}/g, '(?<$1>[^/]+)')
  return [
    method,
    new RegExp(`^${pattern}$`),
    ({ contexts }, { parameters, query, body, origin }) => {
      const projectId = query.get('project') ?? DEFAULT_PROJECT.id
      const environment = query.get('environment') ?? SANDBOX_ENVIRONMENTS.test
      const context = contexts.of(projectId, environment, origin)
      if (context === undefined) throw new BadCommand(`There is no ${environment} of a project ${projectId}`)
      return control({ ...context, parameters, query, body })
    },
  ]
}

/** The answer where nothing of this name is there. */
export const missing = (kind: string, name = '') => ({
  refusal: { status: 404, message: `There is no ${kind} ${name}` },
})

function describeOperation({ operations }: Controls, { parameters: { name = '' } }: Command): unknown {
  const wanted = decodeText(name)
  return operations.describe(wanted) ?? missing('operation', wanted)
}

/** `?limit=20&operation=createPet&refused=true`: the latest of these. */
function listRequests({ journal }: Controls, { query }: Command): readonly JournalEntry[] {
  const limit = Number(query.get('limit') ?? Number.POSITIVE_INFINITY)
  if (!(limit >= 1)) throw new BadCommand('limit must be 1 or more')
  const operation = query.get('operation')
  const refused = query.get('refused')
  const isMeant = (entry: JournalEntry): boolean =>
    (operation === null || entry.operationId === operation) &&
    (refused === null || refused === 'false' || entry.reason !== null || entry.violations.length > 0)
  return journal.entries().filter(isMeant).slice(-limit)
}

/** 422 with the nearest misses where the requests have not come, so that `curl --fail` fails. */
function verify({ verifier }: Controls, { body }: Command): Verification | Outcome {
  if (!isObject(body))
    throw new BadCommand('Send what is wanted, such as {"operation": "createPet", "times": 1}')
  const verification = verifier.check(body)
  return verification.ok ? verification : { [OUTCOME]: 422, body: verification }
}

function restore(controls: Controls, { parameters: { name = '' } }: Command): void {
  if (!controls.restore(name)) throw new BadCommand(`There is no snapshot ${JSON.stringify(name)}`)
}

const showClock = (clock: Clock): ClockReading => ({
  now: new Date(clock.now()).toISOString(),
  frozen: clock.isFrozen(),
})

const MAX_ADVANCE_MS = 1e12

interface ClockChange {
  readonly advance?: string | undefined
  readonly advanceMs?: number | undefined
  readonly freeze?: boolean | string | undefined
  readonly resume?: boolean | undefined
  readonly reset?: boolean | undefined
}

// Only forward: keys that expired must not come back to life.
const isStep = (step: unknown) => typeof step === 'number' && step >= 0 && step <= MAX_ADVANCE_MS

const clockChange: OptionTable<ClockChange> = {
  advance: fitting(
    (value) => typeof value === 'string' && isStep(durationOf(value)),
    'must be like 90s, 25h, 7d or PT25H',
  ),
  advanceMs: fitting(isStep, 'must be 0 or more'),
  freeze: fitting(
    (value) => typeof value === 'boolean' || (typeof value === 'string' && instantOf(value) !== undefined),
    'must be true or a time such as 2026-01-15T10:00:00Z',
  ),
  resume: flag,
  reset: flag,
}

/**
 * `{ advance: "25h" }`, `{ advanceMs }`, `{ freeze: true | "2026-01-15T10:00:00Z" }`, `{ resume: true }` or
 * `{ reset: true }`. Answers when all that has become due is done.
 */
async function setClock({ clock, jobs }: Controls, { body }: Command): Promise<object> {
  if (!isObject(body)) throw new BadCommand('Send advance, advanceMs, freeze, resume or reset')
  const { advance, advanceMs, freeze, resume, reset } = checkOptions(clockChange, body as ClockChange)
  const steps = [advance === undefined ? undefined : durationOf(advance), advanceMs].filter(
    (step) => step !== undefined,
  )
  const at = typeof freeze === 'string' ? instantOf(freeze)?.getTime() : undefined
  if (reset === true) clock.reset()
  if (resume === true) clock.resume()
  if (freeze === true || at !== undefined) {
    if (at !== undefined && at > clock.now()) await jobs.advance(() => at)
    clock.freeze(at)
  }
  for (const step of steps) await jobs.advance((now) => now + Number(step))
  jobs.look()
  return showClock(clock)
}

interface FaultList {
  readonly faults: readonly FaultRule[]
}

const faultList: OptionTable<FaultList> = {
  faults: required(listOf(anything, 'must be a list of faults')),
}

/** A list of fault rules, or `{ faults: [...] }`; it replaces the rules in force. */
function setFaults({ faults }: Controls, { body }: Command): readonly FaultRule[] {
  const { faults: rules } = checkOptions(
    faultList,
    Array.isArray(body) ? { faults: body } : (body as FaultList),
  )
  faults.set(rules)
  return faults.list()
}

/** A list of scenarios; it replaces those in force. */
async function setScenarios({ scenarios }: Controls, { body }: Command): Promise<readonly Scenario[]> {
  if (!Array.isArray(body)) throw new BadCommand('Send a list of scenarios')
  await scenarios.set(body as readonly Scenario[])
  return scenarios.list()
}
