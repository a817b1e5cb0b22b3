// Ajv and its formats, in the one file that the build makes of them. Loaded when the first schema is compiled.

import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'
import type { Ajv2020 } from 'ajv/dist/2020.js'
import { shipped } from '../../shipped.js'
import { lazy } from '../json.js'

export type Library = typeof import('ajv/dist/2020.js') & { readonly addFormats: (ajv: Ajv2020) => void }

const require = createRequire(import.meta.url)

export const library = lazy((): Library => require(fileURLToPath(shipped('dist/validator.cjs'))))
