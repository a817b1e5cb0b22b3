// GoSendAPI as a MockApi, through the door that every API has.

import { statSync } from 'node:fs'
import { createRequire } from 'node:module'
import { checkOptions, flag, type OptionTable, oneOf, texts } from '@gosend/options'
import type { MockApi } from '../mock-api.js'
import { shipped } from '../shipped.js'
import type { GosendRulesOptions } from './handlers.js'

export interface GosendOptions extends GosendRulesOptions {
  /** Serve the YAML document, which `watch` can follow, instead of the JSON made from it. Default false. */
  readonly editable?: boolean | undefined
}

const optionTable: OptionTable<GosendOptions> = {
  rateLimits: oneOf('documented', 'off'),
  allowWebhookHosts: texts,
  editable: flag,
}

/**
 * GoSendAPI v1, a WhatsApp gateway: its document, its rules and its pages.
 *
 * @example
 * const mock = await createMockServer({ api: gosend({ rateLimits: 'off' }) })
 *
 * @throws TypeError when an option is wrong.
 */
export function gosend(options: GosendOptions = {}): MockApi {
  const { editable = false, ...rules } = checkOptions(optionTable, options)
  return {
    document: editable ? resolve('@gosend/openapi/gosend.yaml') : fastestDocument(),
    // Loaded for this API alone: the mock of another starts without them.
    rules: async () => (await import('./handlers.js')).createGosendRules(rules),
    dashboardPages: shipped('dist/dashboard/gosend/'),
    project: { name: 'Acme Production', webhookUrl: 'https://api.acme.com/webhooks/gosendapi' },
    keyVariable: 'GOSENDAPI_KEY',
  }
}

const { resolve } = createRequire(import.meta.url)

/** The JSON, which is read in a tenth of the time, unless the YAML that it was made from has changed since. */
function fastestDocument(): string {
  const yaml = resolve('@gosend/openapi/gosend.yaml')
  try {
    const json = resolve('@gosend/openapi/gosend.json')
    return statSync(json).mtimeMs >= statSync(yaml).mtimeMs ? json : yaml
  } catch {
    return yaml
  }
}
