// What queries ask of lists, and what answers tell of them: pages, orders, totals, and what was done to many things.

import type { QUERY_MEANINGS } from '../../engine/document/hints.js'
import { normalizeName } from '../../engine/json.js'

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

/** Switches that show what was removed, beside the rest or alone: Onfido, Jira, Google Calendar, Laravel; HubSpot, Google Drive. */
export const SHOWING_REMOVED = {
  too: /^(includes?|with|shows?|showing|returns?)(soft)?(deleted|archived|trashed|removed)([a-z]{3,}s)?$/,
  only: /^(is|only)?(deleted|archived|trashed|removed)(only)?$/,
  tooSentence: /\b(?:includ|also|as well|in addition)/i,
} as const

/** What says of one of several things that it was done to: Salesforce, Zendesk. */
export const DONE_MEMBER = /^(?:success|successful|succeeded|ok|done)$/

/** Names of switches that say whether things with a flag are listed as well: `withHidden` (Immich), `include_archived` (Lever, Slack). */
export const SHOWING_FLAG = /^(?:with|show|include|including)([a-z]{4,})$/

/** What names end with by which an entry of a search's body says what it compares, and with what: HubSpot, Stytch's `filter_name`. */
export const NAMING_WORDS = ['field', 'property', 'name', 'attribute', 'key', 'column'] as const
export const VALUE_WORDS = ['values', 'value'] as const

/** How an entry of a search's body says which way it sorts: Elasticsearch, HubSpot, Notion, Camunda. */
export const ORDER_MEMBERS = ['order', 'direction', 'dir', 'sortOrder', 'sortDirection', 'sort'] as const

/** How descriptions say that a number is that of a page: AgentMail, Notion, Intercom. */
export const PAGE_SENTENCE =
  /\bnumber of \w+ returned\b|\b(?:in|on) (?:this|the current) (?:page|response|batch)\b/i

/** Objects around a list that count and link it: JSON:API, Laravel, Spring Data, Slack, Kubernetes, GraphQL. */
export const AROUND_LISTS =
  /^(links|meta|metadata|paging|pagination|page|pages|pageinfo|pager|responsemetadata|cursor|cursors|pageable|listmeta|info)$/

/** Query parameters that name the members that are shown: JSON:API, OData, Google, Strapi. */
export const FIELDSET = /^(?:\$?select|(?:include_?|only_?)?fields)(?:\[([^\]]+)\])?(?:\[\])?$/i

/** Query parameters that name the members that are shown in full: Stripe, Confluence, Strapi. */
export const EXPANDING = ['expand', 'expand[]', 'populate', 'populate[]'] as const

/** Words of a tally's name that only say that it counts: `num_deleted` (Typesense), `numErrors` (HubSpot). */
export const TALLY_WORDS: ReadonlySet<string> = new Set(['count', 'num', 'number', 'of', 'total'])
