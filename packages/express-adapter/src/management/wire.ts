// The bodies of the management API: tsoa reads these interfaces for the document and for the validation of requests.

/** The body of every error. */
export interface ErrorBody {
  /**
   * The HTTP status.
   * @isInt
   */
  statusCode: number
  /** What went wrong, for people. */
  message: string
  /** The name of the HTTP status. */
  error: string
  /** Which conflict it is, where the status is 409 and a key stands in the way. */
  code?: 'conflict' | 'idempotency_conflict' | 'key_limit_reached'
}

/** A project, which keys belong to. */
export interface ProjectBody {
  id: string
  name: string
  webhookUrl: string | null
  /** The keys of a suspended project are refused. */
  status: 'active' | 'suspended'
  createdAt: Date
}

export interface CreateProjectBody {
  /**
   * @minLength 1 must have at least 1 character
   * @maxLength 255 must have at most 255 characters
   * @pattern \S must not be only spaces
   */
  name: string
  /** An http or https address. */
  webhookUrl?: string | null
}

export interface UpdateProjectBody {
  /**
   * @minLength 1 must have at least 1 character
   * @maxLength 255 must have at most 255 characters
   * @pattern \S must not be only spaces
   */
  name?: string
  /** An http or https address, or null for none. */
  webhookUrl?: string | null
  /** Needs authority over all projects. */
  status?: 'active' | 'suspended'
}

/** Which projects to list. */
export interface ListProjectsQuery {
  /**
   * How many projects at the most.
   * @isInt must be a whole number
   * @minimum 1 must be 1 or more
   * @maximum 1000 must be 1000 or less
   * @default 100
   */
  limit?: number
  /** From the link to the next page. */
  cursor?: string
}

/** Who is asking, and what this service knows. */
export interface SessionBody {
  /** The actor that the audit log will name. */
  actor: string | null
  /** Whether every project is within reach, also those that do not exist yet. */
  managesAll: boolean
  /** Whether this login may see, and change nothing. */
  readOnly: boolean
  /** The environments that a key can be made for. */
  environments: string[]
  /** Whether the service counts what came of requests, and why they were refused. */
  countsOutcomes: boolean
  /** The service's clock. */
  now: Date
  /** When the cookie of `POST /session` ends; null for any other login. */
  endsAt: Date | null
}

/** Any JSON object. */
export interface Metadata {
  [name: string]: unknown
}

/** A key as it may be shown: never the secret, never the hash. */
export interface KeyBody {
  /** The public id, the 12 characters after the environment tag. */
  id: string
  projectId: string
  environment: string
  label: string
  /** The key in a form that is safe to show: everything before the secret. */
  hint: string
  createdAt: Date
  /** Who made the key, in the service's words; null when that is not known. */
  createdBy: string | null
  /** Whom the key belongs to within its project, in the service's words. */
  ownerId: string | null
  /** The last time the key was accepted, give or take some seconds. */
  lastUsedAt: Date | null
  /** From this instant on the key is refused. */
  expiresAt: Date | null
  /** Since when the key is disabled; null when it is not. */
  disabledAt: Date | null
  /** Set for good by a revocation, or by a rotation without a grace period. */
  revokedAt: Date | null
  /** The id of the key that this one replaced. */
  rotatedFrom: string | null
  /** The id of the key that replaced this one. */
  replacedBy: string | null
  scopes: string[]
  /** Addresses and CIDR blocks the key may be used from; null is anywhere, an empty list is nowhere. */
  allowedIps: string[] | null
  metadata: Metadata
  /** Whether the key is active and old enough to be rotated. */
  rotationDue: boolean
  /**
   * One more with every change, uses aside. `ETag` has it too.
   * @isInt
   */
  version: number
  /** Only of a key that was made from another. */
  delegation?: DelegationBody
}

/** What a key that was made from another is bound to. It ends with its parent. */
export interface DelegationBody {
  /** The id of the key that it was made from. */
  parentId: string
  /** On whose behalf it acts, in the service's words. */
  actingFor: string | null
  /** Limits of its own, beside those of its parent. */
  limits: ChildLimitBody[]
  /**
   * How many requests, or units of their costs, it may make in all; null for as many as its parent.
   * @isInt
   */
  budget: number | null
}

export interface ChildLimitBody {
  /**
   * @isInt must be a whole number
   * @minimum 1 must be 1 or more
   * @maximum 1000000000 must be 1000000000 or less
   */
  limit: number
  /** A time such as `30s`, `15m`, `12h` or `7d`, or `second`, `minute`, `hour`, `day`, `week`, `month`. */
  per: string
}

