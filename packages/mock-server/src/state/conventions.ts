// What names mean, in one table: the only place that knows how APIs call ids, pages, times, states and envelopes. Names
// are normalised (`page[size]` and `pageSize` are `pagesize`). Each row says where its convention is documented or seen;
// a row stays only while it holds for at least two APIs that have nothing to do with each other.

import type { QUERY_MEANINGS } from '../engine/document/hints.js'
import { normalizeName } from '../engine/json.js'

export interface Convention<Meaning extends string = string> {
  readonly meaning: Meaning
  readonly names: readonly string[]
  readonly seenIn: string
}

const row = <Meaning extends string>(
  meaning: Meaning,
  seenIn: string,
  names: string,
): Convention<Meaning> => ({ meaning, names: names.trim().split(/\s+/), seenIn })

const meanings = <Meaning extends string>(
  rows: readonly Convention<Meaning>[],
): ReadonlyMap<string, Meaning> =>
  new Map(rows.flatMap(({ meaning, names }) => names.map((name) => [name, meaning] as const)))

/** What a query parameter, or a member of a search's body, asks of a list. */
export type QueryMeaning = (typeof QUERY_MEANINGS)[number]

export const QUERY_CONVENTIONS: readonly Convention<QueryMeaning>[] = [
  row(
    'size',
    'Stripe, GitHub, Google AIP-158, OData, Spring Data, JSON:API, Django REST framework',
    `
    limit perpage pagesize pagelimit count size take maxresults maxitems maxkeys top first rpp pageitems itemsperpage
    maxpagesize resultsperpage hitsperpage recordsperpage entriesperpage rowsperpage numresults rows odatatop pagecount pagenumberofitems maxrecords batchsize pageperpage pagefirst numberofresults`,
  ),
  row(
    'number',
    'GitHub, GitLab, Django REST framework, Spring Data, JSON:API',
    `
    page pagenumber pageindex pageno currentpage p pagenum pagepage`,
  ),
  row(
    'offset',
    'Spotify, Box, Django REST framework, OData, Jira, SCIM (RFC 7644)',
    `
    offset skip start startindex pageoffset startat startposition odataskip from startfrom firstresult startrow startid`,
  ),
  row(
    'token',
    'Google AIP-158, AWS, Square, Box, Kubernetes, Svix, Slack, Azure',
    `
    cursor pagetoken nexttoken nextpagetoken marker continuationtoken continue iterator scrollid startkey exclusivestartkey
    pagecursor bookmark skiptoken odataskiptoken starttoken nextcursor startcursor pagemarker nextmarker lastkey
    offsettoken pagekey nextpagekey positiontoken scrolltoken searchafter pageid paginationtoken next`,
  ),
  row(
    'after',
    'Stripe, OpenAI, Resend, GraphQL cursor connections',
    `
    after startingafter startafter afterid pageafter startafterid aftercursor fromid`,
  ),
  row(
    'before',
    'Stripe, OpenAI, Resend, GraphQL cursor connections',
    `
    before endingbefore endbefore beforeid pagebefore beforecursor previous prev`,
  ),
  row('later', 'Mastodon, Twitter', 'sinceid minid'),
  row('earlier', 'Mastodon, Twitter', 'maxid untilid'),
  row('around', 'Discord, Zulip', 'around aroundid'),
  row(
    'sort',
    'GitHub, GitLab, Jira, JSON:API, Spring Data, OData, Django REST framework',
    `
    sort sortby orderby order sortfield ordering orderbyfield odataorderby sortkey sortcolumn sorting`,
  ),
  row(
    'direction',
    'GitHub, GitLab, OpenAI, Box',
    `
    direction sortdirection sortorder orderdirection sortdir dir order orderdir ascending`,
  ),
  row(
    'search',
    'GitHub, GitLab, Algolia, Django REST framework, OData',
    `
    q search query searchterm keyword term searchquery keywords fulltext odatasearch searchtext`,
  ),
]
const queryMeanings = meanings(QUERY_CONVENTIONS)
export const queryMeaning = (name: string): QueryMeaning | undefined => queryMeanings.get(normalizeName(name))

