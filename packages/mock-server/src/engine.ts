// Everything that is made from one document. A new document makes a new engine; what clients stored stays.

import { type Budget, createBudget } from './engine/budget.js'
import type { ApiDocument } from './engine/document/document.js'
import type { Operation } from './engine/document/operation.js'
import { createMultipartWriter, type MultipartWriter } from './engine/multipart/writing.js'
import { type BodyDecoder, type BodyLimits, createBodyDecoder } from './engine/request/bodies.js'
import { createCoercion } from './engine/request/coercion.js'
import { createIdempotencyKeys, type IdempotencyKeys } from './engine/request/idempotency.js'
import { createParameterDecoder } from './engine/request/parameters.js'
import { createRequestReader, type RequestReader } from './engine/request/request-reader.js'
import { createRouter, type Router } from './engine/request/router.js'
import { createRefusals, type Refusals } from './engine/response/refusals.js'
import { createResponses, type Responses } from './engine/response/responses.js'
import { createStreams, type Streams } from './engine/response/streams.js'
import { createOverlaps } from './engine/sampling/overlaps.js'
import { createSampler, type Sampler } from './engine/sampling/sampler.js'
import { createSchemas, type Schemas } from './engine/schema/schemas.js'
import { shapeOf } from './engine/schema/shape.js'
import { createValidation, type Validation } from './engine/schema/validation.js'
import { createXml, type Xml } from './engine/xml/xml.js'
import type { Learned } from './learning/learned-file.js'
import { createLessons, type Lessons, type LessonsOptions } from './learning/lessons.js'
import { createState, type State, type StateOptions } from './state/state.js'

export interface Engine {
  /** What tells this document's keys and numbers from those of others; empty where it is the only one. */
  readonly prefix: string
  readonly document: ApiDocument
  /** Of the request at hand. */
  readonly budget: Budget
  readonly router: Router
  readonly schemas: Schemas
  readonly validation: Validation
  readonly sampler: Sampler
  readonly bodies: BodyDecoder
  readonly xml: Xml
  readonly multipart: MultipartWriter
  readonly requests: RequestReader
  readonly idempotencyKeys: IdempotencyKeys
  readonly responses: Responses
  readonly streams: Streams
  readonly refusals: Refusals
  /** What was learned from recorded traffic. */
  readonly lessons: Lessons | undefined
  /** Undefined when nothing is stored. */
  readonly state: State | undefined
}

export interface EngineOptions {
  readonly prefix?: string | undefined
  readonly seed: string
  readonly dynamic: boolean
  readonly bodyLimits: BodyLimits
  /** What was learned from recorded traffic, and the clock of the times in it. */
  readonly learned?: (Omit<LessonsOptions, 'seed'> & { readonly from: Learned }) | undefined
  /** Undefined for a mock without state. */
  readonly state: StateOptions | undefined
  /** Told what turns out to be wrong with the document while it is used. */
  readonly onWarning: (message: string) => void
}

export function createEngine(document: ApiDocument, options: EngineOptions): Engine {
  const { seed, dynamic, bodyLimits, onWarning } = options
  const schemas = createSchemas(document)
  const budget = createBudget()
  const validation = createValidation(schemas, budget, (reason) =>
    onWarning(`A schema cannot be used: ${reason}`),
  )
  const sampler = createSampler(schemas, validation)
  const overlaps = createOverlaps(schemas, validation, sampler)
  const coerce = createCoercion(schemas, validation)
  const xml = createXml(document, schemas, coerce)
  const multipart = createMultipartWriter(schemas, xml)
  const { learned } = options
  const lessons = learned && createLessons(learned.from, { seed, ...learned })
  const documented = createResponses({ schemas, validation, sampler, xml, multipart, seed, dynamic })
  const responses = lessons?.responses(documented) ?? documented
  const { operations } = document
  const parameters = createParameterDecoder(schemas, validation)
  const bodies = createBodyDecoder({ schemas, coerce, xml }, bodyLimits)
  const fitsPath = (operation: Operation, path: Readonly<Record<string, string>>): boolean =>
    parameters
      .decode(operation, { path, query: '', headers: {} })
      .violations.every((violation) => violation.in !== 'path')
  const lists = (operation: Operation, name: string, value: string): boolean =>
    operation
      .parameters()
      .some(
        (one) =>
          one.in === 'path' &&
          one.name === name &&
          shapeOf(schemas, [schemas.convert(one.schema ?? true, 'request')]).values?.includes(value) === true,
      )
  const router = createRouter(operations, fitsPath, lists)
  const refusals = createRefusals({ document, schemas, validation, sampler, xml })
  return {
    prefix: options.prefix ?? '',
    document,
    budget,
    router,
    schemas,
    validation,
    sampler,
    bodies,
    xml,
    multipart,
    requests: createRequestReader(parameters, bodies, schemas, validation, overlaps),
    idempotencyKeys: createIdempotencyKeys(schemas),
    responses,
    streams: createStreams({ schemas, sampler, responses, multipart, seed }),
    refusals: lessons?.refusals(refusals, responses, { router, operations }) ?? refusals,
    lessons,
    state:
      options.state &&
      createState(
        {
          ...{ schemas, validation, sampler, responses, operations, seed },
          ...{ version: document.version, lessons: lessons?.things },
        },
        options.state,
      ),
  }
}
