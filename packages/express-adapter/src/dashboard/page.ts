// What an extension of the dashboard exports: pages, each drawn by itself into an element. For browser code.

declare global {
  // Empty without the DOM's types, and merged with theirs where they are in use.
  interface HTMLElement {}
}

/** A page in the dashboard's navigation. An extension's `index.js` exports a list of them as `pages`. */
export interface DashboardPage {
  /** Its part of the address: a-z, 0-9 and dashes. */
  readonly id: string
  readonly title: string
  /** The `d` of an SVG path, drawn as a line 1.5 wide in a box of 24 by 24. */
  readonly icon?: string
  /** The letter that opens it when pressed after `g`; k, u, v, a and s are taken. */
  readonly shortcut?: string
  /** Draws into an empty element, and returns what takes everything down again. Called anew for another project. */
  mount(element: HTMLElement, context: DashboardContext): () => void
  /**
   * Finds what this page shows, for the list of places (`Ctrl K`), the best first. Called once people pause; what it throws is as if
   * nothing was found.
   */
  search?(text: string, context: DashboardContext): Promise<readonly DashboardPlace[]>
}

/** Something that a page has found. */
export interface DashboardPlace {
  readonly title: string
  /** What it is, in a word or two. */
  readonly kind: string
  /** Its address below that of the page, part by part. */
  readonly place: readonly string[]
}

export interface DashboardContext {
  readonly project: { readonly id: string; readonly name: string }
  /** Address of the management API, without a slash at the end. */
  readonly management: string
  /** Announces that something is done, also to screen readers. */
  announce(message: string): void
}