/** What a member beside a list says of it. */
export type CounterMeaning =
  | 'total'
  | 'count'
  | 'number'
  | 'size'
  | 'pages'
  | 'offset'
  | 'end'
  | 'more'
  | 'earlier'
  | 'done'
  | 'empty'
  | 'next'
  | 'previous'
  | 'first'
  | 'last'
  | 'self'
  | 'next-token'
  | 'previous-token'
  | 'next-offset'
  | 'first-id'
  | 'last-id'

export const COUNTER_CONVENTIONS: readonly Convention<CounterMeaning>[] = [
  row(
    'total',
    'GitHub search, Clerk, Spring Data, Elasticsearch, OData, SCIM (RFC 7644), Algolia, Dropbox Sign, Paddle, Meilisearch',
    `
    total totalcount totalitems totalresults totalrecords totalelements totalsize xtotalcount totalentries totalhits
    odatacount numfound nbhits recordcount fullcount totalnumber resultcount totalrows totalobjects xtotal numresults estimatedtotal estimatedtotalhits`,
  ),
  row(
    'count',
    'Django REST framework (all of them), HAL APIs',
    `
    count itemcount numberofelements returned itemscount itemsonpage`,
  ),
  row('number', 'GitLab, Laravel, Spring Data', 'page currentpage pagenumber pageindex xpage pageno number'),
  row(
    'size',
    'GitLab, Laravel, Spring Data, Spotify',
    'perpage pagesize limit xperpage itemsperpage hitsperpage recordsperpage size maxresults',
  ),
  row(
    'pages',
    'Spring Data, Laravel, Zoom',
    'totalpages pagecount numpages nbpages xtotalpages pages totalpage numberofpages',
  ),
  row('offset', 'Spotify, Box, Jira, SCIM', 'offset skip start startindex startat from'),
  row('end', 'Twilio, Laravel', 'end to endindex'),
  row(
    'more',
    'Stripe, OpenAI, GraphQL cursor connections, Slack',
    `
    hasmore hasnext more hasnextpage moreavailable hasmoreitems hasmoreresults istruncated moreitemsinlist truncated hasmorepages`,
  ),
  row('earlier', 'GraphQL cursor connections, NestJS', 'hasprevious hasprev haspreviouspage hasprevpage'),
  row('done', 'Svix, Salesforce, Jira', 'done islast lastpagereached isdone islastpage complete'),
  row('empty', 'Spring Data, Micronaut', 'empty'),
  row(
    'next',
    'Django REST framework, Twilio, Microsoft Graph, JSON:API, HAL, Intercom, Asana',
    `
    next nexturl nextpage nextpageurl nexturi nextpageuri nextlink odatanextlink nextpagelink nexthref nextpagenumber`,
  ),
  row(
    'previous',
    'Django REST framework, Twilio, JSON:API, HAL',
    `
    previous prev previousurl prevurl previouspage prevpage previouspageurl previouspageuri prevpageurl previouslink
    prevlink previousuri prevuri previouspagenumber prevpageuri`,
  ),
  row(
    'first',
    'JSON:API, HAL, Spring Data, Twilio',
    'first firstpage firstpageurl firstpageuri firsturl firstlink',
  ),
  row(
    'last',
    'JSON:API, HAL, Spring Data, Laravel',
    'last lastpage lastpageurl lastpageuri lasturl lastlink',
  ),
  row('self', 'JSON:API, HAL, Jira', 'self'),
  row(
    'next-token',
    'Google AIP-158, AWS, Square, Box, Slack, Svix, Kubernetes',
    `
    nextcursor cursor nextpagetoken nextmarker nexttoken endcursor continuationtoken continue iterator nextiterator
    cursornext after nextpagecursor scrollid nextkey lastevaluatedkey bookmark pagetoken nextpagekey paginationtoken`,
  ),
  row(
    'previous-token',
    'Svix, Box, GraphQL cursor connections',
    `
    previouscursor prevcursor previterator previousiterator prevmarker startcursor previouspagetoken prevpagetoken before
    cursorprev previoustoken prevtoken`,
  ),
  row('next-offset', 'Asana, Qdrant', 'nextoffset nextpageoffset nextstart nextskip'),
  row('first-id', 'OpenAI, Anthropic', 'firstid'),
  row('last-id', 'OpenAI, Anthropic', 'lastid'),
]
const counterMeanings = meanings(COUNTER_CONVENTIONS)
export function counterMeaning(name: string): CounterMeaning | undefined {
  const normalized = normalizeName(name)
  return counterMeanings.get(normalized) ?? counterMeanings.get(normalized.replace(/^hydra/, ''))
}

