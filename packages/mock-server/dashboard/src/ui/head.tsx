// The top of every page: what it is, whether it is live, and for which environment it speaks.

import type { ComponentChildren } from 'preact'
import { useIsLive } from '../live.js'
import { ENVIRONMENTS, useEnvironment } from '../place.js'
import { Banner } from './banner.js'

export interface HeadProps {
  readonly title: string
  readonly lead: ComponentChildren
  readonly children?: ComponentChildren
}

export function Head({ title, lead, children }: HeadProps) {
  const isLive = useIsLive()
  return (
    <>
      <Banner />
      <header class="page-head">
        <div class="page-title">
          <h1 class="live-title">
            {title}
            <span class={`live ${isLive ? 'on' : ''}`}>{isLive ? 'Live' : 'Connecting…'}</span>
          </h1>
          <p class="lead">{lead}</p>
        </div>
        {children !== undefined && <div class="actions">{children}</div>}
      </header>
    </>
  )
}

export function EnvironmentChoice() {
  const [environment, choose] = useEnvironment()
  return (
    <fieldset class="segments">
      <legend class="unseen">Environment</legend>
      {ENVIRONMENTS.map((name) => (
        <label key={name} class={name === environment ? 'chosen' : ''}>
          <input
            class="unseen"
            type="radio"
            name="environment"
            checked={name === environment}
            onChange={() => choose(name)}
          />
          {name}
        </label>
      ))}
    </fieldset>
  )
}