/** A key for an agent or a job. It belongs to the project, the environment and the owner of the key that it is made from. */
export interface IssueChildBody {
  /** What people call the key. */
  label: string
  /** Only scopes that the key has from which it is made. By default none. */
  scopes?: string[]
  /** Not later than that of the key from which it is made, which is the default. */
  expiresAt?: Date | null
  /** Addresses and CIDR blocks it may be used from, among those of the key from which it is made. */
  allowedIps?: string[] | null
  /** Anything worth keeping with the key, at most 16 kB. */
  metadata?: Metadata
  /** On whose behalf it acts: in the history of the key with everything that happens to it. */
  actingFor?: string
  limits?: ChildLimitBody[]
  /**
   * How many requests, or units of their costs, it may make in all.
   * @isInt must be a whole number
   * @minimum 1 must be 1 or more
   * @maximum 1000000000 must be 1000000000 or less
   */
  budget?: number
}

export interface TopUpBody {
  /**
   * How many credits the key gets.
   * @isInt must be a whole number
   * @minimum 1 must be 1 or more
   * @maximum 1000000000 must be 1000000000 or less
   */
  credits: number
}

export interface CreditsBody {
  /**
   * How many credits are left.
   * @isInt
   */
  credits: number
}

/** Which keys of a project to list, and how. */
export interface ListKeysQuery {
  /**
   * How many keys at the most. An answer has fewer when they hold more than 2.6 kB each on average: go by the link.
   * @isInt must be a whole number
   * @minimum 1 must be 1 or more
   * @maximum 1000 must be 1000 or less
   * @default 100
   */
  limit?: number
  /** From the link to the next page; the rest of the query stays as it was. */
  cursor?: string
  /**
   * Part of the label, in upper or lower case; the id, its beginning or the key's hint; or a scope in full. Send no whole
   * key: addresses are logged.
   */
  search?: string
  /** Only keys in this state. */
  status?: 'active' | 'disabled' | 'expired' | 'revoked'
  /** Only keys that this person or program made. */
  createdBy?: string
  /** Only keys of this owner. */
  ownerId?: string
  /** Only keys that were made from this one. */
  parentId?: string
  /** Only keys that expire before this instant or UTC day, or have expired; with `status=active` only the former. */
  expiresBefore?: string
  /** Only keys that are older than this instant or UTC day, and that nobody has used since. */
  unusedSince?: string
  /** Only keys of this environment. */
  environment?: string
  /** Only keys with one of these ids, at most 100. */
  ids?: string[]
  /** @default "createdAt" */
  sort?: 'createdAt' | 'lastUsedAt' | 'label' | 'expiresAt'
  /** By default the latest first by `createdAt` and `lastUsedAt`, and the first in the alphabet or to expire otherwise. */
  order?: 'asc' | 'desc'
  /**
   * Whether to count all keys of the list, in `X-Total-Count`.
   * @default false
   */
  total?: boolean
}

/** A key that was just made. */
export interface NewKeyBody extends KeyBody {
  /** The key in full. It is shown this once. */
  key: string
}

export interface IssueKeyBody {
  /**
   * What people call the key, for instance by the service that uses it. It has a visible character, and none that turns
   * the direction of writing.
   */
  label: string
  /** `sandbox` or `production`, unless the service has named its environments otherwise. */
  environment: string
  /** From this instant on the key is refused; null is never. */
  expiresAt?: Date | null
  /**
   * What the key may do, in the service's own words. `*` in place of a part stands for any, as in `messages:*`; `@project/7` limits a
   * scope to one resource.
   */
  scopes?: string[]
  /** Addresses and CIDR blocks the key may be used from; null is anywhere, an empty list is nowhere. */
  allowedIps?: string[] | null
  /** Anything worth keeping with the key, at most 16 kB. */
  metadata?: Metadata
  /** Who makes the key, for good; by default whoever asks. Needs authority over all projects. */
  createdBy?: string | null
  /** Whom the key belongs to within its project. */
  ownerId?: string | null
}

/** What is left out stays as it is. */
export interface UpdateKeyBody {
  label?: string
  /** From this instant on the key is refused; null is never. */
  expiresAt?: Date | null
  scopes?: string[]
  /** Addresses and CIDR blocks the key may be used from; null is anywhere, an empty list is nowhere. */
  allowedIps?: string[] | null
  /** Replaces the metadata as a whole. */
  metadata?: Metadata
  /** Whom the key belongs to within its project; null is nobody. */
  ownerId?: string | null
}

export interface RotateKeyBody {
  /**
   * How long the old key goes on working. 0 is not at all.
   * @isLong must be a whole number of milliseconds
   * @minimum 0 must be 0 or more
   * @default 0
   */
  gracePeriodMs?: number
  /** The new key's expiry; without it, the old key's. */
  expiresAt?: Date | null
}

/** What was taken away for good. */
export interface ErasedBody {
  /** @isInt */
  keys: number
  /**
   * Entries of the audit log.
   * @isInt
   */
  events: number
  /**
   * Counts of uses, one per key and day.
   * @isInt
   */
  uses: number
}

/** Which entries of the audit log to list. */
export interface ListHistoryQuery {
  /**
   * How many entries at the most.
   * @isInt must be a whole number
   * @minimum 1 must be 1 or more
   * @maximum 1000 must be 1000 or less
   * @default 100
   */
  limit?: number
  /** Only what this person or program did. */
  actor?: string
  /** Only entries of this instant or UTC day, and later ones. */
  from?: string
  /** Only entries before this instant or UTC day. */
  to?: string
  /**
   * Only entries with a lower `sequence`. The link to the next page has it.
   * @isInt must be a whole number
   * @minimum 1 must be 1 or more
   */
  before?: number
}

