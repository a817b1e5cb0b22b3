// A process of its own that opens each of the files it is given as a store of keys, at the same moments as its siblings,
// and prints what goes wrong.

import { setTimeout } from 'node:timers/promises'
import { openSqlite, sqliteStore } from '@gosend/auth-core/sqlite'

const [from, ...files] = process.argv.slice(2)
for (const [i, file] of files.entries()) {
  const start = Number(from) + i * 50
  await setTimeout(start - Date.now() - 10)
  while (Date.now() < start);
  const connection = openSqlite(file)
  try {
    sqliteStore(connection)
  } catch (error) {
    console.log(error.message)
  }
  connection.close()
}
