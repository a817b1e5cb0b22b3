// What a function that takes options promises about wrong names, as runnable cases. They throw errors of node:assert, so any
// test runner will do.

import assert from 'node:assert/strict'

/** A function, and where the options in question stand in what it is called with. */
export interface EntryPoint {
  /** As in `requireApiKey`, or `createLimits, plans` for options inside of others. */
  readonly name: string
  /** Calls the function. It throws or rejects when the options are wrong. */
  call(options: object): unknown
  /** Every option that there is, with a value that it may have. */
  readonly options: Readonly<Record<string, unknown>>
  /** Those that do not go together with others: each is tried alone, beside what is in `needed`. */
  readonly alone?: readonly string[]
  /** Without these nothing works. */
  readonly needed?: readonly string[]
  /** What stands before the name in the message: `plans.basic.`. */
  readonly path?: string
  /** Whether an error is of the kind that is promised. Default: a `TypeError`. */
  isRefusal?(error: unknown): boolean
}

export interface OptionPromise {
  /** A sentence to name the test with. */
  readonly name: string
  run(): Promise<void>
}

const UNKNOWN = 'qqqqqqqq'

/**
 * @example
 * for (const entryPoint of entryPoints)
 *   for (const promise of optionPromises(entryPoint)) it(promise.name, () => promise.run())
 */
export function optionPromises(entryPoint: EntryPoint): readonly OptionPromise[] {
  const { name, options, alone = [], needed = [], path = '' } = entryPoint
  const isRefusal = entryPoint.isRefusal?.bind(entryPoint) ?? ((error) => error instanceof TypeError)
  const pick = (names: readonly string[]) =>
    Object.fromEntries(names.map((option) => [option, options[option]]))
  const valid = pick(Object.keys(options).filter((option) => !alone.includes(option)))

  async function refusalOf(given: object): Promise<string> {
    try {
      await entryPoint.call(given)
    } catch (error) {
      assert(isRefusal(error), `not the promised kind of error: ${String(error)}`)
      return (error as Error).message
    }
    return assert.fail(`accepted: ${Object.keys(given).join(', ')}`)
  }

  return [
    {
      name: `${name} takes every option that there is`,
      async run() {
        await entryPoint.call(valid)
        for (const option of alone) await entryPoint.call(pick([...needed, option]))
      },
    },
    {
      name: `${name} refuses a name that is no option, and says which there are`,
      async run() {
        const message = await refusalOf({ ...valid, [UNKNOWN]: null })
        const [start, list = ''] = message.split(/; (?:there are|the only one is) /)
        assert.equal(start, `${path}${UNKNOWN}: no such option`)
        // Otherwise an option was added without a word here.
        assert.deepEqual(list.split(', ').sort(), Object.keys(options).sort())
      },
    },
    {
      name: `${name} refuses every slip in the name of an option, and suggests what was meant`,
      async run() {
        for (const option of Object.keys(options)) {
          for (const slip of slipsOf(option)) {
            if (Object.hasOwn(options, slip)) continue
            const { [option]: value, ...others } = valid
            const message = await refusalOf({ ...others, [slip]: value ?? options[option] })
            assert(message.startsWith(`${path}${slip}: no such option`), message)
            if (option.length > 4) assert.match(message, /did you mean \w+\?$/)
          }
        }
      },
    },
  ]
}

/** A letter too few, two in the wrong order, another case, another number, another style. */
function slipsOf(name: string): Set<string> {
  const middle = Math.floor(name.length / 2)
  const swapped =
    name.slice(0, middle - 1) + name.charAt(middle) + name.charAt(middle - 1) + name.slice(middle + 1)
  return new Set(
    [
      name.slice(0, middle) + name.slice(middle + 1),
      swapped,
      name.toUpperCase(),
      name.toLowerCase(),
      name.charAt(0).toUpperCase() + name.slice(1),
      name.endsWith('s') ? name.slice(0, -1) : `${name}s`,
      name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`),
    ].filter((slip) => slip !== name),
  )
}
