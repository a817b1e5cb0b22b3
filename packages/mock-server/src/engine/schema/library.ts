// Ajv and its formats, loaded when the first schema is compiled.

import type { Ajv2020 } from 'ajv/dist/2020.js'
import { loadLibrary } from '../../libraries.js'
import { lazy } from '../json.js'

export type Library = typeof import('ajv/dist/2020.js') & { readonly addFormats: (ajv: Ajv2020) => void }

export const library = lazy(() => loadLibrary<Library>('ajv'))