/** Endings of names that mean an id. */
export const ID_ENDINGS = ['id', 'sid', 'gid', 'uid', 'uuid', 'guid', 'pk'] as const

/** Members that identify a thing to people rather than to machines, the likeliest first. */
export const NAME_MEMBERS = [
  'name',
  'key',
  'slug',
  'login',
  'username',
  'handle',
  'code',
  'number',
  'token',
  'email',
  'emailaddress',
  'fingerprint',
  'path',
  'ref',
  'tag',
  'tagname',
  'externalid',
  'address',
  'domain',
  'sha',
  'hash',
  'version',
  'reference',
  'identifier',
  'pspreference',
  'isocode',
  'symbol',
  'title',
  'url',
  'locale',
  'phonenumber',
  'value',
] as const

/**
 * Members that requests may name with the thing, and answers without it, or the other way round: `role_name` is the `name`
 * of a role (OpenAI, Harbor), `name` is the `clickwrapName` of a clickwrap (DocuSign), and `new_branch_name` the `name` of a
 * branch (Gitea).
 */
export const OWN_NAMES = ['name', 'title'] as const

/** What paths call the `number` of a thing that is counted within its collection: Gitea, Redmine, Taiga, Drone. */
export const NUMBER_WORDS: ReadonlySet<string> = new Set(['index', 'no', 'num', 'nr'])

/** Members by which paths call a thing that has several names, the likeliest first: GitHub, Bitbucket, Docker Hub, Jira. */
export const URL_NAMES = ['login', 'username', 'slug', 'handle', 'path', 'key', 'name'] as const

/** Members that repeat the end of a thing's path, its owner before it: GitHub, Bitbucket, GitLab, Hugging Face. */
export const FULL_PATHS: ReadonlySet<string> = new Set([
  'fullname',
  'fullpath',
  'namewithowner',
  'pathwithnamespace',
])

/** Names for what a person is called by in paths, any of which may be another API's word for it: GitHub, Gitea, Keybase, Okta. */
export const HANDLES: readonly string[] = ['login', 'username', 'handle']

/** Objects that hold what a server says of a thing beside what the thing is: Kubernetes, Contentful, JSON:API, Strapi. */
export const HOLDERS: ReadonlySet<string> = new Set([
  'metadata',
  'sys',
  'meta',
  'attributes',
  'objectmeta',
  'systemmetadata',
  'identity',
  'identifiers',
])

/** Objects of what people write of a thing: JSON:API, HubSpot, Airtable, Contentful; profiles of Okta and Slack. */
export const CONTENT_HOLDERS: ReadonlySet<string> = new Set([
  'attributes',
  'properties',
  'fields',
  'data',
  'spec',
  'profile',
])

/** Values of a filter that let everything through: GitHub, GitLab, Discourse, WordPress. */
export const EVERYTHING: ReadonlySet<string> = new Set(['all', 'any', '*', 'both', 'everything'])

/** Members of a search that say which members of the things are shown: HubSpot, Elasticsearch, Notion, Salesforce. */
export const SELECTIONS: ReadonlySet<string> = new Set([
  'properties',
  'fields',
  'select',
  'columns',
  'attributes',
])

/** What stands beside the thing in an envelope and is about the answer: swag, Laravel, Spring, JSend, JSON:API, FastAPI's users. */
export const ABOUT_ANSWERS: ReadonlySet<string> = new Set([
  'code',
  'detail',
  'details',
  'error',
  'errorcode',
  'errors',
  'iserror',
  'issuccess',
  'links',
  'message',
  'meta',
  'metadata',
  'msg',
  'ok',
  'pagination',
  'path',
  'requestid',
  'status',
  'statuscode',
  'success',
  'time',
  'timestamp',
  'traceid',
  'total',
])

/** Objects around a thing that are not the thing: Asana, Clerk's lists, Shopify, Laravel resources, JSend, OData. */
export const ENVELOPES: ReadonlySet<string> = new Set([
  'data',
  'result',
  'results',
  'response',
  'item',
  'object',
  'payload',
  'resource',
  'body',
  'value',
  'content',
  'record',
])

