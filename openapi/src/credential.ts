// The credentials that the clients send: checked before any request is made, and never repeated in an error.

interface CredentialForm {
  readonly pattern: RegExp
  readonly description: string
}

const FORMS = {
  apiKey: { pattern: /^gsk_(?:test|live)_[\w-]+$/, description: 'begin with gsk_test_ or gsk_live_' },
  adminKey: { pattern: /^[\x21-\x7e]{32,}$/, description: 'have at least 32 visible ASCII characters' },
} satisfies Record<string, CredentialForm>

/**
 * The credential as it goes into a header, without the one line break that a file's last line leaves.
 *
 * @throws TypeError when the value does not have the form; the message says what to do, not what was given.
 */
export function checkCredential(name: keyof typeof FORMS, value: unknown): string {
  const { pattern, description } = FORMS[name]
  const credential = typeof value === 'string' ? value.replace(/\r?\n$/, '') : ''
  // fetch repeats a header value that it refuses in its own error, so a malformed one must not get that far.
  if (!pattern.test(credential)) {
    throw new TypeError(
      `${name}: must ${description} and contain no quotes, blanks or line breaks; copy it again as a whole ` +
        '(what was given is not shown here, because it may be a secret)',
    )
  }
  return credential
}
