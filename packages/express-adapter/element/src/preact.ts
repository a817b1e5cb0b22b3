// Types for <gosend-keys> in Preact's JSX. Importing this defines the element.

import './index.js'
import type { Key, Ref } from 'preact'
import type { GosendKeysAttributes, GosendKeysElement, GosendKeysEvents } from './index.js'

type Listeners = {
  [Name in keyof GosendKeysEvents as `on${Name}`]?: (event: CustomEvent<GosendKeysEvents[Name]>) => void
}

interface Common {
  readonly id?: string | undefined
  readonly class?: string | undefined
  readonly style?: string | Readonly<Record<string, string>> | undefined
  readonly key?: Key | undefined
  readonly ref?: Ref<GosendKeysElement> | undefined
  readonly bundle?: GosendKeysElement['bundle']
  readonly headers?: GosendKeysElement['headers']
}

declare module 'preact' {
  namespace JSX {
    interface IntrinsicElements {
      'gosend-keys': GosendKeysAttributes & Listeners & Common
    }
  }
}
