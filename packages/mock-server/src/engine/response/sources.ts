// Where an answer comes from: the one list of values of the `Mock-Source` header.

/** Each source with its meaning. The keys are the header's values, and the journal's. */
export const MOCK_SOURCES = {
  stored: 'what clients stored, or the samples that a collection began with',
  echoed: 'what this request sent, in the form of the answer',
  example: 'an example of the document',
  generated: 'made from the schema; no client sent it',
  rule: 'a handler of the rules',
  learned: 'what was learned from recorded traffic of the API',
  scenario: 'a scenario that a user has written',
  upstream: 'the real API, through the proxy',
  error: 'the mock refused the request',
} as const

export type MockSource = keyof typeof MOCK_SOURCES

export const SOURCE_HEADER = 'mock-source'
