// What the bodies of an operation tell that its path does not.

import type { Operation } from '../../engine/document/operation.js'
import { normalizeName } from '../../engine/json.js'
import type { Template } from '../../engine/response/responses.js'
import type { Schema } from '../../engine/schema/schema.js'
import type { Schemas } from '../../engine/schema/schemas.js'
import { possibleTypes } from '../../engine/schema/shape.js'
import type { Form, Member } from '../forms/form.js'
import type { Forms } from '../forms/forms.js'
import type { Views } from '../forms/views.js'
import type { CallFacts } from './calls.js'
import { isOpen } from './openings.js'
import { nounOf } from './paths.js'

/** What bodies tell of an operation. */
export interface BodyFacts extends Pick<CallFacts, 'requestNames'> {
  /** Whether there is a list of things in its success. */
  hasList(operation: Operation): boolean
  /** Whether an object right in its success is called what its path is about, and there is no list of the like of it. */
  showsOne(operation: Operation): boolean
  /** Whether the document says nothing of what a read of it answers. */
  isUndescribed(operation: Operation): boolean
  /** Whether its success is nothing but a list. */
  isList(operation: Operation): boolean
  /** Whether its success, or the one thing in its envelope, has a number of this normalised name. */
  isShownAs(operation: Operation, name: string): boolean
  /** Whether the successes of two operations have one schema. */
  isShownAlike(one: Operation, other: Operation): boolean
  /** Whether the successes of two operations are lists of the same things. */
  listAlike(one: Operation, other: Operation): boolean
  /** Whether the successes of two operations have members of the same names. */
  isOfOneForm(one: Operation, other: Operation): boolean
  /** Whether its request may say something by this normalised name. */
  takes(operation: Operation, name: string): boolean
  /** Whether its request has the lists of another one's success, under the same names. */
  takesAnswered(operation: Operation, read: Operation): boolean
  /** Whether its request is nothing but a list. */
  takesList(operation: Operation): boolean
  /** Whether a body is nothing but the list of names that a list is answered with, both under the same name. */
  takesNames(operation: Operation, list: Operation): boolean
  /** Whether its request has a list of objects: by itself, or as one of its members. */
  takesThings(operation: Operation): boolean
  /** Whether its request names several things by a list of their ids. @param names the normalised names of such lists. */
  takesIds(operation: Operation, names?: ReadonlySet<string>): boolean
}

export interface BodyFactsOptions {
  readonly schemas: Schemas
  readonly forms: Forms
  readonly views: Views
  template(operation: Operation): Template | undefined
}

export function createBodyFacts(options: BodyFactsOptions): BodyFacts & CallFacts {
  const { schemas, forms } = options
  const jsonSchema = (operation: Operation): Schema | undefined => {
    const own = options.template(operation)
    return own?.media !== undefined && /json|\*/i.test(own.media.type) ? own.schema : undefined
  }
  const isOfScalars = (schema: Schema): boolean => {
    const { isArray, items } = forms.of(schema)
    const types = isArray ? possibleTypes(schemas, items) : undefined
    return types?.has('string') === true || types?.has('integer') === true
  }
  return { ...requestFacts(options, jsonSchema, isOfScalars), ...answerFacts(options, jsonSchema) }
}

type RequestFacts = Pick<
  BodyFacts,
  'takes' | 'takesAnswered' | 'takesList' | 'takesNames' | 'takesThings' | 'takesIds' | 'requestNames'
>

