// The parts that a page can style: elements are parts by the names of their classes. Loaded by the element alone.

import { options } from 'preact'

const PARTS = new Set([
  'root',
  'head',
  'title',
  'lead',
  'toolbar',
  'input',
  'button',
  'primary',
  'danger',
  'danger-text',
  'list',
  'item',
  'panel',
  'badge',
  'notice',
  'empty',
  'dialog',
  'dialog-head',
  'dialog-foot',
  'snippet-box',
  'toast',
])

export function nameParts(): void {
  const before = options.vnode
  options.vnode = (vnode) => {
    const props = vnode.props as { class?: unknown; part?: string }
    if (typeof vnode.type === 'string' && typeof props.class === 'string') {
      const parts = props.class.split(' ').filter((name) => PARTS.has(name))
      if (parts.length > 0) props.part = parts.join(' ')
    }
    before?.(vnode)
  }
}
