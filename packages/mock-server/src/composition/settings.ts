// What the options of a mock come to: defaults filled in, the API with its rules, and the log that all parts write to.

import type { ServedDocument } from '../documents.js'
import type { BodyLimits } from '../engine/request/bodies.js'
import { gosend } from '../gosend/gosend.js'
import type { Learned } from '../learning/learned-file.js'
import type { MockApi } from '../mock-api.js'
import { learnedIn, type MockServerOptions, readOptions } from '../options.js'
import type { Rules } from '../rules/rules.js'
import type { Scheme } from '../security/host-guard.js'
import { type Certificate, checkCertificate, type HttpsOptions } from '../server/certificates.js'
import { createLog, type Log } from './log.js'

export interface Settings {
  /** As they were given, checked. */
  readonly options: MockServerOptions
  readonly api: MockApi
  /** The API's rules, with the caller's laid over them. */
  readonly rules: Rules
  readonly sources: readonly ServedDocument[]
  readonly bodyLimits: BodyLimits
  readonly seed: string
  /** What was learned from recorded traffic, by the places of the documents. */
  readonly learned: readonly (Learned | undefined)[]
  readonly host: string
  readonly scheme: Scheme
  /** Undefined for http. */
  readonly https: HttpsOptions | undefined
  /** The caller's certificate, where `https` names one. */
  readonly certificate: Certificate | undefined
  readonly log: Log
}

export const MAX_BODY_BYTES = 10 * 1024 * 1024

/** @throws TypeError when an option is wrong, or a certificate cannot be read. */
export async function readSettings(given: MockServerOptions): Promise<Settings> {
  const options = readOptions(given)
  const https = options.https === true ? {} : options.https || undefined
  const certificate = checkCertificate(https ?? {})
  const api = apiOf(options)
  const rules = await rulesOf(api, options)
  const files = options.maxBodyBytes ?? rules.maxBodyBytes ?? MAX_BODY_BYTES
  const sources = options.documents ?? [{ spec: api.document }]
  return {
    ...{ options, api, rules, https, certificate },
    sources,
    bodyLimits: { files, text: options.maxBodyBytes ?? Math.min(files, MAX_BODY_BYTES) },
    seed: options.seed ?? 'mock',
    learned: sources.map((source, i) => learnedIn(source.learned ?? (i === 0 ? options.learned : undefined))),
    host: options.host ?? '127.0.0.1',
    scheme: https === undefined ? 'http' : 'https',
    log: createLog(options.onLog),
  }
}

function apiOf({ api, spec, documents, watch }: MockServerOptions): MockApi {
  if (api !== undefined) return api
  const document = spec ?? documents?.[0]?.spec
  return document === undefined ? gosend({ editable: watch }) : { document }
}

async function rulesOf(api: MockApi, { rules = {}, handlers }: MockServerOptions): Promise<Rules> {
  const base = (typeof api.rules === 'function' ? await api.rules() : api.rules) ?? {}
  return {
    ...base,
    ...rules,
    handlers: { ...base.handlers, ...rules.handlers, ...handlers },
    jobs: { ...base.jobs, ...rules.jobs },
    controls: { ...base.controls, ...rules.controls },
    controlPaths: { ...base.controlPaths, ...rules.controlPaths },
    pages: { ...base.pages, ...rules.pages },
    forget() {
      base.forget?.()
      rules.forget?.()
    },
  }
}
