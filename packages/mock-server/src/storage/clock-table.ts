// The setting of the mock's clock, which belongs to what is stored: its instants lie on both sides of a restart.

import type { ClockMemory, ClockSetting } from '../clock.js'
import type { Connection } from './connection.js'
import type { Transactions } from './transactions.js'

export const CLOCK_TABLES = `
  CREATE TABLE IF NOT EXISTS mock_clock (setting TEXT NOT NULL) STRICT;
`

export function openClockMemory(db: Connection, { begin }: Transactions): ClockMemory {
  const select = db.prepare<string>('SELECT setting FROM mock_clock').pluck()
  const clear = db.prepare('DELETE FROM mock_clock')
  const insert = db.prepare('INSERT INTO mock_clock VALUES (?)')
  return {
    load() {
      const setting = select.get()
      return setting === undefined ? undefined : (JSON.parse(setting) as ClockSetting)
    },
    save(setting) {
      begin()
      clear.run()
      if (setting !== undefined) insert.run(JSON.stringify(setting))
    },
  }
}
