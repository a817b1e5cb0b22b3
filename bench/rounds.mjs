// Interleaved rounds: everybody has one turn per round, so that what disturbs the machine disturbs them alike.

/** Runs `measure(contestant)` for each in turn, `rounds` times after one that is thrown away. Name -> list of results. */
export async function interleave(contestants, rounds, measure) {
  const results = new Map(contestants.map((contestant) => [contestant, []]))
  for (let round = 0; round <= rounds; round++) {
    for (let turn = 0; turn < contestants.length; turn++) {
      const contestant = contestants[(round + turn) % contestants.length]
      const result = await measure(contestant)
      if (round > 0) results.get(contestant).push(result)
    }
  }
  return results
}

/** The median, least and greatest of what `pick` reads from each round. */
export function spread(results, pick) {
  return spreadOf(results.map(pick))
}

/** The spread of a/b, taken round by round, so that slow moments of the machine cancel out. */
export function ratio(a, b, pick) {
  return spreadOf(a.map((result, round) => pick(result) / pick(b[round])))
}

function spreadOf(values) {
  const sorted = [...values].sort((a, b) => a - b)
  const middle = sorted.length >> 1
  const median = sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
  return { median, min: sorted[0], max: sorted.at(-1) }
}
