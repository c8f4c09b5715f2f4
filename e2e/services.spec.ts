/** The Services page on the real stack: what each service is, its log, and turning one of them without the others. */
import { readFile } from 'node:fs/promises'
import type { Locator, Page } from '@playwright/test'
import type { ServiceSnapshot } from '#lib/pipeline/snapshot.ts'
import type { ServiceId } from '#lib/pipeline/stages.ts'
import { until } from './pipeline/stack.ts'
import { browserStack } from './support/console.ts'
import { enter, expect, expectAccessible, picture, test, visit } from './support/test.ts'

test.describe.configure({ mode: 'serial', timeout: 600_000 })

/** Long enough for an engine to stop and start on a machine that does other things too. */
const patience = { timeout: 300_000 }

test.beforeAll(async () => {
  await browserStack().must('up', '--detach')
})

const row = (page: Page, id: ServiceId): Locator => page.locator(`tr#${id}`)
const details = (page: Page, id: ServiceId): Locator => page.locator(`tr#${id} + tr`)
const word = (page: Page, id: ServiceId, text: string): Locator => row(page, id).getByText(text, { exact: true })
const button = (scope: Page | Locator, name: string): Locator => scope.getByRole('button', { name, exact: true })

async function open(page: Page, role?: string): Promise<void> {
  await enter(page, role)
  await visit(page, '/services')
  await expect(page.getByRole('heading', { level: 1, name: 'Services' })).toBeVisible()
}

async function find(id: ServiceId): Promise<ServiceSnapshot> {
  const service = (await browserStack().status()).stack.services.find((each) => each.id === id)
  if (service === undefined) throw new Error(`the stack has no ${id}`)
  return service
}

/** What it has written since it was started, asked by the command line. */
async function linesSinceStart(id: ServiceId): Promise<string[]> {
  const since = new Date((await find(id)).startedAt ?? 0).toISOString()
  return (await browserStack().must('logs', id, '--since', since)).trimEnd().split('\n')
}

/** Since when all services but one run. */
const others = async (id: ServiceId) =>
  (await browserStack().status()).stack.services
    .filter((s) => s.id !== id)
    .map(({ id: other, startedAt }) => [other, startedAt])

test('each service tells what it runs from, how it answered last and what it uses', async ({ page }) => {
  await open(page)
  for (const { id, runtime, image, version, artifacts, ports } of (await browserStack().status()).stack.services) {
    await expect(word(page, id, 'Ready')).toBeVisible(patience)
    await expect(row(page, id)).toContainText(image ?? `${version}, from ${artifacts.join(' + ')}`)
    await expect(word(page, id, runtime === 'docker' ? 'container' : 'process')).toBeVisible()
    await expect(row(page, id).getByText(/^\d+\ss ago$/)).toBeVisible()
    for (const { port } of ports) await expect(row(page, id)).toContainText(String(port))
    const cells = row(page, id).getByRole('cell')
    await expect(cells.filter({ hasText: /^\d[\d.,]*\s?%$/ })).toBeVisible()
    await expect(cells.filter({ hasText: /^\d[\d.,]*\s(MB|GB)$/ })).toBeVisible()
  }
  await button(row(page, 'zookeeper'), 'zookeeper').click()
  const said = details(page, 'zookeeper')
  await expect(said).toContainText(`ruok 127.0.0.1:${browserStack().port(2181)}`)
  await expect(said).toContainText('imok')
  await expect(said).toContainText('druid-coordinator')
  await picture(page, 'services')
  await button(row(page, 'zookeeper'), 'zookeeper').click()
  await expect(said).toBeHidden()
})

test('a log is read from a time, searched, held and saved', async ({ page }) => {
  await open(page)
  await button(row(page, 'zookeeper'), 'Logs').click()
  const drawer = page.getByRole('dialog', { name: 'Log of zookeeper' })
  const lines = drawer.getByRole('region', { name: 'Log of zookeeper' })
  await expect(lines).toContainText('WARN')
  await expect(drawer.getByText('Following: new lines appear at the end')).toBeVisible()
  const [first = ''] = await linesSinceStart('zookeeper')
  await drawer.getByLabel('From').selectOption({ label: 'its last start' })
  await expect(lines.locator('[data-line="0"]')).toHaveText(first)
  await drawer.getByLabel('Search').fill(first.toUpperCase())
  await expect(drawer.getByText('1 line', { exact: true })).toBeVisible()
  await drawer.getByLabel('Search').press('Enter')
  await expect(drawer.getByText('1 of 1', { exact: true })).toBeVisible()
  await expect(lines.locator('[aria-current] mark')).toHaveText(first)
  await expect(drawer.getByText(/^Held: /)).toBeVisible()
  await expectAccessible(page)
  await page.screenshot({ path: 'docs/screenshots/services-log-1440-light.png' })
  const [file] = await Promise.all([
    page.waitForEvent('download'),
    drawer.getByRole('link', { name: 'Download' }).click(),
  ])
  expect(file.suggestedFilename()).toMatch(/^zookeeper-.*\.log$/)
  expect((await readFile(await file.path(), 'utf8')).split('\n')[0]).toBe(first)
  await button(drawer, 'Go on').click()
  await expect(drawer.getByText('Following: new lines appear at the end')).toBeVisible()
  // A time that has not come yet leaves nothing.
  await drawer.getByLabel('From').selectOption({ label: 'a time …' })
  await drawer.getByLabel('Time', { exact: true }).fill('2099-01-01T00:00:00')
  await expect(drawer.getByText('No line has come yet')).toBeVisible()
  await page.keyboard.press('Escape')
  await expect(drawer).toBeHidden()
})

