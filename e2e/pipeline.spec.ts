/** The way of a new user: first link, start, replay, watch counts grow, pause, stop; one story, step after step. */
import type { Page } from '@playwright/test'
import { browserStack } from './support/console.ts'
import { enter, expect, expectAccessible, picture, test, visit } from './support/test.ts'

test.describe.configure({ mode: 'serial' })

/** A stage of the line on the overview. */
const stage = (page: Page, name: string) => page.getByRole('article', { name, exact: true })

/** The count of a stage; null while it is unknown. */
async function count(page: Page, name: string): Promise<number | null> {
  const text = await stage(page, name).getByRole('definition').first().textContent()
  const digits = (text ?? '').replaceAll(/\D/g, '')
  return digits === '' ? null : Number(digits)
}

const topics = ['MQTT topic tweets', 'Kafka topic tweets'] as const
/** The live messages of a topic. */
const topicList = (page: Page, topic: string) => page.getByRole('region', { name: topic, exact: true })

test.describe('without a session', () => {
  test.use({ expectedErrors: [/401/] })
  test('a page shows the door, and how to get a link', async ({ page }) => {
    await page.goto(`http://localhost:${browserStack().port(4400)}/`)
    await expect(page).toHaveURL(/\/enter/)
    await expect(page.getByText('aviary token').first()).toBeVisible()
    await expectAccessible(page)
  })

  test('no route and no socket answers', async ({ request }) => {
    const url = `http://localhost:${browserStack().port(4400)}`
    for (const path of ['/api/status', '/api/runs', '/api/files', '/api/audit'])
      expect((await request.get(`${url}${path}`)).status()).toBe(401)
    expect((await request.post(`${url}/api/stack/start`, { data: {} })).status()).toBe(401)
  })
})

test('a link works once', async ({ page, browser }) => {
  const { url } = await browserStack().json<{ url: string }>('token')
  await page.goto(url)
  await expect(page.getByRole('heading', { level: 1, name: 'Overview' })).toBeAttached()
  const other = await browser.newPage()
  await other.goto(url)
  await expect(other.getByText('This link did not work')).toBeVisible()
  await other.close()
})

test.describe('a page that loses a script on its way', () => {
  test.use({ expectedErrors: [/net::ERR_CONNECTION_RESET/] })
  test('is loaded again', async ({ page }) => {
    let lost = false
    await page.route('**/_next/static/chunks/*.js', (route) => {
      if (lost) return route.continue()
      lost = true
      return route.abort('connectionreset')
    })
    await enter(page)
    expect(lost).toBe(true)
    await page.getByRole('link', { name: 'Services' }).click()
    await expect(page.getByRole('heading', { level: 1, name: 'Services' })).toBeVisible()
  })
})

test('the stack starts from the browser and says what it waits for', async ({ page }) => {
  await enter(page)
  await page.getByRole('button', { name: 'Start stack' }).click()
  await expect(page.getByText(/^waiting: /).first()).toBeVisible({ timeout: 120_000 })
  await page.screenshot({ path: 'docs/screenshots/starting-1440-light.png' })
  await expect(page.getByRole('banner').getByText('Ready', { exact: true })).toBeVisible({ timeout: 480_000 })
  for (const name of ['Mosquitto', 'Kafka Connect', 'Kafka', 'Druid'])
    await expect(stage(page, name).getByText('Up', { exact: true })).toBeVisible()
})

test('a replay runs: counts grow at every stage, messages pass, pause holds, stop ends, the ledger closes', async ({
  page,
}) => {
  await enter(page)
  // What is typed before the page has come to life would be lost.
  await expect(page.getByRole('button', { name: 'Start replay' })).not.toHaveAttribute('aria-disabled', 'true')
  await page.getByLabel('Rate', { exact: true }).first().fill('40')
  await page.getByRole('button', { name: 'Start replay' }).click()
  await expect(page.getByRole('heading', { name: 'Replay under way' })).toBeVisible()
  for (const name of ['Replay', 'Kafka', 'Druid'])
    await expect.poll(() => count(page, name), { timeout: 60_000, message: `count of ${name}` }).toBeGreaterThan(100)
  const before = await count(page, 'Druid')
  await expect.poll(() => count(page, 'Druid'), { timeout: 60_000 }).toBeGreaterThan(before ?? 0)
  for (const topic of topics) await expect(topicList(page, topic).getByRole('button').first()).toBeVisible()
  await picture(page, 'overview')
  // A list holds still under the pointer, so that a message can be opened; then it holds by itself and shows the payload as it is.
  const list = topicList(page, 'MQTT topic tweets')
  const newer = page.getByRole('button', { name: /\d+ newer messages?/ })
  await list.hover()
  await expect(newer).toBeVisible()
  await page.mouse.move(0, 0)
  await expect(newer).toBeHidden()
  await list.hover()
  await list.getByRole('button').first().click()
  await expect(list.getByText(/"tweet": ?"/)).toBeVisible()
  await newer.click()

  await page.getByRole('button', { name: 'Pause', exact: true }).first().click()
  await expect(stage(page, 'Replay').getByText('Paused', { exact: true })).toBeVisible()
  // The map follows the run within a second: the last message of the held run is old, and all have arrived.
  await expect(stage(page, 'Replay').getByText(/^([3-9]|[1-9]\d)\ss ago|min ago/)).toBeVisible()
  const sent = await count(page, 'Replay')
  await expect.poll(() => count(page, 'Druid'), { timeout: 60_000 }).toBe(sent)
  expect(await count(page, 'Replay')).toBe(sent)

  await page.getByRole('button', { name: 'Resume', exact: true }).click()
  await expect.poll(() => count(page, 'Replay'), { timeout: 60_000 }).toBeGreaterThan(sent ?? 0)
  await page.getByRole('link', { name: 'Messages', exact: true }).click()
  for (const topic of topics) await expect(topicList(page, topic).getByRole('button').first()).toBeVisible()
  await picture(page, 'messages')
  await page.getByRole('link', { name: 'Overview', exact: true }).click()
  await page.getByRole('button', { name: 'Stop', exact: true }).first().click()
  await page
    .getByRole('alertdialog')
    .or(page.getByRole('dialog'))
    .getByRole('button', { name: 'Stop', exact: true })
    .click()
  await expect(page.getByText('Stopped', { exact: true }).first()).toBeVisible()
  await expect(page.getByText('Nothing lost, nothing doubled')).toBeVisible({ timeout: 120_000 })
})

const pages = {
  replay: 'Replay',
  connectors: 'Connectors',
  druid: 'Druid',
  services: 'Services',
  activity: 'Activity',
  settings: 'Settings',
} as const

test('every page has something to say, in both languages, at both widths', async ({ page }) => {
  await enter(page)
  for (const [path, title] of Object.entries(pages)) {
    await visit(page, `/${path}`)
    await expect(page.getByRole('heading', { level: 1, name: title })).toBeAttached()
    await expect(page.getByText('Loading', { exact: true })).toHaveCount(0)
    await picture(page, path)
  }
  await page.context().addCookies([{ name: 'aviary-locale', value: 'es', url: page.url() }])
  await visit(page, '/')
  await expect(page.getByRole('heading', { level: 1, name: 'Resumen' })).toBeAttached()
  await expect(stage(page, 'Druid').getByText('Activo', { exact: true })).toBeVisible()
  await page.screenshot({ path: 'docs/screenshots/overview-es-1440-light.png' })
})