function requestFacts(
  { schemas, forms }: BodyFactsOptions,
  jsonSchema: (operation: Operation) => Schema | undefined,
  isOfScalars: (schema: Schema) => boolean,
): RequestFacts {
  const holdsThings = ({ isArray, items }: Form): boolean => isArray && forms.of(items).byName.size > 0
  const holdsScalars = ({ schema }: Member): boolean => isOfScalars(schema)
  return {
    takes: (operation, name) =>
      (operation.body()?.content ?? []).some(({ schema }) =>
        forms.of(schemas.convert(schema ?? true, 'request')).byName.has(name),
      ),
    takesAnswered(operation, read) {
      const own = jsonSchema(read)
      const lists =
        own === undefined ? [] : [...forms.of(own).byName].filter(([, one]) => forms.of(one.schema).isArray)
      const isList = (schema: Schema, name: string): boolean => {
        const member = forms.of(schema).byName.get(name)
        return member !== undefined && forms.of(member.schema).isArray
      }
      return (operation.body()?.content ?? []).some(
        ({ schema }) =>
          lists.length > 0 &&
          lists.every(([name]) => isList(schemas.convert(schema ?? true, 'request'), name)),
      )
    },
    requestNames(operation) {
      const members = (operation.body()?.content ?? []).flatMap(({ schema }) => {
        const { byName, shape } = forms.of(schemas.convert(schema ?? true, 'request'))
        return [...byName].map(
          ([normalized, { name }]) => [normalized, { name, isRequired: shape.required.has(name) }] as const,
        )
      })
      const parameters = operation
        .parameters()
        .filter(({ in: place }) => place === 'query')
        .map(({ name, required }) => [normalizeName(name), { name, isRequired: required }] as const)
      return new Map([...members, ...parameters])
    },
    takesList: (operation) =>
      (operation.body()?.content ?? []).some(
        ({ schema }) => forms.of(schemas.convert(schema ?? true, 'request')).isArray,
      ),
    takesNames(operation, list) {
      const own = jsonSchema(list)
      const shown = own === undefined ? undefined : forms.of(own)
      return (operation.body()?.content ?? []).some(({ schema }) => {
        const [only, ...others] = forms.of(schemas.convert(schema ?? true, 'request')).byName
        const listed = only && shown?.byName.get(only[0])
        if (only === undefined || listed === undefined || others.length > 0) return false
        return [only[1], listed].every(holdsScalars)
      })
    },
    takesThings: (operation) =>
      (operation.body()?.content ?? []).some(({ schema }) => {
        const whole = forms.of(schemas.convert(schema ?? true, 'request'))
        return [whole, ...[...whole.byName.values()].map((member) => forms.of(member.schema))].some(
          holdsThings,
        )
      }),
    takesIds: (operation, names) =>
      (operation.body()?.content ?? []).some(({ schema }) =>
        forms.alternatives(schemas.convert(schema ?? true, 'request')).some((option) => {
          const { byName } = forms.of(option)
          if (names !== undefined)
            return [...byName].some(([name, own]) => names.has(name) && holdsScalars(own))
          return isOfScalars(option) || [...byName.values()].some(holdsScalars)
        }),
      ),
  }
}

function answerFacts(
  { forms, views, template }: BodyFactsOptions,
  jsonSchema: (operation: Operation) => Schema | undefined,
): Omit<BodyFacts & CallFacts, keyof RequestFacts> {
  return {
    isShownAs(operation, name) {
      const own = jsonSchema(operation)
      const whole = own && forms.of(own)
      const shown = whole ? [whole, ...[...whole.byName.values()].map(({ schema }) => forms.of(schema))] : []
      return shown.some((form) => {
        const member = form.byName.get(name)
        const types = member && forms.types(member.schema)
        return types?.has('integer') === true || types?.has('number') === true
      })
    },
    hasList(operation) {
      const own = jsonSchema(operation)
      return own !== undefined && views.hasList(own, nounOf({ collection: operation.path }))
    },
    showsOne(operation) {
      const own = jsonSchema(operation)
      const members = own === undefined ? new Map<string, Member>() : forms.of(own).byName
      const one = members.get(nounOf({ collection: operation.path }))
      if (one === undefined || forms.of(one.schema).byName.size === 0) return false
      const listsIt = ({ schema }: Member): boolean => {
        const { isArray, items } = forms.of(schema)
        return isArray && forms.identity(items) === forms.identity(one.schema)
      }
      return ![...members.values()].some(listsIt)
    },
    isShownAlike: (one, other) => isOneSchema(forms, jsonSchema(one), jsonSchema(other)),
    listAlike: (one, other) =>
      isOneSchema(forms, itemsOf(forms, jsonSchema(one)), itemsOf(forms, jsonSchema(other))),
    isOfOneForm(one, other) {
      const [own, others] = [one, other].map((operation) => {
        const schema = jsonSchema(operation)
        return schema === undefined ? [] : [...forms.of(schema).byName.keys()]
      })
      return own !== undefined && own.length > 3 && own.toSorted().join() === others?.toSorted().join()
    },
    isUndescribed(operation) {
      const own = template(operation)
      return own !== undefined && operation.method === 'GET' && isOpen(forms, own)
    },
    isList(operation) {
      const own = jsonSchema(operation)
      return own !== undefined && forms.of(own).isArray
    },
  }
}

const isOneSchema = (forms: Forms, one: Schema | undefined, other: Schema | undefined): boolean =>
  one !== undefined && other !== undefined && forms.identity(one) === forms.identity(other)

/** The schema of a list's entries, where it has a name. */
function itemsOf(forms: Forms, schema: Schema | undefined): Schema | undefined {
  const form = schema === undefined ? undefined : forms.of(schema)
  return form?.isArray === true && forms.className(form.items) !== undefined ? form.items : undefined
}
