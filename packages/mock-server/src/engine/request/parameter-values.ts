// The parameters of a request once they are read: by their place, then by their name.

import type { ParameterPlace } from '../document/operation.js'

export type ParameterValues = Readonly<Record<ParameterPlace, Readonly<Record<string, unknown>>>>
