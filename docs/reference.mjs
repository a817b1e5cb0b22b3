// Reference that is made from the code: flags from the commands, tables of errors and hints from where they stand, and the
// operations of the documents.

import { execFileSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { answerTo } from '../packages/auth-core/dist/http/answers.js'
import {
  OPERATION_HINTS,
  PARAMETER_HINTS,
  WEBHOOK_HINTS,
} from '../packages/mock-server/dist/engine/document/hints.js'
import { ROLES } from '../packages/mock-server/dist/state/places/hints.js'

const root = fileURLToPath(new URL('..', import.meta.url))
const read = (file) => readFileSync(join(root, file), 'utf8')
const run = (bin, ...args) => execFileSync(process.execPath, [join(root, bin), ...args], { encoding: 'utf8' })
const mock = (...args) => run('packages/mock-server/bin/gosend-mock.js', ...args)
const keys = (...args) => run('packages/auth-core/bin/gosend-keys.js', ...args)

const cell = (text) =>
  String(text)
    .replace(/\s+/g, ' ')
    .replaceAll('|', '\\|')
    .replace(/[<{]/g, (sign) => `\\${sign}`)
    .trim()
/** What a document says in Markdown, without what pages would take for a tag or an expression. */
const prose = (text) => text.replace(/[<{]/g, (sign) => `\\${sign}`)
const table = (heads, rows) =>
  [heads, heads.map(() => '---'), ...rows].map((row) => `| ${row.join(' | ')} |`).join('\n')

const help = () => JSON.parse(mock('help', '--json'))

function prismFlags() {
  const rows = help().prism.map(({ flag, short, here }) => [
    [flag, short]
      .filter(Boolean)
      .map((one) => `\`${one}\``)
      .join(', '),
    here.replaceAll('|', '\\|'),
  ])
  return table(['Prism', 'here'], rows)
}

/** What pages of ours have in the place of `<!-- generated: NAME -->`. */
export const snippets = { 'prism-flags': prismFlags }

function mockFlags() {
  const { commands, flags } = help()
  const rows = flags.map(({ name, short, type, repeatable, description }) => [
    [name, short]
      .filter(Boolean)
      .map((one) => `\`${one}\``)
      .join(', '),
    type === 'string' ? 'a value' : '',
    repeatable ? 'yes' : '',
    cell(description),
  ])
  return `# gosend-mock: flags

From \`gosend-mock help --json\` of this version. Flags without a value take \`=true\`, \`=false\` and \`--no-\`.

## Commands

${table(
  ['command', 'does'],
  commands.map(({ usage, description }) => [`\`${usage}\``, cell(description)]),
)}

## Flags

${table(['flag', 'takes', 'repeatable', 'meaning'], rows)}

## Flags of Prism

${prismFlags()}
`
}

function keysFlags() {
  const { commands } = JSON.parse(keys('help', '--json'))
  const everyFlag = commands.flatMap(({ flags }) => flags)
  /** Those that mean the same with most commands. */
  const isCommon = ({ name, description }) =>
    everyFlag.filter((one) => one.name === name && one.description === description).length >
    commands.length / 2
  const rowsOf = (flags) =>
    flags.map(({ name, type, repeatable, description }) => [
      `\`${name}\``,
      type === 'string' ? 'a value' : '',
      repeatable ? 'yes' : '',
      cell(description),
    ])
  const sections = commands.map(({ usage, description, flags }) => {
    const own = flags.filter((flag) => !isCommon(flag))
    const rows =
      own.length === 0 ? '' : `\n\n${table(['flag', 'takes', 'repeatable', 'meaning'], rowsOf(own))}`
    return `## ${usage}\n\n${cell(description)}${rows}`
  })
  const shared = new Map(everyFlag.filter(isCommon).map((flag) => [flag.name, flag]))
  return `# gosend-keys: flags

From \`gosend-keys help --json\` of this version.

## With most commands

${table(['flag', 'takes', 'repeatable', 'meaning'], rowsOf([...shared.values()]))}

${sections.join('\n\n')}
`
}

