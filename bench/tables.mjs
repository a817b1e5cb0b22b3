// How figures are printed: aligned tables that are valid Markdown too.

export function printTable(title, columns, rows) {
  const cells = [columns, ...rows.map((row) => row.map(String))]
  const widths = columns.map((_, i) => Math.max(...cells.map((row) => row[i].length)))
  const line = (row) =>
    `| ${row.map((cell, i) => (i === 0 ? cell.padEnd(widths[i]) : cell.padStart(widths[i]))).join(' | ')} |`
  const rule = `|${widths.map((width, i) => (i === 0 ? '-'.repeat(width + 2) : `${'-'.repeat(width + 1)}:`)).join('|')}|`
  console.log(`\n${title}\n`)
  console.log([line(cells[0]), rule, ...cells.slice(1).map(line)].join('\n'))
}

/** What was wanted of ratios, and what was measured. */
export function printPromises(promises) {
  printTable(
    'Promises',
    ['', 'wanted', 'measured (min–max)', 'kept'],
    promises.map(({ promise, atLeast, atMost, measured }) => [
      promise,
      atLeast === undefined ? `<= ${atMost}` : `>= ${atLeast}`,
      range(measured),
      measured.median >= (atLeast ?? Number.NEGATIVE_INFINITY) &&
      measured.median <= (atMost ?? Number.POSITIVE_INFINITY)
        ? 'yes'
        : 'NO',
    ]),
  )
}

/** A number with three significant digits or more. */
export function figure(value) {
  if (!Number.isFinite(value)) return '-'
  const digits = value >= 100 ? 0 : value >= 10 ? 1 : 2
  return value.toLocaleString('en', { minimumFractionDigits: digits, maximumFractionDigits: digits })
}

/** "median (least–greatest)" */
export function range({ median, min, max }) {
  return `${figure(median)} (${figure(min)}–${figure(max)})`
}
