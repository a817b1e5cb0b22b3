// Whose SDKs are run: the document that each vendor publishes, the file it is looked for under, and how the mock is told
// which credential is the right one.

export const vendors = {
  adyen: {
    file: 'adyen-checkout-v71.json',
    document: 'https://github.com/Adyen/adyen-openapi (json/CheckoutService-v71.json)',
    sdk: '@adyen/api-library',
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
  discord: {
    file: 'discord-31.json',
    document: 'https://github.com/discord/discord-api-spec (specs/openapi.json)',
    sdk: '@discordjs/rest',
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
  kubernetes: {
    file: 'k8s.json',
    document: 'https://github.com/kubernetes/kubernetes (api/openapi-spec/swagger.json)',
    sdk: '@kubernetes/client-node',
  },
  openai: {
    file: 'openai-31.json',
    document: 'https://github.com/openai/openai-openapi (openapi.json)',
    sdk: 'openai',
    args: ['--credential', 'ApiKeyAuth=sk-right'],
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
