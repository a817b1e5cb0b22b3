// What the controllers and the generated routes need of tsoa at run time. The build replaces this module with a bundle of
// it, so that hosts install neither Hapi nor a second Express. Each part is imported from its own file, because tsoa's
// index loads the templates for all servers.

import { didYouMean, instantOf, isDay, NO_INSTANT } from '@gosend/options'
import { ValidationService } from '@tsoa/runtime/dist/routeGeneration/templateHelpers.js'
import { ExpressTemplateService as TsoaTemplateService } from '@tsoa/runtime/dist/routeGeneration/templates/express/expressTemplateService.js'

export { Delete, Get, Patch, Post } from '@tsoa/runtime/dist/decorators/methods.js'
export {
  Body,
  Header,
  Path,
  Queries,
  Query,
} from '@tsoa/runtime/dist/decorators/parameter.js'
export { Res, Response, SuccessResponse } from '@tsoa/runtime/dist/decorators/response.js'
export { Route } from '@tsoa/runtime/dist/decorators/route.js'
export { Tags } from '@tsoa/runtime/dist/decorators/tags.js'
export { Controller } from '@tsoa/runtime/dist/interfaces/controller.js'
export type { IocContainer, IocContainerFactory } from '@tsoa/runtime/dist/interfaces/iocModule.js'
export type { TsoaResponse } from '@tsoa/runtime/dist/interfaces/response.js'
export type { ValidateError } from '@tsoa/runtime/dist/routeGeneration/templateHelpers.js'
export type { TsoaRoute } from '@tsoa/runtime/dist/routeGeneration/tsoa-route.js'

type Validation = ValidationService

class StricterValidation extends ValidationService {
  // tsoa takes a time without its offset for one of the server's own zone, and the 30th of February for a day in March.
  override validateDateTime(
    ...[name, value, errors, , , parent = '']: Parameters<Validation['validateDateTime']>
  ) {
    const at = typeof value === 'string' ? instantOf(value) : undefined
    if (at === undefined) errors[parent + name] = { message: NO_INSTANT, value }
    return at
  }

  override validateDate(...given: Parameters<Validation['validateDate']>) {
    const [name, value, errors, , validators, parent = ''] = given
    if (typeof value === 'string' && isDay(value)) return super.validateDate(...given)
    errors[parent + name] = {
      message: validators?.isDate?.errorMsg ?? 'must be a day, such as 2026-01-31',
      value,
    }
    return undefined
  }

  /** Says of an unknown field which one was probably meant. */
  override validateModel(...[input]: Parameters<Validation['validateModel']>) {
    const result = super.validateModel(input)
    const { properties = {} } = input.modelDefinition as { properties?: object }
    for (const [path, error] of Object.entries(input.fieldErrors)) {
      if (!error.message.includes('excess property')) continue
      error.message = `is not a known field${didYouMean(path.split('.').at(-1) ?? '', Object.keys(properties))}`
    }
    return result
  }
}

/** What the generated routes are carried out by. */
export class ExpressTemplateService extends TsoaTemplateService {
  protected override validationService = new StricterValidation(this.models, this.config)
}

/** The controllers have no middleware of their own, which tsoa would look up through a polyfill of `Reflect`. */
export const fetchMiddlewares = <T>(_target: object): T[] => []
