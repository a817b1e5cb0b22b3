/** A mistake in the typed command: reported in one line, without a stack. */
export class UsageError extends Error {}
