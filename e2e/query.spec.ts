/** Asking Druid and Hive from the browser: rows with exact ids, errors with their place, cancel, files, roles. */
import { readFile } from 'node:fs/promises'
import type { Page } from '@playwright/test'
import { until } from './pipeline/stack.ts'
import { browserStack } from './support/console.ts'
import { enter, expect, expectAccessible, picture, test, visit } from './support/test.ts'

test.describe.configure({ mode: 'serial' })

let bigId = ''

test.beforeAll(async () => {
  const stack = browserStack()
  await stack.must('up', '--detach')
  await stack.must('replay', 'start', '--rate', 'max', '--limit', '500', '--wait')
  bigId = await until('a tweet of a user beyond 2^53 in Druid', 180, async () => {
    const rows = await stack.sql<{ id: string }>(
      'SELECT user_id AS id FROM tweets WHERE CHAR_LENGTH(user_id) > 16 LIMIT 1',
    )
    return rows[0]?.id ?? null
  })
})

const editor = (page: Page, engine: string) => page.getByRole('textbox', { name: `Statement for ${engine}` })
const result = (page: Page) => page.getByRole('region', { name: 'Result' })

async function open(page: Page, role?: string): Promise<void> {
  await enter(page, role)
  await visit(page, '/query')
  await expect(editor(page, 'Druid')).toBeVisible()
}

async function write(page: Page, engine: string, sql: string): Promise<void> {
  await page.getByRole('radio', { name: engine }).check({ force: true })
  await editor(page, engine).click()
  await page.keyboard.press('ControlOrMeta+a')
  await page.keyboard.insertText(sql)
}

test('a query shows rows with every digit of an id, and is in the history', async ({ page }) => {
  await open(page)
  const sql = `SELECT CAST(user_id AS BIGINT) AS id, COUNT(*) AS tweets FROM tweets WHERE user_id = '${bigId}' GROUP BY 1`
  await write(page, 'Druid', sql)
  await page.keyboard.press('ControlOrMeta+Enter')
  await expect(result(page).getByRole('cell', { name: bigId, exact: true })).toBeVisible()
  await expect(page.getByText(/^1 row · took /)).toBeVisible()
  await page.getByRole('button', { name: 'Row 1', exact: true }).click()
  await expect(page.getByRole('dialog').getByText(bigId, { exact: true })).toBeVisible()
  await page.keyboard.press('Escape')
  await expect(page.getByRole('button', { name: sql })).toBeVisible()
})

test('an example runs, its rows are cut where asked, and it can be had whole as a file', async ({ page }) => {
  await open(page)
  await write(page, 'Druid', 'SELECT user_id, tweet, run_id, seq FROM tweets ORDER BY __time DESC')
  await page.getByLabel('Rows at most').selectOption('100')
  await page.getByRole('button', { name: 'Run', exact: true }).click()
  await expect(page.getByText(/^100 rows, cut there/)).toBeVisible()
  await picture(page, 'query')
  const [file] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('button', { name: 'NDJSON', exact: true }).click(),
  ])
  expect(file.suggestedFilename()).toMatch(/^aviary-druid-.*\.ndjson$/)
  const lines = (await readFile(await file.path(), 'utf8')).trimEnd().split('\n')
  expect(lines.length).toBeGreaterThanOrEqual(500)
  expect(lines.some((line) => line.includes(`"user_id":"${bigId}"`))).toBe(true)
})

test.describe('a query that is wrong', () => {
  test.use({ expectedErrors: [/422/] })

  test('is told with its place, which is marked; a writing one is refused', async ({ page }) => {
    await open(page)
    await write(page, 'Druid', 'SELECT user_id,\n  nope\nFROM tweets')
    await page.getByRole('button', { name: 'Run', exact: true }).click()
    await expect(page.getByText(/Column 'nope' not found in any table/)).toBeVisible()
    await expect(editor(page, 'Druid').locator('.cm-wrong')).toHaveText('nope')
    await expectAccessible(page)
    await page.getByRole('button', { name: 'Line 2, column 3' }).click()
    await expect(editor(page, 'Druid')).toBeFocused()
    await write(page, 'Hive', 'DROP TABLE aviary.users')
    await page.getByRole('button', { name: 'Run', exact: true }).click()
    await expect(page.getByText(/^DROP cannot begin a query/)).toBeVisible()
  })
})

test('HiveQL answers, and a query that runs too long is cancelled', async ({ page }) => {
  await open(page)
  await write(page, 'Hive', 'SHOW TABLES IN aviary')
  await page.keyboard.press('Escape')
  await page.getByRole('button', { name: 'Run', exact: true }).click()
  await expect(result(page).getByRole('cell', { name: 'tweets_landed', exact: true })).toBeVisible()
  // It ends by itself in any case: Hive's local mode may work on for a while after it was told to stop.
  const many = (rows: number) => `(SELECT 1 AS k FROM (SELECT explode(split(repeat('a,', ${rows}), ',')) AS x) s)`
  await write(page, 'Hive', `SELECT COUNT(*) FROM ${many(20_000)} a JOIN ${many(5_000)} b ON a.k = b.k`)
  await page.keyboard.press('Escape')
  await page.getByRole('button', { name: 'Run', exact: true }).click()
  await page.getByRole('button', { name: 'Cancel', exact: true }).click()
  await expect(page.getByText('The engine was told to stop.')).toBeVisible()
})

test('a viewer is told why it may not ask', async ({ page }) => {
  await open(page, 'viewer')
  await expect(page.getByText('Your role is Viewer; this needs Operator').first()).toBeVisible()
  await expect(page.getByRole('button', { name: 'Run', exact: true })).toHaveAttribute('aria-disabled', 'true')
  await expectAccessible(page)
})
