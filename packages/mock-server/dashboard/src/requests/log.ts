// The journal as this page keeps it: read once, and then only what is new.

import type { JournalLine, JournalPage } from '../../../src/control/wire.js'
import type { Api } from '../api.js'

/** The latest first. */
export async function readLog(api: Api, was: readonly JournalLine[] = []): Promise<readonly JournalLine[]> {
  const { oldest, lines } = await api.get<JournalPage>('/log', { after: was[0]?.number ?? 0 })
  const kept = was.filter(({ number }) => oldest !== null && number >= oldest)
  return [...lines.toReversed(), ...kept]
}

export interface LogFilter {
  readonly text: string
  readonly outcome: Outcome
  readonly environment: string
}

export const noFilter: LogFilter = { text: '', outcome: 'all', environment: '' }

export const outcomeNames = {
  all: 'All answers',
  good: 'Succeeded',
  refused: 'Refused (4xx)',
  failed: 'Failed (5xx)',
} as const
export type Outcome = keyof typeof outcomeNames

export const outcomeOf = (status: number): Exclude<Outcome, 'all'> =>
  status === 0 || status >= 500 ? 'failed' : status >= 400 ? 'refused' : 'good'

/** Those of a project, and those that nobody was let in with. */
export function applyFilter(
  lines: readonly JournalLine[],
  projectId: string,
  { text, outcome, environment }: LogFilter,
): readonly JournalLine[] {
  const wanted = text.trim().toLowerCase()
  return lines.filter(
    (line) =>
      (line.projectId === null || line.projectId === projectId) &&
      (outcome === 'all' || outcomeOf(line.status) === outcome) &&
      (environment === '' || line.environment === environment) &&
      (wanted === '' || textOf(line).includes(wanted)),
  )
}

const textOf = (line: JournalLine): string => {
  const { method, path, operationId, status, keyId } = line
  return `${method} ${path} ${operationId} ${reasonOf(line)} ${status} ${keyId}`.toLowerCase()
}

const CREDENTIAL = 'credential: '

const CREDENTIALS: Readonly<Record<string, string>> = {
  missing: 'There was no credential.',
  malformed: 'This is no well-formed key: its length, letters or checksum are wrong.',
  unknown: 'No key with this id was ever issued here.',
  mismatch: 'There is a key with this id, but its secret is another one.',
  wrong: 'This is not one of the credentials that the mock was given.',
  revoked: 'The key has been revoked.',
  expired: 'The key has expired, by the clock of the mock.',
  wrong_environment: 'The key is for the other environment.',
  project_inactive: 'The project is suspended: none of its keys work.',
  ip_not_allowed: "The address is not on the key's allowlist.",
  missing_scope: 'The key lacks a scope that this operation needs.',
  unavailable: 'The credential could not be checked.',
}

/** Why a request was refused, in a sentence. */
export function reasonOf({ reason, status }: JournalLine): string | undefined {
  if (reason === null) return status === 0 ? 'The connection was ended without an answer.' : undefined
  if (reason === 'fault')
    return status === 0 ? 'A fault ended the connection without an answer.' : 'A fault was asked for.'
  if (!reason.startsWith(CREDENTIAL)) return reason
  return CREDENTIALS[reason.slice(CREDENTIAL.length)] ?? reason
}
