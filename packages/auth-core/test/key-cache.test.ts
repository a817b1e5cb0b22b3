import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createKeyCache, type Fill } from '../src/stores/key-cache.js'
import { storedKey } from '../src/testing/rows.js'

const MAX_STALENESS_MS = 500

function setUp(maxKeys = 100) {
  const clock = { monotonic: 0, wall: 1_700_000_000_000 }
  const clocks = { monotonic: () => clock.monotonic, wall: () => clock.wall }
  const cache = createKeyCache({ maxStalenessMs: MAX_STALENESS_MS, maxKeys, clocks })
  const advance = (ms: number) => {
    clock.monotonic += ms
    clock.wall += ms
  }
  const beat = () => cache.confirm({ ...clock })
  const fill = (...rows: ReturnType<typeof storedKey>[]) => {
    const begun = cache.beginFill(rows.map(({ id }) => id))
    begun.keep('primary', rows)
    begun.end()
  }
  const open = () => {
    cache.open('primary')
    beat()
  }
  return { cache, clock, advance, beat, fill, open }
}

const row = storedKey(1)

describe('a row in memory', () => {
  it('is given out again and again, as one and the same object', () => {
    const { cache, fill, open } = setUp()
    open()
    fill(row)
    expect(cache.get(row.id)).toBe(row)
    expect(cache.get(row.id)).toBe(row)
    expect(cache.get('other')).toBeUndefined()
  })

  it('is given out until the very millisecond, and again after the next heartbeat', () => {
    const { cache, fill, open, advance, beat } = setUp()
    open()
    fill(row)
    advance(MAX_STALENESS_MS - 1)
    expect(cache.get(row.id)).toBe(row)
    advance(1)
    expect(cache.get(row.id)).toBeUndefined()
    beat()
    expect(cache.get(row.id)).toBe(row)
  })

  it('counts from when a heartbeat was sent, not from when it came back', () => {
    const { cache, clock, fill, open, advance } = setUp()
    open()
    fill(row)
    const sentAt = { ...clock }
    advance(MAX_STALENESS_MS)
    cache.confirm(sentAt)
    expect(cache.get(row.id)).toBeUndefined()
  })

  it('is not given out after the machine has slept, or its clock was changed, until a heartbeat comes back', () => {
    for (const wallMs of [MAX_STALENESS_MS, 3_600_000, -1, -3_600_000]) {
      const { cache, clock, fill, open, beat } = setUp()
      open()
      fill(row)
      clock.wall += wallMs
      expect(cache.get(row.id), `${wallMs}`).toBeUndefined()
      beat()
      expect(cache.get(row.id), `${wallMs}`).toBe(row)
    }
  })

  it('is not given out while the clock on the wall stands still, either', () => {
    const { cache, clock, fill, open } = setUp()
    open()
    fill(row)
    clock.monotonic += MAX_STALENESS_MS
    expect(cache.get(row.id)).toBeUndefined()
  })

  it('is read again after half a minute, because others may have used the key', () => {
    const { cache, fill, open, advance, beat } = setUp()
    open()
    fill(row)
    advance(30_000)
    beat()
    expect(cache.get(row.id)).toBeUndefined()
  })

  it('shows uses that were recorded here at once, and never moves back', () => {
    const { cache, fill, open } = setUp()
    open()
    fill(row)
    for (const [at, expected] of [
      [5, 5],
      [4, 5],
      [6, 6],
    ] as const) {
      cache.touch(row.id, at)
      expect(cache.get(row.id)).toEqual({ ...row, lastUsedAt: expected })
    }
    cache.touch('other', 1)
    expect(cache.get('other')).toBeUndefined()
  })

  it('makes room for others: there are never more than so many', () => {
    const { cache, fill, open } = setUp(2)
    open()
    fill(storedKey(1), storedKey(2), storedKey(3))
    expect([1, 2, 3].filter((n) => cache.get(storedKey(n).id) !== undefined)).toEqual([2, 3])
  })

  it('makes room for large ones by as many as they take the room of', () => {
    const { cache, fill, open } = setUp(10)
    open()
    const large = (n: number) => storedKey(n, { metadata: { note: 'x'.repeat(9_000) } })
    fill(...Array.from({ length: 10 }, (_, n) => storedKey(n)))
    fill(large(10), large(11))
    expect(Array.from({ length: 12 }, (_, n) => n).filter((n) => cache.get(storedKey(n).id))).toEqual([
      10, 11,
    ])
  })
})