/** The rows of the table in a comment of a source file, each with its cells. */
const commentTable = (file) =>
  [...read(file).matchAll(/^ \* \| (`\w+`) \| (.*) \|$/gm)].map(([, name, rest]) => [
    name,
    ...rest.split(' | '),
  ])

function errors() {
  const status = (reason) => answerTo(reason.replaceAll('`', '')).status
  const reasons = [
    ...commentTable('packages/auth-core/src/verifier.ts'),
    ...commentTable('packages/auth-core/src/limits.ts'),
    ...commentTable('packages/auth-core/src/http/answers.ts'),
  ].filter(([name]) => answerTo(name.replaceAll('`', '')) !== undefined)
  return `# Errors and answers

## Errors that calls throw

Every failure that is no refusal is an \`ApiKeysError\` with one of these codes. Codes are part of the API; messages may change.

${table(['code', 'meaning', 'cure'], commentTable('packages/auth-core/src/errors.ts'))}

## Why a request is refused

\`verify\` returns these reasons. Guards pass them to \`onFailure\`, and answer with the status and message beside them.

${table(
  ['reason', 'meaning', 'status', 'message'],
  reasons.map(([name, meaning]) => [name, meaning, status(name), answerTo(name.replaceAll('`', '')).message]),
)}
`
}

function hints() {
  const rows = (place, own) =>
    Object.entries(own).map(([name, { expected }]) => [
      `\`${name}\``,
      place,
      cell(
        name === 'x-mock-role'
          ? `one of ${Object.keys(ROLES).join(', ')}`
          : name === 'x-mock-resource'
            ? 'the path of a collection, or false'
            : expected,
      ),
    ])
  return `# x-mock-* hints

A hint stands in the document and corrects what the mock would guess. \`gosend-mock explain FILE\` shows what it guesses. A hint that is
misspelt, or has a value that it cannot have, is a warning with file and line.

${table(
  ['hint', 'stands in', 'value'],
  [
    ...rows('an operation, a path or the document', OPERATION_HINTS),
    ...rows('a query parameter', PARAMETER_HINTS),
    ...rows('a webhook', WEBHOOK_HINTS),
  ],
)}

## Roles

${table(
  ['`x-mock-role`', 'the operation'],
  Object.entries(ROLES).map(([name, text]) => [`\`${name}\``, cell(text)]),
)}
`
}

const METHODS = ['get', 'post', 'put', 'patch', 'delete']

const target = (document, node) =>
  node?.$ref === undefined
    ? node
    : node.$ref
        .split('/')
        .slice(1)
        .reduce((at, name) => at[name], document)

function typeOf(schema = {}) {
  if (schema.$ref) return schema.$ref.split('/').pop()
  if (schema.enum) return schema.enum.map((one) => JSON.stringify(one)).join(' or ')
  if (schema.const !== undefined) return JSON.stringify(schema.const)
  if (schema.type === 'array') return `list of ${typeOf(schema.items)}`
  return [schema.type].flat().join(' or ') || 'any'
}

/** A row for each member of a body. */
function fieldsOf(document, schema) {
  const own = target(document, schema) ?? {}
  const parts = [own, ...(own.allOf ?? [])].map((one) => target(document, one))
  const required = new Set(parts.flatMap((one) => one.required ?? []))
  const properties = Object.assign({}, ...parts.map((one) => one.properties ?? {}))
  return Object.entries(properties).map(([name, one]) => rowOf(name, one, required.has(name)))
}

const rowOf = (name, schema, isRequired, description = schema?.description) => [
  `\`${name}\``,
  cell(typeOf(schema)),
  isRequired ? 'yes' : '',
  cell(description ?? ''),
]

function bodyOf(document, operation) {
  const [media, { schema } = {}] =
    Object.entries(target(document, operation.requestBody)?.content ?? {})[0] ?? []
  if (media === undefined) return []
  const fields = fieldsOf(document, schema)
  if (fields.length === 0) return [`Body, \`${media}\`: ${cell(typeOf(schema))}`]
  return [`Body, \`${media}\`:`, table(['member', 'type', 'required', ''], fields)]
}

