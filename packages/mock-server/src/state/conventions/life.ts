// The life of a thing: its times, statuses, flags and counts.

/** What names of times end with that are numbers: Kubeflow, ML Metadata, Keycloak, Jitsi. */
export const EPOCH_ENDING = /(?:sinceepoch|epoch|inmillis|millis|milliseconds|ms)$/

/** A time of an event in the life of a thing: it is set when the event comes, and not before. */
export const TIMES = {
  created:
    /^(created|creation|datecreated|inserted|submitted|registered|issued|uploaded|added)(at|on|time|date|timestamp|datetime)?$|^(createat|createtime|createdate|createdtime|timecreated|insertedat|systemcreatedat|dateadded)$/,
  updated:
    /^(updated|modified|lastmodified|dateupdated|datemodified|lastupdated|changed|lastedited|edited)(at|on|time|date|timestamp|datetime|by)?$|^(lastupdate(at|on|time|date|timestamp)?|updateat|updatetime|modifydate|lastmodifieddatetime|modifiedtime|timemodified|lastmodifiedtime)$/,
  final:
    /^(deleted|archived|cancell?ed|closed|completed|ended|expired|revoked|banned|suspended|trashed|disabled|failed|finished|resolved|merged|rejected|dismissed|purged|removed|terminated|locked|blocked|refunded|voided|withdrawn|discarded|deactivated|paused)(at|on|time|date|timestamp|datetime)?$|^date(deleted|archived|cancell?ed|closed|completed|ended|finished)$|^(delete|archive|expire|cancel)at$|^deletiontimestamp$|^canceldate$/,
} as const

/** A flag that says a thing is over, or has gone wrong: Stripe, GitHub, Asana, Dropbox Sign, PandaDoc, Xero. */
export const FINAL_FLAG =
  /^(is)?(verified|approved|confirmed|archived|completed?|done|declined|errored|deleted|cancell?ed|closed|banned|suspended|trashed|disabled|revoked|expired|locked|blocked|removed|inactive|terminated|refunded|captured|voided|disputed|rejected|failed|merged|paused|deprecated|frozen|destroyed|hidden|spam|muted|truncated)$|^haserrors?$/

/** Members that say where in its life a thing is. */
export const STATUS_MEMBER = /^(status|state|phase|lifecyclestate|lifecyclestatus|stage)$|(status|state)$/

/** Words for the begin and the end of a life, as enums have them. */
export const INITIAL_WORD =
  /^(new|created|draft|pending|open|opened|queued|requested|received|submitted|scheduled|unpaid|todo|to_do|notstarted|initial|initiated|waiting|planned|backlog|incomplete|unverified|registered|invited|active|enabled|live|available|online|ready|valid|ok|normal|running|started)/
export const FINAL_WORD =
  /^(cancell?ed|deleted|archived|closed|failed|failure|completed?|succeeded|success|expired|revoked|rejected|declined|refunded|voided?|terminated|finished|done|resolved|ended|removed|disabled|inactive|suspended|banned|blocked|error|errored|crashed|aborted|stopped|denied|dismissed|lost|won|paid|sent|delivered|bounced|uncollectible|abandoned|destroyed|deactivated|merged|deprecated|locked|trashed?|discarded|killed|accepted|used|spam|timeout|timedout|unpaid_cancelled)/

/** Words for what is on its way out, as no new thing is: Hetzner Cloud, AWS, Qovery. */
export const LEAVING_STATUS =
  /^(deleting|destroying|terminating|stopping|shutting_?down|removing|closing|cancell?ing)$/

/**
 * Statuses of work that a server does by itself: batches of OpenAI, transcripts of AssemblyAI, tasks of Meilisearch, actions
 * of DigitalOcean, assets of Mux, predictions of Replicate.
 */
