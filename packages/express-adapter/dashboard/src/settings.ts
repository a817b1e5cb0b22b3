// What the host app chose, as the server wrote it into the page.

export interface Settings {
  readonly management: string
  readonly title: string
  readonly variable: string
  readonly endpoint: string
  readonly logo: string | null
  /** With `{here}` for where people are. */
  readonly login: string | null
  readonly features: Readonly<Record<'webhooks' | 'projects' | 'usage', boolean>>
  readonly locale: {
    readonly language: string
    /** The file with its texts; null in English, which is here already. */
    readonly texts: string | null
  }
  /** A section, or `extension/page`. */
  readonly home: string
  readonly extensions: readonly {
    readonly name: string
    readonly script: string
    readonly style: string | null
  }[]
}

export const settings: Settings = JSON.parse(document.documentElement.dataset.settings ?? '')