/** One entry of the audit log. */
export interface KeyEventBody {
  /**
   * Its place in the log, with gaps.
   * @isLong
   */
  sequence: number
  at: Date
  projectId: string
  keyId: string
  action: 'issued' | 'rotated' | 'revoked' | 'updated' | 'disabled' | 'enabled'
  /** Who did it, in the host's words; null when the host did not say. */
  actor: string | null
  /** What else is worth knowing: `replacedBy`, `rotatedFrom`, or the `fields` that changed. */
  details: Metadata
}

/** Which events to list. */
export interface ListEventsQuery {
  keyId?: string
  /** Only events of this type, such as `key.revoked`. */
  type?: string
  /** Only events that this person or program caused. */
  actor?: string
  /** Only events of this instant and later ones. */
  from?: Date
  /** Only events before this instant. */
  to?: Date
  /** `asc` begins with the oldest. */
  order?: 'asc' | 'desc'
  /**
   * How many events at the most.
   * @isInt must be a whole number
   * @minimum 1 must be 1 or more
   * @maximum 1000 must be 1000 or less
   * @default 100
   */
  limit?: number
  /** From the link to the next page. */
  cursor?: string
}

/** Something that happened to a key. */
export interface EventBody {
  /** Unique, also in webhooks: `webhook-id`. */
  id: string
  /**
   * Its place in the order of all events; with gaps.
   * @isLong
   */
  sequence: number
  type: string
  at: Date
  projectId: string
  keyId: string
  /** Who caused it; null when nobody said, and once the key is erased. */
  actor: string | null
  data: Metadata
}

/** Requests of one day. */
export interface DayBody {
  /** In UTC, `YYYY-MM-DD`. */
  day: string
  /** @isLong */
  count: number
}

/** Requests made with one key. */
export interface KeyUsageBody {
  keyId: string
  /** @isLong */
  count: number
}

/** How much of its quota a project has used. */
export interface QuotaBody {
  /**
   * Requests per month.
   * @isLong
   */
  limit: number
  /**
   * Requests since the first of the month, UTC.
   * @isLong
   */
  used: number
  /** The first of the next month. */
  resetsAt: Date
}

/** How often one thing came of requests. */
export interface OutcomeBody {
  outcome: 'accepted' | 'limited' | 'refused'
  /** Why; null for accepted requests. */
  reason: string | null
  /** @isLong */
  count: number
}

/** A key that somebody wonders about. */
export interface CheckKeyBody {
  /**
   * In full.
   * @minLength 1 must have at least 1 character
   * @maxLength 4096 must have at most 4096 characters
   */
  key: string
  /**
   * The address that its requests come from. Without it, one that the key allows.
   * @maxLength 64 must have at most 64 characters
   */
  ip?: string
  /**
   * The environment that the service requires.
   * @minLength 1 must have at least 1 character
   * @maxLength 64 must have at most 64 characters
   */
  environment?: string
}

/** What is the matter with a key. */
export interface KeyCheckBody {
  works: boolean
  /** Why a request with it is refused, in one word: `malformed`, `unknown`, `mismatch`, `revoked`, `expired`; null when it works. */
  reason: string | null
  /** Where a malformed text is not a key: how it begins, its length, its characters, or its checksum. */
  malformation: 'start' | 'length' | 'alphabet' | 'checksum' | null
  /** The key, also when it does not work; of a wrong secret, the key whose id it has. */
  record: KeyBody | null
}

/** The length of a row of counts. */
export type OutcomeStep = 'hour' | 'day' | 'month'

/** How often one thing came of requests in one hour, day or month. */
export interface OutcomePointBody extends OutcomeBody {
  /** When that begins. */
  at: Date
}

/** A request with a key that was not served. */
export interface KeyRefusalBody {
  at: Date
  /** `limited`: the key was valid, and a limit refused the request. `refused`: the key did not allow it. */
  outcome: 'limited' | 'refused'
  /** Why, in one word: `revoked`, `ip_not_allowed`, `rate_exceeded`. */
  reason: string
  /** The client's address; null when it is not known. */
  address: string | null
}

/** An address that a key is used from. */
export interface KeyAddressBody {
  address: string
  /** The latest accepted request from there. */
  at: Date
}

/** How often the keys of a project were accepted. Days and keys without any use are left out. */
export interface UsageBody {
  /** The first day, in UTC, `YYYY-MM-DD`. */
  from: string
  /** The last day. */
  to: string
  /** @isLong */
  total: number
  days: DayBody[]
  keys: KeyUsageBody[]
  /** What came of all requests, where the service counts that. */
  outcomes?: OutcomeBody[]
  /** The project's quota of this month, whatever days were asked for; null when it has none. */
  quota: QuotaBody | null
}
