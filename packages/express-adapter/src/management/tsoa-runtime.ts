// What the controllers and the generated routes need of tsoa at run time. The build replaces this module with a bundle of
// it, so that hosts install neither Hapi nor a second Express. Each part is imported from its own file, because tsoa's
// index loads the templates for all servers.

export { Delete, Get, Patch, Post } from '@tsoa/runtime/dist/decorators/methods.js'
export {
  Body,
  Header,
  Path,
  Query,
} from '@tsoa/runtime/dist/decorators/parameter.js'
export { Res, Response, SuccessResponse } from '@tsoa/runtime/dist/decorators/response.js'
export { Route } from '@tsoa/runtime/dist/decorators/route.js'
export { Tags } from '@tsoa/runtime/dist/decorators/tags.js'
export { Controller } from '@tsoa/runtime/dist/interfaces/controller.js'
export type { IocContainer, IocContainerFactory } from '@tsoa/runtime/dist/interfaces/iocModule.js'
export type { TsoaResponse } from '@tsoa/runtime/dist/interfaces/response.js'
export type { ValidateError } from '@tsoa/runtime/dist/routeGeneration/templateHelpers.js'
export { ExpressTemplateService } from '@tsoa/runtime/dist/routeGeneration/templates/express/expressTemplateService.js'
export type { TsoaRoute } from '@tsoa/runtime/dist/routeGeneration/tsoa-route.js'

/** The controllers have no middleware of their own, which tsoa would look up through a polyfill of `Reflect`. */
export const fetchMiddlewares = <T>(_target: object): T[] => []
