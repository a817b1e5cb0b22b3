// What the dashboard and the sandbox's pages are both drawn with. Its styles are built into the dashboard, which both are part of.

export { type Action, useAction } from './action.js'
export { Choice, type ChoiceProps, optionsOf } from './choice.js'
export { copy } from './copy.js'
export { CopyButton, type CopyButtonProps } from './copy-button.js'
export { Confirm, type ConfirmProps, closeDialog, Dialog, type DialogProps } from './dialog.js'
export { Fact, type FactProps, Facts } from './facts.js'
export { ApiFailure, wordsFor } from './failure.js'
export { useHold } from './hold.js'
export { Icon, icons } from './icon.js'
export { Ago, Instant } from './instant.js'
export { Json, type JsonMark, type JsonProps } from './json.js'
export {
  ListDetail,
  type ListDetailProps,
  RowAnchor,
  RowLink,
  type RowLinkProps,
  Rows,
} from './list-detail.js'
export { Empty, type EmptyProps, Notice, type NoticeProps, Problem, type ProblemProps } from './notice.js'
export { NowProvider, useClock, useNow } from './now.js'
export { type Resource, type ResourceOptions, useResource } from './resource.js'
export { Search, type SearchProps } from './search.js'
export { PageSkeleton, Skeleton, type SkeletonProps } from './skeleton.js'
export {
  ago,
  DAY_MS,
  dateOf,
  dayAndTimeOf,
  dayOf,
  exactly,
  lengthOf,
  numberOf,
  readersOwn,
  shortDay,
  spanDays,
  timeOf,
  tookOf,
} from './time.js'
export {
  useVirtualRows,
  type VirtualList,
  type VirtualListOptions,
  VirtualRows,
  type VirtualRowsProps,
} from './virtual-rows.js'
export { useWords, type Words, WordsProvider } from './words.js'
