// What people do to the mock itself: its clock, trouble on demand, snapshots, and a fresh start.

import { Confirm } from '@gosend/dashboard-ui'
import { useState } from 'preact/hooks'
import { createPage, useSandbox } from '../page.js'
import { Head } from '../ui/head.js'
import { icons } from '../ui/icons.js'
import { ClockCard } from './clock-card.js'
import { FaultsCard } from './faults-card.js'
import { JobsCard } from './jobs-card.js'
import { SnapshotsCard } from './snapshots-card.js'

function Controls() {
  const { api, announce } = useSandbox()
  const [isResetting, setResetting] = useState(false)
  return (
    <>
      <Head title="Controls" lead="Move the clock, cause faults, and go back to a snapshot.">
        <button type="button" class="button danger-text" onClick={() => setResetting(true)}>
          Reset everything
        </button>
      </Head>
      <div class="control-columns">
        <div>
          <ClockCard />
          <SnapshotsCard />
        </div>
        <div>
          <FaultsCard />
          <JobsCard />
        </div>
      </div>
      {isResetting && (
        <Confirm
          title="Reset everything?"
          action="Reset"
          onConfirm={async () => {
            await api.send('POST', '/reset')
            announce('The mock is as it was at its start.')
          }}
          onClose={() => setResetting(false)}
        >
          <p>
            Stored objects, scheduled jobs, the log, faults and the clock are reset. Keys, projects and
            snapshots stay.
          </p>
        </Confirm>
      )}
    </>
  )
}

export const controlsPage = createPage(
  { id: 'controls', title: 'Controls', icon: icons.controls, shortcut: 'c' },
  Controls,
)
