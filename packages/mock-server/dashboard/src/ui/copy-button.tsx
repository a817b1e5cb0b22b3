// A button that puts text on the clipboard, and says so where the dashboard does.

import { type CopyButtonProps, CopyButton as Shared } from '@gosend/dashboard-ui'
import { useSandbox } from '../page.js'

export function CopyButton(props: Omit<CopyButtonProps, 'announce'>) {
  return <Shared {...props} announce={useSandbox().announce} />
}
