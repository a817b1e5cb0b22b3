// How GoSendAPI writes a moment.

/** `2026-01-15T10:00:00Z`, with fractions of a second only where there are some. */
export const timestamp = (at: Date | number): string => new Date(at).toISOString().replace('.000Z', 'Z')
