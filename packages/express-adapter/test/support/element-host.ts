// A host's own product with <gosend-keys> in one of its pages, under a strict policy, for people who are logged in.

import type { Express } from 'express'
import type { DashboardHostOptions } from './dashboard-host.js'

export const POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; require-trusted-types-for 'script'; trusted-types 'none'"

/** Whoever has this cookie is a customer, with project 1. */
export const LOGIN = 'login=ana'

export const loggedIn: NonNullable<DashboardHostOptions['management']> = {
  authorize: ({ headers }) =>
    headers.cookie?.includes(LOGIN) ? { projects: ['1'], actor: 'ana@acme.example' } : null,
}

export interface PageOptions {
  readonly title?: string
  /** Attributes of the element. */
  readonly attributes?: string
  readonly style?: string
  readonly lang?: string
}

const pageOf = ({
  attributes = 'management="/admin" project="1"',
  style = '',
  lang = 'en',
}: PageOptions) => `<!doctype html>
<html lang="${lang}"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>Acme</title><link rel="stylesheet" href="/page.css?${encodeURIComponent(style)}">
<script type="module" src="/dashboard/gosend-keys.js"></script></head>
<body><main><h1>Developers</h1><gosend-keys ${attributes}></gosend-keys></main></body></html>`

/** Adds pages to a host: `/?attributes=…&style=…`. */
export function addPages(app: Express): void {
  app.get('/', (request, response) => {
    response
      .set('Content-Security-Policy', POLICY)
      .type('html')
      .send(pageOf(request.query as PageOptions))
  })
  app.get('/page.css', (request, response) => {
    const css = decodeURIComponent(request.url.split('?')[1] ?? '')
    response.type('css').send(`body { margin: 0; padding: 24px; font-family: system-ui } ${css}`)
  })
}
