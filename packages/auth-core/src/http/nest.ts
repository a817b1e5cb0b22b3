// For NestJS 10 and later, on Express and on Fastify: a module, a guard and decorators over the one gate.

import { callback, checkOptions, flag, type OptionTable, required } from '@gosend/options'
import {
  type ArgumentsHost,
  applyDecorators,
  type CanActivate,
  Catch,
  createParamDecorator,
  type DynamicModule,
  type ExceptionFilter,
  type ExecutionContext,
  HttpException,
  Inject,
  Injectable,
  type InjectionToken,
  Module,
  type ModuleMetadata,
  type OptionalFactoryDependency,
  type Provider,
  SetMetadata,
  type Type,
  UseGuards,
} from '@nestjs/common'
import { APP_FILTER, Reflector } from '@nestjs/core'
import type { ApiKey } from '../api-key.js'
import type { ApiKeys } from '../api-keys.js'
import type { ScopeRequirement } from '../scopes.js'
import { createGate, type Gate } from './gate.js'
import { type GateOptions, gateOptions, keySet } from './gate-options.js'
import type { GateRefusal } from './refusals.js'
import { type GuardedRequest, gateRequestOf, type ServerRequest } from './server-request.js'

/** The options of a guard, for all routes of the application. */
export interface ApiKeysModuleOptions extends Omit<GateOptions<ServerRequest>, 'scopes' | 'resource'> {
  readonly apiKeys: ApiKeys
  /**
   * Answers refused requests with the standard bytes. Default true; with false, `ApiKeyException` is left to the filters of the host, as
   * any other `HttpException` is.
   */
  readonly answers?: boolean | undefined
}

/** What differs from route to route. */
export type RouteOptions = Pick<GateOptions<ServerRequest>, 'cost' | 'environment' | 'optional' | 'resource'>

export interface ApiKeysModuleAsyncOptions extends Pick<ModuleMetadata, 'imports'> {
  readonly inject?: (InjectionToken | OptionalFactoryDependency)[] | undefined
  readonly useFactory: (
    ...injected: never[]
  ) => Omit<ApiKeysModuleOptions, 'answers'> | Promise<Omit<ApiKeysModuleOptions, 'answers'>>
  readonly answers?: boolean | undefined
}

const { scopes: _scopes, resource, ...shared } = gateOptions<ServerRequest>()
const moduleOptions: OptionTable<ApiKeysModuleOptions> = {
  ...shared,
  apiKeys: required(keySet),
  answers: flag,
}
const routeOptions: OptionTable<RouteOptions> = {
  cost: shared.cost,
  environment: shared.environment,
  optional: shared.optional,
  resource,
}
const asyncOptions: OptionTable<ApiKeysModuleAsyncOptions> = {
  imports: (value) => value as never,
  inject: (value) => value as never,
  useFactory: required(callback()),
  answers: flag,
}

/** The token of the key set, for providers that issue or revoke keys: `constructor(@Inject(API_KEYS) apiKeys: ApiKeys)`. */
export const API_KEYS = Symbol.for('@gosend/auth-core nest keys')
const OPTIONS = Symbol.for('@gosend/auth-core nest options')
const OPEN = '@gosend/auth-core open'

/** A refused request. Its response is the body that the client gets, and holds no part of the secret. */
export class ApiKeyException extends HttpException {
  readonly refusal: GateRefusal

  constructor(refusal: GateRefusal) {
    const { body, status } = refusal.message
    super(parsed(body), status)
    this.refusal = refusal
  }
}

function parsed(body: string): string | Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(body)
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : body
  } catch {
    return body
  }
}

