// The texts of the list of keys and its dialogs, in English. A bundle for another language has the same names; `{name}` stands for a
// value that is filled in.

export const messages = {
  close: 'Close',
  cancel: 'Cancel',
  save: 'Save',
  done: 'Done',
  retry: 'Try again',
  justNow: 'just now',
  never: 'Never',
  none: 'None',
  loading: 'Loading',
  unreachable: 'The server cannot be reached. Check your connection and try again.',
  unreachableElsewhere:
    'The server at {server} cannot be reached, or it does not let this page manage keys. Pages of another origin must be named in the allowedOrigins of its managementRouter: {origin}.',
  broken: 'Something went wrong in this page. Reload it.',
  loggedOut: 'You are not logged in. Log in and try again.',
  answered: 'The server answered {status}.',

  title: 'API keys',
  lead: 'Keys let programs call the API. Anybody who holds one can use it, so treat them like passwords.',
  search: 'Search keys',
  searchHint: 'Search by label, key or scope',
  environment: 'Environment',
  status: 'Status',
  created: 'Created',
  createdBy: 'Created by',
  lastUsed: 'Last used',
  expires: 'Expires',
  stopsWorking: 'Stops working',
  scopes: 'Scopes',
  keyId: 'Key id',
  allowlist: 'IP allowlist',
  anywhere: 'Anywhere',
  nowhere: 'Nowhere: the list is empty',
  noKeys: 'No keys yet',
  noKeysText: 'Create the first one, put it into your program, and see here when it is used.',
  noKeysReadOnly: 'Nobody has created a key here.',
  noMatch: 'No matching key',
  showAll: 'Show all keys',
  showMore: 'Show more',
  readOnly: 'You can see these keys, but not change them.',

  'show.all': 'All keys',
  'show.active': 'Active',
  'show.attention': 'Needs attention',
  'show.disabled': 'Disabled',
  'show.expired': 'Expired',
  'show.revoked': 'Revoked or rotated',

  'status.active': 'Active',
  'status.ending': 'Ending',
  'status.disabled': 'Disabled',
  'status.expired': 'Expired',
  'status.rotated': 'Rotated',
  'status.revoked': 'Revoked',
  replacement: 'Replacement',
  timeLeft: '{time} left',

  'concern.expiresSoon': 'Expires soon',
  'concern.rotationDue': 'Rotation due',
  'concern.neverUsed': 'Never used',
  'concern.unused': 'Unused {days}+ days',

  'action.edit': 'Edit',
  'action.rotate': 'Rotate',
  'action.disable': 'Disable',
  'action.enable': 'Enable',
  'action.revoke': 'Revoke',

  create: 'Create key',
  editTitle: 'Edit key',
  saved: 'Saved.',
  usedNever: 'Never used.',
  usedLast: 'Last used {when}.',
  refused: 'Its requests are refused with 401.',

  label: 'Label',
  labelHint: 'What uses the key, such as “backend-prod”.',
  environmentHint: 'Cannot be changed later.',
  expiresHint: 'From then on the key is refused.',
  lastDay: 'Last day',
  scopesHint:
    'Separated by spaces: messages:read, messages:* for all of messages, messages:read@project/7 for one resource. Leave empty when your API asks for none.',
  scopesOffered: 'Scopes of other keys',
  restriction: 'Where it may be used from',
  restricted: 'Only these addresses',
  allowlistHint: 'Addresses or CIDR blocks, one a line. An empty list means the key works nowhere.',
  allowlistCount: 'Entries: {count}.',
  addressesOffered: 'Addresses that this key is used from',

  'expiry.never': 'Never',
  'expiry.7': 'In 7 days',
  'expiry.30': 'In 30 days',
  'expiry.90': 'In 90 days',
  'expiry.365': 'In one year',
  'expiry.date': 'On a date…',

  labelMissing: 'Give the key a label, so that you know it again.',
  labelTooLong: 'At most {max} characters.',
  labelControl: 'It has an invisible control character in it. Enter it again.',
  dateMissing: 'Choose a day.',
  dateOver: 'This day is over.',
  scopesTooMany: 'At most {max} scopes.',
  scopeWrong: '“{scope}” is no scope: plain characters only, no quotes.',
  scopePartial: '“{scope}”: * stands for whole parts only, as in messages:*.',
  addressWrong: '“{entry}” is no address or block, such as 203.0.113.7 or 10.0.0.0/8.',
  addressMapped: '“{entry}” is IPv4 inside IPv6; write it as plain IPv4.',
  addressPrefix: '“{entry}” has a prefix longer than {bits} bits.',
  addressHostBits: '“{entry}” has bits set after its prefix.',
  addressMeant: '“{entry}” has bits set after its prefix: did you mean {meant}?',
  addressesTooMany: 'There are {count} entries; the limit is {max}.',
  andMore: '{problem} And {count} more.',

  rotateTitle: 'Rotate “{label}”?',
  rotateText: 'A new key with the same label, scopes and allowlist replaces this one.',
  rotateExpired: 'The old key has expired and cannot be extended any more.',
  rotateAtOnce: 'Everything that still uses the old key stops working at once.',
  rotateLater: 'Everything that still uses the old key by then stops working.',
  rotateNewExpires: 'The new key expires',
  rotateOldStops: 'The old key stops working',
  'grace.0': 'At once',
  'grace.1': 'After 1 hour',
  'grace.24': 'After 24 hours',
  'grace.168': 'After 7 days',

  revokeTitle: 'Revoke “{label}”?',
  revokeWarning: 'Everything that uses this key stops working at once, for good.',
  revokeText:
    'Requests with it are refused with 401. A revoked key cannot be brought back; what needs access then needs a new key.',
  revoked: '“{label}” is revoked.',
  disableTitle: 'Disable “{label}”?',
  disableWarning: 'Everything that uses this key stops working at once, until you enable it again.',
  disableText: 'Requests with it are refused with 401.',
  disableFollows: 'The key that it replaced follows, if it still works.',
  disabled: '“{label}” is disabled.',
  enableTitle: 'Enable “{label}”?',
  enableText: 'Requests with this key are accepted again at once, until it expires or is disabled.',
  enabled: '“{label}” is enabled.',

  newTitle: 'Save your key',
  newTitleRotated: 'Save your new key',
  newWarning: 'This key cannot be shown again.',
  newText: 'Put it where your program finds it before you close this window. If it gets lost, rotate it.',
  newKey: 'Key “{label}”',
  newEnv: 'For your .env file',
  newTry: 'Try it',
  copy: 'Copy',
  copyEnv: 'To clipboard: .env line',
  copyCurl: 'To clipboard: curl command',
  copiedShort: 'Copied',
  copied: 'Copied.',
  copyRefused: 'The browser does not allow it. Select the text and copy it by hand.',
  notCopied: 'The key was not copied. If nobody has it, rotate it.',
  notCopiedYet: 'The key has not been copied. Once this window is closed, nobody can see it again.',
  closeWithoutKey: 'Close without the key',
}

/**
 * What the management API says, by the code of its answer, or by the status where that says enough. The API speaks English, so an
 * English page quotes it and does without these.
 */
export const failures = {
  'failed.400': 'The service does not accept this: {message}',
  'failed.403': 'Your login does not allow this.',
  'failed.404': 'This does not exist, or is not yours to see.',
  'failed.412': 'Somebody else has changed this meanwhile. Reload it, and decide again.',
  'failed.503': 'The service cannot answer right now. Try again in a moment.',
  'failed.conflict': 'This cannot be done with this key as it is now. Reload it, and look again.',
  'failed.key_limit_reached':
    'This project has as many active keys as it may have. Revoke those that are not needed.',
}

export type MessageName = keyof typeof messages | keyof typeof failures

/** Every text, in one language. A bundle that lacks one does not compile. */
export type Messages = Readonly<Record<MessageName, string>>

/** A language that is not shipped, or one in the words of the host. */
export interface LocaleBundle {
  /** A BCP 47 tag such as `fr` or `pt-PT`: what dates and times are written in. */
  readonly language: string
  readonly messages: Messages
}
