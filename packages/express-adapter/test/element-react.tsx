/** @jsxImportSource react */
// Compiled, never run: what React's JSX takes for <gosend-keys> and its component.

/// <reference lib="dom" />

import { GosendKeys } from '@gosend/express-adapter/react'
import type { LocaleBundle } from '../src/index.js'
import { de } from '../src/locale/de.js'

const { create: _, ...incomplete } = de.messages

// @ts-expect-error A bundle that lacks a text does not compile.
export const bundle: LocaleBundle = { language: 'de', messages: incomplete }

export const component = (
  <GosendKeys
    management="/admin"
    project="1"
    bundle={de}
    readOnly
    headers={() => ({ 'X-CSRF-Token': 'a' })}
    onRotated={({ record, replaced }) => `${record.label} ${replaced}`}
    onError={({ status }) => status.toFixed()}
  />
)

export const element = <gosend-keys management="/admin" project="1" readonly theme="dark" className="keys" />

// @ts-expect-error It needs to know whose keys.
export const nobodys = <GosendKeys management="/admin" />

// @ts-expect-error There is no such theme.
export const odd = <gosend-keys management="/admin" project="1" theme="blue" />
