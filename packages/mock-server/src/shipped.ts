// Where this package's other files are: as far from here whether this runs from src, from dist or from the bundle.

import { readFileSync } from 'node:fs'

/** A file or folder, by its path from the package's root. */
export const shipped = (path: string): URL => new URL(`../${path}`, import.meta.url)

/** The version of this package. */
export const ownVersion = (): string =>
  (JSON.parse(readFileSync(shipped('package.json'), 'utf8')) as { version: string }).version