function answersOf(document, { responses }) {
  const rows = Object.entries(responses).map(([status, answer]) => {
    const { description, content = {} } = target(document, answer)
    const [body] = Object.values(content)
    return [status, cell(description), body === undefined ? '' : cell(typeOf(body.schema))]
  })
  return table(['answer', '', 'body'], rows)
}

function parametersOf(document, item, operation) {
  const all = [...(item.parameters ?? []), ...(operation.parameters ?? [])].map((one) =>
    target(document, one),
  )
  if (all.length === 0) return []
  const rows = all.map((one) => {
    const [name, ...rest] = rowOf(one.name, one.schema, one.required, one.description)
    return [name, one.in, ...rest]
  })
  return [table(['parameter', 'in', 'type', 'required', ''], rows)]
}

function documentPage(title, intro, document) {
  const base = (document.servers?.[0]?.url ?? '').replace(/^https?:\/\/[^/]+/, '')
  const operations = Object.entries(document.paths).flatMap(([path, item]) =>
    METHODS.filter((method) => item[method]).map((method) => {
      const operation = item[method]
      const whole = base !== '' && path === '/' ? base : base + path
      return [
        `## ${operation.summary ?? operation.operationId}`,
        `\`${method.toUpperCase()} ${whole}\` · \`${operation.operationId}\``,
        ...(operation.description === undefined ? [] : [prose(operation.description)]),
        ...parametersOf(document, item, operation),
        ...bodyOf(document, operation),
        answersOf(document, operation),
      ].join('\n\n')
    }),
  )
  return `# ${title}\n\n${intro}\n\n${operations.join('\n\n')}\n`
}

const json = (file) => JSON.parse(read(file))

/** Each page: its path and text. */
export function reference() {
  return [
    ['reference/gosend-mock', mockFlags()],
    ['reference/gosend-keys', keysFlags()],
    ['reference/errors', errors()],
    ['reference/hints', hints()],
    [
      'reference/control-plane',
      documentPage(
        'Control plane',
        'What a test or a program does to the mock itself, with the admin key in `X-Admin-Key`. A running mock has this document at `/_mock/openapi.json`.',
        json('openapi/dist/control.json'),
      ),
    ],
    [
      'reference/management-api',
      documentPage(
        'Management API',
        'What `managementRouter` answers below the path where you mount it. The document is `@gosend/openapi/management.json`.',
        json('openapi/management.json'),
      ),
    ],
    [
      'reference/gosendapi',
      documentPage(
        'GoSendAPI',
        'The API that the sandbox serves without a document. The document is `@gosend/openapi/gosend.yaml`.',
        json('openapi/dist/gosend.json'),
      ),
    ],
  ]
}

/** What has been released, and what the next release brings. */
export function changelog() {
  const released = ['auth-core', 'express-adapter', 'mock-server', 'options']
    .map((name) => `packages/${name}/CHANGELOG.md`)
    .filter((file) => existsSync(join(root, file)))
    .map((file) => read(file).replace(/^#/gm, '##'))
  const notes = readdirSync(join(root, '.changeset'))
    .filter((name) => name.endsWith('.md') && name !== 'README.md')
    .map((name) => /^---\n(.*?)\n---\n(.*)$/s.exec(read(`.changeset/${name}`)))
    .filter(Boolean)
    .map(([, head, text]) => ({
      names: [...head.matchAll(/'([^']+)'/g)].map(([, name]) => name),
      text: text.trim(),
    }))
  const sections = [...new Set(notes.flatMap(({ names }) => names))].sort().map((name) => {
    const own = notes
      .filter(({ names }) => names.includes(name))
      .map(({ text }) => `- ${text.replace(/\n+/g, '\n  ')}`)
    return `### ${name}\n\n${own.join('\n')}`
  })
  return `# Changelog

## Next release

${sections.join('\n\n')}

${released.join('\n\n')}
`
}