test('what depends on a service is named before it is stopped, and nothing is done when one thinks again', async ({
  page,
}) => {
  await open(page)
  const { startedAt } = await find('kafka')
  await button(row(page, 'kafka'), 'Stop').click()
  const dialog = page.getByRole('dialog', { name: 'Stop kafka?' })
  await expect(dialog).toContainText('connect, druid-coordinator, and druid-middlemanager depend on it')
  await expect(dialog).toContainText('Messages wait in Mosquitto until it is back')
  await expectAccessible(page)
  await button(dialog, 'Cancel').click()
  await expect(dialog).toBeHidden()
  expect(await find('kafka')).toMatchObject({ startedAt, phase: 'ready' })
})

test('one service stops, starts and restarts by itself', async ({ page }) => {
  await open(page)
  const before = await others('superset')
  const first = await find('superset')
  await button(row(page, 'superset'), 'Stop').click()
  await expect(page.getByRole('dialog')).toContainText('No other service stops working because of it')
  await button(page.getByRole('dialog'), 'Stop').click()
  await expect(word(page, 'superset', 'Stopped')).toBeVisible(patience)
  await expect(row(page, 'superset')).toContainText('not asked yet')

  await button(row(page, 'superset'), 'Start').click()
  await expect(word(page, 'superset', 'Ready')).toBeVisible(patience)
  const second = await find('superset')
  expect(second.startedAt).not.toBe(first.startedAt)

  await button(row(page, 'superset'), 'Restart').click()
  await button(page.getByRole('dialog'), 'Restart').click()
  const third = await until('superset to be ready again', 300, async () => {
    const now = await find('superset')
    return now.phase === 'ready' && now.startedAt !== second.startedAt ? now : null
  })
  await expect(word(page, 'superset', 'Ready')).toBeVisible(patience)
  // A person's turns are no restarts, and nobody else was touched.
  expect(third).toMatchObject({ restarts: 0, exit: null })
  expect(await others('superset')).toEqual(before)
})

test('the command line restarts one service, and reads its log from a time', async () => {
  const before = await find('superset')
  await browserStack().must('restart', 'superset')
  const after = await find('superset')
  expect(after).toMatchObject({ phase: 'ready', restarts: 0 })
  expect(after.startedAt).not.toBe(before.startedAt)
  const sinceStart = await linesSinceStart('superset')
  const all = (await browserStack().must('logs', 'superset', '--tail', '100000')).trimEnd().split('\n')
  expect(all.length).toBeGreaterThan(sinceStart.length)
  expect(all.slice(all.indexOf(sinceStart[0] ?? '')).slice(0, sinceStart.length)).toEqual(sinceStart)
  // For the specs that follow.
  await until('the stack to be ready', 300, async () => {
    const { phase } = (await browserStack().status()).stack
    return phase === 'ready' ? true : null
  })
})

test('a viewer sees all and acts on none', async ({ page }) => {
  await open(page, 'viewer')
  for (const name of ['Stop', 'Restart']) {
    const lever = button(row(page, 'mosquitto'), name)
    await expect(lever).toHaveAttribute('aria-disabled', 'true')
    await expect(lever).toHaveAccessibleDescription('Your role is Viewer; this needs Operator')
    await lever.click({ force: true })
    await expect(page.getByRole('dialog')).toBeHidden()
  }
  await button(row(page, 'mosquitto'), 'mosquitto').click()
  await expect(details(page, 'mosquitto')).toContainText('CONNACK 0')
  await button(row(page, 'mosquitto'), 'Logs').click()
  await expect(page.getByRole('region', { name: 'Log of mosquitto' })).toContainText(/\S/)
  await expectAccessible(page)
})
