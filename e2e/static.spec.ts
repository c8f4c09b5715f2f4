/** Static data in the browser: loaded from a page, asked about, and drawn by Superset in a frame. */
import type { Page } from '@playwright/test'
import { browserStack } from './support/console.ts'
import { enter, expect, expectAccessible, picture, test, visit } from './support/test.ts'

test.describe.configure({ mode: 'serial' })

const users = 200

/** Long enough for an engine to stop and start on a machine that does other things too. */
const patience = { timeout: 300_000 }

async function open(page: Page, path: string, role?: string): Promise<void> {
  await enter(page, role)
  await visit(page, path)
}

/** Superset's own page inside the frame. */
const frame = (page: Page, title: string) => page.frameLocator(`iframe[title="Dashboard ${title}"]`)

test('the sample is loaded from the page, with what became of every row', async ({ page }) => {
  await open(page, '/personality')
  const table = page.getByRole('region', { name: 'Static tables in Hive' })
  await page.getByRole('button', { name: 'Load', exact: true }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Load', exact: true }).click()
  await expect(table.getByRole('row', { name: new RegExp(`^users ${users} ${users} 0 0 `) })).toBeVisible({
    timeout: 300_000,
  })
  await expect(table.getByRole('row', { name: new RegExp(`^mbti_labels ${users} ${users} 0 0 `) })).toBeVisible()
  await expect(page.getByRole('region', { name: 'Load under way' })).toHaveCount(0, patience)
})

test('the joint questions are answered, with the query shown and names masked', async ({ page }) => {
  await open(page, '/personality')
  for (const question of [
    'Which type tweets the most?',
    'How do interactions spread over the types?',
    'Who follows whom?',
  ])
    await expect(page.getByRole('img', { name: question })).toBeVisible({ timeout: 120_000 })
  const people = page.getByRole('region', { name: 'Who has the most interactions?' })
  await expect(people.getByText(/^.•••$/)).toHaveCount(5, { timeout: 60_000 })
  await page
    .getByText(/^Asked of Hive/)
    .last()
    .click()
  await expect(page.getByText('ORDER BY interactions DESC, u.id')).toBeVisible()
  await picture(page, 'personality')
  await page.getByRole('button', { name: 'Show names' }).click()
  await expect(people.getByText(/^.•••$/)).toHaveCount(0)
})

test('a viewer does not see names', async ({ page }) => {
  await open(page, '/personality', 'viewer')
  await expect(page.getByRole('button', { name: 'Show names' })).toHaveAttribute('aria-disabled', 'true')
  const url = `http://localhost:${browserStack().port(4400)}/api/personality/top-users?unmask=true`
  expect((await page.request.get(url)).status()).toBe(403)
})

test.describe('a dashboard', () => {
  test('is drawn with its charts, for one type when that is chosen', async ({ page }) => {
    await open(page, '/analytics', 'viewer')
    const live = frame(page, 'Live tweets')
    await expect(live.getByText('in Druid', { exact: true })).toBeVisible({ timeout: 120_000 })
    await expect(live.locator('canvas').first()).toBeVisible({ timeout: 60_000 })
    // Findings inside Superset's own page are not ours to mend.
    await expectAccessible(page, { exclude: 'iframe' })
    await page.screenshot({ path: 'docs/screenshots/analytics-1440-light.png' })
    await expect.poll(() => total(page), patience).toBeGreaterThan(0)
    const all = await total(page)
    await page.getByRole('button', { name: 'INFJ' }).click()
    const some = async () => {
      const now = await total(page)
      return now > 0 && now < all
    }
    await expect.poll(some, patience).toBe(true)
  })

  test('joins Hive and the stream', async ({ page }) => {
    await open(page, '/analytics?dashboard=personality', 'viewer')
    const joined = frame(page, 'Personality')
    // Hive's question, and the stream's with Hive's labels; what lies below is drawn when one scrolls there.
    for (const chart of ['2. Tweets by type, of all time', '2. Tweets by type, in the stream'])
      await expect(joined.getByText(chart)).toBeVisible(patience)
    await expect(joined.locator('canvas').nth(1)).toBeVisible({ timeout: 60_000 })
    await expect(joined.getByRole('cell').filter({ hasText: /^\d+$/ }).first()).toBeVisible({ timeout: 60_000 })
    await page.screenshot({ path: 'docs/screenshots/analytics-personality-1440-light.png' })
  })
})

test.describe('a dashboard that stays open', () => {
  test.use({ expectedErrors: [/net::ERR_INTERNET_DISCONNECTED|Failed to fetch|websocket error/] })

  test('has its token renewed before that ends, also when the network is away just then', async ({ page, context }) => {
    await page.clock.install()
    const minted: string[] = []
    page.on('response', async (reply) => {
      if (!reply.url().endsWith('/api/analytics/token') || !reply.ok()) return
      // A page that is left takes its replies along.
      const body = await reply.json().catch(() => null)
      if (body !== null) minted.push(body.token)
    })
    const shown = new Set<string | undefined>()
    page.on('request', (request) => void shown.add(request.headers()['x-guesttoken']))

    await open(page, '/analytics', 'viewer')
    const canvas = frame(page, 'Live tweets').locator('canvas').first()
    await expect(canvas).toBeVisible(patience)
    const first = minted.at(-1) as string
    expect(shown).toContain(first)

    await context.setOffline(true)
    await page.clock.fastForward((secondsLeft(first) - 4) * 1000)
    await context.setOffline(false)
    await expect.poll(() => minted.at(-1), patience).not.toBe(first)
    // What the frame asks by itself, every ten seconds, it asks with the new one.
    await expect.poll(() => minted.some((token) => token !== first && shown.has(token)), patience).toBe(true)
    await expect(canvas).toBeVisible()
  })
})

/** What is left of a token's life, by its own `exp`. */
function secondsLeft(token: string): number {
  const { exp } = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString()) as { exp: number }
  return exp - Date.now() / 1000
}

