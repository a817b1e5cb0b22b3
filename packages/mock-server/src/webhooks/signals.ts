// Which changes each webhook of a document tells of: by its hint, its name, and the things that its payload shows.

import type { OutgoingRequest } from '../engine/document/outgoing.js'
import { normalizeName } from '../engine/json.js'
import type { Schema } from '../engine/schema/schema.js'
import { wordsOf } from '../state/conventions/names.js'
import type { ChangeKind, EntityChange } from '../state/entities/entity-changes.js'
import { nounsOf } from '../state/places/paths.js'
import type { ResourceType } from '../state/places/types.js'
import type { State } from '../state/state.js'
import type { Envelopes, EventMember } from './envelopes.js'
import { type EventName, isOfKind, readEventName, stemOf } from './event-names.js'

/** What makes a webhook be sent, and what its payload says it is about. */
export interface Signal {
  readonly kinds: ReadonlySet<ChangeKind>
  readonly states: readonly string[]
  /** Whether one of its states may be the beginning of a thing. */
  readonly mayBegin: boolean
  readonly types: readonly ResourceType[]
  /** The operations that it tells of, where a hint names them. */
  readonly operationIds: ReadonlySet<string>
  /** The alternative of the payload's schema, and the member that names the event. */
  readonly schema: Schema
  readonly event: EventMember | undefined
}

export interface SignalsParts {
  readonly envelopes: Envelopes
  readonly state: Pick<State, 'types' | 'factoryOf'> | undefined
}

const ALL: ReadonlySet<ChangeKind> = new Set(['create', 'update', 'delete'])
const SHOWING: ReadonlySet<ChangeKind> = new Set(['create', 'update'])

/** @param schema of the payload; undefined when there is none. */
export function signalsOf(request: OutgoingRequest, schema: Schema, parts: SignalsParts): readonly Signal[] {
  const { name, operation } = request
  const { envelopes } = parts
  const hint = hintOf(operation.extension('x-mock-on'))
  const named = nameOf(request)
  const options = envelopes.alternatives(schema)
  const members = options.flatMap((option) =>
    envelopes.eventMembers(option).map((event) => ({ option, event })),
  )
  const own = [named.words, readEventName(name).words].flat()
  const speaking = members
    .map((one) => ({ ...one, says: readEventName(one.event.value) }))
    .filter(({ says }) => says.kinds.size + says.states.length > 0)
  // What all alternatives say alike tells none of them apart.
  const decides = hint === undefined && new Set(speaking.map(({ event }) => event.value)).size > 1
  return (decides ? speaking : options.map((option) => ({ option, event: undefined, says: named }))).map(
    ({ option, event, says }): Signal => ({
      kinds: hint?.kinds ?? kindsOf(says),
      states: hint === undefined ? says.states : [],
      mayBegin: hint === undefined && says.mayBegin,
      types: typesOf(parts, option, event === undefined ? own : says.words, own),
      operationIds: hint?.operationIds ?? new Set(),
      schema: option,
      event:
        event ?? envelopes.eventMembers(option).find(({ value }) => agrees(value, hint?.kinds ?? says.kinds)),
    }),
  )
}

/**
 * Signals with their doubts settled: `order.placed` tells of the creation of an order if nothing else does, but neither
 * `email.received` nor `email.opened` does where a document has both.
 */
export function settled(all: readonly (readonly Signal[])[]): readonly (readonly Signal[])[] {
  const isRival = (signal: Signal, other: Signal): boolean =>
    other !== signal &&
    (other.mayBegin || other.kinds.has('create')) &&
    signal.types.some((type) => other.types.includes(type))
  const everything = all.flat()
  return all.map((own) =>
    own.map((signal) => {
      const isSure = signal.mayBegin && !everything.some((other) => isRival(signal, other))
      return isSure ? { ...signal, kinds: new Set<ChangeKind>([...signal.kinds, 'create']) } : signal
    }),
  )
}

export const isTold = (signal: Signal, change: EntityChange, { verb, operationId }: Caller): boolean => {
  const { operationIds, types } = signal
  if (operationIds.size > 0)
    return operationId !== undefined && operationIds.has(operationId) && signal.kinds.has(change.kind)
  return types.includes(change.type) && isOfKind(signal, change, verb)
}

/** The operation that changed something. */
export interface Caller {
  readonly operationId: string | undefined
  /** The last word of its path. */
  readonly verb: string
}

