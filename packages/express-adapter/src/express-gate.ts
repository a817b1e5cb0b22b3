// The gate for Express: what of a request it reads, and how its result is written to the response.

import type { ApiKey, ScopeRequirement } from '@gosend/auth-core'
import {
  type ErrorAnswer,
  type ErrorMessage,
  type GateRequest,
  type GateResult,
  joinedField,
  removeField,
  untrustedProxy,
  writeError,
} from '@gosend/auth-core/http'
import type { Request, Response } from 'express'
import { letsClientChooseAddress, warnOfProxies } from './trust-proxy.js'

/** A class, because methods on a prototype cost a request nothing, and closures do. */
export class ExpressGateRequest implements GateRequest<Request> {
  readonly request: Request
  readonly scopes: ScopeRequirement | undefined

  constructor(request: Request, scopes?: ScopeRequirement) {
    this.request = request
    this.scopes = scopes
  }

  get url(): string {
    return this.request.originalUrl
  }

  // Node joins repeated fields with a comma, which no key contains.
  header(name: string): string | undefined {
    if (name === 'authorization') return joinedField(this.request.rawHeaders, name)
    const value = this.request.headers[name]
    return Array.isArray(value) ? value.join(', ') : value
  }

  clientIp(): string | undefined | typeof untrustedProxy {
    if (!letsClientChooseAddress(this.request.app)) return this.request.ip
    warnOfProxies()
    return untrustedProxy
  }

  removeHeader(name: string): void {
    removeField(this.request, name)
  }

  countedId(): string | undefined {
    return this.request.apiKey?.id
  }

  accept(record: ApiKey): void {
    this.request.apiKey = record
  }
}

/** Adds the fields that belong to every answer of the gate. */
export function addGateHeaders(response: Response, headers: GateResult['headers']): void {
  for (const name in headers) {
    // `vary` merges with what is there, at a price that is noticed on every request.
    if (name === 'Vary' && response.hasHeader('Vary')) response.vary(headers[name] ?? '')
    else response.setHeader(name, headers[name] ?? '')
  }
}

/** Ends the response with an error. Nothing is left to Express, which would add an ETag and read the app's settings. */
export function sendMessage(request: Request, response: Response, message: ErrorMessage): void {
  response.writeHead(message.status, message.headers)
  response.end(request.method === 'HEAD' ? undefined : message.body)
}

/** @param challenge the value of `WWW-Authenticate`; every 401 needs one (RFC 9110, section 15.5.2). */
export function sendError(
  request: Request,
  response: Response,
  answer: ErrorAnswer,
  challenge?: string,
): void {
  const about = { url: request.originalUrl, accept: request.headers.accept }
  sendMessage(request, response, writeError(about, answer, challenge))
}