describe('a row is not kept', () => {
  const cases: Record<string, (parts: ReturnType<typeof setUp>) => Fill> = {
    'when it was asked for before changes are heard': ({ cache, open }) => {
      const fill = cache.beginFill([row.id])
      open()
      return fill
    },
    'when a change to it is heard before it comes': ({ cache, open }) => {
      open()
      const fill = cache.beginFill([row.id])
      cache.invalidate(row.id)
      return fill
    },
    'when a change to every row is heard before it comes': ({ cache, open }) => {
      open()
      const fill = cache.beginFill([row.id])
      cache.invalidateAll()
      return fill
    },
    'when changes stopped being heard, and are heard again, before it comes': ({ cache, open }) => {
      open()
      const fill = cache.beginFill([row.id])
      cache.shut()
      open()
      return fill
    },
    'when it comes from another server than changes do': ({ cache, beat }) => {
      cache.open('the new primary')
      beat()
      return cache.beginFill([row.id])
    },
  }

  it.each(Object.entries(cases))('%s', (_, begin) => {
    const parts = setUp()
    const fill = begin(parts)
    fill.keep('primary', [row])
    fill.end()
    expect(parts.cache.get(row.id)).toBeUndefined()
  })
})

describe('whatever the order of changes, reads, heartbeats and losses', () => {
  interface Commit {
    readonly at: number
    readonly version: number
  }
  const step = fc.oneof(
    { arbitrary: fc.constant('commit' as const), weight: 2 },
    { arbitrary: fc.constant('deliver' as const), weight: 8 },
    { arbitrary: fc.constant('ask' as const), weight: 3 },
    { arbitrary: fc.constant('snapshot' as const), weight: 3 },
    { arbitrary: fc.constant('answer' as const), weight: 3 },
    { arbitrary: fc.constant('beat' as const), weight: 3 },
    { arbitrary: fc.constant('lose' as const), weight: 1 },
    { arbitrary: fc.constant('listen' as const), weight: 3 },
    { arbitrary: fc.integer({ min: 1, max: 200 }), weight: 2 },
  )

  it('no row is given out that was changed longer ago than promised', () => {
    let given = 0
    fc.assert(
      fc.property(fc.array(step, { minLength: 50, maxLength: 200 }), (steps) => {
        const { cache, clock, advance } = setUp()
        const commits: Commit[] = [{ at: 0, version: 1 }]
        // What the server has to tell this listener, in the order of commits; undefined while nobody listens.
        let queue: (() => void)[] | undefined
        const reads: { readonly fill: Fill; version?: number }[] = []
        const current = () => commits.at(-1) as Commit

        const actions = {
          commit() {
            commits.push({ at: clock.monotonic, version: current().version + 1 })
            queue?.push(() => cache.invalidate(row.id))
          },
          deliver: () => queue?.shift()?.(),
          ask: () => reads.push({ fill: cache.beginFill([row.id]) }),
          snapshot() {
            const read = reads.find(({ version }) => version === undefined)
            if (read !== undefined) read.version = current().version
          },
          answer() {
            const place = reads.findIndex(({ version }) => version !== undefined)
            const [read] = place < 0 ? [] : reads.splice(place, 1)
            read?.fill.keep('primary', [{ ...row, version: read.version ?? 0 }])
            read?.fill.end()
          },
          beat() {
            const sentAt = { ...clock }
            queue?.push(() => cache.confirm(sentAt))
          },
          lose() {
            queue = undefined
            cache.shut()
          },
          listen() {
            if (queue !== undefined) return
            queue = []
            cache.open('primary')
          },
        }
        for (const step of steps) {
          if (typeof step === 'number') advance(step)
          else actions[step]()
          const found = cache.get(row.id)
          if (found === undefined) continue
          given++
          const replacedAt = commits.find(({ version }) => version === found.version + 1)?.at
          expect(clock.monotonic - (replacedAt ?? clock.monotonic)).toBeLessThan(MAX_STALENESS_MS)
        }
      }),
      { numRuns: 1_000 },
    )
    expect(given).toBeGreaterThan(1_000)
  })
})
