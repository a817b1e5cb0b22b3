// Whose SDKs are run: the document that each vendor publishes, the file it is looked for under, and how the mock is told
// which credential is the right one.

export const vendors = {
  adyen: {
    file: 'adyen-checkout-v71.json',
    document: 'https://github.com/Adyen/adyen-openapi (json/CheckoutService-v71.json)',
    sdk: '@adyen/api-library',
  },
  asana: {
    file: 'asana.yaml',
    document: 'https://github.com/Asana/openapi (defs/asana_oas.yaml)',
    sdk: 'asana',
    args: ['--credential', 'personalAccessToken=right', '--credential', 'oauth2=right'],
  },
  box: {
    file: 'box.json',
    document: 'https://github.com/box/box-openapi (openapi.json)',
    sdk: 'box-node-sdk',
    args: ['--credential', 'OAuth2Security=right'],
  },
  clerk: {
    file: 'clerk.yml',
    document: 'https://github.com/clerk/openapi-specs (bapi)',
    sdk: '@clerk/backend',
    args: ['--credential', 'bearerAuth=sk_test_right'],
  },
  conekta: {
    file: 'conekta.yaml',
    document: 'https://github.com/conekta/openapi (_build/api.yaml)',
    sdk: 'conekta',
    args: ['--credential', 'bearerAuth=right'],
  },
  datadog: {
    file: 'datadog-v1.yaml',
    document: 'https://github.com/DataDog/datadog-api-client-typescript (.generator/schemas/v1/openapi.yaml)',
    sdk: '@datadog/datadog-api-client',
    because: {
      'the downtimes of a scope are cancelled and named':
        'only the prose of the document tells that the operation removes the downtimes whose scope it is sent',
      'a synthetic test is paused':
        '`new_status` is sent and `status` is shown; only the prose of the document tells that the two belong together',
      'synthetic tests that were deleted are named, and unknown':
        'the tests are named in the body of a POST, and only the prose of the document tells that it deletes them',
      'a wrong key is refused':
        'the document describes a refusal with 403 and none with 401, with which the mock answers',
    },
    args: ['--credential', 'apiKeyAuth=right', '--credential', 'appKeyAuth=right-app'],
  },
  discord: {
    file: 'discord-31.json',
    document: 'https://github.com/discord/discord-api-spec (specs/openapi.json)',
    sdk: '@discordjs/rest',
  },
  docuseal: {
    file: 'docuseal.json',
    document: 'https://github.com/docusealco/docuseal (docs/openapi.json)',
    sdk: '@docuseal/api',
    because: {
      'a template that was never made is unknown':
        'no operation of the document creates a template at `/templates`, below which it is read: an id that nobody made is answered there with a sample',
    },
    args: ['--credential', 'AuthToken=right'],
  },
  dropboxsign: {
    file: 'dropboxsign.yaml',
    document: 'https://github.com/hellosign/dropbox-sign-node (openapi-sdk.yaml)',
    sdk: '@dropbox/sign',
    because: {
      'a signer gets another address':
        '`email_address` is sent and `signer_email_address` of one signature is shown; only the prose of the document tells that the two belong together',
      'who is invited to a team is shown with it':
        'only the prose of the document tells that the address which is sent to `/team/add_member` is then among the invited',
      'a job for two signers counts two requests':
        'only the prose of the document tells that `total` counts the requests',
      'a fax is sent to its recipient':
        '`recipient` is sent and `transmissions` is shown; only the prose of the document tells that the two belong together',
      'a fax line has the user that was added':
        '`email_address` is sent and `accounts` is shown; only the prose of the document tells that the two belong together',
      'a report has the days that were sent':
        'nothing in the document reads a report again, so none is kept, and the answer is a sample',
    },
    args: ['--credential', `api_key=${btoa('right:')}`, '--credential', 'oauth2=unused'],
  },
  dub: {
    file: 'dub.yaml',
    document: 'https://github.com/dubinc/dub-ts (.speakeasy/out.openapi.yaml)',
    sdk: 'dub',
    args: ['--credential', 'token=right'],
  },
  elevenlabs: {
    file: 'elevenlabs.json',
    document: 'https://github.com/elevenlabs/elevenlabs-docs (fern/apis/api/openapi.json)',
    sdk: '@elevenlabs/elevenlabs-js',
    because: {
      'a pronunciation dictionary counts its rules':
        'only the prose of the document tells that `version_rules_num` counts the rules',
    },
  },
  gitea: {
    file: 'gitea.json',
    document: 'https://github.com/anbraten/gitea-js (src/schemas/v1.22.json)',
    sdk: 'gitea-js',
  },
  github: {
    file: 'github.json',
    document: 'https://github.com/github/rest-api-description (api.github.com.json)',
    sdk: '@octokit/rest',
    because: {
      'a missing member is named':
        'the SDK sends no body where it has no member to send, and the document says of that only that a body is required',
      'a wrong token is refused':
        'the document has neither `security` nor `securitySchemes`, so no operation asks for a key',
    },
  },
  hookdeck: {
    file: 'hookdeck.json',
    document: 'https://github.com/hookdeck/hookdeck-api-schema (openapi.json)',
    sdk: '@hookdeck/sdk',
    args: ['--credential', 'bearerAuth=right', '--credential', 'basicAuth=unused'],
  },
  hubspot: {
    file: 'hubspot-contacts.json',
    document:
      'https://github.com/HubSpot/HubSpot-public-api-spec-collection (PublicApiSpecs/CRM/Contacts/Rollouts/424/v3/contacts.json)',
    sdk: '@hubspot/api-client',
    because: {
      'the contact is found by its email':
        'the document does not say in which member `idProperty` finds a contact: its properties are a map of any names',
    },
    args: ['--credential', 'oauth2=right'],
  },
  hydra: {
    file: 'hydra.json',
    document: 'https://github.com/ory/hydra (spec/api.json)',
    sdk: '@ory/hydra-client',
    because: {
      'a key is added to its set':
        'only the prose of the document tells that a PUT of one key makes it if there is none',
      'a deleted set of keys is unknown':
        'a set of keys has no member that names it, so it is taken for a thing that is always there',
      'a token that nobody was given is not active':
        'only the prose of the document tells which tokens are `active`',
    },
  },
  influxdb: {
    file: 'influxdb.yml',
    document: 'https://github.com/influxdata/openapi (contracts/oss.yml)',
    sdk: '@influxdata/influxdb-client',
    args: [
      'TokenAuthentication=right',
      'BasicAuthentication=unused',
      'QuerystringAuthentication=unused',
    ].flatMap((one) => ['--credential', one]),
  },
  intercom: {
    file: 'intercom.yaml',
    document: 'https://github.com/intercom/Intercom-OpenAPI (descriptions/2.14/api.intercom.io.yaml)',
    sdk: 'intercom-client',
    args: ['--credential', 'bearerAuth=right'],
  },
  klaviyo: {
    file: 'klaviyo.json',
    document: 'https://github.com/klaviyo/openapi (openapi/stable.json)',
    sdk: 'klaviyo-api',
    because: {
      'an event is in the list with its properties':
        '`properties` is sent and `event_properties` is shown; only the prose of the document tells that the two belong together',
    },
    args: ['--credential', 'Klaviyo-API-Key=right'],
  },
  kubernetes: {
    file: 'k8s.json',
    document: 'https://github.com/kubernetes/kubernetes (api/openapi-spec/swagger.json)',
    sdk: '@kubernetes/client-node',
    because: {
      'a watch tells of what there is':
        'the document does not say that `watch` makes a stream of a list, so it is answered with the list',
    },
  },
  lago: {
    file: 'lago.yaml',
    document: 'https://github.com/getlago/lago-openapi (openapi.yaml)',
    sdk: 'lago-javascript-client',
    because: {
      'a customer of the same id is changed':
        'the document says of the operation only that it creates a customer',
    },
    args: ['--credential', 'bearerAuth=right'],
  },
  langfuse: {
    file: 'langfuse.yml',
    document: 'https://github.com/langfuse/langfuse (web/public/generated/api/openapi.yml)',
    sdk: '@langfuse/core',
    because: {
      'a run is made by its first item':
        'only the prose of the document tells that an item makes the run that it names',
      'a second version is made under the same name':
        'only the prose of the document tells that a creation under a name that is taken makes another version',
    },
    args: ['--credential', `BasicAuth=${Buffer.from('right:x').toString('base64')}`],
  },
  lithic: {
    file: 'lithic.yml',
    document: 'https://github.com/lithic-com/lithic-openapi (lithic-openapi.yml)',
    sdk: 'lithic',
    args: ['--credential', 'ApiKeyAuth=right'],
  },
  mistral: {
    file: 'mistral.yaml',
    document: 'https://github.com/mistralai/platform-docs-public (openapi-public-doc.yaml)',
    sdk: '@mistralai/mistralai',
    because: {
      'the versions of an agent are versions of that agent':
        'only the prose of the document tells that what is listed below an agent is the agent itself, as it was after each change',
      'an alias names a version':
        'an alias is put at the path of its list and named in the query; only the prose of the document tells that it is then in the list',
      'a deleted alias is in the list no more':
        'the DELETE is at the path of the list and names the alias in the query, so it is taken to remove the list',
      'the history of a conversation has what was said':
        '`inputs` is sent and `entries` is shown; only the prose of the document tells that the two belong together',
      'a library counts its documents': 'the document does not say what `nb_documents` counts',
      'a library is shared with a user':
        'the document does not say that `library_id` is the id in the path at which the library is shared',
    },
    args: ['--credential', 'ApiKey=right'],
  },
  'modern-treasury': {
    file: 'modern-treasury.yaml',
    document: 'https://github.com/Modern-Treasury/modern-treasury-openapi (openapi/mt_openapi_spec_v1.yaml)',
    sdk: 'modern-treasury',
    args: ['--credential', `basic_auth=${btoa('org:right')}`],
  },
  mollie: {
    file: 'mollie.yaml',
    document: 'https://github.com/mollie/mollie-api-typescript (.speakeasy/out.openapi.yaml)',
    sdk: 'mollie-api-typescript',
    args: ['apiKey=test_right', 'advancedAccessToken=unused', 'oAuth=unused'].flatMap((one) => [
      '--credential',
      one,
    ]),
  },
  netlify: {
    file: 'netlify.yml',
    document: 'https://github.com/netlify/open-api (swagger.yml)',
    sdk: '@netlify/api',
    args: ['--credential', 'netlifyAuth=right'],
  },
  okta: {
    file: 'okta.yaml',
    document: 'https://github.com/okta/okta-sdk-nodejs (oas-spec/management.yaml)',
    sdk: '@okta/okta-sdk-nodejs',
    args: ['--credential', 'apiToken=right', '--credential', 'oauth2=unused'],
  },
  openai: {
    file: 'openai-31.json',
    document: 'https://github.com/openai/openai-openapi (openapi.json)',
    sdk: 'openai',
    args: ['--credential', 'ApiKeyAuth=sk-right'],
  },
  pagerduty: {
    file: 'pagerduty.json',
    document: 'https://github.com/PagerDuty/api-schema (reference/REST/openapiv3.json)',
    sdk: '@pagerduty/pdjs',
    because: {
      'a changed user keeps the rest':
        'the document requires the members of a whole user in the body of a PUT, so the PUT replaces the user',
      'the details of an incident are a text':
        'the document says that `details` is an object, though its own example sends a text',
      'a member of a team is in its list':
        'a user is put at `/teams/{id}/users/{user_id}` and shown at `/teams/{id}/members`; only the prose of the document tells that the two belong together',
    },
    args: ['--credential', 'api_key=right'],
  },
  openfga: {
    file: 'openfga.json',
    document: 'https://github.com/openfga/api (docs/openapiv2/apidocs.swagger.json)',
    sdk: '@openfga/sdk',
    because: {
      'tuples that were written are read':
        'only the prose of the document tells that `/write` makes the tuples that `/read` lists',
      'a tuple that was deleted is read no more':
        'only the prose of the document tells that `/write` makes the tuples that `/read` lists',
    },
  },
  plaid: {
    file: 'plaid.yml',
    document: 'https://github.com/plaid/plaid-openapi (2020-09-14.yml)',
    sdk: 'plaid',
    args: ['clientId=client', 'secret=right', 'plaidVersion=2020-09-14'].flatMap((one) => [
      '--credential',
      one,
    ]),
  },
  polar: {
    file: 'polar.json',
    document: 'https://github.com/polarsource/polar (docs/openapi/2026-04.openapi.json)',
    sdk: '@polar-sh/sdk',
    because: {
      'a checkout begins with the first of its products':
        'only the prose of the document tells that the first of the products is the one that is selected',
    },
    args: ['oat=polar_right', 'pat=unused', 'oidc=unused'].flatMap((one) => ['--credential', one]),
  },
  qdrant: {
    file: 'qdrant.json',
    document: 'https://github.com/qdrant/qdrant (docs/redoc/master/openapi.json)',
    sdk: '@qdrant/js-client-rest',
    because: {
      'points are found by their payload':
        'a condition has a structure of its own, and only the prose of the document tells which points it matches',
      'a key of a payload is deleted':
        'only the prose of the document tells that `keys` names what is removed from a payload',
      'a point that is sent again is replaced':
        'only the prose of the document tells that a point which is sent again loses what is not sent',
      'a point that was deleted by its payload is unknown':
        'a condition has a structure of its own, and only the prose of the document tells which points it matches',
      'the collection tells of an index of its payload':
        'the document does not say that the index of a field is shown in `payload_schema`',
      'an alias is in the list':
        'aliases are changed by a list of actions, and only the prose of the document tells what an action does',
    },
  },
  resend: {
    file: 'resend.yaml',
    document: 'https://github.com/resend/resend-openapi (resend.yaml)',
    sdk: 'resend',
    because: {
      'the domain is then unknown, by the name of the error':
        'the document describes no error at all, so nothing says that errors have names',
    },
    args: ['--credential', 'bearerAuth=re_right'],
  },
  square: {
    file: 'square.json',
    document: 'https://github.com/square/connect-api-specification (api.json)',
    sdk: 'square',
    args: ['--credential', 'oauth2=right'],
  },
  stripe: {
    file: 'stripe.json',
    document: 'https://github.com/stripe/openapi (openapi/spec3.json)',
    sdk: 'stripe',
    args: ['--credential', 'bearerAuth=sk_test_right', '--credential', 'basicAuth=unused'],
  },
  stytch: {
    file: 'stytch.yml',
    document: 'https://github.com/stytchauth/stytch-openapi (openapi.yml)',
    sdk: 'stytch',
    because: {
      'a search for an address finds who has it':
        'only the prose of the document tells that the filter `email_address` is about the `email` of one of the `emails`',
    },
    args: ['--credential', `basicAuth=${Buffer.from('right:x').toString('base64')}`],
  },
  sumup: {
    file: 'sumup.json',
    document: 'https://github.com/sumup/sumup-openapi (openapi.json)',
    sdk: '@sumup/sdk',
    args: ['--credential', 'apiKey=sup_sk_right', '--credential', 'oauth2=sup_sk_right'],
  },
  svix: {
    file: 'svix.json',
    document: 'https://api.svix.com/api/v1/openapi.json',
    sdk: 'svix',
    args: ['--credential', 'HTTPBearer=testsk_right.eu'],
  },
  twilio: {
    file: 'twilio.json',
    document: 'https://github.com/twilio/twilio-oai (spec/json/twilio_api_v2010.json)',
    sdk: 'twilio',
    // The account and the token of its program, as HTTP Basic sends them.
    args: ['--credential', `accountSid_authToken=${btoa(`AC${'0f'.repeat(16)}:right`)}`],
  },
  typesense: {
    file: 'typesense.yml',
    document: 'https://github.com/typesense/typesense-api-spec (openapi.yml)',
    sdk: 'typesense',
    args: ['--credential', 'api_key_header=right'],
  },
  unkey: {
    file: 'unkey.yaml',
    document: 'https://github.com/unkeyed/unkey (svc/api/openapi/openapi-generated.yaml)',
    sdk: '@unkey/api',
    because: {
      'a role is found by its id':
        'roles and permissions have procedures of one name, `permissions`, and the member that names a role is called `role`',
      'an API that was never made is unknown':
        'a procedure may name what was made elsewhere: what nobody removed is answered with a sample',
    },
    args: ['--credential', 'bearer=right'],
  },
  vapi: {
    file: 'vapi.json',
    document: 'https://github.com/VapiAI/docs (fern/apis/api/openapi.json)',
    sdk: '@vapi-ai/server-sdk',
    because: {
      'a file that is attached names its knowledge base':
        'the document does not say that `knowledgeBaseV2Id` is the id in the path at which the file is attached',
      'a knowledge base is shown with its files':
        'the document does not say that `files` shows what is attached at the path `file` below the knowledge base',
    },
    args: ['--credential', 'bearer=right'],
  },
  weaviate: {
    file: 'weaviate.json',
    document: 'https://github.com/weaviate/weaviate (openapi-specs/schema.json)',
    sdk: 'weaviate-ts-client',
    because: {
      'an object is checked for':
        'no operation of the document creates a thing at `/objects/{className}/{id}`, where the SDK looks: an id that nobody made is answered there with a sample',
    },
  },
  workos: {
    file: 'workos.yaml',
    document: 'https://github.com/workos/openapi-spec (spec/open-api-spec.yaml)',
    sdk: '@workos-inc/node',
    args: ['--credential', 'bearer=sk_right', '--credential', 'access_token=unused'],
  },
  xero: {
    file: 'xero.yaml',
    document: 'https://github.com/XeroAPI/Xero-OpenAPI (xero_accounting.yaml)',
    sdk: 'xero-node',
    args: ['--credential', 'OAuth2=right'],
  },
}

/** What steps are about; each is a column of the table. */
export const KINDS = [
  'create',
  'read',
  'list',
  'page',
  'update',
  'delete',
  'gone',
  'invalid',
  'key',
  'file',
  'stream',
  'more',
]
