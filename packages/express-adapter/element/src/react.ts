'use client'

// <gosend-keys> as a component for React 18 and 19. On a server it is an empty element; the browser loads the rest.

import { type CSSProperties, createElement, type ReactElement, useEffect, useRef } from 'react'
import type { GosendKeysAttributes, GosendKeysElement, GosendKeysEvents, GosendKeysLocale } from './index.js'

export interface GosendKeysProps extends Omit<GosendKeysAttributes, 'readonly'> {
  readonly readOnly?: boolean | undefined
  readonly bundle?: GosendKeysLocale | undefined
  readonly headers?: GosendKeysElement['headers']
  readonly id?: string | undefined
  readonly className?: string | undefined
  readonly style?: CSSProperties | undefined
  readonly onCreated?: ((detail: GosendKeysEvents['gosend-keys:created']) => void) | undefined
  readonly onRotated?: ((detail: GosendKeysEvents['gosend-keys:rotated']) => void) | undefined
  readonly onRevoked?: ((detail: GosendKeysEvents['gosend-keys:revoked']) => void) | undefined
  readonly onUpdated?: ((detail: GosendKeysEvents['gosend-keys:updated']) => void) | undefined
  readonly onError?: ((detail: GosendKeysEvents['gosend-keys:error']) => void) | undefined
}

const listeners = {
  'gosend-keys:created': 'onCreated',
  'gosend-keys:rotated': 'onRotated',
  'gosend-keys:revoked': 'onRevoked',
  'gosend-keys:updated': 'onUpdated',
  'gosend-keys:error': 'onError',
} as const satisfies Record<keyof GosendKeysEvents, keyof GosendKeysProps>

export function GosendKeys(props: GosendKeysProps): ReactElement {
  const { readOnly, bundle, headers, className, management, project, locale, theme, variable, endpoint } =
    props
  const element = useRef<GosendKeysElement>(null)
  const latest = useRef(props)

  useEffect(() => {
    latest.current = props
  })
  useEffect(() => {
    const target = element.current
    if (target === null) return
    const told = Object.entries(listeners).map(([type, prop]) => {
      const tell = ({ detail }: Event & { readonly detail?: unknown }) =>
        (latest.current[prop] as ((detail: unknown) => void) | undefined)?.(detail)
      target.addEventListener(type, tell)
      return () => target.removeEventListener(type, tell)
    })
    void import('./index.js')
    return () => {
      for (const stop of told) stop()
    }
  }, [])
  const { id, style } = props
  return createElement('gosend-keys', {
    // Before the element asks for anything, which an effect would not be.
    ref(target: GosendKeysElement | null) {
      element.current = target
      if (target !== null) Object.assign(target, { bundle, headers })
    },
    // React 18 writes the attributes of custom elements as they are called.
    class: className,
    readonly: readOnly ? '' : undefined,
    ...{ id, style, management, project, locale, theme, variable, endpoint },
  })
}

declare module 'react' {
  namespace JSX {
    interface IntrinsicElements {
      'gosend-keys': React.DetailedHTMLProps<React.HTMLAttributes<GosendKeysElement>, GosendKeysElement> &
        GosendKeysAttributes
    }
  }
}
