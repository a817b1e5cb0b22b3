// Checks the options that functions are called with, for all packages alike, and holds what copies of a package share.

export {
  anything,
  type Check,
  callback,
  delayMs,
  fitting,
  flag,
  having,
  hidesMembers,
  listOf,
  MAX_DELAY_MS,
  mapOf,
  matching,
  nullable,
  OptionError,
  oneOf,
  type RequiredCheck,
  required,
  shown,
  text,
  texts,
  wholeNumber,
} from './checks.js'
export { didYouMean } from './did-you-mean.js'
export { instantOf, isDay, NO_INSTANT } from './instants.js'
export { checkOptions, type GivenOptions, type OptionTable, object, unknownOption } from './options.js'
export { shared, shareInstances } from './shared.js'
