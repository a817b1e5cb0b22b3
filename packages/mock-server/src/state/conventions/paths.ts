// What the words of paths and the names of operations say is done there.

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

/** Segments that say for whom a collection is, or since when: `/v2/scores`, `/admin/users` (Immich, Discourse). */
export const ASIDE_SEGMENT = /^(?:v\d[\w.-]*|admin)$/i

/** What paths call settings: Codat, GitLab, Grafana, Keycloak. */
export const SETTINGS_SEGMENT = /(settings?|configs?|configurations?|preferences|options|policy|profile)\/?$/i

/** Addresses at which an API tells of itself, `/` among them: Weaviate, InfluxDB, Meilisearch, Elasticsearch. */
export const OF_ITSELF = /^\/(?:[^{}]*\/)?(?:meta|health|version|info|about)?$/
