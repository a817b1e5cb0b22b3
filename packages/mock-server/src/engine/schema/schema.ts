// A JSON Schema 2020-12, as all dialects' schemas are converted to.

import type { JsonObject } from '../json.js'

export type Schema = boolean | JsonObject
