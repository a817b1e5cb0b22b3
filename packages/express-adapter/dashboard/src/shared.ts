// What pages of extensions can draw with, so that a browser loads it once: `dist/dashboard/app/shared.js`.

export * from '@tanstack/virtual-core'
export * from 'preact'
export * from 'preact/hooks'
export { jsx, jsxs } from 'preact/jsx-runtime'