test.describe('an engine that is away is told, and its page comes back by itself', () => {
  // The browser itself reports what Superset's own page could not fetch while it was away.
  test.use({ expectedErrors: [/net::ERR_|Failed to fetch|50[023] /] })
  test.setTimeout(600_000)

  test('Superset', async ({ page }) => {
    await open(page, '/analytics')
    await expect(frame(page, 'Live tweets').locator('canvas').first()).toBeVisible(patience)
    await browserStack().act('stop', 'superset')
    const away = page.getByText('Superset does not answer', { exact: true })
    await expect(away).toBeVisible(patience)
    await expect(page.locator('iframe')).toHaveCount(0)
    await browserStack().act('start', 'superset')
    await expect(away).toBeHidden(patience)
    await expect(frame(page, 'Live tweets').locator('canvas').first()).toBeVisible(patience)
  })

  test('Hive', async ({ page }) => {
    await open(page, '/personality')
    const tables = page.getByRole('region', { name: 'Static tables in Hive' })
    await expect(tables.getByRole('row', { name: /^users / })).toBeVisible(patience)
    await browserStack().act('stop', 'hive')
    await expect(page.getByText('Hive could not be asked', { exact: true })).toBeVisible(patience)
    await expect(page.getByRole('img', { name: 'Which type tweets the most?' })).toBeVisible()
    await browserStack().act('start', 'hive')
    await expect(tables.getByRole('row', { name: /^users / })).toBeVisible(patience)
    await expect(page.getByRole('img', { name: 'Who follows whom?' })).toBeVisible(patience)
  })
})

/** The big number over "in Druid"; NaN until it is drawn. */
async function total(page: Page): Promise<number> {
  const below = frame(page, 'Live tweets').getByText('in Druid', { exact: true })
  const text = await below.locator('xpath=preceding::*[contains(@class, "header-line")][1]').textContent()
  return Number.parseInt((text ?? '').replaceAll(/\D/g, ''), 10)
}