/** Lists among other members: JSON:API, Hydra, Google, Kubernetes, Django REST framework, Spring Data, OData, Box, Algolia. */
export const LIST_NAMES: ReadonlySet<string> = new Set([
  'data',
  'member',
  'hydramember',
  'items',
  'results',
  'entries',
  'records',
  'values',
  'value',
  'list',
  'content',
  'objects',
  'rows',
  'embedded',
  'nodes',
  'edges',
  'hits',
  'elements',
  'resources',
  'result',
])

/** What is said of a schema in its name rather than what it describes: GitHub, Box, Discord, NSwag, FastAPI, DRF. */
export const NAME_AFFIXES: ReadonlySet<string> = new Set([
  'full',
  'mini',
  'base',
  'minimal',
  'simple',
  'basic',
  'detailed',
  'detail',
  'details',
  'summary',
  'response',
  'resource',
  'model',
  'dto',
  'read',
  'out',
  'view',
  'object',
  'public',
  'private',
  'entity',
  'info',
  'get',
  'created',
  'updated',
  'create',
  'update',
  'schema',
  'data',
  'single',
  'nullable',
  'representation',
  'serializer',
  'input',
  'request',
  'result',
  'payload',
  'with',
  'list',
  'item',
  'nested',
  'brief',
  'extended',
  'compact',
  'partial',
  'patched',
  'new',
  'short',
  'a',
  'the',
  'entry',
  'in',
  'body',
  'compactobject',
])

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

/** Words by which a DELETE ends a thing that can still be read: Stripe's subscriptions, Mollie's payments, Lago's subscriptions. */
export const ENDING_VERBS: ReadonlySet<string> = new Set([
  'cancel',
  'terminate',
  'void',
  'deactivate',
  'disable',
  'suspend',
  'close',
])

/** Words by which one thing is made after another: Box, Google Drive, HubSpot, ElevenLabs, Mailchimp. */
export const COPYING_VERBS: ReadonlySet<string> = new Set(['copy', 'clone', 'duplicate', 'replicate'])

/** Words by which one message is made after another, in its conversation: AgentMail, Microsoft Graph, Nylas. */
export const REPLYING_VERBS: ReadonlySet<string> = new Set([
  'reply',
  'replyall',
  'createreply',
  'createreplyall',
])
export const CONVERSATION_MEMBER = /^(thread|conversation|topic|channel)(id)?$/

/** What things call the one that they were made from, without the noun of both: Trello, Langfuse, DocuSeal, Mastodon. */
export const SOURCE_MEMBER =
  /^(?:source|original|(?:copied|cloned|duplicated|forked)(?:from)?|(?:copy|clone|duplicate)(?:of|from)|inreplyto)(?:id)?$/

/** How operations say that they make what is not there: Azure, Clerk, Square, Okta, Algolia, Knock. */
export const UPSERT_WORDS =
  /upsert|(create|add|insert)\s*or\s*(update|replace)|(update|put|replace)s?\s*or\s*(create|insert)|\b(creates?|adds?) (an? )?(new )?\w+ or (updates?|replaces?)/i

/** How descriptions say that a creation replaces what is there: Algolia, Qdrant, commercetools. */
export const REPLACING_SENTENCE = /\bexists?\b[^.]{0,80}\b(is|be|are|gets?) (replaced|updated|overwritten)\b/i

