import { defineConfig } from '@playwright/test'
import { findChromium } from '#lib/artifacts/tools.ts'
import { loadConfig } from '#lib/config.ts'

/** The production build and the real stack; one browser after another, because they share the stack and two cores. */
export default defineConfig({
  testDir: 'e2e',
  testMatch: '*.spec.ts',
  globalSetup: './e2e/support/console.ts',
  workers: 1,
  forbidOnly: true,
  // Room for a machine of half the usual speed; what is waited for decides, not the clock.
  timeout: 600_000,
  expect: { timeout: 60_000 },
  reporter: [['list'], ['json', { outputFile: 'test-results/e2e.json' }]],
  use: {
    // Playwright's own browsers need a download of their own; the system's is the one that .ci/run installs.
    launchOptions: {
      executablePath: findChromium(loadConfig().searchPath) ?? 'chromium',
      args: [
        '--no-sandbox',
        '--disable-gpu',
        '--no-first-run',
        '--disable-background-networking',
        '--disable-component-update',
        '--disable-sync',
      ],
    },
    locale: 'en-GB',
    timezoneId: 'Europe/Madrid',
    viewport: { width: 1440, height: 900 },
    trace: 'retain-on-failure',
  },
})
