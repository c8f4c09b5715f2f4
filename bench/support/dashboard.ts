/** How long a person waits for an embedded dashboard, in a browser, on a stack with a console. */
import { type Browser, chromium, type Page } from '@playwright/test'
import { TestStack } from '#e2e/pipeline/stack.ts'
import { findChromium } from '#lib/artifacts/tools.ts'
import type { Config } from '#lib/config.ts'

const patienceMs = 120_000

export interface Viewer {
  /** Seconds from the click on Analytics to the number and all charts in sight being drawn. */
  drawn(): Promise<number>
  close(): Promise<void>
}

/** Starts the stack with its console, replays a part of the sample, and enters. */
export async function openViewer(config: Config, portOffset: number): Promise<Viewer> {
  const stack = new TestStack(config.homeDir, portOffset)
  await stack.must('up', '--detach')
  await stack.must('replay', 'start', '--limit', '3000', '--rate', '1000', '--wait')
  const browser = await launch(config)
  const page = await browser.newPage({ viewport: { width: 1440, height: 900 } })
  const { url } = await stack.json<{ url: string }>('token')
  await page.goto(url)
  await page.getByRole('heading', { level: 1, name: 'Overview' }).waitFor()
  const close = async () => {
    await browser.close()
    await stack.must('down')
  }
  return { drawn: () => drawn(page, new URL('/', url).href), close }
}

export const launch = (config: Config): Promise<Browser> =>
  chromium.launch({
    executablePath: findChromium(config.searchPath) ?? 'chromium',
    args: ['--no-sandbox', '--disable-gpu'],
  })

async function drawn(page: Page, overview: string): Promise<number> {
  await page.goto(overview)
  await page.getByRole('link', { name: 'Analytics' }).click({ trial: true })
  const start = performance.now()
  await page.getByRole('link', { name: 'Analytics' }).click()
  const frame = page.frameLocator('iframe')
  await frame.locator('.header-line').first().waitFor({ timeout: patienceMs })
  await frame.locator('canvas').nth(1).waitFor({ timeout: patienceMs })
  await frame.getByTestId('loading-indicator').first().waitFor({ state: 'hidden', timeout: patienceMs })
  return (performance.now() - start) / 1000
}
