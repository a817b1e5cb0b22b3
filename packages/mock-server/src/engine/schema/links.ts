// What is behind links: compiled when a value first gets there. Once a value is found to go through many links, each of its
// parts is held against each linked schema once, for alternatives that contain themselves lead there over and over.

import type { Ajv2020, ValidateFunction } from 'ajv/dist/2020.js'
import type { DataValidateFunction } from 'ajv/dist/types/index.js'
import { isNested } from '../json.js'
import { markerOf, type SchemaError } from './alternatives.js'
import type { CompilerOptions } from './compiler-options.js'
import { LINK } from './schema.js'

export interface Links {
  /** Forgets what was found of a value, for values may change. */
  forget(): void
}

/** What came of holding a value against a linked schema. */
interface Finding {
  readonly value: unknown
  readonly fits: boolean
  readonly errors: readonly SchemaError[]
}

interface At {
  readonly value: unknown
  readonly path: string
}

/** How many links a value goes through before findings are kept: most values never come back to one. */
const VISITS_BEFORE_KEPT = 500
const MAX_KEPT = 20_000

export function addLinks(ajv: Ajv2020, { compile, target, budget, isBrief }: CompilerOptions): Links {
  const marked = markerOf(isBrief)
  // What is being held against the schema behind each link at this moment, the outermost first.
  const stacks = new Map<string, At[]>()
  let visits = 0
  let kept = 0
  /** By link and path. */
  const findings = new Map<string, Map<string, Finding>>()
  /** How often a value was taken to fit because it is being held against the same schema. */
  let taken = 0

  const found = (link: string, { value, path }: At): Finding | undefined => {
    if (visits < VISITS_BEFORE_KEPT) return undefined
    const finding = findings.get(link)?.get(path)
    return finding?.value === value ? finding : undefined
  }
  const keep = (link: string, path: string, finding: Finding): void => {
    if (visits < VISITS_BEFORE_KEPT || kept >= MAX_KEPT || !isNested(finding.value)) return
    kept += 1
    const ofLink = findings.get(link) ?? new Map<string, Finding>()
    findings.set(link, ofLink)
    ofLink.set(path, { ...finding, errors: copies(finding.errors) })
  }

  ajv.addKeyword({
    keyword: LINK,
    schemaType: 'string',
    errors: 'full',
    compile(link: string) {
      let linked: ValidateFunction | undefined
      const stack = stacks.get(link) ?? []
      stacks.set(link, stack)
      const validate: DataValidateFunction = (value, context) => {
        const at = { value, path: context?.instancePath ?? '' }
        // Within the same schema the same value has nothing more to say; asking again would never end.
        if (stack.length > 0 && stack.some((outer) => outer.value === value && outer.path === at.path)) {
          taken += 1
          validate.errors = []
          return true
        }
        visits += 1
        budget.spend(2)
        const known = found(link, at)
        if (known !== undefined) {
          budget.spend(known.errors.length)
          validate.errors = copies(known.errors)
          return known.fits
        }
        linked ??= compile(target(link))
        const takenBefore = taken
        stack.push(at)
        try {
          const fits = linked(value, context) as boolean
          const errors = marked(linked.errors)
          // What was taken to fit holds only where it was taken.
          if (taken === takenBefore) keep(link, at.path, { value, fits, errors })
          validate.errors = errors
          return fits
        } finally {
          stack.pop()
        }
      }
      return validate
    },
  })
  return {
    forget() {
      visits = 0
      if (kept === 0) return
      kept = 0
      findings.clear()
    },
  }
}

/** Ajv gives errors the path of the keyword that led to them, and adds to the list. */
const copies = (errors: readonly SchemaError[]): SchemaError[] => errors.map((error) => ({ ...error }))