export const WORK_WORDS = {
  /** What nothing but work at hand is called. */
  working:
    /^(queued|enqueued|running|in_?progress|processing|preparing|building|starting|initiali[sz]ing|validating|provisioning|deploying|generating|executing|indexing|transcoding|rendering|training)$/,
  /** What work may be called before it begins as well. */
  waiting: /^(new|created|pending|waiting|scheduled|submitted|accepted|received|requested|ready|open)$/,
  failed: /^(failed|failure|error|errored|crashed)$/,
  /** What people do, however an API calls its end. */
  human: /^(assigned|approved|in_?review|on_?hold|backlog)$/,
  /** The likeliest end first. */
  finished: [
    'succeeded',
    'success',
    'successful',
    'completed',
    'complete',
    'finished',
    'done',
    'processed',
    'ended',
    'ready',
  ],
} as const

/** Statuses that name what is still missing: `requires_payment_method`, `awaiting_review`. */
export const MISSING_WORD = /^(?:requires|needs|awaiting|missing|waitingfor)_?(.+)$/

/** Counts of what a thing has; a new one has none. */
export const COUNT_MEMBER =
  /(count|counts|total|hits|views|likes|forks|stars|balance|usage|retries|attempts)$|^(num|nb|numberof|total)[a-z]{3,}s$|^times[a-z]+ed$|^totalquantity$/

/** Words of names that count, wherever they stand: `callsCounterEnded` (Vapi), `count_of_open` (Zendesk, Bitbucket). */
export const COUNT_WORDS: ReadonlySet<string> = new Set(['count', 'counts', 'counter', 'counters'])

/** Words of names that say how many there may be, and not how many there are: GitHub's plans, Okta, Auth0. */
export const ALLOWANCE_WORDS: ReadonlySet<string> = new Set([
  'max',
  'maximum',
  'min',
  'minimum',
  'limit',
  'quota',
  'allowed',
  'available',
  'included',
  'remaining',
  'per',
])

/** Numbers that count the changes of a thing, which a change names so that none is lost: commercetools, Contentful, Square. */
export const REVISION_MEMBER = /^(version|revision|rowversion|lockversion)$/

/** What only one of the things of a collection can be: Neon, Stripe, Recurly, PayPal. */
export const EXCLUSIVE_FLAGS: ReadonlySet<string> = new Set(['default', 'primary', 'main', 'current'])

/** What makes the first of a list a special one: `first asset becomes the primary` (Immich), `The first certificate is the primary one` (Warpgate). */
export const FIRST_SENTENCE =
  /\bfirst (\w+)(?: in the (?:list|array))? (?:becomes|is|will be|is used as|will become) (?:the|its) (primary|default|main|cover)\b/i

/** Lists of what has happened to a thing, the last entry the latest: Lithic, InfluxDB, Adyen, Temporal. */
export const HISTORIES: ReadonlySet<string> = new Set(['events', 'history', 'timeline', 'transitions'])

/** How answers call what says whether a switch is on, the likeliest first: DNSimple, GitHub, Pulumi. */
export const ON_FLAGS = ['enabled', 'isenabled', 'active', 'isactive', 'on', 'locked', 'islocked'] as const

/** Times of ends that are 0 until then: Mattermost, Flarum. */
export const ZERO_ENDS = /^(?:delete|archive|expire|cancel)at$/

/** What names of times end with: Stripe, GitHub, Microsoft Graph, Square. */
export const TIME_ENDING = /(at|on|time|date|timestamp|datetime)$/

/** How documents say that a version is that of a state, and not what a thing is about: commercetools, Gusto, Square. */
export const HELD_VERSION_SENTENCE =
  /\b(?:current|latest|expected|stale|invalid|outdated)\b[^.]{0,40}\bversion|\bversion\b[^.]{0,60}\b(?:mismatch|conflict|differ|match|outdated|stale)|optimistic|concurren/i

/** How descriptions list the words that a status may be: GitHub, Zendesk. */
export const LISTED_SENTENCE =
  /\b(?:one of|either|values?|can be|may be|is)\b[: ]+((?:[A-Za-z][\w-]{2,30}(?:, ?(?:or |and )?| or | ?[|/] ?))+[A-Za-z][\w-]{2,30})/i

/** What a thing may be without anything that is called so: Slack's `is_admin`, Linode's `is_public`. */
export const BY_ITSELF =
  /^(active|enabled|available|default|current|public|private|visible|valid|live|open|ready|primary|locked|admin|owner|member)/
