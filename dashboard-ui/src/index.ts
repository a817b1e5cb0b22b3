// What the dashboard and the sandbox's pages are both drawn with. The styles of it are the dashboard's.

export { type Action, useAction } from './action.js'
export { Choice, type ChoiceProps, optionsOf } from './choice.js'
export { Confirm, type ConfirmProps, closeDialog, Dialog, type DialogProps } from './dialog.js'
export { ApiFailure, wordsFor } from './failure.js'
export { Icon, icons } from './icon.js'
export { Empty, type EmptyProps, Notice, type NoticeProps, Problem, type ProblemProps } from './notice.js'
export { Search, type SearchProps } from './search.js'
