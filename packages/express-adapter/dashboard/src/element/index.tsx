// <gosend-keys>: attributes and properties in, events out. What it shows is keys.tsx, drawn into a shadow root.

import { render } from 'preact'
import type { GosendKeysElement, GosendKeysEvents } from '../../../element/src/index.js'
import { type Locale, LocaleProvider, translator } from '../locale.js'
import { type Connection, connect } from './connection.js'
import { Keys } from './keys.js'
import { localeOf } from './locales.js'
import { nameParts } from './parts.js'
import { styleSheets } from './styles.js'

const ATTRIBUTES = ['management', 'project', 'locale', 'theme', 'readonly', 'variable', 'endpoint'] as const
const PROPERTIES = ['management', 'project', 'locale', 'theme', 'variable', 'endpoint'] as const

// A server that renders pages has none.
const Base = globalThis.HTMLElement ?? (class {} as typeof HTMLElement)

const NO_ADDRESS = 'management: must be a path such as /admin, or an address'

class Keyring extends Base {
  static readonly observedAttributes = ATTRIBUTES

  declare management: string
  declare project: string
  declare locale: string
  declare theme: string
  declare variable: string
  declare endpoint: string

  #bundle: GosendKeysElement['bundle']
  #headers: GosendKeysElement['headers']
  #connection: (Connection & { readonly management: string }) | undefined
  #version = 0
  #isWaiting = false

  get readOnly(): boolean {
    return this.hasAttribute('readonly')
  }
  set readOnly(isReadOnly: boolean) {
    this.toggleAttribute('readonly', Boolean(isReadOnly))
  }

  get bundle(): GosendKeysElement['bundle'] {
    return this.#bundle
  }
  set bundle(bundle: GosendKeysElement['bundle']) {
    if (bundle === this.#bundle) return
    this.#bundle = bundle
    this.#draw()
  }

  get headers(): GosendKeysElement['headers'] {
    return this.#headers
  }
  set headers(headers: GosendKeysElement['headers']) {
    this.#headers = headers
  }

  reload(): void {
    this.#version++
    this.#draw()
  }

  connectedCallback(): void {
    if (this.shadowRoot === null) {
      this.attachShadow({ mode: 'open' }).adoptedStyleSheets = [...styleSheets()]
      for (const name of [...PROPERTIES, 'readOnly', 'bundle', 'headers'] as const) this.#takeOver(name)
    }
    this.#draw()
  }

  disconnectedCallback(): void {
    // What is only moved within the page keeps its dialog, and perhaps a key that nobody has copied yet.
    queueMicrotask(() => {
      if (!this.isConnected && this.shadowRoot !== null) render(null, this.shadowRoot)
    })
  }

  attributeChangedCallback(): void {
    this.#draw()
  }

  /** A property that a page has set before the element was defined hides the accessor. */
  #takeOver(name: (typeof PROPERTIES)[number] | 'readOnly' | 'bundle' | 'headers'): void {
    if (!Object.hasOwn(this, name)) return
    const { [name]: value } = this
    delete (this as Record<string, unknown>)[name]
    Object.assign(this, { [name]: value })
  }

  /** Once, however many attributes are changed at a time. */
  #draw(): void {
    if (this.#isWaiting) return
    this.#isWaiting = true
    queueMicrotask(() => {
      this.#isWaiting = false
      if (this.isConnected && this.shadowRoot !== null) this.#drawInto(this.shadowRoot)
    })
  }

  #drawInto(root: ShadowRoot): void {
    const { management, project, variable, endpoint } = this
    if (management === '' || project === '') {
      render(null, root)
      return
    }
    if (!URL.canParse(management, document.baseURI)) {
      render(null, root)
      this.#tell('gosend-keys:error', { status: 0, message: NO_ADDRESS })
      return
    }
    const locale = localeOf(this.#bundle, this.locale || this.closest<HTMLElement>('[lang]')?.lang)
    const { api, elsewhere } = this.#connectTo(management)
    render(
      <LocaleProvider locale={elsewhere === undefined ? locale : ofElsewhere(locale, elsewhere)}>
        <Keys
          key={management}
          isReadOnly={this.readOnly}
          variable={variable || 'API_KEY'}
          endpoint={endpoint || undefined}
          version={this.#version}
          tell={this.#tell}
          {...{ api, project }}
        />
      </LocaleProvider>,
      root,
    )
  }

  #connectTo(management: string): Connection {
    if (this.#connection?.management !== management) {
      const connection = connect({ management, headers: () => this.#headers, tell: this.#tell })
      this.#connection = { ...connection, management }
    }
    return this.#connection
  }

  readonly #tell = <Name extends keyof GosendKeysEvents>(name: Name, detail: GosendKeysEvents[Name]) => {
    this.dispatchEvent(new CustomEvent(name, { detail, bubbles: true, composed: true }))
  }
}

for (const name of PROPERTIES) {
  Object.defineProperty(Keyring.prototype, name, {
    configurable: true,
    enumerable: true,
    get(this: Keyring) {
      return this.getAttribute(name) ?? ''
    },
    set(this: Keyring, value: unknown) {
      if (value === undefined || value === null) this.removeAttribute(name)
      else this.setAttribute(name, String(value))
    },
  })
}

/** Says which origin has to be named, for a browser tells a page nothing of why it may not read an answer. */
function ofElsewhere(locale: Locale, server: string): Locale {
  const unreachable = translator(locale)('unreachableElsewhere', { server, origin: location.origin })
  return { ...locale, messages: { ...locale.messages, unreachable } }
}

if (globalThis.customElements !== undefined && customElements.get('gosend-keys') === undefined) {
  nameParts()
  customElements.define('gosend-keys', Keyring)
}

export { Keyring as GosendKeys }
