// How people write how long: `90s`, `25h`, `1d 12h`, or as ISO 8601 has it, `PT25H`.

const UNITS_MS = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 } as const
const PARTS = /(\d+(?:\.\d+)?)\s*(ms|[smhdw])\s*/gy
const ISO = /^P(?!$)(?:(\d+)W)?(?:(\d+)D)?(?:T(?!$)(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:\.\d+)?)S)?)?$/

/** Milliseconds; undefined when the text is no duration. Months and years are none: their length varies. */
export function durationOf(text: string): number | undefined {
  const iso = ISO.exec(text)
  if (iso !== null) {
    const [, ...values] = iso
    return sum(values.map((value, i) => Number(value ?? 0) * (ISO_UNITS_MS[i] ?? 0)))
  }
  const parts = [...text.matchAll(PARTS)]
  const length = sum(parts.map(([part]) => part.length))
  if (parts.length === 0 || length !== text.length) return undefined
  return sum(parts.map(([, value, unit]) => Number(value) * UNITS_MS[unit as keyof typeof UNITS_MS]))
}

const ISO_UNITS_MS = [UNITS_MS.w, UNITS_MS.d, UNITS_MS.h, UNITS_MS.m, UNITS_MS.s]

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0)