/** A name that says nothing of a change is helped by what else the document says of the webhook. */
function nameOf({ name, operation }: OutgoingRequest): EventName {
  const [first = readEventName(name), ...others] = [
    name,
    operation.operationId ?? '',
    ...['summary', 'description'].map((key) => String(operation.extension(key) ?? '').slice(0, 500)),
  ].map(readEventName)
  if (first.kinds.size + first.states.length > 0) return first
  const helping = others.find(({ kinds }) => kinds.size > 0)
  return { ...first, kinds: helping?.kinds ?? first.kinds }
}

const kindsOf = ({ kinds, states }: EventName): ReadonlySet<ChangeKind> =>
  kinds.size === 0 && states.length === 0 ? SHOWING : kinds

function agrees(value: string, kinds: ReadonlySet<ChangeKind>): boolean {
  const own = readEventName(value).kinds
  return own.size === 0 || [...own].some((kind) => kinds.has(kind))
}

interface Hint {
  readonly kinds: ReadonlySet<ChangeKind>
  readonly operationIds: ReadonlySet<string>
}

function hintOf(value: unknown): Hint | undefined {
  if (value === undefined) return undefined
  const words = [value].flat().map(String)
  const isKind = (word: string): word is ChangeKind => (ALL as ReadonlySet<string>).has(word)
  const kinds = words.filter(isKind)
  return {
    kinds: kinds.length === 0 ? ALL : new Set(kinds),
    operationIds: new Set(words.filter((word) => !isKind(word))),
  }
}

/**
 * The types that a payload is about: what its name calls them, else what it shows by their own schema, else what it is called
 * by the last word, else what has the same members.
 *
 * @param words what names the event.
 * @param all what names the webhook.
 */
function typesOf(
  { envelopes, state }: SignalsParts,
  schema: Schema,
  words: readonly string[],
  all: readonly string[],
): readonly ResourceType[] {
  const types = state?.types() ?? []
  const shown = envelopes.typesIn(schema, types)
  const called = (given: readonly string[]) =>
    longest(types.flatMap((type) => nounMatch(type, given).map((length) => ({ type, length }))))
  const bySchema = shown.filter(({ isExact }) => isExact).map(({ type }) => type)
  const byName = [called(words), called(all)].find((found) => found.length > 0) ?? []
  const both = byName.filter((type) => bySchema.includes(type))
  for (const found of [both, byName, bySchema, byLastWord(types, words), byLastWord(types, all)])
    if (found.length > 0) return found
  // What several types have in common says nothing.
  return shown.length === 1 ? shown.map(({ type }) => type) : []
}

/** How many letters of a name are a type's noun, all of whose words it has, and those of what it is below. */
function nounMatch({ home }: ResourceType, words: readonly string[]): readonly number[] {
  const [noun = [], ...above] = nounsIn(home.collection)
  const whole = noun.join('')
  const isNamed = (one: readonly string[]): boolean => one.every((word) => words.includes(word))
  if (whole === '' || !(isNamed(noun) || isWritten(whole, words))) return []
  const named = above.filter(isNamed).map((one) => one.join('').length)
  return [named.reduce((sum, length) => sum + length, whole.length)]
}

/** Whether some words, one after the other, are written as one: `api_key` and `apikeys`. */
const isWritten = (whole: string, words: readonly string[]): boolean =>
  words.some((_, from) => words.some((_word, to) => words.slice(from, to + 1).join('') === whole))

/** The words of a path, segment by segment, the last one first. */
const nounsIn = (collection: string): readonly (readonly string[])[] =>
  collection
    .split('/')
    .filter((segment) => segment !== '' && !segment.includes('{'))
    .map((segment) => wordsOf(segment).map(stemOf))
    .reverse()

function longest(
  found: readonly { readonly type: ResourceType; readonly length: number }[],
): readonly ResourceType[] {
  const most = Math.max(...found.map(({ length }) => length))
  return found.filter(({ length }) => length === most).map(({ type }) => type)
}

const byLastWord = (types: readonly ResourceType[], words: readonly string[]): readonly ResourceType[] =>
  types.filter(
    ({ home }) => words.includes(nounsIn(home.collection)[0]?.at(-1) ?? '') && home.collection !== '/',
  )

/** What a type's things are called, normalised. */
export const nounOfType = ({ home }: ResourceType): string => normalizeName(nounsOf(home)[0] ?? '')
