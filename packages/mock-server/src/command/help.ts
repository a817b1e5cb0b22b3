// What `gosend-mock --help` prints: 80 columns, which every terminal has.

export const HELP = `gosend-mock: a stateful, offline sandbox made from an OpenAPI document

Usage
  gosend-mock                  serve GoSendAPI v1 on http://127.0.0.1:4010
  gosend-mock openapi.yaml     serve any OpenAPI 3.0-3.2 or Swagger 2.0 file;
                               also --spec FILE, or mock FILE as Prism spells it
  gosend-mock https://…        serve a document from its address
  gosend-mock a.yaml b.yaml    serve several, each below its own base path
  gosend-mock proxy FILE URL   forward to a real API, and hold both directions
                               against the document
  gosend-mock learn FILE.har [--spec FILE] [--out FILE]
                               learn from recorded traffic (HAR, Postman,
                               WireMock) what the document does not say
  gosend-mock test FILE.har [--spec FILE] [--out FILE]
                               print a test for Vitest that sends recorded
                               requests again and holds their answers
  gosend-mock parity FILE URL  send the same calls to the mock and to the real
                               API, and print where they differ; also --json
  gosend-mock mcp [FILE]       serve an agent over standard input and output,
                               by the Model Context Protocol
  gosend-mock wait URL         wait until something answers; also --timeout TIME
  gosend-mock keygen           print a fixed pair of keys, for CI
  gosend-mock explain FILE [OPERATION]
                               print how each operation is read: what it does,
                               with what, declared or guessed; also --json
  gosend-mock help             print this; with --json for programs

Server
  -s, --spec FILE        the document, JSON or YAML: a file, or an http or https
                         address
      --mount /PATH=FILE serve a document below this path; may be repeated
      --overlay FILE     change the document by an OpenAPI Overlay, 1.0 or 1.1;
                         may be repeated
  -p, --port N           0 takes any free port                           [4010]
  -h, --host ADDRESS     0.0.0.0 lets other machines in             [127.0.0.1]
      --https            serve https, over HTTP/1.1 and HTTP/2, with a
                         certificate that is made at the first start and
                         kept with the state
      --cert FILE, --key FILE
                         serve https with this certificate and its key, as PEM
      --ca FILE          what signs client certificates; https as well
      --allow-host NAME  answer to this host name too; may be repeated
      --control-from NETWORK
                         let machines of this network use the control plane and
                         the sandbox's pages, with the admin key, such as
                         172.16.0.0/12; may be repeated           [this machine]
      --timeout TIME     how long \`wait\` waits                            [30s]
      --db FILE          where state is kept; :memory: forgets it
                                  [.gosend/mock.db, or one for each document]
      --seed-data FILE   what collections begin with:
                         {"/pets": [{"name": "Rex"}]}
      --max-body SIZE    bytes of a request body, such as 20MB            [10MB]
      --watch            swap the document when its files change, or what is at
                         its address; what is stored stays
      --cors             let pages of any origin call the mocked API, not only
                         those of this machine; --no-cors lets none of them
      --cors-origin URL  let pages of this origin call it, with credentials; may
                         be repeated
      --env FILE, --env-file FILE
                         read the variables below from a file; no other file is
                         ever read. Node reads --env-file itself, too, and
                         ends in its own words where the file is missing

References
  A $ref may lead to what lies below the document's own folder or address. One
  that leads elsewhere, or nowhere, is a warning; anything is accepted there.
      --root DIR         references may lead to files below this folder
      --allow-remote-refs
                         references may lead to any public https address; what
                         is there is kept in .gosend/documents, and read from
                         there from then on
      --allow-ref-host HOST
                         documents may be read from this host, address or
                         network although it is private, and over http; may be
                         repeated

Keys
      --key-test KEY     the sandbox key              or GOSEND_MOCK_KEY_TEST
      --key-live KEY     the production key           or GOSEND_MOCK_KEY_LIVE
      --admin-key KEY    for /admin and /_mock, 32 characters or more
                                                     or GOSEND_MOCK_ADMIN_KEY
                         Flags are visible to other users of this machine, in
                         \`ps\`; these keys open nothing but this sandbox. Prefer
                         the variables anyway.
      --auth MODE        strict: only this mock's keys; any: any credential;
                         off                                           [strict]
      --credential S=VALUE
                         what security scheme S accepts; may be repeated
      --client ID:SECRET an OAuth client that gets tokens, or ID alone for a
                         public one; may be repeated              [any client]
      --redirect-uri URL where OAuth clients may have people sent back to,
                         besides this machine; may be repeated

Answers
      --requests MODE    strict: refuse requests that do not fit the document;
                         warn: answer, and say so in Mock-Violations and the
                         log; off: do not look                        [strict]
  -d, --dynamic          new values for every answer instead of examples
      --seed TEXT        other, but always the same, samples             [mock]
      --stateless        store nothing: examples and samples only
      --seed-items N     samples that every collection begins with          [2]
      --scenario FILE    answers from a script, YAML or JSON; may be repeated
      --record FILE.har  write what clients send and get into this file, without
                         credentials; what it has already stays
      --record-bodies SIZE
                         how much of a body is recorded, at most 64MB     [64KB]
      --learned FILE     answer as recorded traffic did; --no-learned does not
                                [openapi.learned.yaml, beside the document]
      --out FILE         where \`learn\` or \`test\` writes
      --strict           an error where the document contradicts itself
      --fail-on-guess    refuse a document that leaves the mock to guess what an
                         operation does; explain then exits with 1

Webhooks
  What the document describes as webhooks and callbacks is sent when it happens.
      --webhook URL      send all webhooks there too; may be repeated
      --webhook-secret SECRET
                         what they are signed with, such as whsec_…
                                                or GOSEND_MOCK_WEBHOOK_SECRET
      --allow-webhook-host HOST
                         post webhooks to this host, address or network too,
                         over https; may be repeated        [this machine only]

Proxy
      --errors           an error in place of requests and answers that do not
                         fit the document; else the header sl-violations, the
                         log and the journal tell
      --fail-on violations
                         exit with 1 if any did not fit, or had no answer
      --no-fallback      pass on the 501 of the API, and answer 502 or 504 where
                         it cannot be reached; else the mock answers
      --mocked OPERATION the mock always answers this one; may be repeated
      --no-validate-request
                         hold only answers against the document
      --upstream-timeout TIME
                         how long to wait for an answer                    [30s]
      --upstream-ca FILE what signs the certificate of the API, as PEM

Parity
      --har FILE         send recorded requests, in place of an example of each
                         operation that changes nothing; may be repeated
      --writes           send examples of the other operations too
      --header LINE      send this to the API, such as its credential:
                         'Authorization: Bearer ...'; may be repeated

GoSendAPI
      --rate-limits MODE documented: 10 requests a second in the sandbox, and so
                         on; off: none, for tests at full speed    [documented]
                                                   or GOSEND_MOCK_RATE_LIMITS

Output
      --quiet            no line per request
      --json             one line of JSON on standard output once it listens
      --help             print this; with --json for programs
      --version          print the version

One request may ask for more:
  Prefer: code=404, example=NAME, dynamic=true, delay=250
`
