// Where this package's other files are: as far from here whether this runs from src, from dist or from the bundle.

import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'

/** A file or folder, by its path from the package's root. */
export const shipped = (path: string): URL => new URL(`../${path}`, import.meta.url)

/** The version of this package. */
export const ownVersion = (): string =>
  (JSON.parse(readFileSync(shipped('package.json'), 'utf8')) as { version: string }).version

const require = createRequire(import.meta.url)

/** A library that the build makes one file of, by its name in libraries/. Loaded by the call. */
export const loadLibrary = <Library>(name: string): Library =>
  require(fileURLToPath(shipped(`dist/libraries/${name}.cjs`)))
