import { configDefaults, defineConfig, mergeConfig } from 'vitest/config'
import shared from '../../vitest.config.js'
import { hasChromium } from './test/support/chromium.js'
import { hasNginx } from './test/support/nginx.js'

// Pages are tested in a real browser and proxies with a real nginx, which `npm ci` does not bring. Without one of them its tests
// are left out, but for continuous integration, where they fail and say what to install.
const needs: Readonly<Record<string, { readonly isThere: boolean; readonly tests: readonly string[] }>> = {
  Chromium: {
    isThere: hasChromium(),
    tests: [
      'test/dashboard-browser.test.ts',
      'test/dashboard-accessibility.test.ts',
      'test/dashboard-locale.test.ts',
      'test/dashboard-origins.test.ts',
      'test/element.test.ts',
    ],
  },
  nginx: { isThere: hasNginx(), tests: ['test/nginx.test.ts', 'test/dashboard-origins.test.ts'] },
}
const missing = process.env.CI ? [] : Object.entries(needs).filter(([, { isThere }]) => !isThere)
for (const [name, { tests }] of missing) {
  console.warn(`No ${name} here, so these are left out: ${tests.join(', ')}`)
}
const leftOut = missing.flatMap(([, { tests }]) => tests)

export default mergeConfig(
  shared,
  // Twice the usual: a browser that hangs is started again.
  defineConfig({ test: { hookTimeout: 60_000, exclude: [...configDefaults.exclude, ...leftOut] } }),
)