/** How descriptions say by which member a creation finds what it changes: Langfuse, Knock, Supabase. */
export const UPSERTING_SENTENCE =
  /\b(?:upsert(?:s|ed|ing)?|updated if (?:it|one) exists)\b(?:\s+(?:on|by|based on)(?:\s+(?:the|their|its))?\s+[`'"]?(\w+))?/i

/**
 * The same in other words, which name the member: Qovery, Prefect, Qdrant. What says that it fails says no such thing.
 */
export const SAME_MEMBER_SENTENCES: readonly RegExp[] = [
  /\bif\b(?:(?!\band\b)[^.]){0,60}?\b(?<name>\w+)[`'"]? already exists?\b(?:(?!\bnot\b|cannot|error|conflict|fail)[^.]){0,40}\b(?:replaced|updated|overwritten)\b/i,
  /\b(?:replace|update|overwrite)[sd]?\b(?:(?!\b(?:not|and)\b)[^.]){0,40}\bif\b(?:(?!\band\b)[^.]){0,40}?\b(?<name>\w+)[`'"]? already exists?\b/i,
  /\b(?:replace|update|overwrite)s\b[^.]{0,30}\b(?:existing|any)\b[^.]{0,40}\bwith the same [`'"]?(?<name>\w+)(?![`'"]? and\b)/i,
]

/** Members of a change that list what is to be done: commercetools, Google's `batchUpdate`, LaunchDarkly. */
export const ACTION_LISTS: ReadonlySet<string> = new Set([
  'actions',
  'requests',
  'updateactions',
  'instructions',
])
/** What an entry of such a list does, where it says what a member is to be: `setKey`, `changeName`, `updateTitle`. */
export const SETTING_ACTION = /^(set|change|update|rename)(?=[A-Z_-]|$)/

/** Numbers that count the changes of a thing, which a change names so that none is lost: commercetools, Contentful, Square. */
export const REVISION_MEMBER = /^(version|revision|rowversion|lockversion)$/

const switches = (on: string, off: string, value: boolean): ReadonlyMap<string, boolean> =>
  new Map([
    ...on.split(' ').map((name) => [name, value] as const),
    ...off.split(' ').map((name) => [name, !value] as const),
  ])

/** What records of what is done to things are called: Hetzner Cloud, DigitalOcean, Neon. */
export const ACTION_RECORDS: ReadonlySet<string> = new Set(['action', 'operation'])

/** Actions that switch flags which are not called after them: Trigger.dev, Voucherify, Okta, Discourse. */
export const SWITCHES: ReadonlyMap<string, ReadonlyMap<string, boolean>> = new Map(
  ['enable', 'activate', 'reactivate', 'disable', 'deactivate'].map((verb) => {
    const isOn = !/^d/.test(verb)
    return [verb, switches('enabled active activated', 'disabled inactive deactivated', isOn)] as const
  }),
)

/** Actions that take back what another one did, beside those that begin with `un`: GitHub, Hookdeck, Asana, Stripe. */
export const UNDONE: ReadonlyMap<string, readonly string[]> = new Map(
  Object.entries({
    enable: ['disable'],
    resume: ['pause', 'suspend'],
    restore: ['delete', 'archive', 'remove', 'trash'],
    reopen: ['close', 'resolve', 'complete'],
    activate: ['deactivate', 'suspend'],
    reactivate: ['deactivate', 'suspend', 'cancel'],
  }),
)

/** The switches of a body that say whether an action is done or taken back: Knock's `activate` with `status`, Grafana's `pause` with `paused`. */
export const SWITCHED_BY: ReadonlyMap<string, ReadonlySet<string>> = new Map(
  Object.entries({
    activate: 'status state active activate activated enabled value',
    enable: 'status state active enable enabled value',
    deactivate: 'deactivate deactivated inactive value',
    disable: 'disable disabled value',
    pause: 'pause paused value',
    archive: 'archive archived value',
    lock: 'lock locked value',
  }).map(([verb, names]) => [verb, new Set(names.split(' '))] as const),
)

/** What takes such an action back, where that is not called by `un` before it. */
export const OPPOSITE_ACTIONS: ReadonlyMap<string, string> = new Map([
  ['activate', 'deactivate'],
  ['enable', 'disable'],
  ['deactivate', 'activate'],
  ['disable', 'enable'],
])

/** Actions that are done now or at a time to come, and the words of what they lead to now: Knock, Resend. */
export const PLANNED_ACTIONS: ReadonlyMap<string, readonly string[]> = new Map([
  ['send', ['sending', 'sent']],
  ['publish', ['published']],
])

/** How their requests call that time: `send_at` (Knock, SendGrid), `scheduled_at` (Resend). */
export const PLANNING = /^(?:send|publish|deliver|schedule|scheduled)(?:at|on|for|time|date)$/

/** How documents say which status an action leads back to: «The broadcast will return to draft status» (Knock). */
export const RETURNING_SENTENCE =
  /\b(?:returns?|returned|reverts?|reverted) (?:back )?(?:in)?to (?:an? |the |its )?[`'"*]*([A-Za-z][A-Za-z_-]{2,20})[`'"*]* (?:status|state)\b/i

/** Actions that turn a flag round, which of several their names may say: AzuraCast, GrowthBook, Kestra. */
export const TOGGLING = /^toggle/
/** What such an action turns round where its name says no more, the likeliest first. */
export const TOGGLED_FLAGS = ['enabled', 'active', 'disabled', 'inactive'] as const

/** How actions say what a thing is to be from now on, before the word for it: `mark_as_read` (Gmail, Discourse), `set_as_default` (Neon). */
export const MARKING = /^(?:mark(?:as)?|set(?:as)?|make)(?=[a-z]{3})/

/** What only one of the things of a collection can be: Neon, Stripe, Recurly, PayPal. */
export const EXCLUSIVE_FLAGS: ReadonlySet<string> = new Set(['default', 'primary', 'main', 'current'])

/** Actions that give a thing a new secret: Polar, Svix, GitLab, Okta, Clerk. */
export const RENEWING_VERBS: ReadonlySet<string> = new Set([
  'rotate',
  'regenerate',
  'reset',
  'roll',
  'renew',
  'reissue',
])
/** Members that such an action makes anew. */
export const SECRET_MEMBER = /(secret|token|apikey|signingkey|accesskey|privatekey)$/

/** What people sign in with, which no answer repeats: GitLab, Keycloak, Semaphore, Gitea. */
export const PASSWORD = /passw(?:or)?d$|^passphrase$|^newpass$/

/** What came of the things that a request lists, as answers count them: Elasticsearch, Algolia, Segment, Customer.io, Directus. */
export type Tally = 'made' | 'changed' | 'removed' | 'failed' | 'any'
export const TALLIES: ReadonlyMap<string, Tally> = new Map(
  Object.entries({
    made: 'ingested created inserted imported added upserted saved written enqueued',
    changed: 'updated modified changed',
    removed: 'deleted removed',
    failed:
      'failed failure failures error errors errored rejected skipped invalid duplicate duplicates ignored',
    any: 'processed accepted received succeeded success successful successes affected queued sent indexed',
  } satisfies Record<Tally, string>).flatMap(([tally, words]) =>
    words.split(' ').map((word) => [word, tally as Tally] as const),
  ),
)

/** Actions that bring back what a DELETE removed: Onfido, Dodo Payments, Notion, Contentful, Okta. */
export const RESTORING_VERBS: ReadonlySet<string> = new Set([
  'restore',
  'unarchive',
  'undelete',
  'untrash',
  'unremove',
  'recover',
  'reinstate',
])

/** Switches that show what was removed, beside the rest or alone: Onfido, Jira, Google Calendar, Laravel; HubSpot, Google Drive. */
export const SHOWING_REMOVED = {
  too: /^(includes?|with|shows?|showing|returns?)(soft)?(deleted|archived|trashed|removed)([a-z]{3,}s)?$/,
  only: /^(is|only)?(deleted|archived|trashed|removed)(only)?$/,
  tooSentence: /\b(?:includ|also|as well|in addition)/i,
} as const

/** Words for letting a thing join another, and for letting it leave: Asana, HubSpot, Klaviyo, Microsoft Graph, Zulip. */
export const JOINING_WORDS: ReadonlySet<string> = new Set(['add', 'attach', 'assign', 'link', 'associate'])
export const LEAVING_WORDS: ReadonlySet<string> = new Set([
  'remove',
  'detach',
  'unassign',
  'unlink',
  'disassociate',
  'dissociate',
])
/** How operations say that a list is given anew: Boundary, GitHub, Sentry. */
export const SETTING_WORDS: ReadonlySet<string> = new Set(['set', 'replace', 'overwrite'])

/** Words by which a member of a change, or an entry of its list of actions, adds to a list or takes out of it: Linear, Slack, commercetools. */
export const ADDING_WORDS: ReadonlySet<string> = new Set(['add', 'append', 'insert', 'attach'])
export const REMOVING_WORDS: ReadonlySet<string> = new Set(['remove', 'delete', 'detach'])

/** What becomes of the lists of a request that makes, changes and removes things at once: DNSimple, Todoist, Shopify. */
export type BatchStep = 'create' | 'merge' | 'remove'
export const BATCH_LISTS: ReadonlyMap<string, BatchStep> = new Map(
  Object.entries({
    create: 'creates create created inserts insert adds additions',
    merge: 'updates update updated patches changes modifications',
    remove: 'deletes delete deleted removes remove removals deletions',
  }).flatMap(([step, names]) => names.split(' ').map((name) => [name, step as BatchStep] as const)),
)

/** How operations are called that look for things by a POST on their collection: Pydio Cells, ntopng, OpenSearch, Elastic's connectors. */
export const SEARCHING_WORDS: ReadonlySet<string> = new Set(['search', 'list', 'query', 'find'])

/** What a procedure does by the first word of its name: Plaid, Outline, Mailchimp Transactional, Unkey, Algolia. */
export type CallKind = 'create' | 'read' | 'list' | 'merge' | 'remove'
export const CALL_VERBS: ReadonlyMap<string, CallKind> = new Map(
  Object.entries({
    create: 'create add new',
    read: 'get info read retrieve show fetch',
    list: 'list',
    merge: 'update edit modify patch partial',
    remove: 'delete remove destroy',
  } satisfies Record<CallKind, string>).flatMap(([kind, words]) =>
    words.split(' ').map((word) => [word, kind as CallKind] as const),
  ),
)

/** Words of paths that say what would come of something, and do nothing: Lago, Shippo, Stripe, Kubernetes. */
export const TRIAL_WORDS: ReadonlySet<string> = new Set([
  'preview',
  'estimate',
  'simulate',
  'validate',
  'calculate',
  'dry',
])

/** Last segments of paths that search in a collection, or work on several of its things at once. */
export const SEARCH_SEGMENT =
  /^(search|query|find|filter|list|lookup|browse|scroll)$|(?:\.|:)(search|list|query|find)$/i
export const BATCH_SEGMENT =
  /^(batch|bulk|batches|many|multiple)(create|insert|upsert|add|import|send)?$|^(import|ingest|createmany|insertmany)$|[:.](batchcreate|bulkcreate|batch)$/i
/** Words for several at once that leave it to the method what is done: FusionAuth, Pipedrive, Zendesk. */
export const BATCH_PLAIN = /^(batch|bulk|many|multiple)$/i
/** Removes the things that a list of ids names: Datadog, Qdrant, Docker's registries, Novu. */
export const LISTED_REMOVAL = /^(delete|remove|destroy|removal|deletion)$/i
/** Words that read, change or remove things by their ids, several at once: HubSpot, Square, Google AIP-231, Directus. */
export const BATCH_READ = /^(batch|bulk)(read|get|retrieve|fetch)$/i
export const BATCH_CHANGE = /^(batch|bulk)(update|patch|modify)$|^updatemany$/i
export const BATCH_REMOVAL = /^(batch|bulk)(delete|remove|archive|destroy)$|^(delete|destroy)many$/i
/** Any other word for what is done with several things, of which the request says what they are: Knock, Zendesk, Iterable. */
export const BATCH_OTHERWISE = /^(batch|bulk)[a-z]+$|^[a-z]+many$/i
export const COUNT_SEGMENT = /^(\$?count|total)$/i
/** Reads the one thing that the query tells of: Dub, Mastodon. */
export const LOOKUP_SEGMENT = /^(info|lookup|find|get|details?)$/i
/** The bytes of a thing: OpenAI, Box, Google Drive, GitLab. */
export const CONTENT_SEGMENT = /^(content|download|raw|file|data|media|body|binary|blob|value)$/i

/** What paths call whoever asks by: GitHub, Asana, Immich, Discourse. */
export const CURRENT_WORDS = /^(me|self|myself|whoami|current[a-z]*)$/
/** How operations say that they are about whoever asks: GitHub, Influx, DigitalOcean, Box. */
export const CURRENT_SENTENCE =
  /\b(?:current(?:ly)?|authenticated|logged[- ]?in|signed[- ]?in|calling|your|yourself)\b|(?:current|authenticated|loggedin)(?=[A-Z_])/i

/** Query flags that turn a creation into "create unless it is there": Svix, Microsoft Graph, Docker's and Nomad's APIs. */
export const GET_IF_EXISTS = new Set([
  'getifexists',
  'createifnotexists',
  'existok',
  'ifnotexists',
  'findorcreate',
])

/** How descriptions say that a creation gives what is there already, and by which of its members: Apify, Prefect, Karakeep. */
export const EXISTING_SENTENCE =
  /[^.]*\balready exists?\b(?:(?!error|conflict|\d{3})[^.]){0,40}\b(?:returns?\b|(?:is|are|will be) returned\b)[^.]*/i

/** What a file tells of itself, besides its bytes: OpenAI, Box, Stripe, Discord, S3. */
export const FILE_MEMBERS: ReadonlyMap<string, 'name' | 'size' | 'type'> = new Map([
  ...['filename', 'name', 'originalname', 'originalfilename', 'title'].map((name) => [name, 'name'] as const),
  ...['bytes', 'size', 'filesize', 'contentlength', 'length', 'sizebytes', 'sizeinbytes', 'bytesize'].map(
    (name) => [name, 'size'] as const,
  ),
  ...['contenttype', 'mimetype', 'mediatype', 'mime'].map((name) => [name, 'type'] as const),
])

/** Parts of a thing that say what its file is like: Camunda, Supabase. */
export const FILE_PARTS: ReadonlySet<string> = new Set(['metadata', 'filemetadata', 'fileinfo'])

/** What makes the first of a list a special one: `first asset becomes the primary` (Immich), `The first certificate is the primary one` (Warpgate). */
export const FIRST_SENTENCE =
  /\bfirst (\w+)(?: in the (?:list|array))? (?:becomes|is|will be|is used as|will become) (?:the|its) (primary|default|main|cover)\b/i

/** Lists of what has happened to a thing, the last entry the latest: Lithic, InfluxDB, Adyen, Temporal. */
export const HISTORIES: ReadonlySet<string> = new Set(['events', 'history', 'timeline', 'transitions'])

/** Parameters that say which member a path names a thing by: HubSpot's `idProperty`, Customer.io's `id_type`. */
export const ID_SELECTOR = /^(?:id|identifier|key|lookup)(?:property|type|by|field|kind)$/

/** A word in the singular, as far as English goes by rule. */
export const singular = (word: string): string => {
  if (word === 'ids') return 'id'
  return word.length < 4 || /(ss|us|[sx]is|news)$/.test(word)
    ? word
    : word.replace(/ies$/, 'y').replace(/(?<=(s|x|ch|sh|z))es$|s$/, '')
}

/** The words of a name: `FullRepository`, `full-repository` and `full_repository` are the same two. */
export const wordsOf = (name: string): readonly string[] =>
  name
    .replace(/([a-z\d])([A-Z])/g, '$1 $2')
    .replace(/([A-Z]+)([A-Z][a-z])/g, '$1 $2')
    .split(/[^A-Za-z]+/)
    .filter((word) => word !== '')
    .map((word) => word.toLowerCase())

/** What a schema's name says it describes: `repository` of `FullRepository`. */
export function stemOf(name: string): string {
  const words = wordsOf(name.split('.').at(-1) ?? name)
  const own = words.filter((word) => !NAME_AFFIXES.has(word))
  return (own.length > 0 ? own : words).map(singular).join('')
}

const isIdWord = (word: string): boolean => (ID_ENDINGS as readonly string[]).includes(word)

/** `customer_id` of `{customerIdOrKey}`, which takes either (OpenMeter, Spree, Keycloak). */
function withoutEither(words: readonly string[]): readonly string[] {
  const at = words.indexOf('or')
  const isEither = at > 1 && at < words.length - 1 && isIdWord(words[at - 1] ?? '')
  return isEither ? words.slice(0, at) : words
}

/** The thing that a parameter names: `project` of `project_gid`, `pet` of `petId`; what it names it by is left out. */
export function referentOf(parameter: string): string {
  const words = withoutEither(wordsOf(parameter))
  const last = words.at(-1) ?? ''
  const isEnding =
    words.length > 1 &&
    ([...ID_ENDINGS, ...NAME_MEMBERS, 'ident', 'ids', 'ref'] as readonly string[]).includes(last)
  return (isEnding ? words.slice(0, -1) : words).map(singular).join('')
}
