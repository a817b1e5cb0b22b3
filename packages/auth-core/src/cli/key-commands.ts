// The commands about single keys, and those that need a rotation or an owner.

import type { ApiKey } from '../api-key.js'
import type { ChildLimit } from '../delegation.js'
import { ApiKeysError } from '../errors.js'
import type { NewlyIssuedKey } from '../issuer.js'
import { createKeyFormat, isKeyId } from '../key-format.js'
import type { ListQuery } from '../key-list.js'
import type { Context } from './context.js'
import {
  duration,
  expiry,
  formatOptions,
  object,
  readText,
  required,
  UsageError,
  wholeNumber,
} from './flags.js'
import { columns, count, moment, statusAt } from './output.js'
import type { Terminal } from './terminal.js'

const STATUSES = ['active', 'disabled', 'expired', 'revoked']

export async function list({ flags, apiKeys, terminal }: Context): Promise<void> {
  const query = queryOf(flags, terminal)
  const show = flags.json ? listAsJson(terminal, flags.all) : listAsTable(terminal)
  for (let { cursor } = flags; ; ) {
    const page = await apiKeys.list({ ...query, cursor })
    show(page)
    if (page.next === null) return
    if (!flags.all) {
      return terminal.note(`There are more: --all lists all of them, --cursor ${page.next} the next.`)
    }
    cursor = page.next
  }
}

/** One document, or one for each key of a list that may be longer than memory is large. */
function listAsJson({ printJson }: Terminal, all = false) {
  return (page: readonly ApiKey[]): void => {
    for (const document of all ? page : [page]) printJson(document)
  }
}

function listAsTable({ print, note }: Terminal) {
  const now = Date.now()
  let isFirst = true
  return (page: readonly ApiKey[]): void => {
    const rows = page.map((record) => cellsOf(record, now))
    if (rows.length > 0) print(columns(isFirst ? [TITLES, ...rows] : rows))
    else if (isFirst) note('No keys.')
    isFirst = false
  }
}

function cellsOf(record: ApiKey, now: number): string[] {
  return [
    record.hint,
    record.projectId,
    record.environment,
    statusAt(record, now) + (record.rotationDue ? ', old' : ''),
    moment(record.createdAt),
    moment(record.lastUsedAt),
    record.label,
  ]
}

const TITLES = ['KEY', 'PROJECT', 'ENVIRONMENT', 'STATUS', 'CREATED', 'LAST USED', 'LABEL']

/** What to list. Whether the rest makes sense is for the core to say. */
function queryOf(flags: Context['flags'], terminal: Terminal): ListQuery {
  const { environment, status, search, all } = flags
  if (status !== undefined && !STATUSES.includes(status)) {
    throw new UsageError(`--status: must be ${STATUSES.join(', ')}`)
  }
  return {
    ...(flags.project !== undefined && { projectId: flags.project }),
    environment,
    status: status as ListQuery['status'],
    ...(flags.owner !== undefined && { ownerId: flags.owner }),
    parentId: flags.parent === undefined ? undefined : keyId(flags.parent, flags, terminal),
    ...(flags['created-by'] !== undefined && { createdBy: flags['created-by'] }),
    expiresBefore: fromNow('expires-within', flags, 1),
    unusedSince: fromNow('unused', flags, -1),
    search,
    sort: flags.sort as ListQuery['sort'],
    order: flags.order as ListQuery['order'],
    limit: wholeNumber('limit', flags.limit) ?? (all ? 1_000 : undefined),
  }
}

/** The instant that lies so long after now, or before it. */
function fromNow(flag: 'expires-within' | 'unused', flags: Context['flags'], side: 1 | -1): Date | undefined {
  const given = flags[flag]
  return given === undefined ? undefined : new Date(Date.now() + side * duration(flag, given))
}

export async function create({ flags, apiKeys, actor, terminal }: Context): Promise<void> {
  const { environment = 'production' } = flags
  const issued = await apiKeys.issue({
    projectId: required(flags, 'project'),
    environment,
    label: required(flags, 'label'),
    ...chosen(flags),
    createdBy: flags['created-by'],
    actor,
  })
  showIssued(issued, flags.json, terminal)
}

export async function createChild({ flags, apiKeys, actor, operand, terminal }: Context): Promise<void> {
  const issued = await apiKeys.issueChild(keyId(operand, flags, terminal), {
    label: required(flags, 'label'),
    ...chosen(flags),
    actingFor: flags['acting-for'],
    limits: flags.rate?.map(rateOf),
    budget: wholeNumber('budget', flags.budget),
    actor,
  })
  showIssued(issued, flags.json, terminal)
}

