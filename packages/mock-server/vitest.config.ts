import { configDefaults, defineConfig, mergeConfig } from 'vitest/config'
import shared from '../../vitest.config.js'
import { hasChromium } from '../express-adapter/test/support/chromium.js'

// Pages are tested in a real browser, which `npm ci` does not bring. Without one these tests are left out, but for
// continuous integration, where they fail and say what to install.
const needsBrowser = [
  'test/dashboard/pages.test.ts',
  'test/dashboard/accessibility.test.ts',
  'test/pages-browser.test.ts',
]
const leftOut = hasChromium() || process.env.CI ? [] : needsBrowser
if (leftOut.length > 0) console.warn(`No Chromium here, so these are left out: ${leftOut.join(', ')}`)

export default mergeConfig(
  shared,
  // Twice the usual: a browser that hangs is started again.
  defineConfig({ test: { hookTimeout: 60_000, exclude: [...configDefaults.exclude, ...leftOut] } }),
)
