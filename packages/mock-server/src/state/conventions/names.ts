// What things, their members, their parts and what stands around them are called, and what a name is made of.

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

/** The same, with what is said of things of every kind: what says no more is no thing. */
export const SAYS_LITTLE: ReadonlySet<string> = new Set([
  ...ABOUT_ANSWERS,
  ...['count', 'duration', 'kind', 'object', 'type', 'url', 'version'],
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

/** Members that such an action makes anew. */
export const SECRET_MEMBER = /(secret|token|apikey|signingkey|accesskey|privatekey)$/

/** What people sign in with, which no answer repeats: GitLab, Keycloak, Semaphore, Gitea. */
export const PASSWORD = /passw(?:or)?d$|^passphrase$|^newpass$/

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

/** Parameters that say which member a path names a thing by: HubSpot's `idProperty`, Customer.io's `id_type`. */
export const ID_SELECTOR = /^(?:id|identifier|key|lookup)(?:property|type|by|field|kind)$/

/** Names of schemas that say nothing of what they describe: Petstore's `ApiResponse`, GitHub's `empty-object`. */
export const UNSPECIFIC_NAMES: ReadonlySet<string> = new Set([
  '',
  'error',
  'success',
  'ok',
  'empty',
  'any',
  'json',
  'apiresponse',
  'generic',
])

/** What things are told by, several at once: Novu, Segment, Mattermost, Directus. */
export const PLURAL_MARKS = /^(ids|keys|slugs|names|usernames|emails|codes|handles)$/i

/** What paths call an entry of a thing's list by: labels of GitHub by their names, of Gitea by their ids. */
export const ENTRY_NAMES: ReadonlySet<string> = new Set(['id', 'name', 'key', 'slug'])

/** What lists what is above a thing of its own kind, and what names the next of them: commercetools, Confluence, Directus. */
export const ANCESTORS = ['ancestors', 'ancestorids']
export const PARENTS = ['parent', 'parentid', 'parentkey']

/** What things are called that do nothing but join others, besides those that have the name of one of them: WorkOS, Asana, GitLab. */
export const JOINING_NAMES = /member|assign|link|enrol|access|collaborat|participa/

/** Members that say of which kind a thing is: Stripe, Kubernetes, JSON:API, GraphQL. */
export const KIND_MEMBERS: ReadonlySet<string> = new Set(['type', 'kind', 'object', 'typename'])

/** What things call their own addresses, and the objects around these: GitHub, HAL, JSON:API, Zendesk, Kubernetes. */
export const ADDRESS_MEMBERS: ReadonlySet<string> = new Set([
  'url',
  'href',
  'self',
  'selflink',
  'uri',
  'resourceuri',
])
export const ADDRESS_HOLDERS: ReadonlySet<string> = new Set(['links', 'self'])

/** Words that a request adds before or after the name of a member: `new_status` sets the `status` (Datadog), `domain_data` the `domains` (WorkOS). */
export const WORDS_BEFORE: ReadonlySet<string> = new Set(['new'])
export const WORDS_AFTER: ReadonlySet<string> = new Set(['data', 'attributes'])

/** Parts that hold whatever a client wrote of a thing, under names that the client chose: Knock, PostHog, Weaviate. */
export const OPEN_PARTS = ['properties', 'attributes'] as const

/** Members that say of which kind is what a thing is about: Qovery, DigitalOcean. */
export const SCOPE_MEMBER =
  /^(scope|level|scopetype|scopelevel|(owner|parent|target|resource|entity|subject)type)$/

/** How descriptions call an id that a server gives beside the one that clients know a thing by: Lago, Xero, Ory. */
export const UNIQUE_SENTENCE = /\bunique (?:id|identifier)\b/i

/** What else parameters say that they take: `A customer's id or source_id` (Voucherify), `The username or email` (Outline). */
export const EITHER_SENTENCE = /\b([A-Za-z]\w*)[`'"]? or (?:(?:the|its|their|an?) )?[`'"]?([A-Za-z]\w*)/g

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