/** `60/1m` as a limit. Whether it makes sense is for the core to say. */
function rateOf(text: string): ChildLimit {
  const [limit, per, ...more] = text.split('/')
  const count = wholeNumber('rate', limit)
  if (count === undefined || per === undefined || more.length > 0) {
    throw new UsageError('--rate: must be like 60/1m, 10/second or 5000/day')
  }
  return { limit: count, per: per as ChildLimit['per'] }
}

export async function update({ flags, apiKeys, actor, operand, terminal }: Context): Promise<void> {
  const id = keyId(operand, flags, terminal)
  const given = Object.entries({ label: flags.label, ...chosen(flags) })
  const changes = Object.fromEntries(given.filter(([, value]) => value !== undefined))
  if (Object.keys(changes).length === 0) {
    throw new UsageError('what is to change? --label, --scope, --allow-ip, --expires, --metadata or --owner')
  }
  const record = await apiKeys.update(id, changes, { actor, ifVersion: versionOf(flags) })
  if (flags.json) terminal.printJson(record)
  else terminal.note(`${record.hint} (${record.label}) was changed: ${Object.keys(changes).join(', ')}.`)
}

async function existing({ flags, apiKeys, operand, terminal }: Context): Promise<ApiKey> {
  const id = keyId(operand, flags, terminal)
  const record = await apiKeys.find(id)
  if (record !== undefined) return record
  // What is no id may be a key of another product: it is not repeated.
  const message = isKeyId(id) ? `there is no key with the id ${id}` : 'not a key id'
  throw new ApiKeysError('not_found', message)
}

export async function show(context: Context): Promise<void> {
  const { flags, terminal } = context
  const record = await existing(context)
  const status = statusAt(record, Date.now())
  if (flags.json) return terminal.printJson({ ...record, status })
  const facts = Object.entries({ ...record, status }).map(([name, value]) => [name, textOf(value)])
  terminal.print(columns(facts))
}

function textOf(value: unknown): string {
  if (value instanceof Date) return moment(value)
  return typeof value === 'string' ? value : JSON.stringify(value)
}

/** Says what a request with a key would be told. It is read from a file or a pipe, because shells keep a history. */
export async function verify({ flags, apiKeys, operand, terminal }: Context): Promise<void> {
  if (operand === undefined) throw new UsageError('keys verify: which file? - reads standard input')
  const presented = readText('keys verify', operand, terminal).trim()
  const record = await apiKeys.identify(presented)
  const status = record === undefined ? 'unknown' : statusAt(record, Date.now())
  if (flags.json) terminal.printJson({ status, record: record ?? null })
  else if (record === undefined) terminal.print('unknown: no key of this database')
  else terminal.print(`${status}: ${record.hint} (${record.label}) of project ${record.projectId}`)
  if (status !== 'active') terminal.fail()
}

export async function history(context: Context): Promise<void> {
  const { flags, apiKeys, terminal } = context
  const { id, ...record } = await existing(context)
  const events = await apiKeys.history({ projectId: record.projectId, keyId: id, limit: ALL_EVENTS })
  if (flags.json)
    return terminal.printJson(events.map(({ at, ...event }) => ({ at: new Date(at), ...event })))
  const rows = events.map(({ at, action, actor, details }) => [
    moment(new Date(at)),
    action,
    actor ?? '-',
    Object.entries(details)
      .map(([name, value]) => `${name}: ${[value].flat().join(', ')}`)
      .join('; '),
  ])
  terminal.print(columns([['WHEN', 'WHAT', 'WHO', 'DETAILS'], ...rows]))
}

/** More than a key can gather: a log that was cut short would look like a whole one. */
const ALL_EVENTS = 1_000_000

export async function rotate({ flags, apiKeys, actor, operand, terminal }: Context): Promise<void> {
  const gracePeriodMs = duration('grace', flags.grace ?? '0')
  const issued = await apiKeys.rotate(keyId(operand, flags, terminal), {
    gracePeriodMs,
    expiresAt: expiry(flags),
    actor,
    ifVersion: versionOf(flags),
  })
  showIssued(issued, flags.json, terminal)
  const until = moment(new Date(Date.now() + gracePeriodMs))
  terminal.note(
    gracePeriodMs === 0 ? `${operand} has stopped working.` : `${operand} works until ${until} UTC.`,
  )
}

export async function revoke({ flags, apiKeys, actor, operand, terminal }: Context): Promise<void> {
  const record = await apiKeys.revoke(keyId(operand, flags, terminal), { actor, ifVersion: versionOf(flags) })
  if (flags.json) terminal.printJson(record)
  else terminal.note(`${record.hint} (${record.label}) was revoked at ${moment(record.revokedAt)} UTC.`)
}

