// A request as a gate knows it, and what the core is told of it: only what it asks for.

import type { ApiKey } from '../api-key.js'
import { ask } from '../callbacks.js'
import { type Resource, resourceName, type ScopeRequirement } from '../scopes.js'
import type { VerifyContext } from '../verifier.js'
import type { GateOptions, GateRequirements } from './gate-options.js'

/** In place of an address: the server's proxy setting lets every client choose its own. */
export const untrustedProxy = Symbol.for('@gosend/auth-core untrusted proxy')

/** What a server tells the gate about a request. */
export interface GateRequest<Request> {
  /** The server's own object, for the hooks. Requests are told apart by it. */
  readonly request: Request
  /** The path, with or without its query: an error repeats the path only. */
  readonly url: string
  /** Scopes that this request needs, in place of those of the gate. */
  readonly scopes?: ScopeRequirement | undefined
  /** The value of a field by its name in lower case, repeated ones joined; undefined or null when there is none. */
  header(name: string): string | null | undefined
  /** The client's address, where it is known. Called only for keys with an allowlist. */
  clientIp(): string | undefined | typeof untrustedProxy
  /** The id of a key whose use was counted for this very request, by an earlier gate. */
  countedId?(): string | undefined
  /** Called with the record of a valid key, before the limits are asked. */
  accept?(record: ApiKey): void
  /** Takes a field out of the request, by its name in lower case; for `stripCredential`. */
  removeHeader?(name: string): void
}

// A class, because an accessor in an object literal is defined anew on every request, which costs more than the rest.
export class VerificationContext<Request> implements VerifyContext {
  readonly environment: string | undefined
  readonly scopes: ScopeRequirement | undefined
  readonly countedId: string | undefined
  readonly #request: GateRequest<Request>
  readonly #resource: GateOptions<Request>['resource']
  #isAddressUntrusted = false

  constructor(request: GateRequest<Request>, { environment, scopes, resource }: GateRequirements<Request>) {
    this.#request = request
    this.#resource = resource
    this.environment = environment
    this.scopes = request.scopes ?? scopes
    this.countedId = request.countedId?.()
  }

  // Behind an accessor, because the core takes every own property for an option.
  get isAddressUntrusted(): boolean {
    return this.#isAddressUntrusted
  }

  /** Read by the core only when scopes are required. */
  get resource(): Resource | undefined {
    const resource = this.#resource
    if (typeof resource !== 'function') return resource
    return ask('resource', () => {
      const told = resource(this.#request.request)
      if (told !== undefined) resourceName(told, 'resource')
      return told
    })
  }

  /** Read by the core only to note a refusal: unlike `ip`, whatever it is, it has no consequences. */
  get address(): string | undefined {
    return addressOf(this.#request)
  }

  /** Read by the core only when the key has an allowlist. */
  get ip(): string | undefined {
    const ip = ask('clientIp', () => this.#request.clientIp())
    this.#isAddressUntrusted = ip === untrustedProxy
    return ip === untrustedProxy ? undefined : ip
  }
}

/** For notes only, which are made without an address where none can be told. */
export function addressOf(request: Pick<GateRequest<never>, 'clientIp'>): string | undefined {
  try {
    const ip = request.clientIp()
    return ip === untrustedProxy ? undefined : ip
  } catch {
    return undefined
  }
}