function createGuard(scopes: ScopeRequirement, given: RouteOptions, isOpenable: boolean): Type<CanActivate> {
  class Guard implements CanActivate {
    readonly #gate: Gate<ServerRequest, ApiKey | null>
    readonly #reflector: Reflector

    constructor(options: ApiKeysModuleOptions, reflector: Reflector) {
      const { apiKeys, answers: _, ...others } = options
      this.#gate = createGate<ServerRequest>(apiKeys, { ...others, ...given, scopes })
      this.#reflector = reflector
    }

    async canActivate(context: ExecutionContext): Promise<boolean> {
      if (context.getType() !== 'http') {
        throw new TypeError(`API keys guard HTTP routes, and ${context.getClass().name} is none`)
      }
      const places = [context.getHandler(), context.getClass()]
      if (isOpenable && this.#reflector.getAllAndOverride(OPEN, places) === true) return true
      const request: GuardedRequest = context.switchToHttp().getRequest()
      const response: NestResponse = context.switchToHttp().getResponse()
      const result = await this.#gate(gateRequestOf(request))
      addFields(response, result.headers)
      if (result.ok) {
        request.apiKey = result.record
        return true
      }
      // Filters of the host write bodies of their own, and are to keep the challenge.
      addFields(response, withoutContent(result.message.headers))
      throw new ApiKeyException(result)
    }
  }
  Injectable()(Guard)
  Inject(OPTIONS)(Guard, undefined, 0)
  Inject(Reflector)(Guard, undefined, 1)
  return Guard as unknown as Type<CanActivate>
}

/**
 * The guard for all routes: `{ provide: APP_GUARD, useClass: ApiKeyGuard }`. `@RequireApiKey` then adds requirements, and
 * `@WithoutApiKey()` opens a route.
 */
export const ApiKeyGuard: Type<CanActivate> = createGuard([], {}, true)

/**
 * Lets requests to a route or to all routes of a controller pass only with a valid key, which has these scopes. Where both the
 * controller and the route demand something, both must be met; the request is counted once.
 *
 * @throws TypeError when an option is wrong.
 *
 * @example
 * @RequireApiKey(['messages:write'])
 * @Post()
 * send(@CurrentApiKey() key: ApiKey, @Body() message: Message) { … }
 */
export function RequireApiKey(
  scopes: ScopeRequirement = [],
  options: RouteOptions = {},
): ClassDecorator & MethodDecorator {
  return applyDecorators(UseGuards(createGuard(scopes, checkOptions(routeOptions, options), false)))
}

/** Opens a route, or all routes of a controller, that only the guard for all routes closes. */
export const WithoutApiKey = (): ClassDecorator & MethodDecorator => SetMetadata(OPEN, true)

/**
 * The record of the key that a request was made with, or one member of it: `@CurrentApiKey('projectId') projectId: string`. A route
 * that no guard stands before answers 500. Null where the key is optional.
 */
export const CurrentApiKey: (member?: keyof ApiKey) => ParameterDecorator = createParamDecorator(
  (member: keyof ApiKey | undefined, context: ExecutionContext) => {
    const { apiKey } = context.switchToHttp().getRequest<GuardedRequest>()
    if (apiKey === undefined) {
      const route = `${context.getClass().name}.${context.getHandler().name}`
      throw new TypeError(`${route}: no key; put @RequireApiKey() on it or ApiKeyGuard before it`)
    }
    return member === undefined ? apiKey : apiKey?.[member]
  },
)

/** Writes the standard answer to a refused request. */
class ApiKeyExceptionFilter implements ExceptionFilter<ApiKeyException> {
  catch({ refusal }: ApiKeyException, host: ArgumentsHost): void {
    const { status, headers, body } = refusal.message
    const request = host.switchToHttp().getRequest<{ readonly method?: string }>()
    const response = host.switchToHttp().getResponse<NestResponse>()
    addFields(response, headers)
    if ('setHeader' in response) {
      response.statusCode = status
      response.end(request.method === 'HEAD' ? undefined : body)
    } else {
      // As bytes, because Fastify adds a charset to the type of a string.
      response.code(status).send(Buffer.from(body))
    }
  }
}
Catch(ApiKeyException)(ApiKeyExceptionFilter)

/**
 * Keys for a Nest application. Import it once, in the root module.
 *
 * @example
 * @Module({ imports: [ApiKeysModule.forRoot({ apiKeys })] })
 * class AppModule {}
 */
// biome-ignore lint/complexity/noStaticOnlyClass: Nest tells modules apart by their class.
export class ApiKeysModule {
  /** @throws TypeError when an option is wrong. */
  static forRoot(options: ApiKeysModuleOptions): DynamicModule {
    const { answers, ...others } = checkOptions(moduleOptions, options)
    return dynamicModule({ provide: OPTIONS, useValue: others }, answers)
  }

  /** With options that other providers make. */
  static forRootAsync(options: ApiKeysModuleAsyncOptions): DynamicModule {
    const { imports = [], inject = [], useFactory, answers } = checkOptions(asyncOptions, options)
    const make = useFactory as (...injected: unknown[]) => unknown
    const provider: Provider = {
      provide: OPTIONS,
      inject,
      useFactory: async (...injected: unknown[]) =>
        checkOptions(moduleOptions, (await make(...injected)) as ApiKeysModuleOptions),
    }
    return { ...dynamicModule(provider, answers), imports }
  }
}
Module({})(ApiKeysModule)

function dynamicModule(options: Provider, answers = true): DynamicModule {
  const keys: Provider = {
    provide: API_KEYS,
    inject: [OPTIONS],
    useFactory: ({ apiKeys }: ApiKeysModuleOptions) => apiKeys,
  }
  const filter: Provider = { provide: APP_FILTER, useClass: ApiKeyExceptionFilter }
  return {
    module: ApiKeysModule,
    // So that guards find the options in whichever module they stand.
    global: true,
    providers: [options, keys, ApiKeyGuard, ...(answers ? [filter] : [])],
    exports: [OPTIONS, API_KEYS, ApiKeyGuard],
  }
}

type Fields = Readonly<Record<string, string>>

/** A response of Express, or a reply of Fastify. */
type NestResponse =
  | {
      statusCode: number
      getHeader(name: string): unknown
      setHeader(name: string, value: string): unknown
      end(body?: string): unknown
    }
  | {
      getHeader(name: string): unknown
      header(name: string, value: string): unknown
      code(status: number): { send(body: Buffer): unknown }
    }

function addFields(response: NestResponse, fields: Fields): void {
  for (const [name, value] of Object.entries(fields)) {
    const before = name === 'Vary' ? response.getHeader('vary') : undefined
    const all = before === undefined || before === value ? value : `${before}, ${value}`
    if ('setHeader' in response) response.setHeader(name, all)
    else response.header(name, all)
  }
}

const withoutContent = (fields: Fields): Fields =>
  Object.fromEntries(Object.entries(fields).filter(([name]) => !/^content-/i.test(name)))