export async function disable({ flags, apiKeys, actor, operand, terminal }: Context): Promise<void> {
  const record = await apiKeys.disable(keyId(operand, flags, terminal), {
    actor,
    ifVersion: versionOf(flags),
  })
  if (flags.json) terminal.printJson(record)
  else terminal.note(`${record.hint} (${record.label}) is disabled since ${moment(record.disabledAt)} UTC.`)
}

export async function enable({ flags, apiKeys, actor, operand, terminal }: Context): Promise<void> {
  const record = await apiKeys.enable(keyId(operand, flags, terminal), { actor, ifVersion: versionOf(flags) })
  if (flags.json) return terminal.printJson(record)
  const status = statusAt(record, Date.now())
  terminal.note(`${record.hint} (${record.label}) is enabled, and ${status}.`)
}

export async function stale({ flags, apiKeys, terminal }: Context): Promise<void> {
  const now = Date.now()
  const ageMs = duration('age', flags.age ?? '90d')
  const unusedMs = duration('unused', flags.unused ?? '90d')
  const found: { readonly record: ApiKey; readonly reasons: readonly string[] }[] = []
  const projects = flags.project === undefined ? {} : { projectId: flags.project }
  for await (const record of apiKeys.listAll({ ...projects, status: 'active', limit: 1_000 })) {
    const reasons = record.replacedBy === null ? reasonsOf(record, now, ageMs, unusedMs) : []
    if (reasons.length > 0) found.push({ record, reasons })
  }
  if (flags.json) terminal.printJson(found.map(({ record, reasons }) => ({ ...record, reasons })))
  else if (found.length === 0) terminal.note('No stale keys.')
  else {
    const rows = found.map(({ record, reasons }) => [
      record.hint,
      record.projectId,
      reasons.join(', '),
      record.label,
    ])
    terminal.print(columns([['KEY', 'PROJECT', 'WHY', 'LABEL'], ...rows]))
  }
  if (flags.check && found.length > 0) terminal.fail()
}

function reasonsOf(record: ApiKey, now: number, ageMs: number, unusedMs: number): string[] {
  const age = now - record.createdAt.getTime()
  const unused = now - (record.lastUsedAt ?? record.createdAt).getTime()
  return [
    ...(age >= ageMs ? [`${days(age)} old`] : []),
    ...(unused >= unusedMs ? [record.lastUsedAt === null ? 'never used' : `unused for ${days(unused)}`] : []),
  ]
}

/** What can be said of a new key and of one that is there. */
function chosen(flags: Context['flags']) {
  const { scope, 'allow-ip': blocks, metadata } = flags
  return {
    // An empty one stands for none, since a flag that is left out leaves them as they are.
    scopes: scope?.filter((token) => token !== ''),
    allowedIps: blocks?.length === 1 && blocks[0] === 'anywhere' ? null : blocks,
    expiresAt: expiry(flags),
    metadata: metadata === undefined ? undefined : object('metadata', metadata),
    ownerId: flags.owner === '' ? null : flags.owner,
  }
}

const days = (ms: number) => count(Math.floor(ms / 86_400_000), 'day')

const MAX_ID = 60
const ANY_HINT = /^[a-z][a-z0-9_]*_([0-9A-Za-z]{12})(?:…|\.\.\.)$/

/** The version that a change is decided on. */
export const versionOf = (flags: Context['flags']): number | undefined =>
  wholeNumber('if-version', flags['if-version'])

/** The id that was typed, or whose hint was. */
export function keyId(operand: string | undefined, flags: Context['flags'], terminal: Terminal): string {
  if (operand === undefined) throw new UsageError('the id of a key is missing')
  const format = createKeyFormat(formatOptions(flags, terminal))
  const whole = format.parse(operand)
  // The hint of a key names it as well, also that of another product, as far as it says that it is one.
  const hint = new RegExp(`^(?:${format.starts.join('|')}|imported_)([0-9A-Za-z]{12})(?:…|\\.\\.\\.)?$`)
  if (whole === undefined) {
    const id = (hint.exec(operand) ?? ANY_HINT.exec(operand))?.[1] ?? operand
    // As long as a key of another product, or one with a slip in it: not to be repeated.
    if (id.length > MAX_ID) throw new UsageError('that is not the id of a key, which is shorter')
    return id
  }
  throw new UsageError(
    `that is a whole key, which this shell now remembers; its id is ${whole.id}. Consider revoking it`,
  )
}

function showIssued({ key, record }: NewlyIssuedKey, asJson: boolean | undefined, terminal: Terminal): void {
  if (asJson) terminal.printJson({ key, record })
  else terminal.print(key)
  const expiry = record.expiresAt === null ? '' : `, until ${moment(record.expiresAt)} UTC`
  terminal.note(
    `Key ${record.id} (${record.label}) of project ${record.projectId}, ${record.environment}${expiry}.`,
  )
  terminal.note('It is shown this once. Only its hash was stored.')
}
