// What is done to things, by the words that operations, members and descriptions have for it.

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

/** What takes an action back, or is taken back by it: `resume` for `pause`, `pause` for `resume`, else `unlock` for `lock`. */
export const oppositeOf = (verb: string): string => OPPOSITES.get(verb) ?? `un${verb}`
const OPPOSITES = new Map(
  [...UNDONE]
    .flatMap(([verb, [undone = '']]) => [[undone, verb] as const, [verb, undone] as const])
    .reverse(),
)

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

/** Actions that give a thing a new secret: Polar, Svix, GitLab, Okta, Clerk. */
export const RENEWING_VERBS: ReadonlySet<string> = new Set([
  'rotate',
  'regenerate',
  'reset',
  'roll',
  'renew',
  'reissue',
])
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

/** Members by which records say what was done to, and how far that is: Hetzner Cloud, DigitalOcean, Google Compute Engine. */
export const RECORD_MEMBERS = /^(resources|resourceid|resourcetype|targetid|progress|started(at)?)$/

/** Members that say what is done: Hetzner Cloud, DigitalOcean, Intercom's `message_type`, Jira's `transition`. */
export const ACTION_MEMBER = /^(?:command|action|event|operation|transition|messagetype|type|verb)$/

/** How descriptions say that an action makes another thing, and what: DocuSeal, Stripe, Voucherify, ElevenLabs. */
export const MAKING_SENTENCE =
  /\b(?:creat(?:es?|ing)|generat(?:es?|ing)|makes?|produces?|into)\s+(?:(?:an?|one|another)\s+)?new\s+([\w -]{1,60})/gi
export const COPYING_SENTENCE =
  /\bcreat(?:es?|ing)\s+(?:an?|another)\s+(?:\w+\s+)?(?:copy|duplicate|clone)\s+of\b/i

/** How descriptions say that a change makes a new version: Mistral, ElevenLabs, Langfuse. */
export const NEW_VERSION_SENTENCE =
  /\bnew version\b|\bincrement(?:s|ed|ing)?\b[^.]{0,30}\b(?:version|revision)\b/i
