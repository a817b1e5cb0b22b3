// Libraries that the build makes one file of each. The command has them in its bundle: libraries/bundled.cjs stands for this module there.

import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'
import { shipped } from './shipped.js'

const require = createRequire(import.meta.url)

/** A library by its name in libraries/. Loaded by the call. */
export const loadLibrary = <Library>(name: string): Library =>
  require(fileURLToPath(shipped(`dist/libraries/${name}.cjs`)))
