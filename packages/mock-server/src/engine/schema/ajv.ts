// Ajv as it is used here: for schemas in units, with keywords of our own, and with an end to what one value may cost.

import type { Ajv2020, CodeKeywordDefinition, KeywordCxt, ValidateFunction } from 'ajv/dist/2020.js'
import type { DataValidateFunction } from 'ajv/dist/types/index.js'
import type { Budget } from '../budget.js'
import { MAX_ERRORS, markerOf, type SchemaError, TooManyErrors } from './alternatives.js'
import { addChoice } from './choice.js'
import type { CompilerOptions } from './compiler-options.js'
import { addContent } from './content.js'
import { addEquality } from './equality.js'
import { addFormats } from './formats.js'
import { lengthFaults } from './lengths.js'
import { type Library, library as loaded } from './library.js'
import { addLinks } from './links.js'
import type { Schema } from './schema.js'
import { addUnevaluated } from './unevaluated.js'
import { INNER, STEPS } from './units.js'
import { addWide } from './wide.js'

/** A way to hold values against schemas. */
export interface Compiler {
  compile(unit: Schema): ValidateFunction
  /** A value is done with: what is remembered of it may change. */
  forget(): void
}

const STEPS_PER_ERROR = 4

export function createCompiler(options: CompilerOptions): Compiler {
  const { budget, isBrief } = options
  const library = loaded()
  const ajv = new library.Ajv2020({
    strict: false,
    allErrors: !isBrief,
    logger: false,
    validateSchema: false,
    addUsedSchema: false,
    inlineRefs: false,
    ownProperties: true,
    loopRequired: 20,
    code: {
      // Most schemas are used a few times: V8 makes of plain code what Ajv would, and only where it is worth it.
      optimize: false,
      process: limitErrors,
      regExp: Object.assign((pattern: string) => asRegExp(pattern, options), { code: 'new RegExp' }),
    },
  })
  // Its code for what is unevaluated throws at some patterns within alternatives, and nothing asks for it here.
  ajv.opts.unevaluated = false
  Object.assign(ajv, collectorOf(budget, isBrief))
  addFormats(ajv, library, (length) => budget.spend(length / 16))
  addChoice(ajv, library)
  addLengths(ajv, library, budget)
  addSteps(ajv, library, budget)
  const links = addLinks(ajv, options)
  addInners(ajv, options)
  addContent(ajv, options.compile)
  const regExp = (pattern: string) => asRegExp(pattern, options)
  addWide(ajv, { ...options, regExp })
  addUnevaluated(ajv, { ...options, regExp })
  const equality = addEquality(ajv, budget)
  return {
    compile: (unit) => ajv.compile(unit),
    forget() {
      equality.forget()
      links.forget()
    },
  }
}

/** Calls `collect` wherever Ajv would add to its list of errors, of which it knows no end. */
const limitErrors = (code: string): string =>
  code
    .replaceAll('vErrors.push(', 'self.collect(vErrors, ')
    .replaceAll('vErrors.concat(', 'self.collectAll(vErrors, ')

function collectorOf(budget: Budget, isBrief: boolean) {
  // Errors that nobody reads are counted, and all of them are this one.
  const anyError: SchemaError = { keyword: '', instancePath: '', schemaPath: '', params: {} }
  const collect = (list: SchemaError[], error: SchemaError): void => {
    budget.spend(STEPS_PER_ERROR)
    list.push(isBrief ? anyError : error)
    if (!isBrief && list.length > MAX_ERRORS) throw new TooManyErrors(list)
  }
  return {
    collect,
    collectAll(list: SchemaError[], errors: readonly SchemaError[]): SchemaError[] {
      for (const error of errors) collect(list, error)
      return list
    },
  }
}

/** Ajv asks for a RegExp; it tests with it, and tells one from another by its text. */
function asRegExp(pattern: string, { patterns, budget, onProblem }: CompilerOptions): RegExp {
  const { problem, test } = patterns.compiled(pattern)
  if (problem !== undefined) onProblem(`the pattern ${JSON.stringify(pattern.slice(0, 80))} ${problem}`)
  return {
    test(text: string) {
      budget.spend(1 + text.length / 4)
      return test(text)
    },
    toString: () => pattern,
  } as RegExp
}

function addLengths(ajv: Ajv2020, { _, str }: Library, budget: Budget): void {
  const faults = lengthFaults(budget)
  for (const [keyword, words] of [
    ['maxLength', 'more'],
    ['minLength', 'fewer'],
  ] as const) {
    ajv.removeKeyword(keyword)
    ajv.addKeyword({
      keyword,
      type: 'string',
      schemaType: 'number',
      error: {
        message: ({ schemaCode }) => str`must NOT have ${words} than ${schemaCode} characters`,
        params: ({ schemaCode }) => _`{limit: ${schemaCode}}`,
      },
      code(cxt: KeywordCxt) {
        const fails = cxt.gen.scopeValue('func', { ref: faults[keyword] })
        cxt.fail(_`${fails}(${cxt.data}, ${cxt.schemaCode})`)
      },
    })
  }
}

/** Has every schema with parts count its steps before it takes them. */
function addSteps(ajv: Ajv2020, { _ }: Library, budget: Budget): void {
  const definition: CodeKeywordDefinition = {
    keyword: STEPS,
    schemaType: 'number',
    code({ gen, schema }: KeywordCxt) {
      const counter = gen.scopeValue('func', { ref: budget })
      gen.if(_`(${counter}.left -= ${schema as number}) < 0`, () => gen.code(_`${counter}.review()`))
    },
  }
  ajv.addKeyword(definition)
}

/** Schemas that were cut out of others. */
function addInners(ajv: Ajv2020, { units, compile, isBrief }: CompilerOptions): void {
  const marked = markerOf(isBrief)
  ajv.addKeyword({
    keyword: INNER,
    schemaType: 'number',
    errors: 'full',
    compile(number: number) {
      let inner: ValidateFunction | undefined
      const validate: DataValidateFunction = (value, context) => {
        inner ??= compile(units.inner(number))
        const fits = inner(value, context) as boolean
        validate.errors = marked(inner.errors)
        return fits
      }
      return validate
    },
  })
}
