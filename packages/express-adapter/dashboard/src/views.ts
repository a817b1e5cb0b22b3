// All views and dialogs but those of the list of keys, in which the dashboard opens: loaded together with the first of them.

import './styles/usage.css'

export { CheckPage } from './keys/check-page.js'
export { KeyPage } from './keys/key-page.js'
export { ActivityPage } from './projects/activity-page.js'
export { NewProjectDialog } from './projects/new-project.js'
export { SettingsPage } from './projects/settings-page.js'
export { UsagePage } from './projects/usage-page.js'
