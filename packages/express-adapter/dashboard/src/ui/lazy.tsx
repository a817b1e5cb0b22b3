// Parts of the page that are loaded when somebody needs them, so that the first view is not kept waiting.

import { Problem } from '@gosend/dashboard-ui'
import type { ComponentType, VNode } from 'preact'
import { useEffect, useState } from 'preact/hooks'
import { useTexts } from '../locale.js'

/**
 * A component that stands for one of another module.
 *
 * @param Waiting what is shown until that is there. Default nothing.
 */
export function lazy<Props extends object>(
  load: () => Promise<ComponentType<Props>>,
  Waiting?: () => VNode,
): (props: Props) => VNode | null {
  let loaded: ComponentType<Props> | undefined
  return function Lazy(props) {
    const t = useTexts()
    const [isBroken, setBroken] = useState(false)
    const [, setLoaded] = useState(loaded !== undefined)
    useEffect(() => {
      if (loaded !== undefined) return
      load().then(
        (component) => {
          loaded = component
          setLoaded(true)
        },
        () => setBroken(true),
      )
    }, [])
    const Loaded = loaded
    if (isBroken) return <Problem text={t('notLoaded')} onRetry={reloadPage} />
    if (Loaded !== undefined) return <Loaded {...props} />
    return Waiting === undefined ? null : <Waiting />
  }
}

/** A browser does not fetch a module again that has failed, and a new version of the service has other files. */
async function reloadPage(): Promise<void> {
  const answer = await fetch(location.href, { method: 'HEAD' }).catch(() => undefined)
  // Otherwise people would be left with nothing at all.
  if (answer?.ok) location.reload()
}
