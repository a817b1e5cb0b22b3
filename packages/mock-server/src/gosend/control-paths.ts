// What GoSendAPI's controls do, as the document of the control plane describes them.

import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import type { Rules } from '../rules/rules.js'

const { resolve } = createRequire(import.meta.url)

interface ControlDocument {
  readonly paths: Readonly<Record<string, { readonly 'x-mock-api'?: string }>>
}

/** Those of the shipped document that belong to no other API. */
export function readControlPaths(): NonNullable<Rules['controlPaths']> {
  const text = readFileSync(resolve('@gosend/openapi/control.json'), 'utf8')
  const { paths } = JSON.parse(text) as ControlDocument
  return Object.fromEntries(Object.entries(paths).filter(([, item]) => item['x-mock-api'] === 'GoSendAPI'))
}
