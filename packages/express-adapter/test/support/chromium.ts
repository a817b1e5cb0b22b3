// Where the machine keeps its browser.

import { existsSync } from 'node:fs'

const places = [
  process.env.CHROMIUM_PATH,
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome-stable',
  '/usr/bin/google-chrome',
  '/snap/bin/chromium',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
]

export const hasChromium = () => places.some((place) => place !== undefined && existsSync(place))

/** @throws Error that says what to install. */
export function findChromium(): string {
  const found = places.find((place) => place !== undefined && existsSync(place))
  if (found !== undefined) return found
  throw new Error(
    'The dashboard is tested in a real browser, and this machine has none. Install Chromium ' +
      '(`apt-get install chromium` on Debian and Ubuntu), or set CHROMIUM_PATH to a Chromium or Chrome.',
  )
}
